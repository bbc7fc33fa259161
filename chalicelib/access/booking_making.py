"""Ask the price of a stretch to come, book it, and change it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from chalicelib.access.allowing import Allowing
from chalicelib.access.booking import MOST_BOOKED, Area, Booking, check_stretch
from chalicelib.access.booking_calendar import Entry
from chalicelib.access.booking_errors import (
    BookingChanged,
    CalendarChanged,
    NothingFree,
    StretchPast,
    TooManyBookings,
    UnknownBooking,
)
from chalicelib.access.booking_fees import within_budgets
from chalicelib.access.booking_finding import (
    Candidate,
    Chosen,
    assets_in,
    check_offered,
    chosen,
    the_asset,
    with_booking,
)
from chalicelib.access.booking_ports import Bookings
from chalicelib.access.booking_quote import (
    BookingPromise,
    GivenBookingQuote,
    Priced,
    changing,
    policy_of,
    promise_of,
    read_booking_quote,
)
from chalicelib.access.map_ports import Map
from chalicelib.access.offering import MOST_PRODUCTS
from chalicelib.access.ports import Held, Sealer, Sessions, Standing
from chalicelib.access.starting import Starting
from chalicelib.catalogue.errors import NoTariff, UnknownAsset, UnknownCode, UnknownProduct
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import tariff_in_force
from chalicelib.customers.model import Customer
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.time import Interval
from chalicelib.kernel.writes import Commit, Write
from chalicelib.rating import Tariff

TRIES = 8
_MOST_TRIED, _LOOKED_AT = 10, 200


@dataclass(frozen=True, slots=True)
class Keeper:
    """What keeps bookings that were made."""

    catalogue: Catalogue
    bookings: Bookings
    sessions: Sessions
    zone: str
    now: datetime
    commit: Commit
    pause: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Booker(Keeper):
    """What makes them, and hands out what is booked."""

    on_map: Map
    standing: Standing
    sealer: Sealer
    random_bytes: RandomBytes
    allowing: Allowing
    held: Held | None = None

    @property
    def starting(self) -> Starting:
        """What starts a session."""
        parts = (self.catalogue, self.sessions, self.standing, self.random_bytes)
        return Starting(*parts, self.zone, self.now, self.commit, self.allowing, self.held)


@dataclass(frozen=True, slots=True)
class AskBookingQuote:
    """What a customer says to learn the price of a stretch: of the asset with the code, of what stands in an area.

    `product_id` narrows an area down to a product; `booking_id` is the customer's own booking that is to change.
    """

    account_id: str
    stretch: Interval
    need: Mapping[str, Decimal]
    code: str | None = None
    area: Area | None = None
    product_id: str | None = None
    booking_id: str | None = None


def ask_booking_quote(asked: AskBookingQuote, *, booker: Booker) -> GivenBookingQuote:
    """The price of a stretch in which something of what is asked for is free, promised for ten minutes."""
    before = booking_of(asked.booking_id, asked.account_id, booker=booker) if asked.booking_id else None
    if before is not None:
        before.check_changeable(booker.now)
    area = before.area if before else asked.area
    found, product = _wanted(asked, before, booker)
    check_stretch_of(product, asked.stretch, booker.now)
    tariff = tariff_in_force(product, asked.stretch.start, catalogue=booker.catalogue)
    entry = Entry.of(before.booking_id if before else "", asked.stretch, policy_of(product).buffer)
    _choose(found, area, entry, booker, before.asset_key if before else None)
    return promise_of(
        Priced(asked.account_id, product, tariff, asked.stretch, asked.need, before),
        (None if area else found[0].asset.asset_id, area),
        booker.now,
        catalogue=booker.catalogue,
        sessions=booker.sessions,
        sealer=booker.sealer,
        random_bytes=booker.random_bytes,
    )


def check_stretch_of(product: Product, stretch: Interval, now: datetime) -> None:
    """The product may be booked for it."""
    policy = policy_of(product)
    check_stretch(stretch, now, longest=policy.longest, ahead=policy.ahead)


def _wanted(asked: AskBookingQuote, before: Booking | None, booker: Booker) -> tuple[list[Candidate], Product]:
    """What may be booked, all of one product: that of the nearest that is free, or of the booking that is to change."""
    if before is not None:
        product = _product(before.partner_id, before.product_id, booker)
        return _of_product(before, booker), product
    if asked.area is None:
        asset = booker.catalogue.asset_by_code(asked.code or "")
        if asset is None or asset.retired:
            raise UnknownCode(code=(asked.code or "")[:40])
        return [the_asset(asset, catalogue=booker.catalogue)], _product(asset.partner_id, asset.product_id, booker)
    return _nearest_free(asked, asked.area, booker)


def _nearest_free(asked: AskBookingQuote, area: Area, booker: Booker) -> tuple[list[Candidate], Product]:
    found = assets_in(area, on_map=booker.on_map)
    if asked.product_id is not None:
        found = [each for each in found if each.asset.product_id == asked.product_id]
    keys = list(dict.fromkeys(each.asset.product_key for each in found))
    known = booker.catalogue.products_by(keys[:MOST_PRODUCTS])
    for product in [each for key in keys if (each := known.get(key)) and _fits(each, area)][:_MOST_TRIED]:
        own = [each for each in found if each.asset.product_key == (product.partner_id, product.product_id)]
        entry = Entry.of("", asked.stretch, policy_of(product).buffer)
        try:
            chosen(own, entry, booker.now, bookings=booker.bookings)
        except NothingFree:
            continue
        return own, product
    raise NothingFree


def _fits(product: Product, area: Area) -> bool:
    bookable = product.policy.booking is not None and product.tariff_version > 0
    return bookable and area.category in (None, product.category)


def _of_product(booking: Booking, booker: Booker) -> list[Candidate]:
    """Its own asset, and where none was named all of its product in the area that was."""
    asset = booker.catalogue.asset(booking.partner_id, booking.asset_id)
    own = [] if asset is None or asset.retired else [the_asset(asset, catalogue=booker.catalogue)]
    if booking.area is None:
        return own
    key = (booking.partner_id, booking.product_id)
    near = assets_in(booking.area, on_map=booker.on_map)
    others = [each for each in near if each.asset.product_key == key and each.asset.asset_id != booking.asset_id]
    return own + others


def _choose(
    found: Sequence[Candidate], area: Area | None, entry: Entry, booker: Booker, first: str | None = None
) -> Chosen:
    """Of an asset that was named it is said why it cannot be had."""
    if area is not None:
        return chosen(found, entry, booker.now, bookings=booker.bookings, first=first)
    if not found:
        raise NothingFree
    candidate = found[0]
    check_offered(candidate, Interval(entry.start, entry.end))
    seen = booker.bookings.seen([candidate.asset.key], booker.now)[candidate.asset.key]
    with_booking(seen, entry, candidate.asset.capacity, booker.now)
    return Chosen(candidate, seen)


def _product(partner_id: str, product_id: str, booker: Booker) -> Product:
    product = booker.catalogue.product(partner_id, product_id)
    if product is None:
        raise UnknownProduct(product_id=product_id)
    return product


def book(token: str, customer: Customer, *, booker: Booker) -> Booking:
    """Book the quoted stretch, if something that was promised is free in all of it. One quote is one booking."""
    promise = read_booking_quote(token, sealer=booker.sealer)
    promise.check_taken_up(customer.account_id, booker.now)
    if promise.booking_id is not None:
        raise BookingChanged(booking_id=promise.booking_id)
    booking_id = f"boo_{promise.quote_id.partition('_')[2]}"
    there = booker.bookings.find(booking_id)
    if there is not None:
        return there
    _check_few(customer.account_id, booker)
    name = new_id("ent", booker.random_bytes)
    for attempt in range(TRIES):
        found, area = _promised(promise, booker), promise.area
        entry = Entry.of(booking_id, promise.stretch, promise.rules.buffer)
        best = _choose(found, area, entry, booker)
        booking = _booking(promise, customer, best.candidate.asset.asset_id, (booking_id, name), booker.now)
        calendar = with_booking(best.seen, entry, best.candidate.asset.capacity, booker.now)
        writes = [
            *booker.bookings.booking(booking),
            *booker.bookings.keeping_more(calendar, entry, best.candidate.asset.capacity, booker.now),
            *booker.bookings.watching(booking, booker.now),
            booker.bookings.telling(booking, "booked", booker.now),
            *booker.standing.conditions(booking.account_id),
            *within_budgets(booking, tariff_of(booking, booker), allowing=booker.allowing),
        ]
        try:
            return booker.commit(writes, booking)
        except CalendarChanged:
            booker.pause(attempt)
    raise CalendarChanged


def _check_few(account_id: str, booker: Booker) -> None:
    """What one account books is kept from all others. The latest beginning come first, so those to come are there."""
    newest = booker.bookings.of_account(account_id, limit=_LOOKED_AT, after=None)
    if sum(not each.is_over for _, each in newest) >= MOST_BOOKED:
        raise TooManyBookings(most=MOST_BOOKED)


def _booking(
    promise: BookingPromise, customer: Customer, asset_id: str, names: tuple[str, str], now: datetime
) -> Booking:
    booking_id, name = names
    return Booking(
        booking_id=booking_id,
        account_id=promise.account_id,
        customer_id=customer.customer_id,
        partner_id=promise.partner_id,
        product_id=promise.product_id,
        asset_id=asset_id,
        tariff_version=promise.tariff_version,
        quote_id=promise.quote_id,
        start=promise.stretch.start,
        end=promise.stretch.end,
        made_at=now,
        rules=promise.rules,
        free_until=promise.stretch.start - promise.rules.free_cancellation,
        name=name,
        area=promise.area,
        agreed=replace(promise.agreed, member_of=customer.member_of),
    )


def _promised(promise: BookingPromise, booker: Booker) -> list[Candidate]:
    if promise.stretch.start < booker.now:
        raise StretchPast(pointer="/quote")
    if promise.area is not None:
        near = assets_in(promise.area, on_map=booker.on_map)
        key = (promise.partner_id, promise.product_id)
        return [each for each in near if each.asset.product_key == key]
    asset = booker.catalogue.asset(promise.partner_id, promise.asset_id or "")
    if asset is None or asset.retired:
        raise UnknownAsset(asset_id=promise.asset_id)
    return [the_asset(asset, catalogue=booker.catalogue)]


def booking_of(booking_id: str, account_id: str, *, booker: Keeper) -> Booking:
    """The account's booking, or `UnknownBooking`, which another account's is too."""
    booking = booker.bookings.find(booking_id)
    if booking is None or booking.account_id != account_id:
        raise UnknownBooking(booking_id=booking_id[:64])
    return booking


def change_booking(booking_id: str, token: str, customer: Customer, *, booker: Booker) -> Booking:
    """Book another stretch instead, at a new price. The asset stays if it is free then."""
    promise = read_booking_quote(token, sealer=booker.sealer)
    promise.check_taken_up(customer.account_id, booker.now)
    for attempt in range(TRIES):
        before = booking_of(booking_id, customer.account_id, booker=booker)
        if before.quote_id == promise.quote_id:
            return before
        before.check_changeable(booker.now)
        if (promise.booking_id, promise.revision) != (booking_id, before.revision):
            raise BookingChanged(booking_id=booking_id)
        try:
            return _changed(before, promise, customer, booker)
        except CalendarChanged:
            booker.pause(attempt)
    raise CalendarChanged


def _changed(before: Booking, promise: BookingPromise, customer: Customer, booker: Booker) -> Booking:
    now, found = booker.now, _of_product(before, booker)
    if promise.stretch.start < now:
        raise StretchPast(pointer="/quote")
    entry = Entry.of(before.booking_id, promise.stretch, promise.rules.buffer)
    best = _choose(found, before.area, entry, booker, before.asset_key)
    asset = best.candidate.asset
    anew = _booking(promise, customer, asset.asset_id, (before.booking_id, before.name), now)
    ordered = changing(before, tariff_of(anew, booker), now)
    booking = replace(before.changed(anew, now), ordered=ordered)
    calendar = with_booking(best.seen, entry, asset.capacity, now)
    writes: list[Write] = [
        *booker.bookings.rebooking(booking, before),
        *booker.bookings.keeping_more(calendar, entry, asset.capacity, now),
        *leaving(before, booking, booker),
        *booker.bookings.watching(booking, now),
        booker.bookings.telling(booking, "booking_changed", now),
        *booker.standing.conditions(booking.account_id),
        *within_budgets(booking, tariff_of(booking, booker), allowing=booker.allowing),
    ]
    return booker.commit(writes, booking)


def leaving(before: Booking, after: Booking, booker: Keeper) -> Sequence[Write]:
    """The asset that it had is free, if it has another."""
    if before.asset_key == after.asset_key:
        return []
    return freeing(before, booker)


def freeing(booking: Booking, booker: Keeper) -> Sequence[Write]:
    """The calendar without the booking."""
    seen = booker.bookings.seen([booking.asset_key], booker.now)[booking.asset_key]
    asset = booker.catalogue.asset(booking.partner_id, booking.asset_id)
    capacity = asset.capacity if asset else 1
    return booker.bookings.keeping(seen.calendar.without(booking.booking_id).next(), capacity, booker.now)


def tariff_of(booking: Booking, booker: Keeper) -> Tariff:
    """The tariff version of the booking's quote."""
    tariff = booker.catalogue.tariff(booking.partner_id, booking.product_id, booking.tariff_version)
    if tariff is None:
        raise NoTariff(product_id=booking.product_id, version=booking.tariff_version)
    return tariff


def asset_of(booking: Booking, booker: Keeper) -> Asset | None:
    """The booked asset as it is now."""
    return booker.catalogue.asset(booking.partner_id, booking.asset_id)
