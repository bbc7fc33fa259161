"""What the partner door reads and shows."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from chalicelib.access.model import AccessSession
from chalicelib.catalogue.model import (
    Asset,
    CeilingTerms,
    DataItem,
    ImportReport,
    Owning,
    Place,
    Product,
    degrees,
)
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.refusals import RefusedItem, refused_item
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import IssuedKey

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
MOST_ROWS = 500
MOST_BYTES = 1024 * 1024


class PlaceBody(msgspec.Struct, forbid_unknown_fields=True):
    """A place. Coordinates are decimal text in WGS 84 degrees, as in "60.1699"."""

    name: Text
    latitude: str
    longitude: str
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    capacity: int = 0


class PlaceRow(PlaceBody, kw_only=True):
    """A place in an import."""

    place_id: Text


class DataCardRow(msgspec.Struct, forbid_unknown_fields=True):
    """What the thing will report, why, and for how many days it is kept."""

    what: Text
    why: Text
    kept_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)]


class OwningBody(msgspec.Struct, forbid_unknown_fields=True):
    """What it costs to own the product, in the stage's currency: what access is compared with."""

    purchase_price: str
    life_days: int
    worth_after: str = "0"
    upkeep_per_year: str = "0"


class CeilingBody(msgspec.Struct, forbid_unknown_fields=True):
    """Access never costs an account more than the purchase price; afterwards nothing, or this upkeep a month."""

    upkeep_per_month: str | None = None


class ProductBody(msgspec.Struct, forbid_unknown_fields=True):
    """A product. `zone` is the IANA time zone in which its days begin."""

    name: Text
    category: Text
    zone: Text
    data_card: list[DataCardRow] = []
    owning: OwningBody | None = None
    ceiling: CeilingBody | None = None


class AssetBody(msgspec.Struct, forbid_unknown_fields=True):
    """An asset of a product, with the code that customers scan and the device that reports for it."""

    product_id: Text
    code: Text
    place_id: Text | None = None
    capacity: int = 1
    retired: bool = False
    device_id: Text | None = None


class AssetRow(AssetBody, kw_only=True):
    """An asset in an import."""

    asset_id: Text


class PlacesBody(msgspec.Struct, forbid_unknown_fields=True):
    """An import of places."""

    places: Annotated[list[PlaceRow], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]


class AssetsBody(msgspec.Struct, forbid_unknown_fields=True):
    """An import of assets."""

    assets: Annotated[list[AssetRow], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]


class ImportedRow(msgspec.Struct, omit_defaults=True):
    """What became of a row."""

    row: int
    id: str
    outcome: str
    refused: RefusedItem | None = None


class Imported(msgspec.Struct):
    """What became of each row: a bad one stops no other, and sending all again is safe."""

    stored: int
    refused: int
    rows: list[ImportedRow]


class PlaceShown(msgspec.Struct):
    """A place."""

    place_id: str
    name: str
    latitude: str
    longitude: str
    address: str
    capacity: int


class ProductShown(msgspec.Struct):
    """A product, its newest tariff version (0: none yet), and that of each of its fares."""

    product_id: str
    name: str
    category: str
    zone: str
    tariff_version: int
    data_card: list[DataCardRow]
    fares: dict[str, int]
    owning: OwningBody | None
    ceiling: CeilingBody | None


class AssetShown(msgspec.Struct):
    """An asset."""

    asset_id: str
    product_id: str
    code: str
    place_id: str | None
    capacity: int
    retired: bool
    device_id: str | None


class PartnerSession(msgspec.Struct):
    """A session on one of the partner's assets; who rides is not told."""

    session_id: str
    asset_id: str
    product_id: str
    state: str
    started_at: str
    ended_at: str | None
    meters: dict[str, str]


class KeyBody(msgspec.Struct, forbid_unknown_fields=True):
    """Ask for one more key; with a `device_id` it is good for that device's signals and for nothing else."""

    label: Text
    device_id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")] | None = None


class KeyShown(msgspec.Struct, omit_defaults=True):
    """A key. `key` is its text, which is shown once and never again."""

    key_id: str
    mode: str
    label: str
    created_at: str
    revoked_at: str | None = None
    key: str | None = None
    device_id: str | None = None


def place_of(partner_id: str, place_id: str, body: PlaceBody) -> Place:
    """A place as the partner describes it."""
    return Place(
        partner_id=partner_id,
        place_id=place_id,
        name=body.name,
        latitude=degrees(body.latitude, "latitude"),
        longitude=degrees(body.longitude, "longitude"),
        address=body.address,
        capacity=body.capacity,
    )


def product_of(partner_id: str, product_id: str, body: ProductBody, currency: str) -> Product:
    """A product as the partner describes it; amounts are in the currency."""
    card = tuple(DataItem(row.what, row.why, row.kept_days) for row in body.data_card)
    terms = _owning_of(body.owning, currency), _ceiling_of(body.ceiling, currency)
    return Product(partner_id, product_id, body.name, body.category, body.zone, card, *terms)


def _owning_of(body: OwningBody | None, currency: str) -> Owning | None:
    if body is None:
        return None
    purchase = _money("owning", "purchase_price", body.purchase_price, currency)
    worth_after = _money("owning", "worth_after", body.worth_after, currency)
    upkeep = _money("owning", "upkeep_per_year", body.upkeep_per_year, currency)
    return Owning(purchase, worth_after, body.life_days, upkeep)


def _ceiling_of(body: CeilingBody | None, currency: str) -> CeilingTerms | None:
    if body is None:
        return None
    text = body.upkeep_per_month
    return CeilingTerms(None if text is None else _money("ceiling", "upkeep_per_month", text, currency))


def _money(member: str, field: str, text: str, currency: str) -> Money:
    with pointing_at(member, field):
        return Money.of(text, currency)


def asset_of(partner_id: str, asset_id: str, body: AssetBody) -> Asset:
    """An asset as the partner describes it."""
    where = (body.product_id, body.code, body.place_id)
    return Asset(partner_id, asset_id, *where, body.capacity, body.retired, body.device_id)


def show_place(place: Place) -> PlaceShown:
    """A place."""
    where = (plain(place.latitude), plain(place.longitude))
    return PlaceShown(place.place_id, place.name, *where, place.address, place.capacity)


def show_product(product: Product) -> ProductShown:
    """A product."""
    return ProductShown(
        product_id=product.product_id,
        name=product.name,
        category=product.category,
        zone=product.zone,
        tariff_version=product.tariff_version,
        fares=dict(product.fares),
        owning=_show_owning(product.owning),
        ceiling=_show_ceiling(product.ceiling),
        data_card=[DataCardRow(item.what, item.why, item.kept_days) for item in product.data_card],
    )


def _show_owning(owning: Owning | None) -> OwningBody | None:
    if owning is None:
        return None
    amounts = (str(each.amount) for each in (owning.worth_after, owning.upkeep_per_year))
    return OwningBody(str(owning.purchase.amount), owning.life_days, *amounts)


def _show_ceiling(ceiling: CeilingTerms | None) -> CeilingBody | None:
    if ceiling is None:
        return None
    return CeilingBody(None if ceiling.upkeep is None else str(ceiling.upkeep.amount))


def show_asset(asset: Asset) -> AssetShown:
    """An asset."""
    where = (asset.product_id, asset.code, asset.place_id)
    return AssetShown(asset.asset_id, *where, asset.capacity, asset.retired, asset.device_id)


def show_partner_session(session: AccessSession) -> PartnerSession:
    """A session without its customer."""
    return PartnerSession(
        session_id=session.session_id,
        asset_id=session.asset_id,
        product_id=session.product_id,
        state=str(session.state),
        started_at=show_instant(session.started_at),
        ended_at=show_instant(session.ended_at) if session.ended_at else None,
        meters=dict(session.meters),
    )


def show_import(reports: Sequence[ImportReport]) -> Imported:
    """The report of an import."""
    rows = [_imported(each) for each in reports]
    refused = sum(row.refused is not None for row in rows)
    return Imported(len(rows) - refused, refused, rows)


def _imported(report: ImportReport) -> ImportedRow:
    if isinstance(report.error, Refusal):
        return ImportedRow(report.row, report.entry_id, "refused", refused_item(report.error))
    return ImportedRow(report.row, report.entry_id, "stored")


def show_key(key: ApiKey) -> KeyShown:
    """A key without its text."""
    revoked_at = show_instant(key.revoked_at) if key.revoked_at else None
    since = show_instant(key.created_at)
    return KeyShown(key.key_id, key.mode, key.label, since, revoked_at, device_id=key.device_id)


def show_new_key(issued: IssuedKey) -> KeyShown:
    """A new key with its text, this once."""
    shown = show_key(issued.key)
    shown.key = issued.text
    return shown


def show_new_key_again(issued: IssuedKey) -> KeyShown:
    """What a repeat of the request gets: the text is not kept anywhere."""
    return show_key(issued.key)


def show_keys(keys: list[ApiKey]) -> list[KeyShown]:
    """All keys without their texts."""
    return [show_key(each) for each in keys]


def show_partner_sessions(sessions: list[AccessSession]) -> list[PartnerSession]:
    """Sessions without their customers."""
    return [show_partner_session(each) for each in sessions]
