"""The catalogue as items.

partner#<id>   place#<place id>                 a place
partner#<id>   product#<product id>             a product
partner#<id>   asset#<asset id>                 an asset
partner#<id>   device#<device id>               the same asset, for who knows its device only
partner#<id>   tariff#<product id>#<version>    a published tariff version
code#<code>    code                             which asset carries the code
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.catalogue.model import Asset, CeilingTerms, DataItem, FormerTerms, Owning, Place, Product
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating import Tariff, tariff_document, tariff_from_document
from chalicelib.storage.attributes import DecimalAttribute, DocumentAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("catalogue")


class PlaceRecord(Record):
    """A place."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    name = UnicodeAttribute()
    latitude = DecimalAttribute()
    longitude = DecimalAttribute()
    address = UnicodeAttribute()
    capacity = NumberAttribute()


class ProductRecord(Record):
    """A product."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    name = UnicodeAttribute()
    category = UnicodeAttribute()
    zone = UnicodeAttribute()
    data_card: Any = DocumentAttribute()
    owning: Any = DocumentAttribute(null=True)
    ceiling: Any = DocumentAttribute(null=True)
    tariff_version = NumberAttribute()
    fares: Any = DocumentAttribute(null=True)
    former: Any = DocumentAttribute(null=True)
    revision = NumberAttribute(null=True)


class AssetRecord(Record):
    """An asset."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    product_id = UnicodeAttribute()
    code = UnicodeAttribute()
    place_id = UnicodeAttribute(null=True)
    capacity = NumberAttribute()
    retired = BooleanAttribute()
    asset_id = UnicodeAttribute(null=True)
    device_id = UnicodeAttribute(null=True)


class CodeRecord(Record):
    """Which asset carries a code."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    partner_id = UnicodeAttribute()
    asset_id = UnicodeAttribute()


class TariffRecord(Record):
    """A published tariff version."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    document: Any = DocumentAttribute()


def partition(partner_id: str) -> str:
    """Where a partner's entries are."""
    return f"partner#{partner_id}"


def tariff_key(product_id: str, version: int, fare: str = "") -> str:
    """The sort key of a tariff version; fixed width, so that key order is version order."""
    return f"tariff#{product_id}{'~' if fare else ''}{fare}#{version:06d}"


def place_record(place: Place) -> PlaceRecord:
    """The item of a place."""
    return PlaceRecord(
        pk=partition(place.partner_id),
        sk=f"place#{place.place_id}",
        name=place.name,
        latitude=place.latitude,
        longitude=place.longitude,
        address=place.address,
        capacity=place.capacity,
    )


def place_of(record: PlaceRecord) -> Place:
    """The place of an item."""
    return Place(
        partner_id=record.pk.removeprefix("partner#"),
        place_id=record.sk.removeprefix("place#"),
        name=record.name,
        latitude=record.latitude,
        longitude=record.longitude,
        address=record.address,
        capacity=int(record.capacity),
    )


def product_record(product: Product) -> ProductRecord:
    """The item of a product."""
    return ProductRecord(
        pk=partition(product.partner_id),
        sk=f"product#{product.product_id}",
        name=product.name,
        category=product.category,
        zone=product.zone,
        data_card=[[item.what, item.why, item.kept_days] for item in product.data_card],
        owning=_owning_document(product.owning),
        ceiling=_ceiling_document(product.ceiling),
        tariff_version=product.tariff_version,
        fares=dict(product.fares) or None,
        former=[
            [str(each.until), each.category, _owning_document(each.owning), _ceiling_document(each.ceiling)]
            for each in product.former
        ]
        or None,
        revision=product.revision,
    )


def _owning_document(owning: Owning | None) -> dict[str, object] | None:
    if owning is None:
        return None
    return {
        "purchase": _minor(owning.purchase),
        "worth_after": _minor(owning.worth_after),
        "life_days": owning.life_days,
        "upkeep_per_year": _minor(owning.upkeep_per_year),
    }


def _ceiling_document(ceiling: CeilingTerms | None) -> dict[str, object] | None:
    return None if ceiling is None else {"upkeep": _minor(ceiling.upkeep)}


def _minor(amount: Money | None) -> list[object] | None:
    return None if amount is None else [amount.minor, amount.currency]


def _owning_from(document: dict[str, Any] | None) -> Owning | None:
    if document is None:
        return None
    amounts = {name: Money(*document[name]) for name in ("purchase", "worth_after", "upkeep_per_year")}
    return Owning(life_days=document["life_days"], **amounts)


def _ceiling_from(document: dict[str, Any] | None) -> CeilingTerms | None:
    if document is None:
        return None
    return CeilingTerms(None if document["upkeep"] is None else Money(*document["upkeep"]))


def product_of(record: ProductRecord) -> Product:
    """The product of an item."""
    return Product(
        partner_id=record.pk.removeprefix("partner#"),
        product_id=record.sk.removeprefix("product#"),
        name=record.name,
        category=record.category,
        zone=record.zone,
        data_card=tuple(DataItem(*item) for item in record.data_card),
        owning=_owning_from(record.owning),
        ceiling=_ceiling_from(record.ceiling),
        tariff_version=int(record.tariff_version),
        fares=record.fares or {},
        former=tuple(
            FormerTerms(Month.parse(until), category, _owning_from(owning), _ceiling_from(ceiling))
            for until, category, owning, ceiling in record.former or ()
        ),
        revision=int(record.revision or 0),
    )


def asset_record(asset: Asset, sk: str | None = None) -> AssetRecord:
    """The item of an asset, under its own key or another."""
    return AssetRecord(
        pk=partition(asset.partner_id),
        sk=sk or f"asset#{asset.asset_id}",
        asset_id=asset.asset_id,
        product_id=asset.product_id,
        code=asset.code,
        place_id=asset.place_id,
        capacity=asset.capacity,
        retired=asset.retired,
        device_id=asset.device_id,
    )


def device_record(asset: Asset) -> AssetRecord:
    """The same under the key of its device, so that one read finds it."""
    return asset_record(asset, device_key(asset.device_id or ""))


def device_key(device_id: str) -> str:
    """The sort key of a partner's device."""
    return f"device#{device_id}"


def asset_of(record: AssetRecord) -> Asset:
    """The asset of an item."""
    return Asset(
        partner_id=record.pk.removeprefix("partner#"),
        asset_id=record.asset_id or record.sk.removeprefix("asset#"),
        product_id=record.product_id,
        code=record.code,
        place_id=record.place_id,
        capacity=int(record.capacity),
        retired=record.retired,
        device_id=record.device_id,
    )


def code_record(asset: Asset) -> CodeRecord:
    """The item of an asset's code."""
    return CodeRecord(pk=f"code#{asset.code}", sk="code", partner_id=asset.partner_id, asset_id=asset.asset_id)


def tariff_record(product: Product, fare: str, tariff: Tariff) -> TariffRecord:
    """The item of a version of the product's own tariff, or of a fare."""
    key = tariff_key(product.product_id, tariff.version, fare)
    return TariffRecord(pk=partition(product.partner_id), sk=key, document=tariff_document(tariff))


def tariff_of(record: TariffRecord) -> Tariff:
    """The tariff of an item."""
    return tariff_from_document(record.document)
