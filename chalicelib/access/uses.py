"""Sessions as rating sees them, with what else fills the same caps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from chalicelib.access.model import NEVER_STARTED, AccessSession, CreditTerms, Need, RecordName
from chalicelib.access.need import need_of
from chalicelib.access.ports import Sessions
from chalicelib.access.sharing import rated_part
from chalicelib.catalogue.errors import NoTariff
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.time import Interval, Month, local_day, midnight
from chalicelib.metering.model import AHEAD
from chalicelib.metering.ports import Heads
from chalicelib.metering.usage import usage_between
from chalicelib.rating import Need as RatedNeed
from chalicelib.rating import Tariff, Use
from chalicelib.rating.fault_credit import CreditOf, FaultCredit
from chalicelib.rating.terms import Period

_ROUNDS = 2
_EVER = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
"""Before everything, and still an instant in every zone."""


@dataclass(frozen=True, slots=True)
class MonthOfUse:
    """An account's month: `uses` are its own and those that share their caps; `own` names those that it bills.

    `products` are those of its uses, by `Use.product`; `records` names the charge records of its own.
    """

    month: Month
    uses: tuple[Use, ...]
    own: frozenset[str]
    products: Mapping[str, Product]
    records: tuple[RecordName, ...]


def tariff_for(session: AccessSession, *, catalogue: Catalogue) -> Tariff:
    """The tariff version of the session's quote: of the product's own tariff, or of a members' fare."""
    tariff = catalogue.tariff(session.partner_id, session.product_id, session.tariff_version, session.fare)
    if tariff is None:
        raise NoTariff(product_id=session.product_id, version=session.tariff_version)
    return tariff


def use_of(
    session: AccessSession, need: Need, as_of: datetime, *, catalogue: Catalogue, product: Product | None = None
) -> Use:
    """The session as rating sees it; an open one as of now. With its product, its category is known too.

    It ends with its need: a return or a fault may come to be known when its customer has long ended it.
    """
    until = session.ended_at or max(session.runs_until(as_of), session.started_at)
    ended_at = need.ends_by(until)
    return Use(
        use_id=session.session_id,
        tariff=tariff_for(session, catalogue=catalogue),
        started_at=session.started_at,
        ended_at=ended_at,
        open=session.ended_at is None,
        quantities=need.quantities,
        evidence=need.evidence,
        needs=tuple(
            RatedNeed(each.interval.start, each.interval.end, each.state.value, each.evidence)
            for each in need.intervals
        ),
        product=product_key(session),
        category=product.category if product else "",
        part=rated_part(session, ended_at),
        fault_credit=fault_credit_of(session, need),
        kind="order" if session.state in NEVER_STARTED else "session",
    )


def fault_credit_of(session: AccessSession, need: Need) -> FaultCredit | None:
    """What the session has back, if it was out of order when it ended.

    Where only what it left for another was, its start fee is given back all the same; of its charge the part that is
    the time before the last such move, in whole percent, rounded down.
    """
    terms = session.policy.fault_credit
    if terms is None or not (need.faults or need.left_faulty):
        return None
    ids = [*(each for found in need.left_faulty.values() for each in found), *need.faults]
    percent = terms.percent if need.faults or terms.of == "start_fee" else _percent_before(session, need, terms)
    return FaultCredit(cast("CreditOf", terms.of), percent, tuple(dict.fromkeys(ids))) if percent else None


def _percent_before(session: AccessSession, need: Need, terms: CreditTerms) -> int:
    left_at = max(move.at for move in session.moves if move.act_id in need.left_faulty)
    whole = need.charged_time()
    return terms.percent * need.charged_time(left_at) // whole if whole else terms.percent


def product_key(session: AccessSession) -> str:
    """The session's product among all partners' products."""
    return f"{session.partner_id}:{session.product_id}"


def open_uses(
    account_id: str, now: datetime, zone: str, *, sessions: Sessions, heads: Heads
) -> list[tuple[AccessSession, Need]]:
    """What the account has open, with its need as it stands now."""
    found = []
    for session in sessions.open_of(account_id):
        seen = usage_between(session.session_id, session.started_at, now + AHEAD, zone, heads=heads)
        found.append((session, need_of(session, seen, now)))
    return found


def cap_context(
    account_id: str, start: datetime, tariff: Tariff, zone: str, *, catalogue: Catalogue, sessions: Sessions
) -> tuple[Use, ...]:
    """Ended uses of the account that may count together with one that starts at `start` under the tariff."""
    since = Interval(_counts_from(start, tariff.counts_over, zone), datetime.max.replace(tzinfo=UTC))
    records = sessions.charged(account_id, since)
    return tuple(use_of(each.session, each.need, each.ended_at, catalogue=catalogue) for each in records)


def month_of_use(
    account_id: str,
    month: Month,
    now: datetime,
    zone: str,
    *,
    catalogue: Catalogue,
    sessions: Sessions,
    heads: Heads,
    shared: frozenset[Period] = frozenset(),
) -> MonthOfUse:
    """Everything that ended in the month, what is still open if the month is not over, and what counts with them.

    A ride belongs to the month in which it ends, or to the first at whose end it was cut: what it costs after that is
    what that month is adjusted by. It fills the caps of the day, week and month in which it began; so rides of those
    that ended before the month are rated with it, and billed with their own month. `shared` are the periods over which
    the account as a whole has caps.
    """
    interval = month.interval(zone)
    records = sessions.charged(account_id, interval)
    own = [(each.session, each.need) for each in records]
    if interval.holds(now):
        running = open_uses(account_id, now, zone, sessions=sessions, heads=heads)
        own += [(session, need) for session, need in running if not session.cuts]
    both, periods, first = own, shared, interval.start
    for _ in range(_ROUNDS):
        periods |= {each for session, _ in both for each in tariff_for(session, catalogue=catalogue).counts_over}
        starts = min((session.started_at for session, _ in own), default=None)  # whoever starts first, counts the most
        begins = first if starts is None else _counts_from(starts, periods, zone)
        if begins >= first:
            break
        first = begins
        before = sessions.charged(account_id, Interval(first, interval.start))
        both = [*((each.session, each.need) for each in before), *own]
    products = _products_of((session for session, _ in both), month, catalogue)
    return MonthOfUse(
        month=month,
        uses=tuple(
            use_of(session, need, now, catalogue=catalogue, product=products.get(product_key(session)))
            for session, need in both
        ),
        own=frozenset(session.session_id for session, _ in own),
        products=products,
        records=tuple(each.name for each in records),
    )


def _counts_from(start: datetime, periods: frozenset[Period], zone: str) -> datetime:
    """No use that ended before this shares a period with one that begins at `start`, in whichever zone its day is.

    A week's cap counts what the caps of its days left, and a month's what those of its weeks left: so the time begins
    with a whole month, and with the whole week in which that begins. What this week costs depends on the month before
    in turn; so where both count, another round goes to the beginning of that.
    """
    if "ever" in periods:
        return _EVER
    day = local_day(start, zone) - timedelta(days=1)
    for _ in range(_ROUNDS):
        day = day.replace(day=1) if "month" in periods else day
        day -= timedelta(days=day.weekday()) if "week" in periods else timedelta(0)
    return midnight(day, zone)


def _products_of(sessions: Iterable[AccessSession], month: Month, catalogue: Catalogue) -> dict[str, Product]:
    """The products as the month goes by them, each read once."""
    keys = dict.fromkeys((each.partner_id, each.product_id) for each in sessions)
    found = (catalogue.product(*key) for key in keys)
    return {product.tariff_id: product.in_month(month) for product in found if product is not None}
