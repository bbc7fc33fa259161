"""What goes along with sessions, as items: what was told of them, cases, positions; and the timers of looks at them.

session#<id>        told                             the instants as of which its account was told that it is unused
position#<session>  <time>#<digest of the event>     roughly where it was, until its product's policy lets that go
case#<id>           case                             a case
cases#<partner>     <state>#<opened>#<id>            the same among the partner's
cases#              <state>#<opened>#<id>            the same among all
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.access.model import AccessSession, State
from chalicelib.kernel.writes import Write
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.timers import Timer, setting

LOOK = "access.unused"
_TABLE = TableName("access")


class ToldRecord(Record):
    """What was told of a session. `turn` guards it."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    instants: Any = DocumentAttribute()
    turn = NumberAttribute()


class CaseRecord(Record):
    """A case."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    said: Any = DocumentAttribute()


class PositionRecord(Record):
    """Roughly where a session was, or at which place, as an event said. `expires` is when it is let go."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    time = InstantAttribute()
    source = UnicodeAttribute()
    event_id = UnicodeAttribute()
    cell = UnicodeAttribute(null=True)
    place = UnicodeAttribute(null=True)
    expires = NumberAttribute()


def watching(session: AccessSession) -> Sequence[Write]:
    """The first look at a session that was handed out or paused; none where its policy knows no grace."""
    policy = session.policy
    begun = session.acts[-1].at if session.state is State.PAUSED else session.started_at
    unused = session.state is State.PAUSED or bool(policy.use_signals)
    return [looking(session, begun + policy.grace, begun)] if policy.grace and unused else []


def looking(session: AccessSession, at: datetime, now: datetime) -> Write:
    """A timer."""
    return setting(Timer(at, LOOK, {"session_id": session.session_id}), now)
