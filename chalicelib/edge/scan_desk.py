"""The mobile door's route of scan and go: one call with the code on a thing or on a poster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.access.booking_errors import AssetBooked
from chalicelib.customers.model import Right
from chalicelib.edge import mobile, quote_shapes
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.routes import PAYS, post
from chalicelib.edge.wiring import Wiring
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.access import own_booking, scanning
    from chalicelib.access.booking import Booking
    from chalicelib.customers.model import Customer
    from chalicelib.edge import offers
else:
    own_booking = lazily("chalicelib.access.own_booking")
    scanning = lazily("chalicelib.access.scanning")
    offers = lazily("chalicelib.edge.offers")

Price = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class ScanBody(msgspec.Struct, forbid_unknown_fields=True):
    """The code, what the thing is needed for, and whether to start: up to that estimate, that worst case, or both."""

    code: mobile.Text
    need: dict[str, str] = {}
    start: bool = False
    estimate_up_to: Price | None = None
    worst_case_up_to: Price | None = None


class ScanShown(msgspec.Struct):
    """What the code gives: offers, the best fit first; the quote of the best; the session, if one was started.

    `not_started` says why there is none: not_asked, nothing_free, several_free, dearer_than_accepted, not_confirmed.
    """

    offers: list[offers.OfferShown]
    quote: quote_shapes.Quote | None
    session: mobile.Session | None
    not_started: str | None


def show_scan(scanned: scanning.Scanned) -> ScanShown:
    """Codes and facts alone, for the answer is kept."""
    given, session = scanned.quote, scanned.session
    return ScanShown(
        offers=[offers.show_offer(each) for each in scanned.offers],
        quote=quote_shapes.show_quote(given, scanned.token, None, scanned.language) if given else None,
        session=mobile.show_session(session) if session else None,
        not_started=scanned.not_started,
    )


class ScanDesk:
    """The shortest way from a code to a session."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post("/v1/scans", needs=Right.USE, takes=ScanBody, shows=show_scan, refuses=PAYS)
    def scan_and_go(self, call: Call[Claims, ScanBody]) -> scanning.Scanned:
        """Scan and go: offers and quote of what carries the code, and the session at a price that I accept.

        What is kept for a booking of my own says which (`asset_booked`, `booking_id`): that is what starts it.
        """
        accepts = self._accepts(call.body)
        customer = acting(call, self._wired)
        asked = scanning.Scan(customer, call.body.code, mobile.read_need(call.body.need), accepts)
        starting = self._wired.starting(call.now, call.commit)
        try:
            return scanning.scan(asked, starting=starting, on_map=self._wired.map, sealer=self._wired.sealer)
        except AssetBooked as refusal:
            mine = self._own_booking(call, customer)
            if mine is not None:
                refusal.facts["booking_id"] = mine.booking_id
            raise

    def _own_booking(self, call: Call[Claims, ScanBody], customer: Customer) -> Booking | None:
        asset = self._wired.catalogue.asset_by_code(call.body.code)
        if asset is None:
            return None
        whose, bookings = customer.account_id, self._wired.bookings
        return own_booking.own_booking(asset.asset_key, whose, call.now, bookings=bookings)

    def _accepts(self, body: ScanBody) -> scanning.Accepts | None:
        estimate = self._price("estimate_up_to", body.estimate_up_to)
        worst_case = self._price("worst_case_up_to", body.worst_case_up_to)
        if not body.start:
            return None
        if estimate is None and worst_case is None:
            raise BodyInvalid(pointer="/start", reason="a start says what is accepted: an estimate, a worst case")
        return scanning.Accepts(estimate, worst_case)

    def _price(self, field: str, text: str | None) -> Money | None:
        if text is None:
            return None
        with pointing_at(field):
            price = Money.of(text, self._wired.settings.currency)
            if price.minor < 0:
                raise BodyInvalid(reason="not negative")
            return price
