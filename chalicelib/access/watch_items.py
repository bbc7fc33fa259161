"""What was told of unused things, as items, and the timers by which they are looked at.

session#<id>    told    the instants as of which its account was told that it is unused
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute

from chalicelib.access.errors import SessionChanged
from chalicelib.access.model import AccessSession, State
from chalicelib.access.watch_ports import Told
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Put

LOOK = "access.unused"


class ToldRecord(Record):
    """What was told of a session."""

    class Meta:
        """Owned by access."""

        table_name = TableName("access")

    instants: Any = DocumentAttribute()
    turn = NumberAttribute()


def watching(session: AccessSession) -> Sequence[Write]:
    """The first look at a session that was handed out or paused; none where its policy knows no grace."""
    policy = session.policy
    begun = session.acts[-1].at if session.state is State.PAUSED else session.started_at
    unused = session.state is State.PAUSED or bool(policy.use_signals)
    return [looking(session, begun + policy.grace, begun)] if policy.grace and unused else []


def looking(session: AccessSession, at: datetime, now: datetime) -> Write:
    """A timer."""
    return setting(Timer(at, LOOK, {"session_id": session.session_id}), now)


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
