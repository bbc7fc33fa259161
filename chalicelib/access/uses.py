"""Sessions as rating sees them, with what else fills the same caps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.access.model import AccessSession, ChargeRecord, Need
from chalicelib.access.need import need_of
from chalicelib.access.ports import Sessions
from chalicelib.catalogue.errors import NoTariff
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.time import Interval, Month, local_day, midnight
from chalicelib.metering.model import AHEAD
from chalicelib.metering.ports import Heads
from chalicelib.metering.usage import usage_between
from chalicelib.rating import Tariff, Use


@dataclass(frozen=True, slots=True)
class MonthOfUse:
    """An account's month: `uses` are its own and those that share their caps; `own` names those that it bills."""

    month: Month
    uses: tuple[Use, ...]
    own: frozenset[str]
    sessions: dict[str, AccessSession]


def tariff_for(session: AccessSession, *, catalogue: Catalogue) -> Tariff:
    """The tariff version of the session's quote."""
    tariff = catalogue.tariff(session.partner_id, session.product_id, session.tariff_version)
    if tariff is None:
        raise NoTariff(product_id=session.product_id, version=session.tariff_version)
    return tariff


def use_of(session: AccessSession, need: Need, as_of: datetime, *, catalogue: Catalogue) -> Use:
    """The session as rating sees it; an open one as of now."""
    return Use(
        use_id=session.session_id,
        tariff=tariff_for(session, catalogue=catalogue),
        started_at=session.started_at,
        ended_at=session.ended_at or max(as_of, session.started_at),
        open=session.ended_at is None,
        quantities=need.quantities,
        evidence=need.evidence,
    )


def open_uses(
    account_id: str, now: datetime, zone: str, *, catalogue: Catalogue, sessions: Sessions, heads: Heads
) -> dict[str, tuple[AccessSession, Use]]:
    """What the account has open, as it stands now, by session id."""
    found = {}
    for session in sessions.open_of(account_id):
        seen = usage_between(session.session_id, session.started_at, now + AHEAD, zone, heads=heads)
        found[session.session_id] = (session, use_of(session, need_of(session, seen, now), now, catalogue=catalogue))
    return found


def cap_context(
    account_id: str, start: datetime, zone: str, *, catalogue: Catalogue, sessions: Sessions
) -> tuple[Use, ...]:
    """Ended uses of the account that may share a cap with one that starts at `start`."""
    since = Interval(_caps_begin(start, zone), datetime.max.replace(tzinfo=start.tzinfo))
    return _uses(sessions.charged(account_id, since), catalogue)


def month_of_use(
    account_id: str,
    month: Month,
    now: datetime,
    zone: str,
    *,
    catalogue: Catalogue,
    sessions: Sessions,
    heads: Heads,
) -> MonthOfUse:
    """Everything that ended in the month, what is still open if the month is not over, and what shares their caps.

    A ride belongs to the month in which it ends, but fills the cap of the day on which it began; so rides of that day
    that ended before the month are rated with it, and billed with their own month.
    """
    interval = month.interval(zone)
    own = sessions.charged(account_id, interval)
    found = {}
    if interval.holds(now):
        found = open_uses(account_id, now, zone, catalogue=catalogue, sessions=sessions, heads=heads)
    starts = [record.session.started_at for record in own] + [session.started_at for session, _ in found.values()]
    first = min((_caps_begin(start, zone) for start in starts), default=interval.start)
    before = sessions.charged(account_id, Interval(first, interval.start)) if first < interval.start else ()
    return MonthOfUse(
        month=month,
        uses=_uses([*before, *own], catalogue) + tuple(use for _, use in found.values()),
        own=frozenset([record.session.session_id for record in own]) | frozenset(found),
        sessions={each.session.session_id: each.session for each in [*before, *own]}
        | {session.session_id: session for session, _ in found.values()},
    )


def _caps_begin(start: datetime, zone: str) -> datetime:
    """No use that ended before this shares a cap with one that begins at `start`, in whichever zone its day is."""
    return midnight(local_day(start, zone), zone) - timedelta(days=1)


def _uses(records: Sequence[ChargeRecord], catalogue: Catalogue) -> tuple[Use, ...]:
    return tuple(use_of(each.session, each.need, each.ended_at, catalogue=catalogue) for each in records)
