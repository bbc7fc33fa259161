"""A session that ends by what its thing or its partner says: it was given back, or it is out of order.

The customer has done nothing, or has forgotten to; the session ends at the time of the sign, though its report may come
hours later, and nothing after it is charged.
"""

from chalicelib.access.acting import over_at
from chalicelib.access.ending import Ending, end_as_of
from chalicelib.access.evidence import Condition, Evidence, Stretch, stretches_of
from chalicelib.access.faults import BY_FAULT, BY_RETURN
from chalicelib.access.model import OPEN, AccessSession
from chalicelib.access.reading import Receipt
from chalicelib.kernel.time import Interval
from chalicelib.metering.model import AHEAD
from chalicelib.metering.usage import usage_between

_OVER = {Condition.RETURNED: ("session_returned", BY_RETURN), Condition.FAULTY: ("session_faulty", BY_FAULT)}


def end_by_evidence(session_id: str, *, ending: Ending) -> Receipt | None:
    """End an open session as of its last sign of return or fault, if no sign of use came after it."""
    session = ending.sessions.find(session_id)
    if session is None or session.state not in OPEN:
        return None
    last = _last(session, ending)
    if last.condition not in _OVER:
        return None
    code, by = _OVER[last.condition]
    at = over_at(session, min(last.interval.start, ending.now), acting=ending)  # a thing's clock may be ahead
    also = [ending.sessions.telling(session, code, at)]
    if last.condition is Condition.FAULTY:
        also.append(ending.sessions.reporting_fault(session, at))
    return end_as_of(session_id, at, ending=ending, by=by, also=also)


def _last(session: AccessSession, ending: Ending) -> Stretch:
    """What it has been since when, by all that is known now."""
    until = max(ending.now + AHEAD, session.started_at)
    seen = usage_between(session.session_id, session.started_at, until, ending.zone, heads=ending.heads)
    events = [event for usage in seen for event in usage.events]
    custody = Interval(session.started_at, until)
    return stretches_of(Evidence(session.acts, events), session.policy, custody)[-1]
