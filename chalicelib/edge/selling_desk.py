"""Who sells what, at the finance door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.billing.paper_model import OPERATORS
from chalicelib.billing.selling import NamedSeller, name_seller
from chalicelib.catalogue.errors import UnknownProduct
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.routes import get, put
from chalicelib.kernel.time import Month
from chalicelib.partners.errors import UnknownPartner

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice


class NamedSellerBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which of the sellers of record sells it; null: the one under whom bills go out by default."""

    seller_id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] | None


class NamedSellerShown(msgspec.Struct):
    """Who sells a partner's products, or the one that it names, from a month on; of a month's the last one counts."""

    partner_id: str
    product_id: str | None
    since: str
    seller_id: str | None
    set_by: str
    set_at: str


def show_named(named: NamedSeller) -> NamedSellerShown:
    """One decision."""
    partner_id, _, product_id = named.scope.partition(":")
    return NamedSellerShown(
        partner_id=partner_id,
        product_id=product_id or None,
        since=str(named.since),
        seller_id=named.seller_id or None,
        set_by=named.set_by,
        set_at=show_instant(named.set_at),
    )


class SellingDesk:
    """Finance says under which seller's bills a thing is sold."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @put("/v1/partners/{partner_id}/seller/{month}", takes=NamedSellerBody, shows=show_named, needs=ACT)
    def name_of_partner(self, call: Call[Staff, NamedSellerBody], partner_id: str, month: str) -> NamedSeller:
        """Name who sells a partner's products from a month to come on: those go on bills of that seller's own."""
        if self._wired.partners.find(partner_id) is None:
            raise UnknownPartner(partner_id=partner_id[:80])
        return self._name(call, partner_id, month)

    @put(
        "/v1/partners/{partner_id}/products/{product_id}/seller/{month}",
        takes=NamedSellerBody,
        shows=show_named,
        needs=ACT,
    )
    def name_of_product(
        self, call: Call[Staff, NamedSellerBody], partner_id: str, product_id: str, month: str
    ) -> NamedSeller:
        """Name who sells one product from a month to come on, whoever sells its partner's others."""
        if self._wired.catalogue.product(partner_id, product_id) is None:
            raise UnknownProduct(product_id=product_id[:80])
        return self._name(call, f"{partner_id}:{product_id}", month)

    @get("/v1/selling", needs=READ)
    def selling(self, _call: Call[Staff, None]) -> list[NamedSellerShown]:
        """All that was said of who sells what, by partner, product and month, and by when it was said."""
        return [show_named(each) for each in self._wired.sells.selling().said]

    def _name(self, call: Call[Staff, NamedSellerBody], scope: str, month: str) -> NamedSeller:
        who, wired = call.body.seller_id or OPERATORS, self._wired
        return name_seller(
            NamedSeller(scope, Month.parse(month), who, call.caller.subject, call.now),
            wired.settings.zone,
            sells=wired.sells,
            numbers=wired.issuing.numbers,
            commit=call.commit,
        )
