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
    "store": ("killed before", "killed after"),
    "message": ("repeated",),
    "webhook": ("repeated", "dropped", "late"),
}
"""By kind of point what may happen there. What the double plays has its names; a killed process starts anew."""
_OF_READS = ("killed before", "500", "429", "reset")


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

    def meets(self, kind: str, name: str) -> str:
        """What happens here, or nothing."""
        if self.paused:
            return ""
        self.points.append(Point(kind, name))
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


def hows(point: Point) -> tuple[str, ...]:
    """All that may happen at a point. What only reads has no key, and is the same to repeat, done or not."""
    return _OF_READS if point.kind == "stripe" and point.name.startswith("GET") else HOWS[point.kind]
