"""Positions in DynamoDB."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from chalicelib.access.position_ports import Seen, SeenKey
from chalicelib.access.trace_records import PositionRecord
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import format_instant

_PREFIX = "position#"
_DIGITS = 24


class PositionStore:
    """Satisfies `position_ports.Positions`."""

    def of_session(self, session_id: str, now: datetime) -> Sequence[Seen]:
        """One query. What DynamoDB has not removed yet is passed over."""
        rows = PositionRecord.listed(_partition(session_id))
        return [seen for each in rows if (seen := _seen_of(each, session_id)).expires > now]

    def known(self, found: Sequence[Seen]) -> Collection[SeenKey]:
        """One batch read for each hundred."""
        keys = sorted({(_partition(each.session_id), _sort_key(each)) for each in found})
        rows = PositionRecord.batch_get(keys, consistent_read=True)
        return {_seen_of(each, each.pk.removeprefix(_PREFIX)).key for each in rows}

    def keep(self, found: Sequence[Seen]) -> None:
        """One batch write for each 25; each is an item of its own, and the same one when it is written again."""
        with PositionRecord.batch_write() as batch:
            for each in found:
                batch.save(_record(each))

    def forget(self, session_id: str) -> None:
        """One query, and one batch write for each 25."""
        rows = list(PositionRecord.listed(_partition(session_id)))
        with PositionRecord.batch_write() as batch:
            for each in rows:
                batch.delete(each)


def _partition(session_id: str) -> str:
    """Of its own, so that who may write positions may write nothing else of a session."""
    return f"{_PREFIX}{session_id}"


def _sort_key(seen: Seen) -> str:
    """In order of time; what named the event may be longer than a key."""
    return f"{format_instant(seen.time)}#{digest([seen.source, seen.event_id])[:_DIGITS]}"


def _record(seen: Seen) -> PositionRecord:
    return PositionRecord(
        pk=_partition(seen.session_id),
        sk=_sort_key(seen),
        time=seen.time,
        source=seen.source,
        event_id=seen.event_id,
        cell=seen.cell,
        place=seen.place,
        expires=int(seen.expires.timestamp()),
    )


def _seen_of(record: PositionRecord, session_id: str) -> Seen:
    expires = datetime.fromtimestamp(int(record.expires), UTC)
    return Seen(session_id, record.time, record.source, record.event_id, record.cell, expires, record.place)
