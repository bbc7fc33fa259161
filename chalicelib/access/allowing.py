"""What a start is allowed by: what its customer has shown and agreed to, and the limits that they have set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.access.agreed import Agreed
from chalicelib.access.errors import (
    AssetInUse,
    ConsentMissing,
    EligibilityExpired,
    EligibilityMissing,
    LimitsMoved,
    TooManyOpen,
    TooManyReserved,
)
from chalicelib.access.limits import MOST_RESERVED, Allowance, BudgetNow, Limits, LimitsNow, OwnNow, Spent, judged
from chalicelib.access.member_fare import MemberFares, NoMemberFares
from chalicelib.access.model import AccessSession, State
from chalicelib.access.need import need_of
from chalicelib.access.ordering import cost_of_orders
from chalicelib.access.ports import Sessions
from chalicelib.access.reading import cost_among, uses_around
from chalicelib.access.sharing import limit_of
from chalicelib.access.uses import product_key, tariff_for
from chalicelib.access.wish_ports import AccountWishes, SpentOnProducts
from chalicelib.access.wishes import NO_WISHES, Wishes, judged_of
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import SECONDS_IN, Month, local_day
from chalicelib.kernel.writes import Commit, Write
from chalicelib.metering.model import AHEAD
from chalicelib.metering.ports import Heads
from chalicelib.metering.usage import usage_between
from chalicelib.rating import Tariff

RUNS_ON = timedelta(hours=24)
"""What an open session may come to is what it costs if it goes on in use for so long."""
_MOST_LEVELS = 8
_FARE = "~"
"""Behind it a further tariff of a product is named."""


class StateOfAsked(StrEnum):
    """How it stands with something that is asked of a customer."""

    MET = "met"
    MISSING = "missing"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that is asked: a requirement, or a consent to a purpose in a version; and how it stands."""

    what: str
    state: StateOfAsked
    version: str | None = None

    def refusal(self) -> Refusal:
        """What a start is refused with that lacks it."""
        if self.version is not None:
            return ConsentMissing(purpose=self.what, version=self.version)
        expired = self.state is StateOfAsked.EXPIRED
        return EligibilityExpired(requires=self.what) if expired else EligibilityMissing(requires=self.what)


class Personal(Protocol):
    """What customers have shown and agreed to."""

    def conditions(self, customer_id: str, partner_id: str, agreed: Agreed, now: datetime) -> Sequence[Write]:
        """Let nothing be written unless the customer has shown and agreed to all that is asked.

        Nor unless they are in the account still, in a role that uses, where it is another's.
        """

    def belongs(self, customer_id: str, member_of: str | None, turn: int | None) -> Sequence[Write]:
        """The latter by itself; and that an own limit has not moved since that turn, if they have one."""

    def own_limit(self, customer_id: str, account_id: str) -> OwnNow | None:
        """What a member of another's account may spend in it, if that is limited."""

    def asked(self, customer_id: str, partner_id: str, agreed: Agreed, now: datetime) -> Sequence[Asked]:
        """All that is asked, and how it stands."""


class AccountLimits(Protocol):
    """Where limits are kept, with the sessions that are open under them."""

    def find(self, account_id: str) -> LimitsNow:
        """The account's limits as they are."""

    def setting(self, account_id: str, limits: Limits, at: datetime | None = None) -> Write:
        """Set them; in force at once. `at` is as of when `looking` looks at what runs."""

    def looking(self, account_id: str, at: datetime) -> Write:
        """Have what runs brought under the limits that are set in the same transaction, as of that instant."""

    def others_set(self, account_id: str, at: datetime) -> Sequence[Write]:
        """Likewise, where limits are set that are kept elsewhere."""

    def starting(self, session: AccessSession, turn: int, now: datetime) -> Sequence[Write]:
        """Count the session as open, if there is room and no budget has moved since that turn."""

    def reserving(self, session: AccessSession, turn: int) -> Write:
        """Count the session as reserved, if one could start and not too many are."""

    def moving(self, account_id: str, turn: int) -> Write:
        """Let nothing be written if a budget has moved since that turn, and move it."""

    def leaving_alone(self, session: AccessSession, now: datetime) -> Write:
        """Let nothing be written if its asset was reserved for the account a moment ago."""

    def none_open(self, account_id: str, otherwise: Refusal) -> Write:
        """Let nothing be written unless no session is open, and none reserved."""


class Spending(Protocol):
    """What accounts have spent."""

    def spent(self, account_id: str, now: datetime, member: str | None = None) -> Spent:
        """As on the account's bill; of one of its members alone."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a booking costs at most if nobody comes for it, and when that would be charged, as which session."""

    session_id: str
    at: datetime
    most: Money
    customer_id: str = ""


class Fees(Protocol):
    """What accounts' bookings may come to without any use."""

    def due(self, account_id: str, now: datetime) -> Sequence[Due]:
        """Of each booking that is not over."""


@dataclass(frozen=True, slots=True)
class Allowing:
    """What it takes to say whether a start is allowed. What was measured is asked for under a budget alone."""

    zone: str
    catalogue: Catalogue
    sessions: Sessions
    heads: Callable[[], Heads]
    limits: AccountLimits
    personal: Personal
    spending: Spending
    fees: Fees
    now: datetime
    member_fares: MemberFares = field(default_factory=NoMemberFares)
    wishes: AccountWishes | None = None
    spent_on: SpentOnProducts | None = None


def asked_of(product: Product, *, catalogue: Catalogue) -> Agreed:
    """What the product and the categories above it ask of a customer."""
    requires = dict.fromkeys(product.policy.requires)
    category_id: str | None = product.category
    for _ in range(_MOST_LEVELS):
        category = catalogue.category(category_id) if category_id else None
        if category is None:
            break
        requires |= dict.fromkeys(category.eligibility)
        category_id = category.parent
    terms = product.terms.version if product.terms else None
    return Agreed(terms=terms, requires=tuple(requires), consents=product.policy.consents)


def allowance(
    account_id: str,
    tariff: Tariff,
    estimate: Money,
    worst_case: Money,
    *,
    allowing: Allowing,
    but: str = "",
    at: datetime | None = None,
    member: str | None = None,
) -> Allowance:
    """Where the account's limits stand, and whether its budgets have room for a start, now or at an instant to come.

    What may come of all else counts, `but` of the session itself: what is open, reserved and booked.

    The turn is read first: whatever is started while the rest is read moves it on, and refuses this start. A session
    whose cost time alone does not tell needs its worst case. Under a `member`'s own limit their own use counts alone.
    """
    now = allowing.limits.find(account_id)
    own = allowing.personal.own_limit(member, account_id) if member is not None else None
    product, when = tariff.tariff_id.partition(_FARE)[0], at or allowing.now
    wishes = allowing.wishes.find(account_id) if now.wished and allowing.wishes is not None else NO_WISHES
    needed = estimate if told_by_time(tariff) else max(estimate, worst_case, key=lambda amount: amount.minor)
    budgets: list[BudgetNow] = []
    if any(now.limits.budgets()):
        counted = _counted(account_id, when, needed.currency, allowing=allowing, but=but)
        budgets += judged(now, *counted, needed).budgets
    if at is None:
        budgets += _of_product(account_id, product, wishes, needed, but=but, allowing=allowing)
    found = Allowance(now, tuple(budgets), confirm=wishes.asks_for(product), stop_after=wishes.stop_after)
    if own is None:
        return found
    counted = _counted(account_id, when, needed.currency, allowing=allowing, but=but, member=member)
    return found.with_own(judged(replace(now, limits=own.limits), *counted, needed), own.turn)


def _of_product(
    account_id: str, product: str, wishes: Wishes, needed: Money, *, but: str, allowing: Allowing
) -> Sequence[BudgetNow]:
    """The product's own budgets. What is booked for later counts on none of them before it is begun."""
    if product not in wishes.budgets or allowing.spent_on is None:
        return ()
    spent = allowing.spent_on.spent_on(account_id, product, allowing.now)
    running = total(running_costs(account_id, allowing=allowing, but=but, product=product), needed.currency)
    return judged_of(product, wishes, spent, running, needed)


def _counted(
    account_id: str, at: datetime, currency: str, *, allowing: Allowing, but: str, member: str | None = None
) -> tuple[Spent, Spent]:
    """What was spent and what may come on the day of that instant, and in its month.

    What runs is read first: what ends meanwhile counts twice, and not never.
    """
    running = total(running_costs(account_id, allowing=allowing, but=but, member=member), currency)
    return counted_with(running, account_id, at, allowing=allowing, but=but, member=member)


def counted_with(
    running: Money, account_id: str, at: datetime, *, allowing: Allowing, but: str = "", member: str | None = None
) -> tuple[Spent, Spent]:
    """The same, where that is what runs and is reserved."""
    zone, now, currency = allowing.zone, allowing.now, running.currency
    spent, nothing = allowing.spending.spent(account_id, now, member), Money.zero(currency)
    every = allowing.fees.due(account_id, now)
    due = [each for each in every if each.session_id != but and member in (None, each.customer_id)]
    same_day = local_day(at, zone) == local_day(now, zone)
    same_month = Month.of(at, zone) == Month.of(now, zone)
    on_day = total((each.most for each in due if local_day(each.at, zone) == local_day(at, zone)), currency)
    in_month = total((each.most for each in due if Month.of(each.at, zone) == Month.of(at, zone)), currency)
    return (
        Spent(spent.day if same_day else nothing, spent.month if same_month else nothing),
        Spent((running if same_day else nothing) + on_day, (running if same_month else nothing) + in_month),
    )


def under(agreed: Agreed, found: Allowance) -> Agreed:
    """What was agreed, with where the account's limits stand."""
    seconds = None if found.stop_after is None else int(found.stop_after.total_seconds())
    wished = replace(agreed, confirm=found.confirm, stop_after=seconds)
    turns = replace(wished, turn=found.now.turn, member_turn=found.own_turn)
    return replace(turns, over=found.over, warns=found.warns, bound=found.bound)


def told_by_time(tariff: Tariff) -> bool:
    """Whether what a session comes to is known ahead, as far as it goes on. What is ordered, nobody measures."""
    return all(meter.unit in SECONDS_IN for meter in tariff.meters if meter.name not in tariff.ordered_meters)


def running_costs(
    account_id: str, *, allowing: Allowing, but: str = "", member: str | None = None, product: str | None = None
) -> list[Money]:
    """What each open session, or part of one, may come to: its bound, or its cost in a day from now.

    And what each reservation costs that nobody takes up. All of the account's, or one member's, or of one product.
    """
    opened = [each for each in allowing.sessions.open_of(account_id) if _counts(each, member, product)]
    held = reserved_costs(account_id, allowing=allowing, but=but, member=member, product=product)
    return [_may_come_to(each, allowing) for each in opened] + held


def _counts(session: AccessSession, member: str | None, product: str | None) -> bool:
    return member in (None, session.customer_id) and product in (None, product_key(session))


def reserved_costs(
    account_id: str, *, allowing: Allowing, but: str = "", member: str | None = None, product: str | None = None
) -> list[Money]:
    """What each reservation costs that nobody takes up."""
    priced = [each for each in allowing.sessions.reserved_of(account_id) if each.priced]
    held = [each for each in priced if each.session_id != but and _counts(each, member, product)]
    return [
        cost_of_orders(each, tariff_for(each, catalogue=allowing.catalogue), each.reserved_until or allowing.now)
        for each in held
    ]


def _may_come_to(session: AccessSession, allowing: Allowing) -> Money:
    bound = limit_of(session)
    if bound is not None:
        return bound
    now, then = allowing.now, allowing.now + RUNS_ON
    session = replace(session, stop=None)  # a wish can be taken back
    seen = usage_between(session.session_id, session.started_at, now + AHEAD, allowing.zone, heads=allowing.heads())
    around = uses_around(session, allowing.zone, catalogue=allowing.catalogue, sessions=allowing.sessions)
    return cost_among(around, session, need_of(session, seen, then), then, catalogue=allowing.catalogue).amount


def commit_start(
    writes: Sequence[Write], session: AccessSession, *, allowing: Allowing, commit: Commit
) -> AccessSession:
    """Commit what starts a session; a refusal says what in particular was in the way."""
    agreed = session.agreed or Agreed()
    try:
        return commit(writes, session)
    except AssetInUse as refusal:
        raise in_use(session.asset_key, session.account_id, sessions=allowing.sessions, **refusal.facts) from refusal
    except LimitsMoved as refusal:
        raise _why_not_open(session, allowing) or refusal from refusal
    except (EligibilityMissing, ConsentMissing) as refusal:
        found = allowing.personal.asked(session.customer_id, session.partner_id, agreed, allowing.now)
        raise next((each.refusal() for each in found if each.state is not StateOfAsked.MET), refusal) from refusal


def in_use(asset_key: str, account_id: str, *, sessions: Sessions, **facts: object) -> AssetInUse:
    """That the asset is in use; by the account itself, if it is: then its session is named, and never another's."""
    own = (each for read in (sessions.open_of, sessions.reserved_of) for each in read(account_id))
    mine = next((each.session_id for each in own if each.asset_key == asset_key), None)
    return AssetInUse(**facts, your_session=mine)


def _why_not_open(session: AccessSession, allowing: Allowing) -> Refusal | None:
    now = allowing.limits.find(session.account_id)
    most = now.limits.most_open
    if most is not None and len(now.opened) >= most:
        return TooManyOpen(most_open=most, open=len(now.opened))
    most_reserved = MOST_RESERVED if most is None else min(most, MOST_RESERVED)
    if session.state is State.RESERVED and len(now.reserved) >= most_reserved:
        return TooManyReserved(most=most_reserved, reserved=len(now.reserved))
    return None
