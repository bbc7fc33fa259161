"""A session under a hard budget ends by itself before it comes to more; its customer's own wish may end it sooner."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.access.allowing import RUNS_ON, told_by_time
from chalicelib.access.model import OPEN, AccessSession, Stop
from chalicelib.access.uses import tariff_for
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.money import Money

InstantOfCost = Callable[[Money], datetime | None]
"""The last second until which the session costs no more than that; None: it never does."""


def bound_of(session: AccessSession) -> Money | None:
    """What the session may come to, if its account has a hard budget."""
    return session.agreed.bound if session.agreed else None


def with_bound(
    session: AccessSession, wish: Stop | None, *, catalogue: Catalogue, instant_of: InstantOfCost
) -> Stop | None:
    """What the customer wishes, and no more than the bound. `wish` has its instant under `by`, or its cost.

    What time alone does not tell ends after a day, which is what the worst case that was left room for covers.
    """
    bound = bound_of(session)
    cost, by = (wish.cost, wish.by) if wish else (None, None)
    if bound is not None:
        cost = bound if cost is None or bound.minor < cost.minor else cost
        if not told_by_time(tariff_for(session, catalogue=catalogue)):
            day_later = session.started_at + RUNS_ON
            by = day_later if by is None else min(by, day_later)
    return stop_at(cost, by, instant_of=instant_of)


def stop_at(cost: Money | None, by: datetime | None, *, instant_of: InstantOfCost) -> Stop | None:
    """At the instant at which it comes to the cost, or sooner."""
    at = None if cost is None else instant_of(cost)
    if at is None:
        return None if by is None else Stop(by, cost, by if cost else None)
    return Stop(at if by is None else min(at, by), cost, by)


def wish_of(stop: Stop | None) -> Stop | None:
    """A stop as a wish: one at an instant is not to go beyond it."""
    return stop if stop is None or stop.cost is not None else replace(stop, by=stop.at)


def bounded(session: AccessSession, *, catalogue: Catalogue, instant_of: InstantOfCost) -> AccessSession:
    """The session as its bound ends it, if it goes on and has one; as it is otherwise."""
    if session.state not in OPEN or bound_of(session) is None:
        return session
    stop = with_bound(session, wish_of(session.stop), catalogue=catalogue, instant_of=instant_of)
    if stop == session.stop:
        return session
    return replace(session, stop=stop, revision=session.revision + 1)
