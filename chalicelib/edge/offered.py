"""What is on offer and what owning it costs, as monitors ask the catalogue for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.finance.offered import OnOffer, Owned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from chalicelib.catalogue.model import Product
    from chalicelib.catalogue.ports import Catalogue
    from chalicelib.kernel.time import Month
    from chalicelib.partners.ports import Partners

PAGE = 200


class CatalogueOffered:
    """Satisfies `finance.offered.Offered`: products as the month goes by them, and what is not retired.

    `until` is when the month ended: who became a partner later is none of its.
    """

    def __init__(self, catalogue: Catalogue, partners: Partners, month: Month, until: datetime) -> None:
        self._catalogue, self._partners, self._month, self._until = catalogue, partners, month, until
        self._products: dict[str, Product | None] = {}

    def category(self, product: str) -> str:
        """As the month goes by it."""
        found = self._product(product)
        return found.category if found is not None else ""

    def owned(self, product: str) -> Owned | None:
        """As the month goes by it."""
        found = self._product(product)
        if found is None or found.owning is None:
            return None
        owning = found.owning
        return Owned(owning.purchase - owning.worth_after, owning.life_days, owning.upkeep_per_year)

    def partners(self) -> Iterator[str]:
        """A page of them after the other."""
        return (each.partner_id for each in self._partners.all() if each.created_at < self._until)

    def on_offer(self, partners: Iterable[str]) -> Iterator[OnOffer]:
        """A page of a partner's things after the other."""
        for partner in partners:
            after, more = None, True
            while more:
                page = self._catalogue.assets(partner, limit=PAGE, after=after)
                for each in page:
                    if not each.retired:
                        yield OnOffer(f"{partner}:{each.product_id}", each.asset_id, each.capacity)
                after, more = (page[-1].asset_id if page else after), len(page) == PAGE

    def _product(self, key: str) -> Product | None:
        """Each is read once."""
        if key not in self._products:
            partner, _, product_id = key.partition(":")
            found = self._catalogue.product(partner, product_id) if product_id else None
            self._products[key] = found.in_month(self._month) if found is not None else None
        return self._products[key]
