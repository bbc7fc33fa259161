"""What a customer does with an open session: pause, resume, say when it is to end by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.access.acts import UNPAID
from chalicelib.access.bounding import GIVE_BACK, bound_of, bounded, stop_at, until_of, wish_of, with_bound
from chalicelib.access.ending import Ending, end_as_of
from chalicelib.access.errors import AlreadyEnded, NeverThatMuch, SessionChanged, StopTooFar
from chalicelib.access.life import paused, resumed, stopping
from chalicelib.access.model import OPEN, AccessSession
from chalicelib.access.need import needs_until
from chalicelib.access.ports import Standing
from chalicelib.access.reading import (
    Receipt,
    SessionCost,
    cost_among,
    cost_of,
    receipt_of,
    session_of,
    uses_around,
)
from chalicelib.access.sharing import check_holder, check_open, view_for
from chalicelib.access.sharing_out import last_second
from chalicelib.access.stops import Stop, Until
from chalicelib.access.watching import unused_since
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


def end_session(session_id: str, account_id: str, *, ending: Ending) -> Receipt:
    """End the use of one of the account's sessions, now or as of its stop, whose timer may be late.

    One that has ended has its receipt.
    """
    session = check_holder(ending.sessions.find(session_id), session_id, account_id)
    try:
        return end_as_of(session_id, over_at(session, ending.now, acting=ending), ending=ending, account_id=account_id)
    except AlreadyEnded:
        ended = session_of(session_id, account_id, sessions=ending.sessions)
        return receipt_of(ended, ending.zone, catalogue=ending.catalogue, sessions=ending.sessions)


def running_cost(session_id: str, account_id: str, *, acting: Ending) -> SessionCost:
    """What the session costs the account so far; nothing is added after its stop."""
    session = acting.sessions.find(session_id)
    seen = view_for(session, session_id, account_id)
    as_of = over_at(session or seen, acting.now, acting=acting)
    return cost_of(seen, as_of, acting.zone, catalogue=acting.catalogue, sessions=acting.sessions, heads=acting.heads)


def pause(asked: Asked, *, acting: Ending, random_bytes: RandomBytes) -> AccessSession:
    """It stays out, and is not in use until it is resumed."""
    act_id = new_id("act", random_bytes)
    return _changed(asked, lambda session: paused(session, acting.now, asked.customer_id, act_id), acting)


def resume(asked: Asked, *, acting: Ending, standing: Standing, random_bytes: RandomBytes) -> AccessSession:
    """In use again, if its account's payments are; what is to end at a cost comes to it sooner now."""
    act_id = new_id("act", random_bytes)

    def change(session: AccessSession) -> AccessSession:
        after = resumed(session, acting.now, asked.customer_id, act_id)
        return after if after is session else stopping_anew(after, acting=acting)

    def conditions(before: AccessSession) -> Sequence[Write]:
        barred = bool(before.acts) and before.acts[-1].by == UNPAID
        return standing.conditions(before.account_id) if barred else []

    return _changed(asked, change, acting, conditions)


def stop(asked: Asked, wish: datetime | Money | None, *, acting: Ending) -> AccessSession:
    """To end by itself at an instant, or at the last second at which it costs no more than that; None: not any more.

    What its account's hard budget has left for it ends it all the same.
    """

    def change(session: AccessSession) -> AccessSession:
        check_open(session)
        if isinstance(wish, Money):
            if instant_of_cost(session, wish, acting=acting) is None:
                raise NeverThatMuch(pointer="/cost", most_days=LONGEST.days)
            return stopping(session, _bounded_wish(session, Stop(acting.now, wish), acting), acting.now)
        if wish is not None and wish - acting.now > LONGEST:
            raise StopTooFar(pointer="/at", most_days=LONGEST.days)
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
    stop = _stop_by_now(session, session.stop, ending)
    goes_on = stop is not None and stop.is_eased and _is_under_way(session, stop.at, ending)
    if stop is not None and goes_on:
        stop = _later(session, stop, ending)
    if stop is None or goes_on or (stop.at != at and stop.at > ending.now):
        new = replace(session, stop=stop, revision=session.revision + 1)
        return ending.commit([*ending.sessions.changing(new), *ending.sessions.stopping(new, ending.now)], new)
    told = ending.sessions.telling(session, "session_stopped", stop.at)
    return end_as_of(session_id, stop.at, ending=ending, also=[told])


def _is_under_way(session: AccessSession, at: datetime, ending: Ending) -> bool:
    """Whether it shows by itself that it was in use at the instant. What shows no use has had its time."""
    if not session.policy.use_signals:
        return False
    seen = usage_between(session.session_id, session.started_at, ending.now + AHEAD, ending.zone, heads=ending.heads)
    since = unused_since(session, (event for usage in seen for event in usage.events), at)
    return since is None or since > at


def _later(session: AccessSession, stop: Stop, ending: Ending) -> Stop | None:
    """Whoever is under way is not left where they are; what else ends the session still does, if it is sooner."""

    def instant_of(cost: Money) -> datetime | None:
        return instant_of_cost(session, cost, acting=ending, since=stop.at)

    return with_bound(session, wish_of(stop), Until(stop.at + GIVE_BACK, eased=True), instant_of=instant_of)


def over_at(session: AccessSession, at: datetime, *, acting: Ending) -> datetime:
    """That instant, or the one before at which its stop ends it, though no timer has done so yet."""
    if session.state not in OPEN or session.stop is None or session.stop.at >= at:
        return at
    stop = _stop_by_now(session, session.stop, acting)
    return at if stop is None else min(at, stop.at)


def check_goes_on(session: AccessSession, *, acting: Ending) -> None:
    """What its stop has ended is ended, though no timer has done so yet."""
    if over_at(session, acting.now, acting=acting) < acting.now:
        raise AlreadyEnded(session_id=session.session_id)


def _stop_by_now(session: AccessSession, stop: Stop, acting: Ending) -> Stop | None:
    """Its stop, which is later if it has not come to its cost by then."""
    if stop.cost is None or stop.by == stop.at:
        return stop
    later = instant_of_cost(session, stop.cost, acting=acting, since=stop.at)
    if later is not None and later <= stop.at + _SECOND:
        return stop
    anew = stop_at(stop.cost, stop.by, instant_of=lambda _cost: later)
    return anew and replace(anew, limited=stop.limited)


def stopping_anew(session: AccessSession, *, acting: Ending) -> AccessSession:
    """What is to end at a cost, at the instant at which it comes to that as things are now."""
    if bound_of(session) is None and (session.stop is None or (session.stop.cost is None and not session.stop.limited)):
        return session
    return replace(session, stop=_bounded_wish(session, wish_of(session.stop), acting))


def _bounded_wish(session: AccessSession, wish: Stop | None, acting: Ending) -> Stop | None:
    def instant_of(cost: Money) -> datetime | None:
        return instant_of_cost(session, cost, acting=acting)

    return with_bound(session, wish, until_of(session, catalogue=acting.catalogue), instant_of=instant_of)


def instant_of_cost(
    session: AccessSession, cost: Money, *, acting: Ending, since: datetime | None = None
) -> datetime | None:
    """The last second until which the session costs no more, as far as time alone goes on; None within a year."""
    zone, now = acting.zone, since or acting.now
    session = replace(session, stop=None)
    seen = usage_between(session.session_id, session.started_at, acting.now + AHEAD, zone, heads=acting.heads)
    around = uses_around(session, zone, catalogue=acting.catalogue, sessions=acting.sessions)

    needs = needs_until(session, seen, now + LONGEST)

    def above(seconds: int) -> bool:
        then = now + seconds * _SECOND
        return cost_among(around, session, needs(then), then, catalogue=acting.catalogue).amount.minor > cost.minor

    last = last_second(above, LONGEST // _SECOND)
    return None if last == LONGEST // _SECOND else now + last * _SECOND


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
        check_goes_on(session, acting=acting)
        try:
            changed = [*acting.sessions.changing(after), *acting.sessions.stopping(after, acting.now)]
            return acting.commit([*conditions(session), *changed], after)
        except SessionChanged:
            continue
    raise SessionChanged(session_id=asked.session_id)
