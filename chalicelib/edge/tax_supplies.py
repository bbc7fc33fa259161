"""What products are for tax that somebody else decides: as the catalogue knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.billing.tax_model import SuppliedAt, Supply, TaxPlace
from chalicelib.catalogue.details import ProductKind, ProductTax
from chalicelib.rating.stated import kind_of, product_of

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Callable

    from chalicelib.billing.paper_model import Buyer, Seller
    from chalicelib.catalogue.model import Product

SERVICES, ELECTRONIC, NOT_TAXED = "txcd_20030000", "txcd_10000000", "txcd_00000000"
"""Stripe's codes for services in general, for those that are supplied electronically, and for what is not taxed."""
COMPENSATION = frozenset({"damage", "loss"})
"""What is owed for harm is paid for no supply; a fine or a delivery goes with its product."""


@dataclass(frozen=True, slots=True)
class CatalogueSupplies:
    """Satisfies `billing.tax_ports.Supplies`."""

    product: Callable[[str, str], Product | None]

    def of(self, product: str, seller: Seller | None, buyer: Buyer | None) -> Supply:
        """As its partner has stated it; else by its kind, under the country of its seller, or of ours.

        What is put at somebody's disposal is supplied where that is done, what is digital where its buyer is; one who
        has not said where that is, is taken to be where the seller is.
        """
        partner_id, _, rest = product_of(product).partition(":")
        found = self.product(partner_id, rest.partition("~")[0])
        stated = found.tax if found is not None and found.tax is not None else ProductTax()
        is_digital = found is not None and found.kind is ProductKind.DIGITAL
        of_record = found.seller.country if found is not None and found.seller is not None else None
        country = stated.country or of_record or (seller.country if seller is not None else None)
        here = TaxPlace(country, stated.postal_code) if country else None
        at = SuppliedAt(stated.supplied or (SuppliedAt.BUYER if is_digital else SuppliedAt.DISPOSAL))
        there = TaxPlace(buyer.country) if buyer is not None and buyer.country else here
        code = stated.code or (ELECTRONIC if is_digital else SERVICES)
        code = NOT_TAXED if kind_of(product) in COMPENSATION else code
        return Supply(code, at, there if at is SuppliedAt.BUYER else here)
