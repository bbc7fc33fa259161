"""Scan and go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.access.agreed import Agreed
from chalicelib.access.allowing import Allowing, StateOfAsked, allowance, commit_start, in_use, under
from chalicelib.access.booking_errors import CalendarChanged
from chalicelib.access.errors import AssetInUse, BudgetPassed, ConfirmationMissing, QuoteStale
from chalicelib.access.member_fare import MemberFare
from chalicelib.access.model import OPEN, AccessSession, Entitled, NeedPolicy, Promise, State
from chalicelib.access.need import need_policy
from chalicelib.access.ports import Held, Sessions, Standing
from chalicelib.access.stops import Stop
from chalicelib.catalogue.errors import UnknownAsset
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.policy import Offline, UsePolicy
from chalicelib.catalogue.ports import Catalogue, Promised
from chalicelib.catalogue.service import on_offer
from chalicelib.customers.members import SignedIn
from chalicelib.customers.model import Customer, Right
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money
from chalicelib.kernel.reads import Fetch, Read
from chalicelib.kernel.time import SECONDS_IN, Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.rating import Tariff


@dataclass(frozen=True, slots=True)
class StartSession:
    """What a customer says to start: the code that was scanned and the quote that was accepted; and what it is of.

    `confirmed` answers who has wished to be asked first.
    """

    customer: Customer
    code: str
    promise: Promise
    of: Promised
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Beginning:
    """Whose session begins, under which ids, and what was agreed. Partners know it by `name`."""

    customer: Customer
    session_id: str
    quote_id: str
    name: str
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class Starting:
    """What a start needs from outside."""

    catalogue: Catalogue
    sessions: Sessions
    standing: Standing
    random_bytes: RandomBytes
    zone: str
    now: datetime
    commit: Commit
    allowing: Allowing
    held: Held | None = None


def accepted(promise: Promise, code: str, who: Read[SignedIn], *, catalogue: Catalogue, fetch: Fetch) -> StartSession:
    """Who signed in accepts a quote and scans a code: who they are and what was quoted are read together."""
    what = (promise.partner_id, promise.asset_id, promise.product_id, promise.tariff_version, promise.fare)
    quoted = catalogue.promised(*what)
    signed_in, of = fetch(who, quoted)
    return StartSession(signed_in.acting(Right.USE), code, promise, of)


def start_session(command: StartSession, *, starting: Starting) -> AccessSession:
    """Take the asset at the quoted price, if it is free and the account may. All conditions hold in one transaction.

    One quote is one session.
    """
    session, asset, _ = promised(command, starting=starting)
    session = stopped_as_wished(session)
    writes = [
        *starting.sessions.starting(session, asset.capacity),
        *(starting.sessions.stopping(session, starting.now) if session.stop else ()),
        starting.sessions.active_in(session.account_id, Month.of(starting.now, starting.zone)),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *allowed(session, starting=starting),
        *opened(session, starting=starting),
    ]
    try:
        _check_free(session, asset, starting)
        return begin(writes, session, starting=starting)
    except AssetInUse as refusal:
        return taken_up(session, OPEN, refusal, starting=starting)


def stopped_as_wished(session: AccessSession) -> AccessSession:
    """With the stop that its customer wishes for whatever they start, counted from its start."""
    seconds = session.agreed.stop_after if session.agreed else None
    if seconds is None or session.stop is not None:
        return session
    return replace(session, stop=Stop(session.started_at + timedelta(seconds=seconds)))


def _check_free(session: AccessSession, asset: Asset, starting: Starting) -> None:
    """Nobody's bank is asked to hold anything for what somebody else has; the start's own condition decides."""
    holds = session.agreed is not None and session.agreed.hold is not None
    if holds and not starting.sessions.is_free(session.asset_key, asset.capacity):
        raise in_use(session.asset_key, session.account_id, sessions=starting.sessions, asset_id=session.asset_id)


def begin(writes: Sequence[Write], session: AccessSession, *, starting: Starting) -> AccessSession:
    """Commit a start. What its product holds is held before, and bound to it; of a start that is refused, let go.

    Whoever lacks something that is asked is refused before their bank is asked for anything.
    """
    agreed, held = session.agreed, starting.held
    if agreed is None or agreed.hold is None or held is None:
        return commit_start(writes, session, allowing=starting.allowing, commit=starting.commit)
    who = (session.customer_id, session.partner_id, agreed, starting.now)
    unmet = (each for each in starting.allowing.personal.asked(*who) if each.state is not StateOfAsked.MET)
    if (first := next(unmet, None)) is not None:
        raise first.refusal()
    binding = held.taking(session)
    try:
        return commit_start([*writes, *binding], session, allowing=starting.allowing, commit=starting.commit)
    except CalendarChanged:
        raise  # it is done again
    except Refusal:
        held.letting_go(session)
        raise


def taken_up(
    session: AccessSession, states: Collection[State], refusal: AssetInUse, *, starting: Starting
) -> AccessSession:
    """What its quote has become already, if it is in one of these states; a quote of what is over starts nothing."""
    there = starting.sessions.find(session.session_id)
    if there is not None and there.state in states:
        return there
    if there is not None and there.state not in {*OPEN, State.RESERVED}:
        raise QuoteStale(quote_id=session.quote_id) from refusal
    raise refusal


def allowed(session: AccessSession, *, starting: Starting) -> Sequence[Write]:
    """That the account is in order, its hard budgets have room, and its customer has shown and agreed to all asked."""
    agreed = session.agreed or Agreed()
    if agreed.over is not None:
        raise BudgetPassed(period=agreed.over, estimate=agreed.estimate, left=agreed.bound)
    who = (session.customer_id, session.partner_id, agreed, starting.now)
    standing = [*starting.standing.conditions(session.account_id), *starting.allowing.personal.conditions(*who)]
    return [*standing, *_as_member(session, agreed, starting)]


def _as_member(session: AccessSession, agreed: Agreed, starting: Starting) -> Sequence[Write]:
    """That the subscription by whose fare it was quoted is as it was then; nothing more is read for that."""
    if agreed.member_fare is None:
        return ()
    member_fare, member_fares = MemberFare.of(agreed.member_fare), starting.allowing.member_fares
    takes = member_fares.reserving if session.state is State.RESERVED else member_fares.starting
    return takes(session.account_id, member_fare)


def opened(session: AccessSession, *, starting: Starting) -> Sequence[Write]:
    """That the account's limits have room, and the session counted; a soft budget that it passes is told."""
    agreed, now = session.agreed or Agreed(), starting.now
    told = [starting.sessions.telling(session, f"budget_passed_{each}", now) for each in agreed.warns]
    return [*starting.allowing.limits.starting(session, agreed.turn, now), *told]


def agreed_now(session: AccessSession, tariff: Tariff, starting: Starting, least: Money | None = None) -> Agreed:
    """What was promised, with where the account's limits stand by now, for that much at least."""
    agreed, nothing = session.agreed or Agreed(), Money.zero(tariff.currency)
    costs = [max(each or nothing, least or nothing, key=_minor) for each in (agreed.estimate, agreed.worst_case)]
    member = session.customer_id if agreed.member_of is not None else None
    found = allowance(
        session.account_id, tariff, *costs, allowing=starting.allowing, but=session.session_id, member=member
    )
    return under(agreed, found)


def _minor(amount: Money) -> int:
    return amount.minor


def promised(command: StartSession, *, starting: Starting) -> tuple[AccessSession, Asset, Product]:
    """The session of an accepted quote, beginning now, with what it is about; nothing is stored yet."""
    promise, customer = command.promise, command.customer
    promise.check_taken_up(customer.account_id, command.code, starting.now, customer.customer_id)
    if promise.agreed.confirm and not command.confirmed:
        raise ConfirmationMissing(pointer="/confirm", product=f"{promise.partner_id}:{promise.product_id}")
    asset, product, tariff = command.of
    if asset is None or tariff is None or product is None:
        raise UnknownAsset(asset_id=promise.asset_id)
    ids = (promise.own_session, promise.quote_id, new_id("ent", starting.random_bytes))
    session = begun(Beginning(customer, *ids, promise.agreed), asset, product, tariff, starting.now)
    return replace(session, booked_from=promise.booked_from, fare=promise.fare), asset, product


def begun(what: Beginning, asset: Asset, product: Product, tariff: Tariff, now: datetime) -> AccessSession:
    """A session of the product's on the asset from now on: all its life it goes by policy and tariff of its quote."""
    policy = what.agreed.policy
    return AccessSession(
        session_id=what.session_id,
        account_id=what.customer.account_id,
        customer_id=what.customer.customer_id,
        partner_id=product.partner_id,
        product_id=product.product_id,
        asset_id=asset.asset_id,
        tariff_version=tariff.version,
        quote_id=what.quote_id,
        started_at=now,
        meters=counted_meters(tariff),
        most_per_hour=_bounds(tariff),
        policy=need_policy(product.policy) if policy is None else NeedPolicy.of(policy),
        entitled=_entitled(asset, product.policy, what.name),
        agreed=replace(what.agreed, policy=None, member_of=what.customer.member_of),
    )


def counted_meters(tariff: Tariff) -> Mapping[str, str]:
    """What is reported of a session: what is ordered we count ourselves."""
    return {meter.name: meter.unit for meter in tariff.meters if meter.name not in tariff.ordered_meters}


def _bounds(tariff: Tariff) -> Mapping[str, Decimal]:
    """The most that an hour can bring on those that count no time."""
    counted = counted_meters(tariff)
    return {
        meter.name: meter.most_per_hour
        for meter in tariff.meters
        if meter.most_per_hour is not None and meter.name in counted and meter.unit not in SECONDS_IN
    }


def _entitled(asset: Asset, policy: UsePolicy, name: str) -> Entitled:
    """Under a name that says nothing, even to who knows the customer's name in another session."""
    return Entitled(
        name=name,
        device_id=asset.device_id,
        seats=asset.capacity,
        streams=policy.streams,
        offline=policy.offline is Offline.ALLOW,
    )
