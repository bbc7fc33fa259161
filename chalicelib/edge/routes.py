"""Routes that belong together, as the methods of one desk.

A desk is made with the door's wiring; its app names it: `Door(..., desks=("chalicelib.edge.me_desk.MeDesk",))`. Its
methods are views, declared in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from chalicelib.edge.door import Door

Method = TypeVar("Method", bound=Callable[..., Any])
PAYS = ("payment_due",)
"""What a route refuses that needs a payment in order."""
NOT_YET = ("conflict",)
"""What a read refuses that comes too early, or too late."""
BARRED = ("forbidden",)
"""What a route refuses that anybody who is signed in may ask for, and some do not get."""
NOTHING = ("not_found",)
"""What a route refuses that names what it is about by a month, or goes on after something."""
_DECLARED = "_declared_route"


@dataclass(frozen=True, slots=True)
class _Route:
    verb: str
    path: str
    how: dict[str, Any]


def _declaring(verb: str, path: str, how: dict[str, Any]) -> Callable[[Method], Method]:
    def mark(method: Method) -> Method:
        setattr(method, _DECLARED, _Route(verb, path, how))
        return method

    return mark


def get(path: str, **how: Any) -> Callable[[Method], Method]:  # noqa: ANN401 -- Operation's own fields
    """Declare a read."""
    return _declaring("get", path, how)


def post(path: str, **how: Any) -> Callable[[Method], Method]:  # noqa: ANN401 -- as above
    """Declare an act."""
    return _declaring("post", path, how)


def put(path: str, **how: Any) -> Callable[[Method], Method]:  # noqa: ANN401 -- as above
    """Declare a replacement under a natural id."""
    return _declaring("put", path, how)


def delete(path: str, **how: Any) -> Callable[[Method], Method]:  # noqa: ANN401 -- as above
    """Declare a removal under a natural id."""
    return _declaring("delete", path, how)


def take(door: Door, desk: object) -> None:
    """Have the door answer the desk's routes."""
    for name, member in vars(type(desk)).items():
        route: _Route | None = getattr(member, _DECLARED, None)
        if route is not None:
            getattr(door, route.verb)(route.path, **route.how)(getattr(desk, name))
