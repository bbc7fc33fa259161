"""Whether a thing was out of order when its session ended or left it for another, in whatever order reports came."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.access.evidence import Condition, Evidence, stretches_of
from chalicelib.access.model import AccessSession
from chalicelib.kernel.time import Interval
from chalicelib.metering.model import AHEAD, FAULT, Event

BY_FAULT, BY_RETURN = "fault", "return"
_LEAST = timedelta(microseconds=1)


def faults_at_moves(session: AccessSession, events: Sequence[Event]) -> dict[str, tuple[str, ...]]:
    """By the act of a move: the faults that stood when the session left an asset for another one."""
    found = {}
    for move in session.moves:
        acts = tuple(each for each in session.acts if each.at < move.at)
        found[move.act_id] = _standing(session, Evidence(acts, events), move.at)
    return {act_id: faults for act_id, faults in found.items() if faults}


def faults_at_end(session: AccessSession, events: Sequence[Event]) -> tuple[str, ...]:
    """The faults by which it was over: the first of them, if no return came before it.

    A fault that ended the session itself was told at that instant, or a little later by a clock that is ahead of ours.
    One that somebody has voided since is none.
    """
    if session.ended_at is None:
        return ()
    evidence = Evidence(session.acts, events)
    return _standing(session, evidence, _heard_until(session, session.ended_at, _faults(events)))


def _standing(session: AccessSession, evidence: Evidence, at: datetime) -> tuple[str, ...]:
    """Those of the instant from which on it was out of order, if it was by then."""
    faults = _faults(evidence.events)
    if not faults:
        return ()
    last = stretches_of(evidence, session.policy, Interval(session.started_at, at + _LEAST))[-1]
    if last.condition is not Condition.FAULTY:
        return ()
    return tuple(dict.fromkeys(each.event_id for each in faults if each.time == last.interval.start))


def _faults(events: Sequence[Event]) -> list[Event]:
    return [each for each in events if each.name == FAULT and each.is_signal]


def _heard_until(session: AccessSession, ended_at: datetime, faults: Sequence[Event]) -> datetime:
    if session.ended_by != BY_FAULT:
        return ended_at
    return min((each.time for each in faults if ended_at <= each.time <= ended_at + AHEAD), default=ended_at)
