"""Whether a thing was out of order when its session ended, in whatever order the reports came."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.access.evidence import Condition, Evidence, stretches_of
from chalicelib.access.model import AccessSession
from chalicelib.kernel.time import Interval
from chalicelib.metering.model import AHEAD, FAULT, Event

BY_FAULT, BY_RETURN = "fault", "return"
_LEAST = timedelta(microseconds=1)


def faults_at_end(session: AccessSession, events: Sequence[Event]) -> tuple[str, ...]:
    """The faults that stood when it ended: reported by then, and followed by no sign of use.

    A fault that ended the session itself was told at that instant, or a little later by a clock that is ahead of ours.
    One that somebody has voided since is none.
    """
    faults = [each for each in events if each.name == FAULT and each.is_signal]
    if session.ended_at is None or not faults:
        return ()
    end = _heard_until(session, session.ended_at, faults) + _LEAST
    evidence = Evidence(session.acts, events)
    last = stretches_of(evidence, session.policy, Interval(session.started_at, end))[-1]
    if last.condition is not Condition.FAULTY:
        return ()
    return tuple(dict.fromkeys(each.event_id for each in faults if last.interval.start <= each.time < end))


def _heard_until(session: AccessSession, ended_at: datetime, faults: Sequence[Event]) -> datetime:
    if session.ended_by != BY_FAULT:
        return ended_at
    return min((each.time for each in faults if ended_at <= each.time <= ended_at + AHEAD), default=ended_at)
