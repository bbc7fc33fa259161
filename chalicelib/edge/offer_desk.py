"""The mobile door's routes before a start: what is free, and what it would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.customers.model import Right
from chalicelib.edge import mobile, quote_shapes
from chalicelib.edge.acting_for import acting
from chalicelib.edge.languages import WordsQuery, words_wished
from chalicelib.edge.lazily import lazily
from chalicelib.edge.routes import get, post

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access import quoting
    from chalicelib.edge import offers
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
else:
    quoting = lazily("chalicelib.access.quoting")
    offers = lazily("chalicelib.edge.offers")


class OfferDesk:
    """What anybody is offered, and what a customer is promised."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/offers", query=mobile.OffersQuery, anyone=True)
    def offers_near(self, call: Call[Claims, None]) -> offers.OffersShown:
        """What is free where I am and when, the best fit first, and why. Nobody has to be a customer to look."""
        return offers.offers(call.query, self._wired, call.now)

    @post("/v1/quotes", needs=Right.USE, takes=mobile.QuoteBody, query=WordsQuery, idempotent=False)
    def ask_quote(self, call: Call[Claims, mobile.QuoteBody]) -> quote_shapes.Quote:
        """The price before the start. Promises, and changes nothing, so it takes no Idempotency-Key."""
        need, customer = mobile.read_need(call.body.need), acting(call, self._wired)
        asked = quoting.AskQuote(customer.account_id, customer.customer_id, call.body.code, need, customer.member_of)
        given = quoting.give_quote(
            asked, allowing=self._wired.allowing(call.now), random_bytes=self._wired.random_bytes
        )
        token = quoting.seal_quote(given.promise, sealer=self._wired.sealer)
        return quote_shapes.show_quote(given, token, words_wished(call, customer.language), customer.language)
