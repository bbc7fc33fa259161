"""A session under a hard budget ends by itself before it comes to more; its customer's own wish may end it sooner."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.access.allowing import RUNS_ON, told_by_time
from chalicelib.access.model import OPEN, AccessSession
from chalicelib.access.stops import Limited, Stop, Until
from chalicelib.access.uses import tariff_for
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.money import Money

GIVE_BACK = timedelta(minutes=30)
"""For so long what runs under a budget that is passed when it is set goes on; and so much longer if it is under way."""
InstantOfCost = Callable[[Money], datetime | None]
"""The last second until which the session costs no more than that; None: it never does."""


def bound_of(session: AccessSession) -> Money | None:
    """What the session may come to, if its account has a hard budget."""
    return session.agreed.bound if session.agreed else None


def until_of(session: AccessSession, *, catalogue: Catalogue) -> Until | None:
    """By when limits end the session whatever it costs, if they do.

    What time alone does not tell ends a day after its start, which is what the worst case that was left room for
    covers; or when limits that were set since say so.
    """
    limited = session.stop.limited if session.stop else None
    if limited is not None:
        return limited.until
    if bound_of(session) is None or told_by_time(tariff_for(session, catalogue=catalogue)):
        return None
    return Until(session.started_at + RUNS_ON)


def with_bound(
    session: AccessSession, wish: Stop | None, until: Until | None, *, instant_of: InstantOfCost
) -> Stop | None:
    """What the customer wishes, and no more than limits let it. `wish` has its instant under `by`, or its cost."""
    bound = bound_of(session)
    own = Limited(wish.cost, wish.by, until) if wish else Limited(until=until)
    cost, by = own.cost, own.by
    if bound is not None:
        cost = bound if cost is None or bound.minor < cost.minor else cost
    if until is not None:
        by = until.at if by is None else min(by, until.at)
    stop = stop_at(cost, by, instant_of=instant_of)
    return stop if stop is None or (bound is None and until is None) else replace(stop, limited=own)


def stop_at(cost: Money | None, by: datetime | None, *, instant_of: InstantOfCost) -> Stop | None:
    """At the instant at which it comes to the cost, or sooner."""
    at = None if cost is None else instant_of(cost)
    if at is None:
        return None if by is None else Stop(by, cost, by if cost else None)
    return Stop(at if by is None else min(at, by), cost, by)


def wish_of(stop: Stop | None) -> Stop | None:
    """What of a stop its customer has said: one at an instant is not to go beyond it."""
    if stop is None:
        return None
    if stop.limited is not None:
        cost, by = stop.limited.cost, stop.limited.by
        return None if cost is None and by is None else Stop(stop.at, cost, by)
    return stop if stop.cost is not None else replace(stop, by=stop.at)


def bounded(session: AccessSession, *, catalogue: Catalogue, instant_of: InstantOfCost) -> AccessSession:
    """The session as its bound ends it, if it goes on and has one; as it is otherwise."""
    if session.state not in OPEN or bound_of(session) is None:
        return session
    until = until_of(session, catalogue=catalogue)
    stop = with_bound(session, wish_of(session.stop), until, instant_of=instant_of)
    if stop == session.stop:
        return session
    return replace(session, stop=stop, revision=session.revision + 1)
