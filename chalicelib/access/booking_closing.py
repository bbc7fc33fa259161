"""What becomes of a booking: it is handed out, cancelled, or nobody comes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from chalicelib.access.booking import TOLD_BEFORE, Booking, BookingState
from chalicelib.access.booking_calendar import Entry
from chalicelib.access.booking_errors import BookingChanged, CalendarChanged
from chalicelib.access.booking_finding import with_booking
from chalicelib.access.booking_making import TRIES, Booker, Keeper, asset_of, booking_of, freeing, tariff_of
from chalicelib.access.booking_taken_out import was_out, will_be_out
from chalicelib.access.errors import UnknownSession, WrongCode
from chalicelib.access.model import AccessSession, AssetUse, State
from chalicelib.access.ordering import charging_orders, with_one
from chalicelib.access.starting import Beginning, agreed_now, allowed, begin, begun, counted_meters, opened
from chalicelib.catalogue.errors import UnknownProduct
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.service import on_offer
from chalicelib.customers.model import Customer
from chalicelib.kernel.time import Interval, Month
from chalicelib.kernel.writes import Write
from chalicelib.rating.ordered import CANCELLATION, NO_SHOW


def hand_out_booking(booking_id: str, code: str, customer: Customer, *, booker: Booker) -> AccessSession:
    """What is booked is at hand: its code was scanned, or that of another free one of its product."""
    for attempt in range(TRIES):
        booking = booking_of(booking_id, customer.account_id, booker=booker)
        asset = booker.catalogue.asset_by_code(code)
        if asset is None or (asset.partner_id, asset.product_id) != (booking.partner_id, booking.product_id):
            raise WrongCode(pointer="/code")
        if booking.state is BookingState.HANDED_OUT and booking.asset_id == asset.asset_id:
            return _session_of(booking, booker)
        try:
            return _handed_out(booking, asset, customer, booker)
        except CalendarChanged:
            booker.pause(attempt)
    raise CalendarChanged


def _session_of(booking: Booking, booker: Booker) -> AccessSession:
    session = booker.sessions.find(booking.own_session)
    if session is None:
        raise UnknownSession(session_id=booking.own_session)
    return session


def _handed_out(before: Booking, asset: Asset, customer: Customer, booker: Booker) -> AccessSession:
    now = booker.now
    booking = before.handed_out(asset.asset_id, now)
    session, starting = _session(booking, asset, customer, booker), booker.starting
    seen = booker.bookings.seen([booking.asset_key], now)[booking.asset_key]
    exchanged = booking.asset_id != before.asset_id
    writes: list[Write] = []
    if exchanged:
        rest = Interval(now, booking.end)
        entry = Entry.of(booking.booking_id, rest, booking.rules.buffer)
        with_booking(seen, entry, asset.capacity, now)
        writes += freeing(before, booker)
    kept = seen.calendar.without(booking.booking_id)
    calendar = replace(kept, entries=tuple(sorted((*kept.entries, booking.entry), key=lambda each: each.start)))
    writes += [
        *booker.bookings.opening(calendar.next(), session, asset.capacity, exchanged=exchanged),
        *booker.sessions.opening(session),
        *booker.bookings.rebooking(booking, before),
        booker.sessions.active_in(session.account_id, Month.of(now, booker.zone)),
        on_offer(asset, now, catalogue=booker.catalogue),
        *allowed(session, starting=starting),
        *opened(session, starting=starting),
    ]
    return begin(writes, session, starting=starting)


def _session(booking: Booking, asset: Asset, customer: Customer, booker: Booker) -> AccessSession:
    product = booker.catalogue.product(booking.partner_id, booking.product_id)
    if product is None:
        raise UnknownProduct(product_id=booking.product_id)
    tariff = tariff_of(booking, booker)
    beginning = Beginning(customer, booking.own_session, booking.quote_id, booking.name, booking.agreed)
    session = begun(beginning, asset, product, tariff, booker.now)
    agreed = agreed_now(session, tariff, booker.starting)
    return replace(session, ordered=booking.ordered, booking_id=booking.booking_id, agreed=agreed, earlier=booking.acts)


def cancel_booking(booking_id: str, account_id: str, *, booker: Keeper) -> Booking:
    """Give a booking up: free of charge in time, or where what is booked cannot be had; else for what that costs."""

    def cancelled(before: Booking) -> Booking:
        if booker.now >= before.kept_from and _is_missing(before, booker):
            return before.cancelled(booker.now, {})
        if not before.is_late(booker.now):
            return before.cancelled(booker.now, before.ordered)
        free = will_be_out(before, catalogue=booker.catalogue)
        return before.cancelled(booker.now, {} if free else _with(before, CANCELLATION, booker))

    for attempt in range(TRIES):
        before = booking_of(booking_id, account_id, booker=booker)
        before.check_not_lost(booker.now)
        after = cancelled(before)
        if after is before:
            return before
        try:
            return booker.commit(_closing(after, before, booker), after)
        except CalendarChanged:
            booker.pause(attempt)
    raise CalendarChanged


def lose_booking(booking_id: str, at: datetime, *, booker: Keeper) -> Booking | None:
    """Nobody came for it by that instant. If it could not have been had, that is nobody's fault, and costs nothing."""
    for attempt in range(TRIES):
        before = booker.bookings.find(booking_id)
        if before is None or before.lost_at != at:
            return before
        missing = not before.is_over and (_is_missing(before, booker) or _was_missing(before, booker))
        ordered = before.ordered if missing else _with(before, NO_SHOW, booker)
        after = before.cancelled(at, {}) if missing else before.lost(at, ordered)
        if after is before:
            return before
        code = "booking_unavailable" if missing else "booking_no_show"
        writes = [*_closing(after, before, booker), booker.bookings.telling(after, code, at)]
        try:
            return booker.commit(writes, after)
        except (CalendarChanged, BookingChanged):
            booker.pause(attempt)
    raise CalendarChanged


def warn_before_booking(booking_id: str, at: datetime, *, booker: Keeper) -> None:
    """Tell who has the asset that it is booked soon, if no place will be left for the booking."""
    booking = booker.bookings.find(booking_id)
    if booking is None or booking.is_over or booking.kept_from - TOLD_BEFORE != at:
        return
    asset = asset_of(booking, booker)
    if asset is None or booker.sessions.is_free(booking.asset_key, asset.capacity):
        return
    opened = booker.sessions.many(booker.sessions.open_on(booking.asset_key))
    told = [booker.bookings.warning(booking, each, at) for each in opened.values()]
    if told:
        booker.commit(told, None)


def _is_missing(booking: Booking, booker: Keeper) -> bool:
    """What is booked is out of service, or somebody else still has it."""
    asset = asset_of(booking, booker)
    if asset is None or asset.retired or asset.out_at(booker.now):
        return True
    return not booker.sessions.is_free(booking.asset_key, asset.capacity)


def _was_missing(booking: Booking, booker: Keeper) -> bool:
    """Who came in time could not have it: it was out, or somebody else had it at the start."""
    if was_out(booking, catalogue=booker.catalogue):
        return True
    asset = asset_of(booking, booker)
    uses = booker.sessions.uses_of(booking.asset_key, booking.start, booking.start)
    had = [each for each in uses if each.started_at <= booking.start and not _over_by(each, booking.start)]
    return asset is not None and asset.capacity is not None and len(had) >= asset.capacity


def _over_by(use: AssetUse, at: datetime) -> bool:
    return use.ended_at is not None and use.ended_at <= at


def _with(booking: Booking, name: str, booker: Keeper) -> Mapping[str, Decimal]:
    return with_one(booking.ordered, name, tariff_of(booking, booker))


def _closing(after: Booking, before: Booking, booker: Keeper) -> list[Write]:
    """The booking is over, its place free; what it costs is charged, as a session that was never handed out."""
    writes: list[Write] = [*booker.bookings.rebooking(after, before), *freeing(before, booker)]
    if not after.ordered or after.closed_at is None:
        return writes
    tariff = tariff_of(after, booker)
    session = AccessSession(
        session_id=after.own_session,
        account_id=after.account_id,
        customer_id=after.customer_id,
        partner_id=after.partner_id,
        product_id=after.product_id,
        asset_id=after.asset_id,
        tariff_version=after.tariff_version,
        quote_id=after.quote_id,
        started_at=after.closed_at,
        meters=counted_meters(tariff),
        state=State.EXPIRED if after.state is BookingState.NO_SHOW else State.CANCELLED,
        ended_at=after.closed_at,
        ordered=after.ordered,
        booking_id=after.booking_id,
    )
    charging = charging_orders(session, tariff, booker.now, booker.zone, sessions=booker.sessions)
    return [*writes, booker.sessions.noting(session), *charging]
