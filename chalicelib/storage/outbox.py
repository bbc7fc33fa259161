"""What has to happen after a write is saved in that write, as a message that a worker gets from the table's stream."""

from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import TTLAttribute, UnicodeAttribute

from chalicelib.kernel.errors import Conflict
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.writes import Put

_KEPT = timedelta(days=35)


class AlreadySaid(Conflict):
    """The message was saved before."""


class MessageRecord(Record):
    """One thing to do: a topic and the facts that the worker needs."""

    class Meta:
        """Owned by storage."""

        table_name = TableName("outbox")

    topic = UnicodeAttribute()
    body: Any = DocumentAttribute()
    said_at = InstantAttribute()
    expires = TTLAttribute()


def message(topic: str, key: str, body: dict[str, str], now: datetime) -> Put:
    """Say `topic` about `key`. Saying the same again starts the worker again, which must be safe to repeat."""
    record = MessageRecord(pk=f"{topic}#{key}", sk="message", topic=topic, body=body, said_at=now, expires=now + _KEPT)
    return Put(record, otherwise=AlreadySaid(topic=topic))
