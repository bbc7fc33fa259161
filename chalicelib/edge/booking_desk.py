"""The mobile door's routes of bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.access.booking_errors import UnknownBooking
from chalicelib.customers.model import Customer, Right
from chalicelib.edge import booking_shapes as shapes
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call
from chalicelib.edge.languages import WordsQuery, words_wished
from chalicelib.edge.lazily import lazily
from chalicelib.edge.mobile import read_need, show_session
from chalicelib.edge.oidc import Claims
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import PAYS, get, post, put
from chalicelib.edge.wiring import Wiring

if TYPE_CHECKING:
    from chalicelib.access import booking_closing, booking_making, booking_times
    from chalicelib.access.booking import Booking
    from chalicelib.access.model import AccessSession
    from chalicelib.edge import booking_areas
else:
    booking_closing = lazily("chalicelib.access.booking_closing")
    booking_making = lazily("chalicelib.access.booking_making")
    booking_times = lazily("chalicelib.access.booking_times")
    booking_areas = lazily("chalicelib.edge.booking_areas")


class BookingDesk:
    """Customers ask the price of a stretch, book it, change it, take it up or give it up."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        return acting(call, self._wired)

    def _check_own(self, call: Call[Claims, Any], customer: Customer, booking_id: str) -> None:
        """As with sessions: another's of the account is for who reads to see, and for who manages to act on."""
        if customer.member_of is None or customer.may(Right.MANAGE):
            return
        booking = booking_making.booking_of(booking_id, customer.account_id, booker=self._booker(call))
        seen = call.needs == Right.SEE and customer.sees(booking.customer_id)
        if booking.customer_id != customer.customer_id and not seen:
            raise UnknownBooking(booking_id=booking_id[:64])

    def _booker(self, call: Call[Claims, Any]) -> booking_making.Booker:
        return self._wired.booker(call.now, call.commit)

    @get("/v1/calendar", query=shapes.CalendarQuery, anyone=True)
    def calendar(self, call: Call[Claims, None]) -> shapes.CalendarShown:
        """When something is free to be booked. Nobody has to be a customer to look."""
        shapes.check_one_way(call.query)
        where = call.query.code or booking_areas.area_of(call.query, self._wired.catalogue)
        within = shapes.read_within(call.query, call.now)
        return shapes.show_times(booking_times.free_times(where, within, booker=self._booker(call)))

    @post("/v1/booking-quotes", needs=Right.USE, takes=shapes.BookingQuoteBody, query=WordsQuery, idempotent=False)
    def booking_quote(self, call: Call[Claims, shapes.BookingQuoteBody]) -> shapes.BookingQuote:
        """The price of a stretch to come, before it is booked or changed. Promises, and changes nothing."""
        customer = self._customer(call)
        if call.body.booking is not None:
            self._check_own(call, customer, call.body.booking)
        asked = booking_areas.asked_for(call.body, customer.account_id, read_need(call.body.need), self._wired)
        booker = self._booker(call)
        given = booking_making.ask_booking_quote(asked, booker=booker)
        who = (customer.customer_id, given.promise.partner_id, given.promise.agreed, call.now)
        words = words_wished(call, customer.language)
        return shapes.show_booking_quote(given, booker.allowing.personal.asked(*who), words, customer.language)

    @post("/v1/bookings", needs=Right.USE, takes=shapes.BookBody, shows=shapes.show_booking, status=201, refuses=PAYS)
    def book(self, call: Call[Claims, shapes.BookBody]) -> Booking:
        """Book the quoted stretch."""
        return booking_making.book(call.body.quote, self._customer(call), booker=self._booker(call))

    @get("/v1/bookings", needs=Right.SEE, query=PageQuery)
    def my_bookings(self, call: Call[Claims, None]) -> Page[shapes.BookingShown]:
        """My bookings, the latest beginning first."""
        customer, page = self._customer(call), call.query
        rows = self._wired.bookings.of_account(customer.account_id, limit=page.limit, after=page.after)
        return paged(rows, page, shapes.show_listed, lambda row: row[0], lambda row: customer.sees(row[1].customer_id))

    @get("/v1/bookings/{booking_id}", needs=Right.SEE, shows=shapes.show_booking)
    def my_booking(self, call: Call[Claims, None], booking_id: str) -> Booking:
        """One of my bookings."""
        customer = self._customer(call)
        self._check_own(call, customer, booking_id)
        return booking_making.booking_of(booking_id, customer.account_id, booker=self._booker(call))

    @put("/v1/bookings/{booking_id}", needs=Right.USE, takes=shapes.BookBody, shows=shapes.show_booking, refuses=PAYS)
    def change_booking(self, call: Call[Claims, shapes.BookBody], booking_id: str) -> Booking:
        """Change the stretch, by a quote that was asked for this booking."""
        customer = self._customer(call)
        self._check_own(call, customer, booking_id)
        return booking_making.change_booking(booking_id, call.body.quote, customer, booker=self._booker(call))

    @post("/v1/bookings/{booking_id}/cancel", needs=Right.USE, shows=shapes.show_booking)
    def cancel_booking(self, call: Call[Claims, None], booking_id: str) -> Booking:
        """Give a booking up: free of charge in time, later for what the tariff says."""
        customer = self._customer(call)
        self._check_own(call, customer, booking_id)
        return booking_closing.cancel_booking(booking_id, customer.account_id, booker=self._booker(call))

    @post(
        "/v1/bookings/{booking_id}/start",
        needs=Right.USE,
        takes=shapes.BookingCodeBody,
        shows=show_session,
        refuses=PAYS,
    )
    def start_booked(self, call: Call[Claims, shapes.BookingCodeBody], booking_id: str) -> AccessSession:
        """Start what is booked, by the code of the asset at hand: that one, or another free one of its product."""
        customer, booker = self._customer(call), self._booker(call)
        self._check_own(call, customer, booking_id)
        return booking_closing.hand_out_booking(booking_id, call.body.code, customer, booker=booker)
