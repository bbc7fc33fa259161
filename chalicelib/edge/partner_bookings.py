"""The partner door's route of bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.partner import Text
from chalicelib.edge.routes import get
from chalicelib.edge.wiring import Wiring
from chalicelib.partners.model import ApiKey

if TYPE_CHECKING:  # a cold start pays for every import, and this is needed to check types only
    from chalicelib.access.booking import Booking


class PartnerBooking(msgspec.Struct, rename={"start": "from", "end": "until"}):
    """A booking of one of my assets. `customer` names the customer in this booking and its session alone."""

    booking_id: str
    state: str
    product_id: str
    asset_id: str
    start: str
    end: str
    kept_from: str
    made_at: str
    closed_at: str | None
    session_id: str | None
    customer: str


class PartnerBookingQuery(PageQuery):
    """How much of the list, and of which asset; of one asset a page looks at 1,000 bookings."""

    asset: Text | None = None


def show_partner_booking(found: tuple[str, Booking]) -> PartnerBooking:
    """A booking without its customer, but for the name in it."""
    _, booking = found
    return PartnerBooking(
        booking_id=booking.booking_id,
        state=str(booking.state),
        product_id=booking.product_id,
        asset_id=booking.asset_id,
        start=show_instant(booking.start),
        end=show_instant(booking.end),
        kept_from=show_instant(booking.kept_from),
        made_at=show_instant(booking.made_at),
        closed_at=show_instant(booking.closed_at) if booking.closed_at else None,
        session_id=booking.session_id,
        customer=booking.name,
    )


class PartnerBookingDesk:
    """Partners see the bookings of their assets."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/bookings", query=PartnerBookingQuery)
    def bookings_of_mine(self, call: Call[ApiKey, None]) -> Page[PartnerBooking]:
        """The bookings of my assets, the latest beginning first; customers by a name made for each booking."""
        page, partner_id = call.query, call.caller.partner_id
        rows = self._wired.bookings.of_partner(partner_id, page.asset, limit=page.limit, after=page.after)
        return paged(rows, page, show_partner_booking, lambda row: row[0])
