"""Bookings and calendars as items.

A booking is written three times: by its id, for its account, for its partner; the last two by when it begins.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.access.agreed import NOTHING_ASKED, Agreed
from chalicelib.access.booking import Area, Booking, BookingRules, BookingState
from chalicelib.access.booking_calendar import Calendar, Entry
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName

CALENDAR, STATE = "calendar", "state"
_MICROSECOND = timedelta(microseconds=1)
_INSTANTS = ("start", "end", "made_at", "free_until", "closed_at")


class CalendarRecord(Record):
    """What of an asset is booked. `turn` guards it."""

    class Meta:
        """Owned by access."""

        table_name = TableName("access")

    entries: Any = DocumentAttribute()
    turn = NumberAttribute()


class BookingRecord(Record):
    """A booking."""

    class Meta:
        """Owned by access."""

        table_name = TableName("access")

    booking: Any = DocumentAttribute()
    asset_id = UnicodeAttribute()
    revision = NumberAttribute()


def calendar_record(calendar: Calendar) -> CalendarRecord:
    """The item of a calendar."""
    rows = [
        [
            each.booking_id,
            *map(format_instant, (each.kept_from, each.start, each.end, each.busy_until)),
            each.session_id,
        ]
        for each in calendar.entries
    ]
    return CalendarRecord(pk=f"asset#{calendar.asset_key}", sk=CALENDAR, entries=rows, turn=calendar.turn)


def calendar_of(record: CalendarRecord | None, asset_key: str) -> Calendar:
    """The calendar of an item; nothing is booked where there is none."""
    if record is None:
        return Calendar(asset_key)
    return Calendar(asset_key, tuple(map(_entry, record.entries)), int(record.turn))


def _entry(row: Sequence[Any]) -> Entry:
    kept_from, start, end, busy_until = (parse_instant(each) for each in row[1:5])
    return Entry(row[0], kept_from, start, end, busy_until, row[5])


def as_read(calendar: Calendar) -> Condition:
    """That the stored calendar is the one before this change."""
    before = calendar.turn - 1
    return CalendarRecord.turn == before if before else CalendarRecord.pk.does_not_exist()


def booking_keys(booking: Booking) -> list[tuple[str, str]]:
    """By its id, for its account, for its partner."""
    when = f"{format_instant(booking.start)}#{booking.booking_id}"
    return [
        (f"booking#{booking.booking_id}", "booking"),
        (f"account#{booking.account_id}", f"booking#{when}"),
        (f"booked#{booking.partner_id}", when),
    ]


def booking_records(booking: Booking) -> list[BookingRecord]:
    """The items of a booking, its own first."""
    document, revision = _document(booking), booking.revision
    return [
        BookingRecord(pk=pk, sk=sk, booking=document, asset_id=booking.asset_id, revision=revision)
        for pk, sk in booking_keys(booking)
    ]


def _document(booking: Booking) -> dict[str, object]:
    rules = booking.rules
    said: dict[str, object] = {
        name: getattr(booking, name)
        for name in Booking.__dataclass_fields__
        if name not in (*_INSTANTS, "rules", "ordered", "state", "revision", "area", "agreed", "changed_at")
    }
    instants = {name: getattr(booking, name) for name in _INSTANTS}
    return {
        **said,
        **{name: at and format_instant(at) for name, at in instants.items()},
        "rules": [each // _MICROSECOND for each in (rules.buffer, rules.free_cancellation, rules.no_show)],
        "ordered": {name: plain(amount) for name, amount in booking.ordered.items()},
        "state": str(booking.state),
        "area": booking.area and booking.area.row(),
        "agreed": booking.agreed.document(),
        "changed_at": list(map(format_instant, booking.changed_at)),
    }


def booking_of(record: BookingRecord) -> Booking:
    """The booking of an item."""
    document: dict[str, Any] = record.booking
    parsed: dict[str, Any] = {
        **{name: document[name] and parse_instant(document[name]) for name in _INSTANTS},
        "rules": BookingRules(*(each * _MICROSECOND for each in document["rules"])),
        "ordered": {name: Decimal(amount) for name, amount in document["ordered"].items()},
        "state": BookingState(document["state"]),
        "area": Area.of(document["area"]) if document["area"] else None,
        "agreed": Agreed.of(document["agreed"]) if "agreed" in document else NOTHING_ASKED,
        "changed_at": tuple(map(parse_instant, document.get("changed_at", ()))),
    }
    return Booking(**{**document, **parsed}, revision=int(record.revision))


def facts_of(booking: Booking) -> Mapping[str, str]:
    """What a notice says of it."""
    return {"asset": booking.asset_id, "from": format_instant(booking.start), "until": format_instant(booking.end)}
