"""What was told of unused things in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.access.errors import SessionChanged
from chalicelib.access.model import AccessSession
from chalicelib.access.trace_records import ToldRecord, looking
from chalicelib.access.watch_ports import Told
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Put


class WatchStore:
    """Satisfies `watch_ports.Watches`."""

    def told(self, session_id: str) -> Told:
        """One consistent read."""
        record = ToldRecord.find(f"session#{session_id}", "told")
        return Told(tuple(map(parse_instant, record.instants)), int(record.turn)) if record else Told()

    def noting(self, session_id: str, told: Told) -> Write:
        """On the turn before."""
        instants = [format_instant(each) for each in told.instants]
        record = ToldRecord(pk=f"session#{session_id}", sk="told", instants=instants, turn=told.turn)
        before = told.turn - 1
        condition = ToldRecord.turn == before if before else ToldRecord.turn.does_not_exist()
        return Put(record, SessionChanged(session_id=session_id), condition)

    def due(self, session: AccessSession, at: datetime, now: datetime) -> Sequence[Write]:
        """A timer."""
        return [looking(session, at, now)]
