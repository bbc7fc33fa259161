"""A port of which some answers are kept as long as it lasts."""

from collections.abc import Callable
from typing import Any


class Once:
    """Stands in for `port`; what the methods named `once` answered, None as well, they are not asked again.

    It lasts as long as one act, such as the settling of a page of accounts: that goes by what was stated when it first
    asked, as if all of it had happened then.
    """

    def __init__(self, port: object, *once: str) -> None:
        self._port = port
        for name in once:
            setattr(self, name, _kept(getattr(port, name)))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the port has there
        found = self.__dict__[name] = getattr(self._port, name)
        return found


def _kept(method: Callable[..., Any]) -> Callable[..., Any]:
    answers: dict[tuple[object, ...], Any] = {}

    def answer(*about: object) -> Any:  # noqa: ANN401 -- as above
        if about not in answers:
            answers[about] = method(*about)
        return answers[about]

    return answer
