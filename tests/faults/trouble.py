"""The points of a story at which something may break, and the one at which it does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")
HOWS = {
    "stripe": (
        *("killed before", "killed after", "500", "500_after_applying"),
        *("429", "lock_timeout", "409", "timeout_after_applying", "reset"),
    ),
    "read": ("killed before", "500", "429", "reset"),
    "store": ("killed before", "killed after"),
    "message": ("repeated",),
    "webhook": ("repeated", "dropped", "late"),
}
"""By kind of point what may happen there. What the double plays has its names; a killed process starts anew."""
SAME = {
    "stripe": ("killed before", "lock_timeout"),
    "read": ("killed before", "500", "429"),
    "store": ("killed before",),
    "message": ("repeated",),
}
"""What the short campaign leaves out: before a point all is as after the one before it, and what only reads fails in
one way, however that came. Messages are all repeated in one run."""


class KilledError(BaseException):
    """The process is gone: nothing catches this but who starts the next one."""


class Point(NamedTuple):
    """A call of Stripe, a write, a message or a webhook."""

    kind: str
    name: str


@dataclass
class Trouble:
    """Counts points, and says what happens at the one that it was told."""

    at: int | None = None
    how: str = ""
    points: list[Point] = field(default_factory=list)
    paused: bool = False
    always: str = ""

    def meets(self, kind: str, name: str) -> str:
        """What happens here, or nothing."""
        if self.paused:
            return ""
        self.points.append(Point(kind, name))
        if self.always and kind in {"message", "webhook"} and not name.startswith("setup_intent"):
            return self.always
        return self.how if len(self.points) - 1 == self.at else ""

    def writing(self, name: str, do: Callable[[], Result]) -> Result:
        """A write, before or after which the process may be killed."""
        how = self.meets("store", name)
        if how == "killed before":
            raise KilledError
        done = do()
        if how == "killed after":
            raise KilledError
        return done


def hows(point: Point, *, thorough: bool) -> tuple[str, ...]:
    """What is to happen at a point. What only reads has no key, and is the same to repeat, done or not."""
    kind = "read" if point.kind == "stripe" and point.name.startswith("GET") else point.kind
    return HOWS[kind] if thorough else tuple(each for each in HOWS[kind] if each not in SAME.get(kind, ()))
