"""The inbox of the provider's events, in a table of its own: its stream starts the worker, billing's writes do not.

event#<id>    event    a provider's event, once
"""

from collections.abc import Mapping
from datetime import timedelta

from pynamodb.attributes import TTLAttribute, UnicodeAttribute

from chalicelib.billing.model import ProviderEvent
from chalicelib.kernel.time import parse_instant
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName

_EVENT = "event#"
_KEPT = timedelta(days=35)
"""Longer than Stripe goes on sending an event; one that comes later is read again, which changes nothing."""


class EventRecord(Record):
    """A provider's event."""

    class Meta:
        """Owned by billing."""

        table_name = TableName("inbox")

    kind = UnicodeAttribute()
    object_id = UnicodeAttribute()
    received_at = InstantAttribute()
    expires = TTLAttribute()


def event_record(event: ProviderEvent) -> EventRecord:
    """The item of a provider's event."""
    return EventRecord(
        f"{_EVENT}{event.event_id}",
        "event",
        kind=event.kind,
        object_id=event.object_id,
        received_at=event.received_at,
        expires=event.received_at + _KEPT,
    )


def event_in(image: Mapping[str, str]) -> ProviderEvent:
    """The event of an item's text attributes, as the table's stream has them: it is never changed, so never read."""
    received_at = parse_instant(image["received_at"])
    return ProviderEvent(image["pk"].removeprefix(_EVENT), image["kind"], image["object_id"], received_at)
