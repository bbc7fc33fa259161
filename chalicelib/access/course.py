"""What something that runs comes to if it goes on: the most of it, as far as that can be told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.allowing import Allowing
from chalicelib.access.model import AccessSession, Need, State
from chalicelib.access.need import need_of, needs_until
from chalicelib.access.reading import cost_among, uses_around
from chalicelib.metering.model import AHEAD
from chalicelib.metering.usage import usage_between

_SECOND, _HOUR = timedelta(seconds=1), 3600


@dataclass(frozen=True, slots=True)
class Course:
    """What an account's session, or its part of one, comes to after so many seconds, in minor units.

    `before` is what months that are over were charged of it: they are on no budget that counts now.
    """

    view: AccessSession
    before: int
    after: Callable[[int], int]

    @property
    def so_far(self) -> int:
        """What it has come to."""
        return self.after(0)


def course_of(view: AccessSession, horizon: timedelta, *, allowing: Allowing) -> Course:
    """As of now: in use from now on, also if it is paused, with the most on its meters that an hour can bring."""
    at, catalogue = allowing.now, allowing.catalogue
    going = replace(_in_use(view, at), stop=None)
    seen = usage_between(view.session_id, view.started_at, at + AHEAD, allowing.zone, heads=allowing.heads())
    around = uses_around(view, allowing.zone, catalogue=catalogue, sessions=allowing.sessions)
    needs = needs_until(going, seen, at + horizon + _SECOND)

    def cost(session: AccessSession, need: Need, then: datetime) -> int:
        return cost_among(around, session, need, then, catalogue=catalogue).amount.minor

    cut = view.cuts[-1] if view.cuts else None
    was = replace(view, stop=None)
    before = 0 if cut is None else cost(was, need_of(was, seen, cut), cut)

    @cache
    def after(seconds: int) -> int:
        then = at + seconds * _SECOND
        return cost(going, _at_most(going, needs(then), seconds), then) - before

    return Course(view, before, after)


def _in_use(view: AccessSession, at: datetime) -> AccessSession:
    """It may be resumed at any moment."""
    if view.state is not State.PAUSED:
        return view
    instant = max([at, *(act.at + timedelta(microseconds=1) for act in view.acts[-1:])])
    resumed = Act(ActKind.RESUME, instant, view.customer_id, "act_if_resumed")
    return replace(view, state=State.ACTIVE, acts=(*view.acts, resumed))


def _at_most(session: AccessSession, need: Need, seconds: int) -> Need:
    if not session.most_per_hour:
        return need
    hours = -(-seconds // _HOUR)
    most = {name: need.quantities.get(name, Decimal(0)) + of * hours for name, of in session.most_per_hour.items()}
    return replace(need, quantities={**need.quantities, **most})
