"""Keep a partner's entries; find what a code stands for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from chalicelib.catalogue.changes import Author, EntryKind, changed
from chalicelib.catalogue.chargeable import not_chargeable
from chalicelib.catalogue.errors import (
    AssetRetired,
    AssetTakenOut,
    NoTariff,
    UnknownCode,
    UnknownPlace,
    UnknownProduct,
    UnknownTariff,
)
from chalicelib.catalogue.model import Asset, ImportReport, Place, Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.taking_out import not_over, out_from
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month, format_instant, local_day
from chalicelib.kernel.writes import Commit, Write
from chalicelib.rating import InvalidTariff, Tariff, tariff_from_document
from chalicelib.rating.errors import NoTariffInForce
from chalicelib.rating.versions import on_offer as offered_version

Entry = TypeVar("Entry")
_MOST_DIGITS = 6


def put_place(place: Place, *, author: Author, catalogue: Catalogue, commit: Commit) -> Place:
    """Store or replace a place."""
    before = catalogue.place(place.partner_id, place.place_id)
    kept = replace(place, revision=before.revision + 1 if before else 1)
    change = changed(EntryKind.PLACE, place.place_id, before, kept, author)
    if change is None:
        return before or kept
    return commit([*catalogue.putting_place(kept, before, author.at), catalogue.recording(change)], kept)


def put_product(product: Product, *, author: Author, catalogue: Catalogue, commit: Commit) -> Product:
    """Store or replace a product. Its published tariffs stay, and no month that has begun goes by its new terms."""
    before = catalogue.product(product.partner_id, product.product_id)
    kept = (before or product).restated(product, Month.of(author.at, product.zone))
    change = changed(EntryKind.PRODUCT, product.product_id, before, kept, author)
    if change is None:
        return before or kept
    return commit([catalogue.putting_product(kept), catalogue.recording(change)], kept)


def put_asset(
    asset: Asset, *, author: Author, zone: str, catalogue: Catalogue, commit: Commit, seen: set[str] | None = None
) -> Asset:
    """Store or replace an asset of one of the partner's products. What it is taken out for stays.

    The day on which it is listed and the months that are over are of the operator's `zone`. `seen` remembers, for the
    rows of one import, which products and places are there: none ever goes away.
    """
    seen = set() if seen is None else seen
    _check_there(asset, catalogue, seen)
    before = catalogue.asset(asset.partner_id, asset.asset_id)
    listed = before or replace(asset, listed_on=local_day(author.at, zone))
    kept = listed.restated(asset, author.at, Month.of(author.at, zone))
    change = changed(EntryKind.ASSET, asset.asset_id, before, kept, author)
    if change is None:
        return before or kept
    return commit([*catalogue.putting_asset(kept, before, author.at), catalogue.recording(change)], kept)


def _check_there(asset: Asset, catalogue: Catalogue, seen: set[str]) -> None:
    product, place = f"product#{asset.product_id}", f"place#{asset.place_id}"
    if product not in seen and catalogue.product(asset.partner_id, asset.product_id) is None:
        raise UnknownProduct(product_id=asset.product_id, pointer="/product_id")
    seen.add(product)
    if asset.place_id is None or place in seen:
        return
    if catalogue.place(asset.partner_id, asset.place_id) is None:
        raise UnknownPlace(place_id=asset.place_id, pointer="/place_id")
    seen.add(place)


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
    author: Author,
    catalogue: Catalogue,
    commit: Commit,
    fare: str = "",
) -> Tariff:
    """Publish the next version of the product's own tariff, or of a fare that its customers could have instead.

    A version never changes; sessions keep that of their quote, and a fare counts from its publishing on. Its currency
    is the one in which accounts settle: an account's amounts are never of two. What sessions cannot be charged by yet
    is refused. A fare that is `members_only` is had through a plan alone; its first version says so for all of them.
    """
    product = catalogue.product(partner_id, product_id)
    if product is None:
        raise UnknownProduct(product_id=product_id)
    version = product.newest(fare) + 1
    known = fare in product.fares
    stated = rules.get("members_only", fare in product.members)
    before, product = product, product.with_version(version, fare, members_only=stated is True)
    own = {"tariff_id": product.fare_id(fare), "version": version}
    since = {"valid_from": format_instant(author.at)} if fare else {}
    told = {name: value for name, value in rules.items() if name != "members_only"}
    tariff = tariff_from_document({"zone": product.zone, **since, **told, **own})
    is_open = bool(fare) and fare not in product.members
    faults = not_chargeable(tariff, is_fare=is_open, has_fares=bool(product.open_fares))
    if not isinstance(stated, bool) or (stated and not fare) or (known and stated != (fare in before.members)):
        reason = "not_true_or_false" if not isinstance(stated, bool) else "said_by_the_first_version_of_a_fare"
        faults.append({"pointer": "/members_only", "reason": reason})
    if fare:
        faults += _faults_of_fare(product, tariff, author.at, catalogue, is_open=is_open)
    if tariff.currency != currency:
        faults.insert(0, {"pointer": "/currency", "reason": f"accounts settle in {currency}"})
    if faults:
        raise InvalidTariff(errors=faults)
    change = changed(EntryKind.PRODUCT, product_id, before, product, author)
    recording = [catalogue.recording(change)] if change else []
    return commit([*catalogue.publishing(product, tariff, fare), *recording], tariff)


def _faults_of_fare(
    product: Product, fare: Tariff, now: datetime, catalogue: Catalogue, *, is_open: bool
) -> list[dict[str, str]]:
    """It holds for no time before its publishing, and not beside an own tariff that no open fare can stand beside."""
    faults = []
    if fare.valid_from is None or fare.valid_from < now:
        faults.append({"pointer": "/valid_from", "reason": "before_its_publishing"})
    own = catalogue.tariff(product.partner_id, product.product_id, product.tariff_version)
    if is_open and own is not None and not_chargeable(own, has_fares=True):
        faults.append({"pointer": "", "reason": "the_products_own_tariff_has_volume_over_a_period"})
    return faults


def published(partner_id: str, product_id: str, version: str, *, catalogue: Catalogue, fare: str = "") -> Tariff:
    """A published version, by its number, of a product's own tariff or of a fare; or `UnknownTariff`."""
    number = int(version) if version.isascii() and version.isdecimal() and len(version) <= _MOST_DIGITS else 0
    tariff = catalogue.tariff(partner_id, product_id, number, fare) if number else None
    if tariff is None:
        raise UnknownTariff(product_id=product_id, version=version[:20])
    return tariff


def what_code_stands_for(code: str, at: datetime, *, catalogue: Catalogue) -> tuple[Asset, Product, Tariff]:
    """The asset that carries the code, its product, and the tariff that is in force then."""
    asset = catalogue.asset_by_code(code)
    if asset is None or asset.retired:
        raise UnknownCode(code=code[:40])
    check_not_taken_out(asset, at)
    product = catalogue.product(asset.partner_id, asset.product_id)
    if product is None:
        raise UnknownProduct(product_id=asset.product_id)
    return asset, product, tariff_in_force(product, at, catalogue=catalogue)


def check_not_taken_out(asset: Asset, at: datetime) -> None:
    """Refuse an asset that is looked after then."""
    if asset.out_at(at):
        out = out_from(not_over(asset.take_outs, at))
        until = out[1] if out else None
        raise AssetTakenOut(asset_id=asset.asset_id, until=format_instant(until) if until else None)


def on_offer(asset: Asset, now: datetime, *, catalogue: Catalogue) -> Write:
    """What a start needs: the asset is on offer as it was read, and the condition that it still is when it is taken."""
    if asset.retired:
        raise AssetRetired(asset_id=asset.asset_id)
    check_not_taken_out(asset, now)
    return catalogue.asset_is_on_offer(asset.partner_id, asset.asset_id, now)


def tariff_in_force(product: Product, at: datetime, *, catalogue: Catalogue, fare: str = "") -> Tariff:
    """The newest version of the product's own tariff, or of a fare, that is valid then: what a new quote is made of."""
    if not product.newest(fare):
        raise NoTariff(product_id=product.product_id)
    return offered_version(_newest_first(product, catalogue, fare), at)


def _newest_first(product: Product, catalogue: Catalogue, fare: str) -> Iterator[Tariff]:
    for version in range(product.newest(fare), 0, -1):
        tariff = catalogue.tariff(product.partner_id, product.product_id, version, fare)
        if tariff is None:
            raise NoTariff(product_id=product.product_id, version=version)
        yield tariff


def fares_of(product: Product, at: datetime, *, catalogue: Catalogue) -> tuple[Tariff, ...]:
    """The further tariffs that any of the product's customers could have then, by name."""
    found = []
    for fare in product.open_fares:
        with suppress(NoTariffInForce):
            found.append(offered_version(_newest_first(product, catalogue, fare), at))
    return tuple(found)
