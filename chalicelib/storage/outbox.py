"""What has to happen after a write is saved in that write, as a message that a worker gets from the table's stream."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import TTLAttribute, UnicodeAttribute

from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.ids import digest
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import TableName
from chalicelib.storage.together import Joined
from chalicelib.storage.writes import Put

_KEPT = timedelta(days=35)


class AlreadySaid(Conflict):
    """The message was saved before."""


class MessageRecord(Joined):
    """One thing to do: a topic and the facts that the worker needs; in `others`, those of more to be done so."""

    class Meta:
        """Owned by storage."""

        table_name = TableName("outbox")

    topic = UnicodeAttribute()
    body: Any = DocumentAttribute()
    said_at = InstantAttribute()
    expires = TTLAttribute()
    others: Any = DocumentAttribute(null=True)

    @property
    def alike(self) -> str:
        """Its topic."""
        return self.topic

    @classmethod
    def joined(cls, records: Sequence["MessageRecord"]) -> "MessageRecord":
        """The facts of all. Only the same ones have its key: what is said again of one of them leaves it as it is."""
        first, bodies = records[0], [facts for each in records for facts in (each.body, *(each.others or ()))]
        return cls(
            first.pk,
            f"messages#{digest(bodies)}",
            topic=first.topic,
            body=bodies[0],
            others=bodies[1:],
            said_at=first.said_at,
            expires=first.expires,
        )


def message(topic: str, key: str, body: dict[str, str], now: datetime) -> Put:
    """Say `topic` about `key`. Saying the same again starts the worker again, which must be safe to repeat."""
    record = MessageRecord(pk=f"{topic}#{key}", sk="message", topic=topic, body=body, said_at=now, expires=now + _KEPT)
    return Put(record, otherwise=AlreadySaid(topic=topic))
