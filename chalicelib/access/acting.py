"""What a customer does with an open session: pause, resume, say when it is to end by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.access.acts import UNPAID
from chalicelib.access.bounding import bound_of, bounded, stop_at, wish_of, with_bound
from chalicelib.access.ending import Ending, end_as_of
from chalicelib.access.errors import NeverThatMuch, SessionChanged
from chalicelib.access.life import paused, resumed, stopping
from chalicelib.access.model import OPEN, AccessSession, Stop
from chalicelib.access.need import needs_until
from chalicelib.access.ports import Standing
from chalicelib.access.reading import Receipt, cost_among, uses_around
from chalicelib.access.sharing import check_holder
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Write
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


def resume(asked: Asked, *, acting: Ending, standing: Standing, random_bytes: RandomBytes) -> AccessSession:
    """In use again, if its account's payments are; what is to end at a cost comes to it sooner now."""
    act_id = new_id("act", random_bytes)

    def change(session: AccessSession) -> AccessSession:
        after = resumed(session, acting.now, asked.customer_id, act_id)
        goes_by_cost = bound_of(after) is not None or (after.stop is not None and after.stop.cost is not None)
        if after is session or not goes_by_cost:
            return after
        return replace(after, stop=_bounded_wish(after, wish_of(after.stop), acting))

    def conditions(before: AccessSession) -> Sequence[Write]:
        barred = bool(before.acts) and before.acts[-1].by == UNPAID
        return standing.conditions(before.account_id) if barred else []

    return _changed(asked, change, acting, conditions)


def stop(asked: Asked, wish: datetime | Money | None, *, acting: Ending) -> AccessSession:
    """To end by itself at an instant, or at the last second at which it costs no more than that; None: not any more.

    What its account's hard budget has left for it ends it all the same.
    """

    def change(session: AccessSession) -> AccessSession:
        if isinstance(wish, Money):
            if instant_of_cost(session, wish, acting=acting) is None:
                raise NeverThatMuch(pointer="/cost", most_days=LONGEST.days)
            return stopping(session, _bounded_wish(session, Stop(acting.now, wish), acting), acting.now)
        wished = None if wish is None else Stop(wish, None, wish)
        return stopping(session, _bounded_wish(session, wished, acting), acting.now)

    return _changed(asked, change, acting)


def bound_due(session_id: str, *, ending: Ending) -> Receipt | AccessSession | None:
    """Have a session that has begun end before it comes to more than its bound, however late this is done."""
    session = ending.sessions.find(session_id)
    if session is None:
        return None

    def instant_of(cost: Money) -> datetime | None:
        return instant_of_cost(session, cost, acting=ending, since=session.started_at)

    after = bounded(session, catalogue=ending.catalogue, instant_of=instant_of)
    if after is session or after.stop is None:
        return None
    if after.stop.at <= ending.now:
        told = ending.sessions.telling(session, "session_stopped", after.stop.at)
        return end_as_of(session_id, after.stop.at, ending=ending, also=[told])
    return ending.commit([*ending.sessions.changing(after), *ending.sessions.stopping(after, ending.now)], after)


def stop_due(session_id: str, at: datetime, *, ending: Ending) -> Receipt | AccessSession | None:
    """End a session as of the instant that its customer has set, if that still is the one.

    What was to end at a cost that it has not come to, because it was paused or something was corrected, goes on for as
    long as that allows.
    """
    session = ending.sessions.find(session_id)
    if session is None or session.state not in OPEN or session.stop is None or session.stop.at != at:
        return None
    if session.stop.cost is not None and session.stop.by != at:
        later = instant_of_cost(session, session.stop.cost, acting=ending)
        if later is None or later > at + _SECOND:
            stop = stop_at(session.stop.cost, session.stop.by, instant_of=lambda _cost: later)
            new = stopping(session, stop, ending.now)
            return ending.commit([*ending.sessions.changing(new), *ending.sessions.stopping(new, ending.now)], new)
    told = ending.sessions.telling(session, "session_stopped", at)
    return end_as_of(session_id, at, ending=ending, also=[told])


def _bounded_wish(session: AccessSession, wish: Stop | None, acting: Ending) -> Stop | None:
    def instant_of(cost: Money) -> datetime | None:
        return instant_of_cost(session, cost, acting=acting)

    return with_bound(session, wish, catalogue=acting.catalogue, instant_of=instant_of)


def instant_of_cost(
    session: AccessSession, cost: Money, *, acting: Ending, since: datetime | None = None
) -> datetime | None:
    """The last second until which the session costs no more, as far as time alone goes on; None within a year."""
    zone, now = acting.zone, since or acting.now
    seen = usage_between(session.session_id, session.started_at, acting.now + AHEAD, zone, heads=acting.heads)
    around = uses_around(session, zone, catalogue=acting.catalogue, sessions=acting.sessions)

    needs = needs_until(session, seen, now + LONGEST)

    def above(seconds: int) -> bool:
        then = now + seconds * _SECOND
        return cost_among(around, session, needs(then), then, catalogue=acting.catalogue).amount.minor > cost.minor

    low, high = 0, LONGEST // _SECOND
    if not above(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return now + low * _SECOND


def _changed(
    asked: Asked,
    change: Callable[[AccessSession], AccessSession],
    acting: Ending,
    conditions: Callable[[AccessSession], Sequence[Write]] = lambda _: (),
) -> AccessSession:
    """On the session as it stands; who is overtaken looks again."""
    for _ in range(_TRIES):
        session = check_holder(acting.sessions.find(asked.session_id), asked.session_id, asked.account_id)
        after = change(session)
        if after is session:
            return session
        try:
            changed = [*acting.sessions.changing(after), *acting.sessions.stopping(after, acting.now)]
            return acting.commit([*conditions(session), *changed], after)
        except SessionChanged:
            continue
    raise SessionChanged(session_id=asked.session_id)
