"""Where a booking without a code may be: read from what was asked."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.access.booking import Area
from chalicelib.access.booking_errors import StretchEmpty
from chalicelib.access.booking_making import AskBookingQuote
from chalicelib.access.geohash import Position
from chalicelib.catalogue.errors import UnknownPlace
from chalicelib.catalogue.ports import Catalogue
from chalicelib.edge.booking_shapes import BookingQuoteBody, CalendarQuery, check_one_way, read_stretch
from chalicelib.edge.offers import read_position
from chalicelib.kernel.time import Interval

if TYPE_CHECKING:  # needed to check types only
    from chalicelib.edge.wiring import Wiring

_AT_THE_SPOT = 1


def area_of(asked: BookingQuoteBody | CalendarQuery, catalogue: Catalogue) -> Area:
    """So many metres around a position, or a place."""
    if asked.place is None:
        return Area(read_position(asked.near or ""), asked.radius, asked.category)
    partner_id, _, place_id = asked.place.partition("/")
    place = catalogue.place(partner_id, place_id)
    if place is None:
        raise UnknownPlace(place_id=asked.place[:64], pointer="/place")
    return Area(Position.of(place.latitude, place.longitude), _AT_THE_SPOT, asked.category, asked.place)


def asked_for(body: BookingQuoteBody, account_id: str, need: Mapping[str, Decimal], wired: "Wiring") -> AskBookingQuote:
    """What is to be quoted."""
    check_one_way(body)
    start, end = read_stretch(body.start, body.end)
    if end <= start:
        raise StretchEmpty(pointer="/until")
    by_area = body.near is not None or body.place is not None
    return AskBookingQuote(
        account_id=account_id,
        stretch=Interval(start, end),
        need=need,
        code=body.code,
        area=area_of(body, wired.catalogue) if by_area else None,
        product_id=body.product,
        booking_id=body.booking,
    )
