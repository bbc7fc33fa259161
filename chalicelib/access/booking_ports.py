"""What bookings are kept in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.access.booking import Booking
from chalicelib.access.booking_calendar import TAKEN_FOR, Calendar, Entry
from chalicelib.access.model import AccessSession
from chalicelib.kernel.time import Interval
from chalicelib.kernel.writes import Write


@dataclass(frozen=True, slots=True)
class Seen:
    """An asset's calendar as it was read, without what is over, and which sessions were open on it."""

    calendar: Calendar
    taken: int = 0
    sessions: frozenset[str] = frozenset()

    def others(self, now: datetime, buffer: timedelta = timedelta(0)) -> list[Interval]:
        """What is open on it without a booking counts as taken for a while: nobody knows until when it is."""
        booked = {each.session_id for each in self.calendar.entries}
        soon = Interval(now, now + TAKEN_FOR + buffer)
        return [soon] * (self.taken - len(self.sessions & booked))


class Bookings(Protocol):
    """Where bookings and calendars are kept."""

    def find(self, booking_id: str) -> Booking | None:
        """The booking, or None."""

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[tuple[str, Booking]]:
        """A page of the account's bookings, the latest beginning first, each with its place in the list."""

    def of_partner(
        self, partner_id: str, asset_id: str | None, *, limit: int, after: str | None
    ) -> Sequence[tuple[str, Booking]]:
        """The same of the partner's assets, or of one of them."""

    def seen(self, asset_keys: Sequence[str], now: datetime) -> Mapping[str, Seen]:
        """The calendars of so many assets and what is open on them, of each one."""

    def booking(self, booking: Booking) -> Sequence[Write]:
        """Store a new booking, unless it is there."""

    def rebooking(self, booking: Booking, before: Booking) -> Sequence[Write]:
        """Store a changed booking, if the stored revision is the one before."""

    def keeping(self, calendar: Calendar, capacity: int | None, now: datetime) -> Sequence[Write]:
        """Store a calendar with a booking less, if its turn is the one before, and what walk-ups go by.

        Who waits for the asset is served, if that leaves it free.
        """

    def restating(self, asset_key: str, capacity: int | None, now: datetime) -> Sequence[Write]:
        """Have walk-ups go by that capacity; nothing where they do."""

    def keeping_more(self, calendar: Calendar, entry: Entry, capacity: int | None, now: datetime) -> Sequence[Write]:
        """The same with this booking more: if it is kept from now on already, a place has to be free for it."""

    def opening(
        self, calendar: Calendar, session: AccessSession, capacity: int | None, *, exchanged: bool
    ) -> Sequence[Write]:
        """Store the calendar in which the booking is handed out, and take a place.

        One that is exchanged for what was booked may be kept for no other booking.
        """

    def watching(self, booking: Booking, now: datetime) -> Sequence[Write]:
        """Have it looked at before it is kept for its customer, and when it is lost."""

    def telling(self, booking: Booking, code: str, at: datetime, more: Mapping[str, str] = ...) -> Write:
        """Have the account told of its booking, and of `more` facts."""

    def warning(self, booking: Booking, session: AccessSession, at: datetime) -> Write:
        """Have the account of an open session told that its asset is booked."""
