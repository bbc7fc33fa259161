"""The price of a stretch to come, promised before it is booked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, cast

from chalicelib.access.agreed import Agreed
from chalicelib.access.booking import Area, Booking, BookingRules
from chalicelib.access.booking_errors import NotBookable
from chalicelib.access.errors import QuoteForAnother, QuoteForged, QuoteStale
from chalicelib.access.ordering import with_one
from chalicelib.access.ports import Sealer, Sessions
from chalicelib.access.quoting import agreed_on
from chalicelib.access.uses import cap_context
from chalicelib.catalogue.booking_policy import BookingPolicy
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import SECONDS_IN, Interval, format_instant, parse_instant
from chalicelib.rating import Quoted, Tariff, Use, quote, rate
from chalicelib.rating.ordered import CANCELLATION, CHANGE, NO_SHOW, Orders
from chalicelib.rating.quote import HOURS

VALID = timedelta(minutes=10)
_MICROSECOND = timedelta(microseconds=1)
_SECOND, _HOUR = timedelta(seconds=1), timedelta(hours=1)
_IN_USE = "in_use"
_FEES = (CANCELLATION, CHANGE, NO_SHOW)


@dataclass(frozen=True, slots=True)
class BookingPromise:
    """What was promised for a stretch: of one asset, or of any asset of a product in an area.

    For a booking that is to be changed it names that, in the revision that was looked at.
    """

    quote_id: str
    account_id: str
    partner_id: str
    product_id: str
    asset_id: str | None
    area: Area | None
    stretch: Interval
    rules: BookingRules
    tariff_version: int
    estimate: Money
    worst_case: Money
    valid_until: datetime
    agreed: Agreed
    booking_id: str | None = None
    revision: int = 0

    def check_taken_up(self, account_id: str, now: datetime) -> None:
        """By the account it was given to, in time."""
        if self.account_id != account_id:
            raise QuoteForAnother(quote_id=self.quote_id)
        if now >= self.valid_until:
            raise QuoteStale(quote_id=self.quote_id)


@dataclass(frozen=True, slots=True)
class GivenBookingQuote:
    """The promise, its token, what it was made from, and what late cancellation, change and not coming would cost."""

    promise: BookingPromise
    token: str
    quoted: Quoted
    product: Product
    tariff: Tariff
    fees: Mapping[str, Money]
    free_until: datetime


@dataclass(frozen=True, slots=True)
class Priced:
    """What is quoted: whose, of which product and tariff, for which stretch and need, and what it is to change."""

    account_id: str
    product: Product
    tariff: Tariff
    stretch: Interval
    need: Mapping[str, Decimal]
    change: Booking | None = None


def policy_of(product: Product) -> BookingPolicy:
    """How the product is booked."""
    if product.policy.booking is None:
        raise NotBookable(product_id=product.product_id)
    return product.policy.booking


def quoted_for(asked: Priced, now: datetime, *, catalogue: Catalogue, sessions: Sessions) -> Quoted:
    """What the stretch costs, and the most that can come of booking it."""
    tariff, stretch, policy = asked.tariff, asked.stretch, policy_of(asked.product)
    ordered = changing(asked.change, tariff, now + VALID) if asked.change else {}
    instead = tuple(with_one(ordered, name, tariff) for name in (CANCELLATION, NO_SHOW))
    earlier = cap_context(asked.account_id, stretch.start, tariff, tariff.zone, catalogue=catalogue, sessions=sessions)
    return quote(
        tariff,
        stretch.start - policy.buffer,
        asked.need or needed(tariff, stretch),
        earlier,
        start_by=min(stretch.start + policy.no_show, stretch.end),
        orders=Orders(due=ordered, instead=instead),
        hours=max(HOURS, -(-stretch.length // _HOUR)),
    )


def changing(booking: Booking, tariff: Tariff, at: datetime) -> Mapping[str, Decimal]:
    """What is ordered of a booking once it is changed then."""
    ordered = {name: amount for name, amount in booking.ordered.items() if name in tariff.ordered_meters}
    return with_one(ordered, CHANGE, tariff) if booking.is_late(at) else ordered


def needed(tariff: Tariff, stretch: Interval) -> Mapping[str, Decimal]:
    """Where nothing is said: in use for the whole stretch."""
    seconds = Decimal(stretch.length // _SECOND)
    timed = {
        each.name: SECONDS_IN[each.unit]
        for each in tariff.meters
        if each.unit in SECONDS_IN and each.name not in tariff.ordered_meters
    }
    return {
        _IN_USE: seconds,
        **{name: (seconds / length).to_integral_value(ROUND_CEILING) for name, length in timed.items()},
    }


def fees_of(tariff: Tariff, at: datetime) -> Mapping[str, Money]:
    """What each of a late cancellation, a late change and not coming costs by itself."""
    found = {}
    for name in _FEES:
        use = Use(name, tariff, at, at, open=False, quantities={name: Decimal(1)}, kind="order")
        found[name] = Money(sum(line.amount.minor for line in rate([use])), tariff.currency)
    return found


def promise_of(
    asked: Priced,
    where: tuple[str | None, Area | None],
    now: datetime,
    *,
    catalogue: Catalogue,
    sessions: Sessions,
    sealer: Sealer,
    random_bytes: RandomBytes,
) -> GivenBookingQuote:
    """The signed promise."""
    policy, product = policy_of(asked.product), asked.product
    quoted = quoted_for(asked, now, catalogue=catalogue, sessions=sessions)
    promise = BookingPromise(
        quote_id=new_id("quo", random_bytes),
        account_id=asked.account_id,
        partner_id=product.partner_id,
        product_id=product.product_id,
        asset_id=where[0],
        area=where[1],
        stretch=asked.stretch,
        rules=BookingRules(policy.buffer, policy.free_cancellation, policy.no_show),
        tariff_version=asked.tariff.version,
        estimate=quoted.estimate,
        worst_case=quoted.worst_case,
        valid_until=now + VALID,
        agreed=agreed_on(product, quoted, catalogue=catalogue),
        booking_id=asked.change.booking_id if asked.change else None,
        revision=asked.change.revision if asked.change else 0,
    )
    free_until = asked.stretch.start - policy.free_cancellation
    if asked.change is not None and asked.change.is_late(now):
        free_until = asked.change.free_until
    fees = fees_of(asked.tariff, asked.stretch.start)
    return GivenBookingQuote(promise, sealer.seal(_sealed(promise)), quoted, product, asked.tariff, fees, free_until)


def read_booking_quote(token: str, *, sealer: Sealer) -> BookingPromise:
    """The promise of a token, or `QuoteForged`: a quote for a start is none for a booking."""
    said = sealer.unseal(token)
    try:
        booked = said["booked"]
        if not isinstance(booked, dict):
            raise QuoteForged
        return _promise(booked)
    except (KeyError, TypeError, ValueError) as error:
        raise QuoteForged from error


def _sealed(promise: BookingPromise) -> dict[str, object]:
    area, rules = promise.area, promise.rules
    booked = {
        "quote_id": promise.quote_id,
        "account_id": promise.account_id,
        "partner_id": promise.partner_id,
        "product_id": promise.product_id,
        "asset_id": promise.asset_id,
        "area": area and area.row(),
        "from": format_instant(promise.stretch.start),
        "until": format_instant(promise.stretch.end),
        "rules": [each // _MICROSECOND for each in (rules.buffer, rules.free_cancellation, rules.no_show)],
        "tariff_version": promise.tariff_version,
        "estimate": promise.estimate.minor,
        "worst_case": promise.worst_case.minor,
        "currency": promise.estimate.currency,
        "valid_until": format_instant(promise.valid_until),
        "agreed": promise.agreed.document(),
        "booking_id": promise.booking_id,
        "revision": promise.revision,
    }
    return {"booked": booked}


def _promise(said: Mapping[str, object]) -> BookingPromise:
    area, rules = said["area"], said["rules"]
    if not isinstance(rules, list):
        raise QuoteForged
    currency = str(said["currency"])
    return BookingPromise(
        quote_id=str(said["quote_id"]),
        account_id=str(said["account_id"]),
        partner_id=str(said["partner_id"]),
        product_id=str(said["product_id"]),
        asset_id=None if said["asset_id"] is None else str(said["asset_id"]),
        area=Area.of(area) if isinstance(area, list) else None,
        stretch=Interval(parse_instant(str(said["from"])), parse_instant(str(said["until"]))),
        rules=BookingRules(*(each * _MICROSECOND for each in rules)),
        tariff_version=int(str(said["tariff_version"])),
        estimate=Money(int(str(said["estimate"])), currency),
        worst_case=Money(int(str(said["worst_case"])), currency),
        valid_until=parse_instant(str(said["valid_until"])),
        agreed=Agreed.of(cast("Mapping[str, Any]", said["agreed"])),
        booking_id=None if said["booking_id"] is None else str(said["booking_id"]),
        revision=int(str(said["revision"])),
    )
