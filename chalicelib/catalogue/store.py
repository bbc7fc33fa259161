"""The catalogue in DynamoDB."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.catalogue.asset_items import (
    asset_key,
    asset_of,
    asset_record,
    device_key,
    device_record,
    take_out_key,
    take_out_of,
    take_out_record,
)
from chalicelib.catalogue.category import Category
from chalicelib.catalogue.changes import Change, EntryKind
from chalicelib.catalogue.errors import (
    AssetChanged,
    AssetOffOffer,
    CategoryChanged,
    CodeTaken,
    DeviceTaken,
    PlaceChanged,
    ProductChanged,
    TariffVersionTaken,
)
from chalicelib.catalogue.model import Asset, Place, Product
from chalicelib.catalogue.place_items import place_of, place_record
from chalicelib.catalogue.ports import Found, Promised
from chalicelib.catalogue.product_items import product_of, product_record
from chalicelib.catalogue.records import (
    CATEGORIES,
    AssetRecord,
    CategoryRecord,
    ChangeRecord,
    CodeRecord,
    PlaceRecord,
    ProductRecord,
    TakeOutRecord,
    TariffRecord,
    category_of,
    category_record,
    change_of,
    change_record,
    code_record,
    history_key,
    history_partition,
    partition,
    poster_record,
    revision_text,
    tariff_key,
    tariff_of,
    tariff_record,
)
from chalicelib.catalogue.taking_out import TakeOut
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.writes import Write
from chalicelib.rating import Tariff
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import Items, Wanted
from chalicelib.storage.record import Record
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Check, Put, Remove

Stored = TypeVar("Stored", bound=Record)
Entry = TypeVar("Entry")
_MOST_LOOKED_AT = 1_000
STAND = "access.stand"
"""Have the map show where an asset or a place is by now."""
FREED = "access.freed"
TAKEN_OUT = "access.taken_out"
"""Have an asset held for who waits for it, if it may be had now."""


class CatalogueStore:
    """Satisfies `ports.Catalogue`. Tariff versions are immutable, so each is read once in a process's life.

    `stage_zone` is where those places are that were stored before places stated a zone of their own.
    """

    def __init__(self, stage_zone: str = "UTC") -> None:
        self._stage_zone = stage_zone
        self._tariffs: dict[tuple[str, str, int, str], Tariff] = {}

    def place(self, partner_id: str, place_id: str) -> Place | None:
        """One consistent read."""
        record = PlaceRecord.find(partition(partner_id), f"place#{place_id}")
        return self._place_of(record) if record else None

    def product(self, partner_id: str, product_id: str) -> Product | None:
        """One consistent read."""
        record = ProductRecord.find(partition(partner_id), f"product#{product_id}")
        return product_of(record) if record else None

    def asset(self, partner_id: str, asset_id: str) -> Asset | None:
        """One consistent read."""
        record = AssetRecord.find(partition(partner_id), asset_key(asset_id))
        return asset_of(record) if record else None

    def asset_by_code(self, code: str) -> Asset | None:
        """Two consistent reads: the code, and the asset that carries it."""
        found = self.behind_code(code)
        return found if isinstance(found, Asset) else None

    def behind_code(self, code: str) -> Asset | Place | None:
        """Two consistent reads: the code, and the asset or the place that carries it."""
        record = CodeRecord.find(f"code#{code}", "code")
        if record is None:
            return None
        if record.asset_id is None:
            return self.place(record.partner_id, record.place_id)
        return self.asset(record.partner_id, record.asset_id)

    def asset_by_device(self, partner_id: str, device_id: str) -> Asset | None:
        """One consistent read: the device's item is the asset's own once more."""
        record = AssetRecord.find(partition(partner_id), device_key(device_id))
        return asset_of(record) if record else None

    def tariff(self, partner_id: str, product_id: str, version: int, fare: str = "") -> Tariff | None:
        """One read the first time."""
        key = (partner_id, product_id, version, fare)
        if key not in self._tariffs:
            record = TariffRecord.find(partition(partner_id), tariff_key(product_id, version, fare))
            if record is None:
                return None
            self._tariffs[key] = tariff_of(record)
        return self._tariffs[key]

    def promised(
        self, partner_id: str, asset_id: str, product_id: str, version: int, fare: str = ""
    ) -> Items[Promised]:
        """Two items, and the tariff's the first time."""
        pk, key = partition(partner_id), (partner_id, product_id, version, fare)
        wanted: list[Wanted] = [(AssetRecord, pk, asset_key(asset_id)), (ProductRecord, pk, f"product#{product_id}")]
        if key not in self._tariffs:
            wanted.append((TariffRecord, pk, tariff_key(product_id, version, fare)))

        def made(found: Sequence[Record | None]) -> Promised:
            asset, product, *tariff = found
            for each in tariff:
                if isinstance(each, TariffRecord):
                    self._tariffs[key] = tariff_of(each)
            return Promised(
                asset_of(asset) if isinstance(asset, AssetRecord) else None,
                product_of(product) if isinstance(product, ProductRecord) else None,
                self._tariffs.get(key),
            )

        return Items(wanted, made)

    def category(self, category_id: str) -> Category | None:
        """One consistent read."""
        record = CategoryRecord.find(CATEGORIES, f"category#{category_id}")
        return category_of(record) if record else None

    def take_out(self, partner_id: str, asset_id: str, take_out_id: str) -> TakeOut | None:
        """One consistent read."""
        record = TakeOutRecord.find(partition(partner_id), take_out_key(asset_id, take_out_id))
        return take_out_of(record) if record else None

    def categories(self, *, limit: int, after: str | None) -> Sequence[Category]:
        """One query."""
        return _listed(CategoryRecord, CATEGORIES, "category#", category_of, limit=limit, after=after)

    def places(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Place]:
        """One query."""
        return _listed(PlaceRecord, partition(partner_id), "place#", self._place_of, limit=limit, after=after)

    def products(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Product]:
        """One query."""
        return _listed(ProductRecord, partition(partner_id), "product#", product_of, limit=limit, after=after)

    def assets(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Asset]:
        """One query."""
        return _listed(AssetRecord, partition(partner_id), asset_key(""), asset_of, limit=limit, after=after)

    def take_outs(self, partner_id: str, asset_id: str, *, limit: int, after: str | None) -> Sequence[TakeOut]:
        """One query."""
        return _listed(
            TakeOutRecord, partition(partner_id), take_out_key(asset_id), take_out_of, limit=limit, after=after
        )

    def changes(
        self, owner: str | None, kind: EntryKind, entry_id: str, *, limit: int, after: str | None
    ) -> Sequence[Change]:
        """One query."""
        prefix = history_key(kind, entry_id)
        return _listed(
            ChangeRecord, history_partition(owner), prefix, change_of, limit=limit, after=after, backwards=True
        )

    def first_change(self, owner: str | None, kind: EntryKind, entry_id: str) -> Change | None:
        """One consistent read."""
        record = ChangeRecord.find(history_partition(owner), history_key(kind, entry_id, revision_text(1)))
        return change_of(record) if record else None

    def products_in(self, partner_id: str, category: str, *, limit: int, after: str | None) -> Found[Product]:
        """One query over at most 1,000 products."""
        found = _found(
            ProductRecord, partner_id, "product#", ProductRecord.category == category, limit=limit, after=after
        )
        return Found([product_of(each) for each in found.rows], found.after)

    def assets_of(
        self, partner_id: str, *, product_id: str | None, place_id: str | None, limit: int, after: str | None
    ) -> Found[Asset]:
        """One query over at most 1,000 assets."""
        wanted = AssetRecord.product_id == product_id if product_id is not None else None
        if place_id is not None:
            at_place = AssetRecord.place_id == place_id
            wanted = at_place if wanted is None else wanted & at_place
        found = _found(AssetRecord, partner_id, asset_key(""), wanted, limit=limit, after=after)
        return Found([asset_of(each) for each in found.rows], found.after)

    def products_by(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Product]:
        """One batch read of at most a hundred."""
        items = [(partition(partner_id), f"product#{product_id}") for partner_id, product_id in keys]
        found = map(product_of, ProductRecord.batch_get(items, consistent_read=True) if items else ())
        return {(each.partner_id, each.product_id): each for each in found}

    def putting_category(self, category: Category, above: Sequence[Category]) -> Sequence[Write]:
        """On the revision before; each of those above has to have the parent that it had."""
        changed = CategoryChanged(category_id=category.category_id)
        return [
            Put(category_record(category), changed, _next_of(CategoryRecord.revision, category.revision)),
            *(_still_below(each, changed) for each in above),
        ]

    def putting_place(self, place: Place, before: Place | None, at: datetime) -> Sequence[Write]:
        """The place and its code together, and a message; a code given up is free again."""
        changed = PlaceChanged(place_id=place.place_id)
        facts = {"partner_id": place.partner_id, "place_id": place.place_id}
        return [
            Put(place_record(place), changed, _next_of(PlaceRecord.revision, place.revision)),
            *_putting_poster(place, before),
            message(STAND, f"{place.partner_id}/place/{place.place_id}#{place.revision}", facts, at),
        ]

    def putting_product(self, product: Product) -> Write:
        """On the revision before."""
        changed = ProductChanged(product_id=product.product_id)
        return Put(product_record(product), changed, _next_of(ProductRecord.revision, product.revision))

    def putting_asset(self, asset: Asset, before: Asset | None, at: datetime) -> Sequence[Write]:
        """The asset, its code and its device together, and a message; a code or device given up is free again."""
        changed = AssetChanged(asset_id=asset.asset_id)
        own = Put(asset_record(asset), changed, _next_of(AssetRecord.revision, asset.revision))
        facts = {"partner_id": asset.partner_id, "asset_id": asset.asset_id}
        told = message(STAND, f"{asset.partner_id}/asset/{asset.asset_id}#{asset.revision}", facts, at)
        return [own, *_putting_code(asset, before), *_putting_device(asset, before), told]

    def recording(self, change: Change) -> Write:
        """Once for each revision."""
        there = Conflict(entry_id=change.entry_id, revision=change.revision)
        return Put(change_record(change), there, ChangeRecord.pk.does_not_exist())

    def adding_take_out(self, take_out: TakeOut) -> Sequence[Write]:
        """Its id is new; a message, and a timer where its end is stated."""
        there = Conflict(take_out_id=take_out.take_out_id)
        added = Put(take_out_record(take_out), there, TakeOutRecord.pk.does_not_exist())
        key = f"{take_out.partner_id}/{take_out.asset_id}#{take_out.take_out_id}"
        told = message(TAKEN_OUT, key, {**_freed(take_out), "take_out_id": take_out.take_out_id}, take_out.made_at)
        if take_out.until is None:
            return [added, told]
        return [added, told, setting(Timer(take_out.until, FREED, _freed(take_out)), take_out.made_at)]

    def ending_take_out(self, take_out: TakeOut) -> Sequence[Write]:
        """Nobody has ended it meanwhile; a message."""
        there = AssetChanged(asset_id=take_out.asset_id)
        still = TakeOutRecord.pk.exists() & TakeOutRecord.ended_at.does_not_exist()
        key = f"{take_out.partner_id}/{take_out.asset_id}#{take_out.take_out_id}"
        told = message(FREED, key, _freed(take_out), take_out.ended_at or take_out.made_at)
        return [Put(take_out_record(take_out), there, still), told]

    def publishing(self, product: Product, tariff: Tariff, fare: str = "") -> Sequence[Write]:
        """The version, which must be new, and the product that names it."""
        taken = TariffVersionTaken(product_id=product.product_id, version=tariff.version)
        version = Put(tariff_record(product, fare, tariff), taken, TariffRecord.pk.does_not_exist())
        return [version, self.putting_product(product)]

    def asset_is_on_offer(self, partner_id: str, asset_id: str, now: datetime) -> Write:
        """A condition check on the asset's item."""
        in_place = (
            (AssetRecord.out_from.does_not_exist()) | (AssetRecord.out_from > now) | (AssetRecord.out_until <= now)
        )
        offered = (AssetRecord.retired == False) & in_place  # noqa: E712 -- builds a DynamoDB condition
        return Check(
            AssetRecord, (partition(partner_id), asset_key(asset_id)), offered, AssetOffOffer(asset_id=asset_id)
        )

    def _place_of(self, record: PlaceRecord) -> Place:
        return place_of(record, self._stage_zone)


def _listed(
    model: type[Stored],
    pk: str,
    prefix: str,
    entry_of: Callable[[Stored], Entry],
    *,
    limit: int,
    after: str | None,
    backwards: bool = False,
) -> list[Entry]:
    behind = f"{prefix}{after}" if after else None
    rows = model.listed(pk, model.sk.startswith(prefix), limit=limit, after=behind, backwards=backwards)
    return [entry_of(each) for each in rows]


def _found(
    model: type[Stored], partner_id: str, prefix: str, wanted: Condition | None, *, limit: int, after: str | None
) -> Found[Stored]:
    """What one query finds: no more than the rows asked for, and no further than the items that it may look at."""
    pk = partition(partner_id)
    query = model.query(
        pk,
        model.sk.startswith(prefix),
        filter_condition=wanted,
        consistent_read=True,
        last_evaluated_key={"pk": {"S": pk}, "sk": {"S": f"{prefix}{after}"}} if after else None,
        page_size=_MOST_LOOKED_AT,
    )
    page = next(query.page_iter)
    items = page["Items"]
    rows = [model.from_raw_data(each) for each in items[:limit]]
    if len(items) > limit:
        return Found(rows, rows[-1].sk.removeprefix(prefix))
    behind = page.get("LastEvaluatedKey")
    return Found(rows, behind["sk"]["S"].removeprefix(prefix) if behind else None)


def _next_of(stored: NumberAttribute, revision: int) -> Condition:
    """That nobody has changed the entry meanwhile; those stored without a revision count as their first."""
    return stored.does_not_exist() if revision == 1 else stored == revision - 1


def _still_below(category: Category, changed: CategoryChanged) -> Check:
    parent = CategoryRecord.parent
    same = parent.does_not_exist() if category.parent is None else parent == category.parent
    key = (CATEGORIES, f"category#{category.category_id}")
    return Check(CategoryRecord, key, CategoryRecord.pk.exists() & same, changed)


def _putting_code(asset: Asset, before: Asset | None) -> Sequence[Write]:
    if before and before.code == asset.code:
        return []
    taken = CodeTaken(code=asset.code, pointer="/code")
    its_own = (CodeRecord.partner_id == asset.partner_id) & (CodeRecord.asset_id == asset.asset_id)
    writes: list[Write] = [Put(code_record(asset), taken, CodeRecord.pk.does_not_exist() | its_own)]
    if before:
        writes.append(Remove(code_record(before), taken, its_own))
    return writes


def _putting_poster(place: Place, before: Place | None) -> Sequence[Write]:
    was = before.code if before else None
    if was == place.code:
        return []
    taken = CodeTaken(code=place.code, pointer="/code")
    its_own = (CodeRecord.partner_id == place.partner_id) & (CodeRecord.place_id == place.place_id)
    writes: list[Write] = []
    if place.code is not None:
        writes.append(Put(poster_record(place), taken, CodeRecord.pk.does_not_exist() | its_own))
    if before is not None and was is not None:
        writes.append(Remove(poster_record(before), taken, its_own))
    return writes


def _putting_device(asset: Asset, before: Asset | None) -> Sequence[Write]:
    taken = DeviceTaken(device_id=asset.device_id, pointer="/device_id")
    its_own = AssetRecord.asset_id == asset.asset_id
    writes: list[Write] = []
    if asset.device_id:
        writes.append(Put(device_record(asset), taken, AssetRecord.pk.does_not_exist() | its_own))
    if before and before.device_id and before.device_id != asset.device_id:
        writes.append(Remove(device_record(before), taken, its_own))
    return writes


def _freed(take_out: TakeOut) -> dict[str, str]:
    return {"partner_id": take_out.partner_id, "asset_id": take_out.asset_id}
