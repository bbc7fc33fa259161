"""Ports of which some answers are kept as long as they last, or were read for many before."""

from collections.abc import Callable, Mapping
from typing import Any

Answers = Mapping[tuple[object, ...], Any]
"""What a method answers, by what it is asked about."""


class Instead:
    """Stands in for a port: what it has not of its own, the port is asked for."""

    def __init__(self, port: object) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the port has there
        found = self.__dict__[name] = getattr(self._port, name)
        return found


class Once(Instead):
    """Stands in for `port`; what the methods named `once` answered, None as well, they are not asked again.

    It lasts as long as one act, such as the settling of a page of accounts: that goes by what was stated when it first
    asked, as if all of it had happened then.
    """

    def __init__(self, port: object, *once: str) -> None:
        super().__init__(port)
        for name in once:
            setattr(self, name, _kept(getattr(port, name)))


class OnceForEach(Instead):
    """Stands in for `port`; what the methods named `once` answered about an account they are not asked again.

    Once they are asked about another, whom they are asked about first, that is dropped: who reads accounts one after
    the other holds no more than what one has.
    """

    def __init__(self, port: object, *once: str) -> None:
        super().__init__(port)
        for name in once:
            setattr(self, name, _kept_of_one(getattr(port, name)))


class Told(Instead):
    """Stands in for `port`; what was read for many at once is answered from there, and all else is asked.

    `told` has, by the name of a method, its answers by what they are about.
    """

    def __init__(self, port: object, **told: Answers) -> None:
        super().__init__(port)
        for name, answers in told.items():
            setattr(self, name, _told(getattr(port, name), answers))


def _told(method: Callable[..., Any], answers: Answers) -> Callable[..., Any]:
    def answer(*about: object) -> Any:  # noqa: ANN401 -- as above
        return answers[about] if about in answers else method(*about)

    return answer


def _kept(method: Callable[..., Any]) -> Callable[..., Any]:
    answers: dict[tuple[object, ...], Any] = {}

    def answer(*about: object) -> Any:  # noqa: ANN401 -- as above
        if about not in answers:
            answers[about] = method(*about)
        return answers[about]

    return answer


def _kept_of_one(method: Callable[..., Any]) -> Callable[..., Any]:
    answers: dict[tuple[object, ...], Any] = {}
    whose: object = None

    def answer(whom: object, *about: object) -> Any:  # noqa: ANN401 -- as above
        nonlocal whose
        if whom != whose:
            answers.clear()
            whose = whom
        if about not in answers:
            answers[about] = method(whom, *about)
        return answers[about]

    return answer
