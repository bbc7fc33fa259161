"""What this area needs from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from chalicelib.catalogue.category import Category
from chalicelib.catalogue.changes import Change, EntryKind
from chalicelib.catalogue.model import Asset, Place, Product
from chalicelib.catalogue.taking_out import TakeOut
from chalicelib.kernel.reads import Read
from chalicelib.kernel.writes import Write
from chalicelib.rating import Tariff

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Found(Generic[Entry]):
    """What one query found. `after` is where the next goes on, or None at the end: a page may be short, or empty."""

    rows: Sequence[Entry]
    after: str | None


class Promised(NamedTuple):
    """What a quote is of, as it is now; None what there is not any more."""

    asset: Asset | None
    product: Product | None
    tariff: Tariff | None


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

    def behind_code(self, code: str) -> Asset | Place | None:
        """The asset or the place that carries the code, or None."""

    def asset_by_device(self, partner_id: str, device_id: str) -> Asset | None:
        """The partner's asset that has the device, or None."""

    def tariff(self, partner_id: str, product_id: str, version: int, fare: str = "") -> Tariff | None:
        """A published version of the product's own tariff, or of a fare; or None."""

    def promised(self, partner_id: str, asset_id: str, product_id: str, version: int, fare: str = "") -> Read[Promised]:
        """What a quote was made of: the asset and the product as they are, and the version of the tariff or fare."""

    def category(self, category_id: str) -> Category | None:
        """The operator's category, or None."""

    def categories(self, *, limit: int, after: str | None) -> Sequence[Category]:
        """A page of all categories in order of id."""

    def places(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Place]:
        """A page of the partner's places in order of id."""

    def products(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Product]:
        """A page of the partner's products in order of id."""

    def assets(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Asset]:
        """A page of the partner's assets in order of id."""

    def products_in(self, partner_id: str, category: str, *, limit: int, after: str | None) -> Found[Product]:
        """Those of a category, as far as one query finds them."""

    def assets_of(
        self, partner_id: str, *, product_id: str | None, place_id: str | None, limit: int, after: str | None
    ) -> Found[Asset]:
        """Those of a product, at a place, or both, as far as one query finds them."""

    def changes(
        self, owner: str | None, kind: EntryKind, entry_id: str, *, limit: int, after: str | None
    ) -> Sequence[Change]:
        """A page of an entry's history, the newest change first."""

    def first_change(self, owner: str | None, kind: EntryKind, entry_id: str) -> Change | None:
        """The first that is known of an entry's history, if it is kept still."""

    def take_out(self, partner_id: str, asset_id: str, take_out_id: str) -> TakeOut | None:
        """The take-out, or None."""

    def take_outs(self, partner_id: str, asset_id: str, *, limit: int, after: str | None) -> Sequence[TakeOut]:
        """A page of an asset's take-outs in order of their beginning, those to come too."""

    def putting_category(self, category: Category, above: Sequence[Category]) -> Sequence[Write]:
        """Store or replace a category, if the one before and those above it are as they were read."""

    def products_by(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Product]:
        """Those of at most 100 that exist, by partner and id."""

    def putting_place(self, place: Place, before: Place | None, at: datetime) -> Sequence[Write]:
        """Store or replace a place, if it is as it was read, and nothing else has its code; the map is to follow."""

    def putting_product(self, product: Product) -> Write:
        """Store or replace a product, if the stored revision is the one before its own."""

    def putting_asset(self, asset: Asset, before: Asset | None, at: datetime) -> Sequence[Write]:
        """Store or replace an asset, if it is as it was read, and no other has its code or its device.

        The map is to follow.
        """

    def recording(self, change: Change) -> Write:
        """Add a change to its entry's history."""

    def adding_take_out(self, take_out: TakeOut) -> Sequence[Write]:
        """Store a new take-out, and have who waits for the asset served when it is over."""

    def ending_take_out(self, take_out: TakeOut) -> Sequence[Write]:
        """Store that a take-out has ended, unless it has, and have who waits for the asset served."""

    def publishing(self, product: Product, tariff: Tariff, fare: str = "") -> Sequence[Write]:
        """Store a new tariff version with the product that names it, if the stored revision is the one before."""

    def asset_is_on_offer(self, partner_id: str, asset_id: str, now: datetime) -> Write:
        """Let nothing be written unless the asset is neither retired nor taken out now."""
