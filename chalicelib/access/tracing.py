"""The timeline of a session, put together for whoever may see it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from chalicelib.access.ending import Ending
from chalicelib.access.model import AccessSession, State
from chalicelib.access.need import need_of
from chalicelib.access.position_ports import Seen
from chalicelib.access.sharing import views_of
from chalicelib.access.timeline import Entry, timeline_of
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.metering.model import AHEAD
from chalicelib.metering.usage import usage_between

Payments = Callable[[AccessSession], Iterable[Entry]]
"""What became of a session's charge; billing knows."""


def traced(
    session: AccessSession, *, parts: Ending, payments: Payments, whole: bool = False, positions: Sequence[Seen] = ()
) -> list[Entry]:
    """All that is known of it, in order of time; `positions` say roughly where it was.

    The `whole` of a shared one is what all its accounts are charged.
    """
    now = parts.now
    seen = usage_between(session.session_id, session.started_at, now + AHEAD, parts.zone, heads=parts.heads)
    accounts = views_of(session) if whole else (session,)
    started = session.state not in (State.RESERVED, State.CANCELLED, State.EXPIRED)
    return timeline_of(
        session,
        seen,
        need_of(session, seen, now).intervals if started else (),
        [charge for each in accounts for charge in parts.sessions.charges_of(each)],
        [entry for each in accounts for entry in payments(each)],
        now=now,
        places_kept=_places_kept(session, parts),
        places={(each.time, each.source, each.event_id): each for each in positions},
    )


def _places_kept(session: AccessSession, parts: Ending) -> timedelta:
    product = parts.catalogue.product(session.partner_id, session.product_id)
    return (product.policy if product else UsePolicy()).position_kept
