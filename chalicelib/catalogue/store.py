"""The catalogue in DynamoDB."""

from collections.abc import Sequence

from chalicelib.catalogue.errors import (
    AssetRetired,
    BadCatalogueEntry,
    CodeTaken,
    DeviceTaken,
    ProductChanged,
    TariffVersionTaken,
)
from chalicelib.catalogue.model import Asset, Place, Product
from chalicelib.catalogue.records import (
    AssetRecord,
    CodeRecord,
    PlaceRecord,
    ProductRecord,
    TariffRecord,
    asset_of,
    asset_record,
    code_record,
    device_key,
    device_record,
    partition,
    place_of,
    place_record,
    product_of,
    product_record,
    tariff_key,
    tariff_of,
    tariff_record,
)
from chalicelib.kernel.writes import Write
from chalicelib.rating import Tariff
from chalicelib.storage.writes import Check, Put, Remove


class CatalogueStore:
    """Satisfies `ports.Catalogue`. Tariff versions are immutable, so each is read once in a process's life."""

    def __init__(self) -> None:
        self._tariffs: dict[tuple[str, str, int, str], Tariff] = {}

    def place(self, partner_id: str, place_id: str) -> Place | None:
        """One consistent read."""
        record = PlaceRecord.find(partition(partner_id), f"place#{place_id}")
        return place_of(record) if record else None

    def product(self, partner_id: str, product_id: str) -> Product | None:
        """One consistent read."""
        record = ProductRecord.find(partition(partner_id), f"product#{product_id}")
        return product_of(record) if record else None

    def asset(self, partner_id: str, asset_id: str) -> Asset | None:
        """One consistent read."""
        record = AssetRecord.find(partition(partner_id), f"asset#{asset_id}")
        return asset_of(record) if record else None

    def asset_by_code(self, code: str) -> Asset | None:
        """Two consistent reads: the code, and the asset that carries it."""
        record = CodeRecord.find(f"code#{code}", "code")
        return self.asset(record.partner_id, record.asset_id) if record else None

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

    def places(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Place]:
        """One query."""
        behind = f"place#{after}" if after else None
        rows = PlaceRecord.listed(partition(partner_id), PlaceRecord.sk.startswith("place#"), limit=limit, after=behind)
        return [place_of(each) for each in rows]

    def products(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Product]:
        """One query."""
        behind = f"product#{after}" if after else None
        rows = ProductRecord.listed(
            partition(partner_id), ProductRecord.sk.startswith("product#"), limit=limit, after=behind
        )
        return [product_of(each) for each in rows]

    def assets(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[Asset]:
        """One query."""
        behind = f"asset#{after}" if after else None
        rows = AssetRecord.listed(partition(partner_id), AssetRecord.sk.startswith("asset#"), limit=limit, after=behind)
        return [asset_of(each) for each in rows]

    def putting_place(self, place: Place) -> Write:
        """The last writer of a place wins."""
        return Put(place_record(place), BadCatalogueEntry(place_id=place.place_id))

    def putting_product(self, product: Product) -> Write:
        """On the revision before."""
        before = ProductRecord.revision == product.revision - 1
        condition = ProductRecord.revision.does_not_exist() if product.revision == 1 else before
        return Put(product_record(product), ProductChanged(product_id=product.product_id), condition)

    def putting_asset(self, asset: Asset, before: Asset | None) -> Sequence[Write]:
        """The asset, its code and its device together; a code or device given up is free again."""
        taken = CodeTaken(code=asset.code, pointer="/code")
        own_code = CodeRecord.pk.does_not_exist() | (
            (CodeRecord.partner_id == asset.partner_id) & (CodeRecord.asset_id == asset.asset_id)
        )
        same = AssetRecord.code == before.code if before else AssetRecord.pk.does_not_exist()
        writes: list[Write] = [Put(asset_record(asset), taken, same), Put(code_record(asset), taken, own_code)]
        if before and before.code != asset.code:
            writes.append(Remove(code_record(before), taken, CodeRecord.asset_id == asset.asset_id))
        return [*writes, *self._putting_device(asset, before)]

    def _putting_device(self, asset: Asset, before: Asset | None) -> Sequence[Write]:
        taken = DeviceTaken(device_id=asset.device_id, pointer="/device_id")
        own = AssetRecord.pk.does_not_exist() | (AssetRecord.asset_id == asset.asset_id)
        writes: list[Write] = [Put(device_record(asset), taken, own)] if asset.device_id else []
        if before and before.device_id and before.device_id != asset.device_id:
            writes.append(Remove(device_record(before), taken, AssetRecord.asset_id == asset.asset_id))
        return writes

    def publishing(self, product: Product, tariff: Tariff, fare: str = "") -> Sequence[Write]:
        """The version, which must be new, and the product that names it."""
        taken = TariffVersionTaken(product_id=product.product_id, version=tariff.version)
        version = Put(tariff_record(product, fare, tariff), taken, TariffRecord.pk.does_not_exist())
        return [version, self.putting_product(product)]

    def asset_is_on_offer(self, partner_id: str, asset_id: str) -> Write:
        """A condition check on the asset's item."""
        key = (partition(partner_id), f"asset#{asset_id}")
        return Check(AssetRecord, key, AssetRecord.retired == False, AssetRetired(asset_id=asset_id))  # noqa: E712 -- builds a DynamoDB condition
