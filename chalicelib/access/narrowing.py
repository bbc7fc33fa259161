"""What becomes of running sessions when their account's payments fail for longer.

From the first failure on nothing new is started. Some days later what runs ends gently: a thing that is at rest is
paused, and goes on once the account has paid; where others may take it, its session ends. Whoever is under way is not
stopped: it is looked at again. What shows no use by itself cannot be told to be at rest, so its customer is told daily.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.access.acting import over_at
from chalicelib.access.acts import UNPAID, Act, ActKind
from chalicelib.access.allowing import AccountLimits
from chalicelib.access.ending import Ending, end_as_of
from chalicelib.access.errors import AlreadyEnded, SessionChanged, TooManyActs
from chalicelib.access.life import barred
from chalicelib.access.model import OPEN, AccessSession, NeedState
from chalicelib.access.watching import unused_since
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.metering.model import AHEAD
from chalicelib.metering.usage import usage_between

UNDER_WAY, UNSEEN = timedelta(minutes=30), timedelta(days=1)
"""After how long what is under way is looked at again, and what shows no use."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What narrows an account's access. `owes` says whether a payment of it has failed and is still due."""

    parts: Ending
    limits: AccountLimits
    owes: Callable[[str], bool]
    random_bytes: RandomBytes


def narrow(account_id: str, *, narrowing: Narrowing) -> None:
    """Look at all that the account has open, unless it has paid; and again later, if something is under way."""
    if not narrowing.owes(account_id):
        return
    parts = narrowing.parts
    opened = parts.sessions.many(sorted(narrowing.limits.find(account_id).opened)).values()
    own = [each for each in opened if each.state in OPEN and each.account_id == account_id]
    waits = [_narrowed(each, narrowing) for each in own]
    again = min((each for each in waits if each is not None), default=None)
    if again is not None:
        parts.commit([parts.sessions.narrowing(account_id, parts.now + again, parts.now)], None)


def _narrowed(session: AccessSession, narrowing: Narrowing) -> timedelta | None:
    """After how long it is to be looked at again; None: not any more."""
    parts = narrowing.parts
    if over_at(session, parts.now, acting=parts) < parts.now:
        return None
    if session.acts and session.acts[-1].by == UNPAID:
        return None
    if not session.policy.use_signals:
        parts.commit([parts.sessions.telling(session, "unpaid_give_back", parts.now)], None)
        return UNSEEN
    try:
        return _at_rest(session, narrowing)
    except (AlreadyEnded, TooManyActs):
        return None
    except SessionChanged:
        return UNDER_WAY


def _at_rest(session: AccessSession, narrowing: Narrowing) -> timedelta | None:
    parts, now = narrowing.parts, narrowing.parts.now
    seen = usage_between(session.session_id, session.started_at, now + AHEAD, parts.zone, heads=parts.heads)
    since = unused_since(session, (event for usage in seen for event in usage.events), now)
    if since is None or since > now:
        return UNDER_WAY
    if session.policy.unused is NeedState.RELEASED:
        told = parts.sessions.telling(session, "unpaid_session_ended", now)
        end_as_of(session.session_id, now, ending=parts, also=[told])
        return None
    after = barred(session, Act(ActKind.PAUSE, now, UNPAID, new_id("act", narrowing.random_bytes)))
    told = parts.sessions.telling(session, "unpaid_session_paused", now)
    parts.commit([*parts.sessions.changing(after), *parts.sessions.stopping(after, now), told], None)
    return None
