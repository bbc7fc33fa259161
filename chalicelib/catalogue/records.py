"""The catalogue as items. Places, products and assets have their mappings in files of their own.

partner#<id>   place#<place id>                              a place
partner#<id>   product#<product id>                          a product
partner#<id>   asset#<asset id>                              an asset
partner#<id>   device#<device id>                            the same asset, for who knows its device only
partner#<id>   out#<asset id>#<take-out id>                  a take-out of an asset
partner#<id>   tariff#<product id>#<version>                 a published tariff version
partner#<id>   history#<kind>#<entry id>#<revision>          a change of an entry
code#<code>    code                                          which asset or place carries the code
categories     category#<category id>                        a category of the operator's
categories     history#category#<category id>#<revision>     a change of it
"""

from datetime import timedelta
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute

from chalicelib.catalogue.category import Category
from chalicelib.catalogue.changes import Change, EntryKind, FieldChange
from chalicelib.catalogue.model import Asset, Place, Product
from chalicelib.rating import Tariff, tariff_document, tariff_from_document
from chalicelib.storage.attributes import DecimalAttribute, DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("catalogue")
CATEGORIES = "categories"
KEPT = timedelta(days=3653)
"""How long what has happened to an entry is kept: ten years, as the books are."""


class PlaceRecord(Record):
    """A place. Those stored before places had hours have neither zone nor revision."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    name = UnicodeAttribute()
    latitude = DecimalAttribute()
    longitude = DecimalAttribute()
    address = UnicodeAttribute()
    capacity = NumberAttribute()
    zone = UnicodeAttribute(null=True)
    hours: Any = DocumentAttribute(null=True)
    service_zones: Any = DocumentAttribute(null=True)
    code = UnicodeAttribute(null=True)
    revision = NumberAttribute(null=True)


class ProductRecord(Record):
    """A product. Those stored earlier lack all from `kind` on, or `owning` to `revision` as well."""

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
    members: Any = DocumentAttribute(null=True)
    former: Any = DocumentAttribute(null=True)
    revision = NumberAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    seller: Any = DocumentAttribute(null=True)
    terms: Any = DocumentAttribute(null=True)
    pictures: Any = DocumentAttribute(null=True)
    policy: Any = DocumentAttribute(null=True)
    tax: Any = DocumentAttribute(null=True)


class AssetRecord(Record):
    """An asset, also under its device. `out_from` and `out_until` are its first take-out, for conditions to look at.

    Without a capacity it is unlimited. Those stored earlier lack all from `asset_id`, or from `in_service_from`, on.
    """

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    product_id = UnicodeAttribute()
    code = UnicodeAttribute()
    place_id = UnicodeAttribute(null=True)
    capacity = NumberAttribute(null=True)
    retired = BooleanAttribute()
    asset_id = UnicodeAttribute(null=True)
    device_id = UnicodeAttribute(null=True)
    capabilities: Any = DocumentAttribute(null=True)
    condition: Any = DocumentAttribute(null=True)
    odometer: Any = DocumentAttribute(null=True)
    accessibility: Any = DocumentAttribute(null=True)
    take_outs: Any = DocumentAttribute(null=True)
    out_from = InstantAttribute(null=True)
    out_until = InstantAttribute(null=True)
    revision = NumberAttribute(null=True)
    in_service_from = UnicodeAttribute(null=True)
    listed_on = UnicodeAttribute(null=True)
    former: Any = DocumentAttribute(null=True)


class TakeOutRecord(Record):
    """A take-out of an asset."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    reason = UnicodeAttribute()
    start = InstantAttribute()
    until = InstantAttribute(null=True)
    made_at = InstantAttribute()
    made_by = UnicodeAttribute()
    ended_at = InstantAttribute(null=True)
    ended_by = UnicodeAttribute(null=True)
    expires = TTLAttribute(null=True)


class CodeRecord(Record):
    """Which asset or place carries a code."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    partner_id = UnicodeAttribute()
    asset_id = UnicodeAttribute(null=True)
    place_id = UnicodeAttribute(null=True)


class TariffRecord(Record):
    """A published tariff version."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    document: Any = DocumentAttribute()


class CategoryRecord(Record):
    """A category."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    names: Any = DocumentAttribute()
    parent = UnicodeAttribute(null=True)
    eligibility: Any = DocumentAttribute()
    revision = NumberAttribute()


class ChangeRecord(Record):
    """A change of an entry."""

    class Meta:
        """Owned by catalogue."""

        table_name = _TABLE

    at = InstantAttribute()
    by = UnicodeAttribute()
    changed: Any = DocumentAttribute()
    expires = TTLAttribute()


def partition(partner_id: str) -> str:
    """Where a partner's entries are."""
    return f"partner#{partner_id}"


def tariff_key(product_id: str, version: int, fare: str = "") -> str:
    """The sort key of a tariff version; fixed width, so that key order is version order."""
    return f"tariff#{product_id}{'~' if fare else ''}{fare}#{version:06d}"


def history_key(kind: EntryKind, entry_id: str, revision: str = "") -> str:
    """The sort key of a change, or what those of all of an entry begin with."""
    return f"history#{kind}#{entry_id}#{revision}"


def revision_text(revision: int) -> str:
    """Fixed width, so that key order is the order of changes."""
    return f"{revision:08d}"


def code_record(asset: Asset) -> CodeRecord:
    """The item of an asset's code."""
    return CodeRecord(pk=f"code#{asset.code}", sk="code", partner_id=asset.partner_id, asset_id=asset.asset_id)


def poster_record(place: Place) -> CodeRecord:
    """The item of a place's code."""
    return CodeRecord(pk=f"code#{place.code}", sk="code", partner_id=place.partner_id, place_id=place.place_id)


def tariff_record(product: Product, fare: str, tariff: Tariff) -> TariffRecord:
    """The item of a version of the product's own tariff, or of a fare."""
    key = tariff_key(product.product_id, tariff.version, fare)
    return TariffRecord(pk=partition(product.partner_id), sk=key, document=tariff_document(tariff))


def tariff_of(record: TariffRecord) -> Tariff:
    """The tariff of an item."""
    return tariff_from_document(record.document)


def category_record(category: Category) -> CategoryRecord:
    """The item of a category."""
    return CategoryRecord(
        pk=CATEGORIES,
        sk=f"category#{category.category_id}",
        names=dict(category.names),
        parent=category.parent,
        eligibility=list(category.eligibility),
        revision=category.revision,
    )


def category_of(record: CategoryRecord) -> Category:
    """The category of an item."""
    category_id = record.sk.removeprefix("category#")
    needed = tuple(record.eligibility)
    return Category(category_id, record.names, record.parent, needed, revision=int(record.revision))


def history_partition(owner: str | None) -> str:
    """Where the histories of a partner's entries are, or of the operator's."""
    return partition(owner) if owner is not None else CATEGORIES


def change_record(change: Change) -> ChangeRecord:
    """The item of a change."""
    return ChangeRecord(
        pk=history_partition(change.owner),
        sk=history_key(change.kind, change.entry_id, revision_text(change.revision)),
        at=change.at,
        by=change.by,
        changed=[[each.pointer, each.before, each.after] for each in change.changed],
        expires=change.at + KEPT,
    )


def change_of(record: ChangeRecord) -> Change:
    """The change of an item."""
    _, kind, entry_id, revision = record.sk.split("#")
    changed = tuple(FieldChange(*each) for each in record.changed)
    owner = None if record.pk == CATEGORIES else record.pk.removeprefix("partner#")
    return Change(owner, EntryKind(kind), entry_id, int(revision), record.at, record.by, changed)
