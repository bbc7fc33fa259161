"""How many calls a second all functions together make of the provider: reserved in chunks from one shared count.

The count is the instant up to which calls are reserved. A chunk moves it on by as long as its calls may last, and who
has it waits for its begin. So a chunk costs one read and one write, and in no second are there more calls than the rate
and, for each function at work, the chunk that it holds; an idle count gives nothing away afterwards.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

_MS = 1000
_PARTS = 4
"""A chunk is as many calls as a quarter of a second has."""
_MOST_AHEAD_MS = 15_000
_TRIES = 20


class Slot(NamedTuple):
    """From when on a chunk's calls may be made, and up to when calls are reserved then."""

    begin_ms: int
    until_ms: int


def slot(reserved_until_ms: int, now_ms: int, calls: int, per_second: int) -> Slot:
    """The next one that is free."""
    begin = max(reserved_until_ms, now_ms)
    return Slot(begin, begin + -(-calls * _MS // per_second))


class Counts(Protocol):
    """Where the shared count is kept."""

    def reserved_until(self) -> int:
        """The instant up to which calls are reserved, in milliseconds; 0 at first."""

    def reserve(self, before_ms: int, until_ms: int) -> bool:
        """Move it on, if it still is what it was before; whether it was."""


class Limiter:
    """One function's hold on the shared count. Who is told that it was too much takes half as much, and all wait."""

    def __init__(
        self, per_second: int, counts: Counts, *, now_ms: Callable[[], int], pause: Callable[[int], None]
    ) -> None:
        self._per_second, self._counts, self._now_ms, self._pause = per_second, counts, now_ms, pause
        self._most = self._chunk = max(1, per_second // _PARTS)
        self._left, self._good_until = 0, 0

    def wait(self) -> bool:
        """Return when one more call may be made; False if so many wait that it is better to come again later."""
        if not self._left or self._now_ms() >= self._good_until:
            self._left = 0
            return self._reserve()
        self._left -= 1
        return True

    def _reserve(self) -> bool:
        for _ in range(_TRIES):
            before, now = self._counts.reserved_until(), self._now_ms()
            found = slot(before, now, self._chunk, self._per_second)
            if found.begin_ms > now + _MOST_AHEAD_MS:
                return False
            if self._counts.reserve(before, found.until_ms):
                self._left, self._good_until = self._chunk - 1, found.begin_ms + _MS
                self._chunk = min(self._most, self._chunk + 1)
                if found.begin_ms > now:
                    self._pause(found.begin_ms - now)
                return True
        return False

    def too_much(self) -> None:
        """The provider refused a call: half as many at once from now on, and nobody reserves the next second."""
        self._chunk, self._left = max(1, self._chunk // 2), 0
        before, now = self._counts.reserved_until(), self._now_ms()
        self._counts.reserve(before, max(before, now) + _MS)
