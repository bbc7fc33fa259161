"""Bookings and calendars in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.access.booking import TOLD_BEFORE, Booking
from chalicelib.access.booking_calendar import Calendar, Entry
from chalicelib.access.booking_errors import BookingChanged, CalendarChanged
from chalicelib.access.booking_items import (
    CALENDAR,
    STATE,
    BookingRecord,
    CalendarRecord,
    as_read,
    booking_keys,
    booking_of,
    booking_records,
    calendar_of,
    calendar_record,
    facts_of,
)
from chalicelib.access.booking_ports import Seen
from chalicelib.access.errors import AssetInUse
from chalicelib.access.model import AccessSession
from chalicelib.access.records import AssetStateRecord
from chalicelib.access.step_items import not_kept, stating, steps_of
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import Wanted, find_all
from chalicelib.storage.record import Record
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Change, Put, Remove

SOON, LOST, FREED = "access.booked_soon", "access.no_show", "access.freed"
_AT_ONCE = 50
_MOST_LOOKED_AT = 1_000


class BookingStore:
    """Satisfies `booking_ports.Bookings`."""

    def find(self, booking_id: str) -> Booking | None:
        """One consistent read."""
        record = BookingRecord.find(f"booking#{booking_id}", "booking")
        return booking_of(record) if record else None

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[tuple[str, Booking]]:
        """One query."""
        ours = BookingRecord.sk.startswith("booking#")
        rows = BookingRecord.listed(f"account#{account_id}", ours, limit=limit, after=after, backwards=True)
        return [(each.sk, booking_of(each)) for each in rows]

    def of_partner(
        self, partner_id: str, asset_id: str | None, *, limit: int, after: str | None
    ) -> Sequence[tuple[str, Booking]]:
        """One query, of 1,000 bookings at most."""
        looked_at = limit if asset_id is None else _MOST_LOOKED_AT
        rows = BookingRecord.listed(f"booked#{partner_id}", limit=looked_at, after=after, backwards=True)
        found = ((each.sk, booking_of(each)) for each in rows if asset_id in (None, each.asset_id))
        return [each for _, each in zip(range(limit), found, strict=False)]

    def seen(self, asset_keys: Sequence[str], now: datetime) -> Mapping[str, Seen]:
        """One batch read for each fifty."""
        found: dict[str, Seen] = {}
        for first in range(0, len(asset_keys), _AT_ONCE):
            keys = asset_keys[first : first + _AT_ONCE]
            wanted: list[Wanted] = []
            for each in keys:
                wanted += [(CalendarRecord, f"asset#{each}", CALENDAR), (AssetStateRecord, f"asset#{each}", STATE)]
            records = iter(find_all(wanted))
            for each in keys:
                found[each] = _seen(each, next(records), next(records), now)
        return found

    def booking(self, booking: Booking) -> Sequence[Write]:
        """Three items."""
        there = BookingChanged(booking_id=booking.booking_id)
        return [Put(each, there, BookingRecord.pk.does_not_exist()) for each in booking_records(booking)]

    def rebooking(self, booking: Booking, before: Booking) -> Sequence[Write]:
        """Three items; those that list it by its start move with it."""
        changed = BookingChanged(booking_id=booking.booking_id)
        left = [key for key in booking_keys(before) if key not in booking_keys(booking)]
        as_before = BookingRecord.revision == before.revision
        first, *others = booking_records(booking)
        return [
            Put(first, changed, as_before),
            *(Put(each, changed) for each in others),
            *(Remove(BookingRecord(pk=pk, sk=sk), changed) for pk, sk in left),
        ]

    def keeping(self, calendar: Calendar, capacity: int | None, now: datetime) -> Sequence[Write]:
        """Two items, and a message; nothing depends on what is open."""
        partner_id, _, asset_id = calendar.asset_key.partition("/")
        freed = {"partner_id": partner_id, "asset_id": asset_id}
        told = message(FREED, f"{calendar.asset_key}#booked#{calendar.turn}", freed, now)
        return [_stored(calendar), _state(calendar, capacity, CalendarChanged()), told]

    def restating(self, asset_key: str, capacity: int | None, now: datetime) -> Sequence[Write]:
        """One batch read."""
        pk = f"asset#{asset_key}"
        calendar, state = find_all([(CalendarRecord, pk, CALENDAR), (AssetStateRecord, pk, STATE)])
        kept = _seen(asset_key, calendar, state, now).calendar
        known = steps_of(state) if isinstance(state, AssetStateRecord) else ()
        return [] if kept.steps(capacity) == known else self.keeping(kept.next(), capacity, now)

    def keeping_more(self, calendar: Calendar, entry: Entry, capacity: int | None, now: datetime) -> Sequence[Write]:
        """Two items."""
        begun = capacity is not None and entry.kept_from <= now
        room = _room(capacity - calendar.kept_at(now) + 1) if begun and capacity is not None else None
        return [_stored(calendar), _state(calendar, capacity, CalendarChanged(), room)]

    def opening(
        self, calendar: Calendar, session: AccessSession, capacity: int | None, *, exchanged: bool
    ) -> Sequence[Write]:
        """Two items."""
        room = None if capacity is None else _room(capacity)
        if room is not None and exchanged:
            room &= not_kept(session.started_at)
        in_use = AssetInUse(asset_id=session.asset_id)
        taking: list[Action] = [
            AssetStateRecord.taken.add(1),
            AssetStateRecord.sessions.add({session.session_id}),
            *stating(calendar.steps(capacity)),
        ]
        state = AssetStateRecord(pk=f"asset#{session.asset_key}", sk=STATE)
        return [_stored(calendar), Change(state, taking, in_use, room)]

    def watching(self, booking: Booking, now: datetime) -> Sequence[Write]:
        """Two timers."""
        facts = {"booking_id": booking.booking_id}
        soon, lost = Timer(booking.kept_from - TOLD_BEFORE, SOON, facts), Timer(booking.lost_at, LOST, facts)
        return [setting(soon, now), setting(lost, now)]

    def telling(
        self, booking: Booking, code: str, at: datetime, more: Mapping[str, str] = MappingProxyType({})
    ) -> Write:
        """A message to the worker."""
        about = {"account_id": booking.account_id, "about": booking.booking_id, "code": code}
        facts = {**about, **facts_of(booking), **more}
        named = f"{booking.booking_id}#{code}#{format_instant(at)}"
        return message("dialogue.tell", named, {**facts, "told_at": format_instant(at)}, at)

    def warning(self, booking: Booking, session: AccessSession, at: datetime) -> Write:
        """A message to the worker; of who has booked it nothing is said."""
        facts = {"account_id": session.account_id, "about": session.session_id, "code": "asset_booked"}
        said = {"asset": booking.asset_id, "booked_from": format_instant(booking.kept_from)}
        named = f"{session.session_id}#asset_booked#{booking.booking_id}"
        return message("dialogue.tell", named, {**facts, **said, "told_at": format_instant(at)}, at)


def _seen(asset_key: str, calendar: Record | None, state: Record | None, now: datetime) -> Seen:
    found = calendar_of(calendar if isinstance(calendar, CalendarRecord) else None, asset_key)
    if not isinstance(state, AssetStateRecord):
        return Seen(found.at(now))
    sessions = frozenset(state.sessions or ())
    return Seen(found.at(now, sessions), int(state.taken), sessions)


def _stored(calendar: Calendar) -> Put:
    return Put(calendar_record(calendar), CalendarChanged(), as_read(calendar))


def _state(calendar: Calendar, capacity: int | None, otherwise: Refusal, room: Condition | None = None) -> Change:
    asset = AssetStateRecord(pk=f"asset#{calendar.asset_key}", sk=STATE)
    actions: list[Action] = [AssetStateRecord.taken.add(0), *stating(calendar.steps(capacity))]
    return Change(asset, actions, otherwise, room)


def _room(capacity: int) -> Condition:
    taken = AssetStateRecord.taken
    return (taken < capacity) | taken.does_not_exist() if capacity > 0 else taken < 0
