"""The calendar of an asset: what of it is booked, and what is free. A place is free again a buffer after its return."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from chalicelib.access.booking_errors import CalendarFull, NotFree
from chalicelib.access.booking_steps import STEPS, Step
from chalicelib.kernel.time import Interval

MOST_ENTRIES = 200
"""So many bookings to come an asset has at most."""
TAKEN_FOR = timedelta(minutes=15)
"""What is taken now, nobody knows until when, counts as taken for so long."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A booked stretch. From `kept_from` on the place is kept for it, until `busy_until` nobody else books it.

    `session_id` is the session that it has become.
    """

    booking_id: str
    kept_from: datetime
    start: datetime
    end: datetime
    busy_until: datetime
    session_id: str | None = None

    @classmethod
    def of(cls, booking_id: str, stretch: Interval, buffer: timedelta) -> "Entry":
        """A stretch with its buffer before and after."""
        return cls(booking_id, stretch.start - buffer, stretch.start, stretch.end, stretch.end + buffer)

    @property
    def busy(self) -> Interval:
        """When it leaves the place to no other booking."""
        return Interval(self.start, self.busy_until)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The entries of an asset in order of start. `turn` counts its changes and guards each of them."""

    asset_key: str
    entries: tuple[Entry, ...] = ()
    turn: int = 0

    def at(self, now: datetime, open_sessions: AbstractSet[str] = frozenset()) -> "Calendar":
        """Without what is over: what has passed, and what was handed out and given back before its end."""
        kept = (each for each in self.entries if _lasts(each, now, open_sessions))
        return replace(self, entries=tuple(kept))

    def without(self, booking_id: str) -> "Calendar":
        """Without a booking, which may have none."""
        return replace(self, entries=tuple(each for each in self.entries if each.booking_id != booking_id))

    def next(self) -> "Calendar":
        """As it is to be stored."""
        return replace(self, turn=self.turn + 1)

    def most_in(self, busy: Interval, others: Iterable[Interval] = ()) -> int:
        """At how many places something is booked in it at once, at most."""
        booked = [each.busy for each in self.entries] + list(others)
        during = [each for each in booked if each.start < busy.end and busy.start < each.end]
        marks = {max(each.start, busy.start) for each in during}
        return max((sum(each.holds(mark) for each in during) for mark in marks), default=0)

    def with_entry(self, entry: Entry, capacity: int | None, others: Iterable[Interval] = ()) -> "Calendar":
        """With one more, if a place is free in all of its stretch."""
        if capacity is not None and self.most_in(entry.busy, others) >= capacity:
            raise NotFree(asset_id=self.asset_key.rpartition("/")[2])
        if len(self.entries) >= MOST_ENTRIES:
            raise CalendarFull(most=MOST_ENTRIES)
        entries = (*self.entries, entry)
        return replace(self, entries=tuple(sorted(entries, key=lambda each: (each.start, each.booking_id))))

    def kept_at(self, at: datetime) -> int:
        """How many places are kept then for bookings that were not handed out."""
        return sum(1 for each in self._waiting() if each.kept_from <= at < each.busy_until)

    def steps(self, capacity: int | None) -> tuple[Step, ...]:
        """What a walk-up goes by: at each step more places are kept. What comes after the last one counts from it on.

        A place that is given free again shows when the calendar is next written, which giving it free does.
        """
        if capacity is None:
            return ()
        found: list[Step] = []
        most = 0
        for at in sorted(each.kept_from for each in self._waiting()):
            kept = self.kept_at(at)
            if kept > most:
                most = kept
                found.append(Step(at, max(0, capacity - kept)))
        return (*found[: STEPS - 1], replace(found[STEPS - 1], room=found[-1].room)) if found[STEPS:] else tuple(found)

    def free(self, within: Interval, capacity: int | None, others: Sequence[Interval] = ()) -> list["Free"]:
        """The stretches in which at least one place is free, one after the other, each with how many at least are."""
        booked = [each.busy for each in self.entries] + list(others)
        marks = {within.start, within.end}
        marks |= {at for each in booked for at in (each.start, each.end) if within.holds(at)}
        found: list[Free] = []
        ordered = sorted(marks)
        for start, end in pairwise(ordered):
            places = None if capacity is None else capacity - sum(each.holds(start) for each in booked)
            if places is not None and places <= 0:
                continue
            if found and found[-1].stretch.end == start and found[-1].places == places:
                found[-1] = Free(Interval(found[-1].stretch.start, end), places)
            else:
                found.append(Free(Interval(start, end), places))
        return found

    def gap_around(self, stretch: Interval, within: Interval) -> timedelta:
        """How much time would be left idle around the stretch: the tighter it fits, the longer others stay free."""
        before = max((each.busy_until for each in self.entries if each.busy_until <= stretch.start), default=None)
        after = min((each.start for each in self.entries if each.start >= stretch.end), default=None)
        return min(after or within.end, within.end) - max(before or within.start, within.start) - stretch.length

    def _waiting(self) -> Iterator[Entry]:
        return (each for each in self.entries if each.session_id is None)


@dataclass(frozen=True, slots=True)
class Free:
    """A stretch and how many places are free in it; None: any number."""

    stretch: Interval
    places: int | None


def _lasts(entry: Entry, now: datetime, open_sessions: AbstractSet[str]) -> bool:
    if entry.session_id is not None:
        return entry.session_id in open_sessions and now < entry.busy_until
    return now < entry.busy_until
