"""The calendar of an asset against a simple model: an hour by hour table of who has which place."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.access.booking_calendar import Calendar, Entry
from chalicelib.access.booking_errors import NotFree
from chalicelib.access.booking_steps import full_from, room_by
from chalicelib.kernel.time import Interval

NOON = datetime(2021, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = 48
starts, lengths = st.integers(1, 40), st.integers(1, 6)


def hour(number: int) -> datetime:
    return NOON + number * HOUR


class Booked(RuleBasedStateMachine):
    """Bookings with a buffer of an hour or none come, change, go, and are handed out; walk-ups start and end."""

    @initialize(capacity=st.integers(1, 3), buffer=st.integers(0, 1))
    def begin(self, capacity: int, buffer: int) -> None:
        self.capacity, self.buffer = capacity, buffer
        self.calendar = Calendar("par-1/van-1")
        self.model: dict[str, tuple[int, int]] = {}
        self.handed_out: dict[str, tuple[int, int]] = {}
        self.walk_ups: set[str] = set()
        self.now, self.count = 0, 0

    def taken_in(self, at: int, *, but: str = "") -> int:
        """How many places the table says are booked in that hour, each for a buffer longer than its stretch."""
        both = {**self.model, **self.handed_out}
        return sum(start <= at < end + self.buffer for name, (start, end) in both.items() if name != but)

    def fits(self, start: int, end: int, *, but: str = "") -> bool:
        return all(self.taken_in(at, but=but) < self.capacity for at in range(start, end + self.buffer))

    def entry(self, name: str, start: int, end: int) -> Entry:
        return Entry.of(name, Interval(hour(start), hour(end)), self.buffer * HOUR)

    @property
    def sessions(self) -> frozenset[str]:
        return frozenset(self.walk_ups | set(self.handed_out))

    @rule(ahead=starts, length=lengths)
    def book(self, ahead: int, length: int) -> None:
        self.count += 1
        name, start = f"boo-{self.count}", self.now + ahead
        try:
            self.calendar = self.calendar.with_entry(self.entry(name, start, start + length), self.capacity)
        except NotFree:
            assert not self.fits(start, start + length)
        else:
            assert self.fits(start, start + length)
            self.model[name] = start, start + length

    @precondition(lambda self: self.model)
    @rule(data=st.data(), ahead=starts, length=lengths)
    def change(self, data: st.DataObject, ahead: int, length: int) -> None:
        name, start = data.draw(st.sampled_from(sorted(self.model))), self.now + ahead
        fits = self.fits(start, start + length, but=name)
        try:
            entry = self.entry(name, start, start + length)
            self.calendar = self.calendar.without(name).with_entry(entry, self.capacity)
        except NotFree:
            assert not fits
        else:
            assert fits
            self.model[name] = start, start + length

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        del self.model[name]
        self.calendar = self.calendar.without(name)

    @precondition(lambda self: any(start - self.buffer <= self.now < end for start, end in self.model.values()))
    @rule()
    def hand_out(self) -> None:
        name = min(name for name, (start, end) in self.model.items() if start - self.buffer <= self.now < end)
        if len(self.sessions) >= self.capacity:
            return
        start, end = self.handed_out[name] = self.model.pop(name)
        entry = self.entry(name, start, end)
        kept = self.calendar.without(name)
        taken = Entry(name, entry.kept_from, entry.start, entry.end, entry.busy_until, name)
        self.calendar = Calendar(kept.asset_key, (*kept.entries, taken), kept.turn)

    @precondition(lambda self: self.handed_out)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        del self.handed_out[data.draw(st.sampled_from(sorted(self.handed_out)))]
        self.calendar = self.calendar.at(hour(self.now), self.sessions)

    @rule()
    def walk_up(self) -> None:
        """Where it may start, no more are open than the places that are not kept for bookings now."""
        room = room_by(self.calendar.steps(self.capacity), self.capacity, hour(self.now))
        kept = sum(start - self.buffer <= self.now < end + self.buffer for start, end in self.model.values())
        assert room <= max(0, self.capacity - kept)
        if len(self.sessions) < room:
            until = full_from(self.calendar.steps(self.capacity), len(self.sessions) + 1, hour(self.now))
            assert until is None or until > hour(self.now)
            self.count += 1
            self.walk_ups.add(f"ses-{self.count}")

    @precondition(lambda self: self.walk_ups)
    @rule()
    def walk_away(self) -> None:
        self.walk_ups.pop()

    @rule(hours=st.integers(1, 5))
    def later(self, hours: int) -> None:
        """Time goes by. Who does not come loses the booking; what is kept too long is in no calendar any more."""
        self.now += hours
        self.model = {name: (start, end) for name, (start, end) in self.model.items() if self.now < end + self.buffer}
        over = [name for name, (_, end) in self.handed_out.items() if self.now >= end + self.buffer]
        self.walk_ups |= {name for name in over if self.handed_out.pop(name)}
        self.calendar = self.calendar.at(hour(self.now), self.sessions)

    @invariant()
    def no_place_is_booked_twice(self) -> None:
        if hasattr(self, "calendar"):
            assert {each.booking_id for each in self.calendar.entries} == {*self.model, *self.handed_out}
            for at in range(self.now, self.now + HOURS):
                booked = sum(each.busy.holds(hour(at)) for each in self.calendar.entries)
                assert booked == self.taken_in(at) <= self.capacity

    @invariant()
    def what_is_free_is_what_the_table_says(self) -> None:
        if hasattr(self, "calendar"):
            free = self.calendar.free(Interval(hour(self.now), hour(self.now + HOURS)), self.capacity)
            for at in range(self.now, self.now + HOURS):
                places = sum(each.places or 0 for each in free if each.stretch.holds(hour(at)))
                assert places == self.capacity - self.taken_in(at)


Booked.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestBooked = Booked.TestCase
