"""What a customer does with an open session: pause, resume, say when it is to end by itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.access.ending import Ending, end_as_of
from chalicelib.access.errors import NeverThatMuch, SessionChanged
from chalicelib.access.life import paused, resumed, stopping
from chalicelib.access.model import OPEN, AccessSession, Stop
from chalicelib.access.need import need_of
from chalicelib.access.reading import Receipt, cost_among, uses_around
from chalicelib.access.sharing import check_holder
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money
from chalicelib.metering.model import AHEAD
from chalicelib.metering.usage import usage_between

_TRIES = 6
_SECOND = timedelta(seconds=1)
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who acts on which session."""

    session_id: str
    account_id: str
    customer_id: str


def pause(asked: Asked, *, acting: Ending, random_bytes: RandomBytes) -> AccessSession:
    """It stays out, and is not in use until it is resumed."""
    act_id = new_id("act", random_bytes)
    return _changed(asked, lambda session: paused(session, acting.now, asked.customer_id, act_id), acting)


def resume(asked: Asked, *, acting: Ending, random_bytes: RandomBytes) -> AccessSession:
    """In use again; what is to end at a cost comes to it sooner now."""
    act_id = new_id("act", random_bytes)

    def change(session: AccessSession) -> AccessSession:
        after = resumed(session, acting.now, asked.customer_id, act_id)
        if after is session or after.stop is None or after.stop.cost is None:
            return after
        at = instant_of_cost(after, after.stop.cost, acting=acting)
        return replace(after, stop=Stop(at, after.stop.cost) if at else None)

    return _changed(asked, change, acting)


def stop(asked: Asked, wish: datetime | Money | None, *, acting: Ending) -> AccessSession:
    """To end by itself at an instant, or at the last second at which it costs no more than that; None: not any more."""

    def change(session: AccessSession) -> AccessSession:
        if not isinstance(wish, Money):
            return stopping(session, None if wish is None else Stop(wish), acting.now)
        at = instant_of_cost(session, wish, acting=acting)
        if at is None:
            raise NeverThatMuch(pointer="/cost", most_days=LONGEST.days)
        return stopping(session, Stop(at, wish), acting.now)

    return _changed(asked, change, acting)


def stop_due(session_id: str, at: datetime, *, ending: Ending) -> Receipt | AccessSession | None:
    """End a session as of the instant that its customer has set, if that still is the one.

    What was to end at a cost that it has not come to, because it was paused or something was corrected, goes on for as
    long as that allows.
    """
    session = ending.sessions.find(session_id)
    if session is None or session.state not in OPEN or session.stop is None or session.stop.at != at:
        return None
    if session.stop.cost is not None:
        later = instant_of_cost(session, session.stop.cost, acting=ending)
        if later is None or later > at + _SECOND:
            new = stopping(session, Stop(later, session.stop.cost) if later else None, ending.now)
            return ending.commit([*ending.sessions.changing(new), *ending.sessions.stopping(new, ending.now)], new)
    told = ending.sessions.telling(session, "session_stopped", at)
    return end_as_of(session_id, at, ending=ending, also=[told])


def instant_of_cost(session: AccessSession, cost: Money, *, acting: Ending) -> datetime | None:
    """The last second until which the session costs no more, as far as time alone goes on; None within a year."""
    zone, now = acting.zone, acting.now
    seen = usage_between(session.session_id, session.started_at, now + AHEAD, zone, heads=acting.heads)
    around = uses_around(session, zone, catalogue=acting.catalogue, sessions=acting.sessions)

    def above(seconds: int) -> bool:
        then = now + seconds * _SECOND
        need = need_of(session, seen, then)
        return cost_among(around, session, need, then, catalogue=acting.catalogue).amount.minor > cost.minor

    low, high = 0, LONGEST // _SECOND
    if not above(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return now + low * _SECOND


def _changed(asked: Asked, change: Callable[[AccessSession], AccessSession], acting: Ending) -> AccessSession:
    """On the session as it stands; who is overtaken looks again."""
    for _ in range(_TRIES):
        session = check_holder(acting.sessions.find(asked.session_id), asked.session_id, asked.account_id)
        after = change(session)
        if after is session:
            return session
        try:
            return acting.commit(
                [*acting.sessions.changing(after), *acting.sessions.stopping(after, acting.now)], after
            )
        except SessionChanged:
            continue
    raise SessionChanged(session_id=asked.session_id)
