"""A thing that lies unused: its customer is told when grace is over, once for each time, and nothing polls.

A look is due at the instant at which grace would be over if nothing more was said. It is taken as of that instant, by a
timer; if the thing was used meanwhile, the next look is due then. The rules stand in docs/decisions/0060.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.access.ending import Ending
from chalicelib.access.evidence import Condition, Evidence, stretches_of
from chalicelib.access.model import OPEN, AccessSession
from chalicelib.access.watch_ports import Told, Watches
from chalicelib.kernel.time import Interval, format_instant
from chalicelib.metering.model import AHEAD, Event
from chalicelib.metering.usage import usage_between

UNUSED = "unused_past_grace"
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Watching:
    """What a look needs from outside."""

    parts: Ending
    watches: Watches


def unused_since(session: AccessSession, events: Iterable[Event], at: datetime) -> datetime | None:
    """Since when it is unused by what was said until then; or from when on, if nothing more is said. None: in use."""
    policy = session.policy
    until = max(at, session.started_at) + (policy.silence or timedelta(0)) + _LEAST
    heard = Evidence([act for act in session.acts if act.at <= at], [each for each in events if each.time <= at])
    last = stretches_of(heard, policy, Interval(session.started_at, until))[-1]
    return last.interval.start if last.condition is Condition.UNUSED else None


def is_told(told: Told, since: datetime, at: datetime) -> bool:
    """Whether the customer was told of the time that began then, also if it was thought to have begun later."""
    return any(since <= instant <= at for instant in told.instants)


def look(session_id: str, at: datetime, *, watching: Watching) -> None:
    """Tell the account of an open session that is unused past grace; or have it looked at when it would be."""
    parts, watches = watching.parts, watching.watches
    session = parts.sessions.find(session_id)
    if session is None or session.state not in OPEN or not session.policy.grace:
        return
    seen = usage_between(session_id, session.started_at, parts.now + AHEAD, parts.zone, heads=parts.heads)
    since = unused_since(session, (event for usage in seen for event in usage.events), at)
    if since is None:
        return
    due = since + session.policy.grace
    if due > at:
        parts.commit(list(watches.due(session, due, parts.now)), None)
        return
    told = watches.told(session_id)
    if not is_told(told, since, at):
        notice = parts.sessions.telling(session, UNUSED, due, _facts(session, since))
        parts.commit([notice, watches.noting(session_id, told.with_one_more(due))], None)


def _facts(session: AccessSession, since: datetime) -> Mapping[str, str]:
    """Since when, and what it is now: kept at its price, or released."""
    return {"since": format_instant(since), "now": str(session.policy.unused)}
