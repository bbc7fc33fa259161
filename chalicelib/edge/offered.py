"""What is on offer and what owning it costs, as monitors ask the catalogue for it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from chalicelib.catalogue.changes import EntryKind
from chalicelib.finance.offered import OnOffer, Owned
from chalicelib.kernel.time import local_day, midnight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.catalogue.model import Asset, Product
    from chalicelib.catalogue.ports import Catalogue
    from chalicelib.kernel.time import Month
    from chalicelib.partners.ports import Partners

PAGE = 200


class CatalogueOffered:
    """Satisfies `finance.offered.Offered`: products as the month goes by them, and things as they stood when it ended.

    It is a month of the operator's zone. Who became a partner later, and what was listed later, is none of its.
    """

    def __init__(self, catalogue: Catalogue, partners: Partners, month: Month, zone: str) -> None:
        self._catalogue, self._partners, self._month, self._zone = catalogue, partners, month, zone
        self._until = month.interval(zone).end
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
                yield from filter(None, map(self._standing, page))
                after, more = (page[-1].asset_id if page else after), len(page) == PAGE

    def _standing(self, asset: Asset) -> OnOffer | None:
        stood, listed_on = asset.in_month(self._month), asset.listed_on or self._first_known(asset)
        since = None if listed_on is None else midnight(listed_on, self._zone)
        if stood.retired or (since is not None and since >= self._until):
            return None
        product, in_service_from = f"{asset.partner_id}:{stood.product_id}", stood.in_service_from or listed_on
        return OnOffer(product, asset.asset_id, stood.capacity, since, in_service_from or date.min)

    def _first_known(self, asset: Asset) -> date | None:
        """Of one that was stored before its day was kept: that of the first change in its history."""
        first = self._catalogue.first_change(asset.partner_id, EntryKind.ASSET, asset.asset_id)
        return None if first is None else local_day(first.at, self._zone)

    def _product(self, key: str) -> Product | None:
        """Each is read once."""
        if key not in self._products:
            partner, _, product_id = key.partition(":")
            found = self._catalogue.product(partner, product_id) if product_id else None
            self._products[key] = found.in_month(self._month) if found is not None else None
        return self._products[key]
