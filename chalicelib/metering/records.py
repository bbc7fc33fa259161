"""Heads as items.

subject#<subject>   head#<month>   totals and compressed events
"""

import json
import zlib
from decimal import Decimal
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute

from chalicelib.kernel.ids import canonical
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.metering.model import Event, Head
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName


class HeadRecord(Record):
    """One subject's month."""

    class Meta:
        """Owned by metering."""

        table_name = TableName("metering")

    version = NumberAttribute()
    totals: Any = DocumentAttribute()
    events = BinaryAttribute(legacy_encoding=False)


def head_key(subject: str, month: Month) -> tuple[str, str]:
    """Where a head is."""
    return f"subject#{subject}", f"head#{month}"


def head_record(head: Head) -> HeadRecord:
    """The item of a head."""
    pk, sk = head_key(head.subject, head.month)
    totals = {meter: plain(total) for meter, total in head.totals.items()}
    packed = zlib.compress(canonical([_packed(event) for event in head.events]))
    return HeadRecord(pk=pk, sk=sk, version=head.version, totals=totals, events=packed)


def head_of(record: HeadRecord) -> Head:
    """The head of an item."""
    subject = record.pk.removeprefix("subject#")
    return Head(
        subject=subject,
        month=Month.parse(record.sk.removeprefix("head#")),
        version=int(record.version),
        totals={meter: Decimal(total) for meter, total in record.totals.items()},
        events=tuple(_unpacked(subject, row) for row in json.loads(zlib.decompress(record.events))),
    )


def _packed(event: Event) -> list[str | None]:
    value = None if event.value is None else plain(event.value)
    return [event.source, event.event_id, format_instant(event.time), event.name, value, event.place_id]


def _unpacked(subject: str, row: list[str]) -> Event:
    source, event_id, time, name, value, place_id = row
    return Event(
        source=source,
        event_id=event_id,
        subject=subject,
        time=parse_instant(time),
        name=name,
        value=None if value is None else Decimal(value),
        place_id=place_id,
    )
