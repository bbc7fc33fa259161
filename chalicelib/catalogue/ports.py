"""What this area needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.catalogue.model import Asset, Place, Product
from chalicelib.kernel.writes import Write
from chalicelib.rating import Tariff


class Catalogue(Protocol):
    """Where partners' entries are kept. Every id is looked up within its partner; only codes are known to all."""

    def place(self, partner_id: str, place_id: str) -> Place | None:
        """The place, or None."""

    def product(self, partner_id: str, product_id: str) -> Product | None:
        """The product, or None."""

    def asset(self, partner_id: str, asset_id: str) -> Asset | None:
        """The asset, or None."""

    def asset_by_code(self, code: str) -> Asset | None:
        """The asset that carries the code, or None."""

    def asset_by_device(self, partner_id: str, device_id: str) -> Asset | None:
        """The partner's asset that has the device, or None."""

    def tariff(self, partner_id: str, product_id: str, version: int, fare: str = "") -> Tariff | None:
        """A published version of the product's own tariff, or of a fare; or None."""

    def places(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Place]:
        """A page of the partner's places in order of id."""

    def products(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Product]:
        """A page of the partner's products in order of id."""

    def assets(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Asset]:
        """A page of the partner's assets in order of id."""

    def putting_place(self, place: Place) -> Write:
        """Store or replace a place."""

    def putting_product(self, product: Product) -> Write:
        """Store or replace a product, if the stored revision is the one before its own."""

    def putting_asset(self, asset: Asset, before: Asset | None) -> Sequence[Write]:
        """Store or replace an asset with its code and device, unless another asset has one of them."""

    def publishing(self, product: Product, tariff: Tariff, fare: str = "") -> Sequence[Write]:
        """Store a new tariff version with the product that names it, if the stored revision is the one before."""

    def asset_is_on_offer(self, partner_id: str, asset_id: str) -> Write:
        """Let nothing be written unless the asset is on offer."""
