"""Keep a partner's entries; find what a code stands for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chalicelib.catalogue.chargeable import not_chargeable
from chalicelib.catalogue.errors import NoTariff, UnknownCode, UnknownPlace, UnknownProduct
from chalicelib.catalogue.model import Asset, ImportReport, Place, Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Commit
from chalicelib.rating import InvalidTariff, Tariff, tariff_from_document

Entry = TypeVar("Entry")


def put_place(place: Place, *, catalogue: Catalogue, commit: Commit) -> Place:
    """Store or replace a place."""
    return commit([catalogue.putting_place(place)], place)


def put_product(product: Product, *, catalogue: Catalogue, commit: Commit) -> Product:
    """Store or replace a product; its published tariff stays."""
    before = catalogue.product(product.partner_id, product.product_id)
    kept = replace(product, tariff_version=before.tariff_version if before else 0)
    return commit([catalogue.putting_product(kept)], kept)


def put_asset(asset: Asset, *, catalogue: Catalogue, commit: Commit) -> Asset:
    """Store or replace an asset of one of the partner's products."""
    if catalogue.product(asset.partner_id, asset.product_id) is None:
        raise UnknownProduct(product_id=asset.product_id, pointer="/product_id")
    if asset.place_id is not None and catalogue.place(asset.partner_id, asset.place_id) is None:
        raise UnknownPlace(place_id=asset.place_id, pointer="/place_id")
    before = catalogue.asset(asset.partner_id, asset.asset_id)
    return commit(catalogue.putting_asset(asset, before), asset)


def import_rows(rows: Sequence[tuple[str, Callable[[], Entry]]]) -> list[ImportReport]:
    """Store each row by itself and report on each: a bad row stops no other. Sending all again is safe."""
    return [_import_row(number, entry_id, store) for number, (entry_id, store) in enumerate(rows)]


def _import_row(number: int, entry_id: str, store: Callable[[], object]) -> ImportReport:
    try:
        store()
    except Refusal as refusal:
        return ImportReport(number, entry_id, refusal)
    return ImportReport(number, entry_id)


def publish_tariff(
    partner_id: str,
    product_id: str,
    rules: Mapping[str, object],
    *,
    currency: str,
    catalogue: Catalogue,
    commit: Commit,
) -> Tariff:
    """Publish the product's next tariff version. It never changes; sessions keep the version of their quote.

    Its currency is the one in which accounts settle: an account's amounts are never of two. What sessions cannot be
    charged by yet is refused.
    """
    product = catalogue.product(partner_id, product_id)
    if product is None:
        raise UnknownProduct(product_id=product_id)
    own = {"tariff_id": product.tariff_id, "version": product.tariff_version + 1}
    tariff = tariff_from_document({"zone": product.zone, **rules, **own})
    faults = not_chargeable(tariff)
    if tariff.currency != currency:
        faults.insert(0, {"pointer": "/currency", "reason": f"accounts settle in {currency}"})
    if faults:
        raise InvalidTariff(errors=faults)
    return commit(catalogue.publishing(product, tariff), tariff)


def what_code_stands_for(code: str, *, catalogue: Catalogue) -> tuple[Asset, Product, Tariff]:
    """The asset that carries the code, its product, and the tariff in force."""
    asset = catalogue.asset_by_code(code)
    if asset is None or asset.retired:
        raise UnknownCode(code=code[:40])
    product = catalogue.product(asset.partner_id, asset.product_id)
    if product is None:
        raise UnknownProduct(product_id=asset.product_id)
    return asset, product, tariff_of(product, product.tariff_version, catalogue=catalogue)


def tariff_of(product: Product, version: int, *, catalogue: Catalogue) -> Tariff:
    """A published version of the product's tariff."""
    tariff = catalogue.tariff(product.partner_id, product.product_id, version) if version else None
    if tariff is None:
        raise NoTariff(product_id=product.product_id)
    return tariff
