"""What the doors read and show of bookings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import Amount, Line, show_amount, show_instant, show_line
from chalicelib.edge.call import pointing_at
from chalicelib.edge.mobile import Text, Token
from chalicelib.edge.quote_shapes import (
    AskedShown,
    CapShown,
    DataCardItem,
    TermsShown,
    show_asked,
    show_caps,
    show_terms,
)
from chalicelib.edge.refusals import BodyInvalid, QueryInvalid
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, parse_instant

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.allowing import Asked
    from chalicelib.access.booking import Booking
    from chalicelib.access.booking_quote import GivenBookingQuote
    from chalicelib.access.booking_times import FreeTimes
    from chalicelib.edge.words import Words

_LONGEST_VIEW = timedelta(days=31)
Near = Annotated[str, msgspec.Meta(max_length=60)]
Radius = Annotated[int, msgspec.Meta(ge=1, le=20_000)]
Named = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class BookingQuoteBody(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "until"}):
    """What does a stretch cost? Of the asset with the `code`; or of what is free near a position or at a place.

    `place` is as offers show it, its partner and id with a slash between. `booking` is one of mine that I want to
    change: it stays the asset or the area of that. Without a `need` it is in use for the whole stretch.
    """

    start: str
    end: str
    code: Text | None = None
    category: Text | None = None
    product: Text | None = None
    near: Near | None = None
    radius: Radius = 1_000
    place: Named | None = None
    booking: Text | None = None
    need: dict[str, str] = {}


class CalendarQuery(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "until"}):
    """Of the asset with the code, or of what stands near a position or at a place; from when until when."""

    start: str
    end: str
    code: Text | None = None
    category: Text | None = None
    near: Near | None = None
    radius: Radius = 1_000
    place: Named | None = None


class BookBody(msgspec.Struct, forbid_unknown_fields=True):
    """The quote that was accepted."""

    quote: Token


class BookingCodeBody(msgspec.Struct, forbid_unknown_fields=True):
    """The code that was scanned: of what is booked, or of another free one of the same product."""

    code: Text


class Fees(msgspec.Struct):
    """What each costs by itself after `free_until`, and who does not come at all."""

    cancellation: Amount
    change: Amount
    no_show: Amount


class BookingQuote(msgspec.Struct, rename={"start": "from", "end": "until"}):
    """A promise for a stretch: tax included, never more than `worst_case` for so many hours of it, whatever happens.

    `hold` is what is held while the thing is out, `terms` what the hand-out accepts, `asks` what it asks by then.
    """

    quote: str
    quote_id: str
    product: str
    asset: str | None
    start: str
    end: str
    estimate: Amount
    worst_case: Amount
    worst_case_hours: int
    tariff_version: int
    valid_until: str
    free_until: str
    fees: Fees
    lines: list[Line]
    data_card: list[DataCardItem]
    caps: list[CapShown]
    hold: Amount | None
    terms: TermsShown | None
    asks: list[AskedShown]


class BookingShown(msgspec.Struct, rename={"start": "from", "end": "until"}):
    """A booking. Handed out from `hand_out_from`, lost at `lost_at`; free to cancel or change until `free_until`.

    `session_id` is the session that it became, or whose receipt says what its cancellation or my not coming cost.
    """

    booking_id: str
    state: str
    product_id: str
    partner: str
    asset: str
    start: str
    end: str
    hand_out_from: str
    lost_at: str
    free_until: str
    changes: int
    tariff_version: int
    session_id: str | None
    known_as: str


class StretchShown(msgspec.Struct, rename={"start": "from", "end": "until"}):
    """A stretch of time."""

    start: str
    end: str


class FreeShown(msgspec.Struct, rename={"start": "from", "end": "until"}):
    """A stretch in which it is free, and at how many places (null: any number)."""

    start: str
    end: str
    places: int | None


class AssetTimes(msgspec.Struct):
    """When an asset is free. Times of day are those of `zone`; `open` is null where its place is always open."""

    code: str
    asset: str
    partner: str
    product_id: str
    place: str | None
    metres: int
    zone: str
    bookable: bool
    free: list[FreeShown]
    open: list[StretchShown] | None


class CalendarShown(msgspec.Struct):
    """The nearest first."""

    assets: list[AssetTimes]


def read_stretch(start: str, end: str) -> tuple[datetime, datetime]:
    """Two instants."""
    with pointing_at("from"):
        begins = parse_instant(start)
    with pointing_at("until"):
        ends = parse_instant(end)
    return begins, ends


def read_within(query: CalendarQuery, now: datetime) -> Interval:
    """The time that is looked at: from now on, a month at most."""
    start, end = read_stretch(query.start, query.end)
    start = max(start, now)
    if end <= start:
        raise QueryInvalid(pointer="/until", reason="after its beginning, and to come")
    if end - start > _LONGEST_VIEW:
        raise QueryInvalid(pointer="/until", reason=f"at most {_LONGEST_VIEW.days} days")
    return Interval(start, end)


def check_one_way(body: BookingQuoteBody | CalendarQuery) -> None:
    """A code, a position or a place, or a booking that is to change: one of them."""
    ways = [body.code, body.near, body.place, getattr(body, "booking", None)]
    if sum(each is not None for each in ways) != 1:
        refusal = BodyInvalid if isinstance(body, BookingQuoteBody) else QueryInvalid
        raise refusal(pointer="/code", reason="one of a code, near and place, or a booking that is to change")


def show_booking_quote(
    given: GivenBookingQuote, asked: Sequence[Asked], words: Words | None, language: str
) -> BookingQuote:
    """A quote with its token."""
    promise, agreed = given.promise, given.promise.agreed
    return BookingQuote(
        quote=given.token,
        quote_id=promise.quote_id,
        product=given.product.name,
        asset=promise.asset_id,
        start=show_instant(promise.stretch.start),
        end=show_instant(promise.stretch.end),
        estimate=show_amount(promise.estimate),
        worst_case=show_amount(promise.worst_case),
        worst_case_hours=given.quoted.hours,
        tariff_version=promise.tariff_version,
        valid_until=show_instant(promise.valid_until),
        free_until=show_instant(given.free_until),
        fees=_show_fees(given.fees),
        lines=[show_line(line, words) for line in given.quoted.lines],
        data_card=[DataCardItem(item.what, item.why, item.kept_days) for item in given.product.data_card],
        caps=show_caps(given.tariff),
        hold=show_amount(agreed.hold) if agreed.hold else None,
        terms=show_terms(given.product.terms, language),
        asks=[show_asked(each) for each in asked],
    )


def _show_fees(fees: Mapping[str, Money]) -> Fees:
    return Fees(**{name: show_amount(amount) for name, amount in fees.items()})


def show_booking(booking: Booking) -> BookingShown:
    """A booking of the customer's."""
    return BookingShown(
        booking_id=booking.booking_id,
        state=str(booking.state),
        product_id=booking.product_id,
        partner=booking.partner_id,
        asset=booking.asset_id,
        start=show_instant(booking.start),
        end=show_instant(booking.end),
        hand_out_from=show_instant(booking.kept_from),
        lost_at=show_instant(booking.lost_at),
        free_until=show_instant(booking.free_until),
        changes=booking.changes,
        tariff_version=booking.tariff_version,
        session_id=booking.session_id,
        known_as=booking.name,
    )


def show_listed(found: tuple[str, Booking]) -> BookingShown:
    """The same in a list."""
    return show_booking(found[1])


def show_times(found: list[FreeTimes]) -> CalendarShown:
    """When what was asked for is free."""
    return CalendarShown([_show_asset(each) for each in found])


def _show_asset(each: FreeTimes) -> AssetTimes:
    asset, place = each.candidate.asset, each.candidate.place
    spans = None if each.open is None else [StretchShown(*map(show_instant, (on.start, on.end))) for on in each.open]
    return AssetTimes(
        code=asset.code,
        asset=asset.asset_id,
        partner=asset.partner_id,
        product_id=asset.product_id,
        place=f"{place.partner_id}/{place.place_id}" if place else None,
        metres=each.candidate.metres,
        zone=each.zone,
        bookable=each.bookable,
        free=[
            FreeShown(show_instant(free.stretch.start), show_instant(free.stretch.end), free.places)
            for free in each.free
        ],
        open=spans,
    )
