"""What partners put on offer, as DynamoDB keeps it: ids are the partner's own, codes are everybody's."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest

from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.errors import (
    AssetOffOffer,
    BadCatalogueEntry,
    CodeTaken,
    DeviceTaken,
    NoTariff,
    ProductChanged,
    TariffVersionTaken,
    UnknownCode,
    UnknownPlace,
    UnknownProduct,
)
from chalicelib.catalogue.model import Asset, CeilingTerms, DataItem, Owning, Place, Product
from chalicelib.catalogue.service import (
    fares_of,
    publish_tariff,
    put_asset,
    put_place,
    put_product,
    what_code_stands_for,
)
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.kernel.money import Money
from chalicelib.rating import InvalidTariff
from chalicelib.rating.errors import NoTariffInForce
from chalicelib.storage.capacity import counted
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction
from tests.unit.rating.city_bike import DOCUMENT

pytestmark = pytest.mark.stores
NOW = datetime(2021, 5, 1, 6, tzinfo=UTC)
BY = Author("key_1", NOW)
BEFORE, LATER = datetime(2021, 4, 1, tzinfo=UTC), datetime(2021, 6, 15, tzinfo=UTC)
PLACE = Place("par-1", "station-1", "Töölönlahti", Decimal("60.1698557"), Decimal("24.93"), "Kuja 1", 24)
PRODUCT = Product("par-1", "bike", "Bike", "bikes", "Europe/Helsinki", (DataItem("unlocked", "shows use", 400),))
ASSET = Asset("par-1", "bike-7", "bike", "BIKE-0007", "station-1")
RULES = {name: value for name, value in DOCUMENT.items() if name not in {"tariff_id", "version", "zone"}}


@pytest.fixture
def catalogue(commit: Transaction) -> CatalogueStore:
    store = CatalogueStore()
    put_place(PLACE, author=BY, catalogue=store, commit=commit)
    put_product(PRODUCT, author=BY, catalogue=store, commit=commit)
    return store


def test_places_products_and_assets_come_back_as_they_were(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    assert catalogue.place("par-1", "station-1") == PLACE
    assert catalogue.product("par-1", "bike") == PRODUCT
    assert catalogue.asset("par-1", "bike-7") == ASSET
    assert catalogue.asset_by_code("BIKE-0007") == ASSET
    assert catalogue.asset_by_code("BIKE-0008") is None


def test_a_partner_sees_its_own_entries_only(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    assert catalogue.place("par-2", "station-1") is None
    assert catalogue.product("par-2", "bike") is None
    assert catalogue.asset("par-2", "bike-7") is None
    assert catalogue.assets("par-2", limit=10, after=None) == []


def test_entries_are_listed_in_pages_by_id(catalogue: CatalogueStore, commit: Transaction) -> None:
    for number in (3, 1, 2):
        asset = replace(ASSET, asset_id=f"bike-{number}", code=f"BIKE-000{number}")
        put_asset(asset, author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    assert [each.asset_id for each in catalogue.assets("par-1", limit=2, after=None)] == ["bike-1", "bike-2"]
    assert [each.asset_id for each in catalogue.assets("par-1", limit=2, after="bike-2")] == ["bike-3"]
    assert [each.place_id for each in catalogue.places("par-1", limit=2, after=None)] == ["station-1"]
    assert [each.product_id for each in catalogue.products("par-1", limit=2, after=None)] == ["bike"]
    assert catalogue.places("par-1", limit=2, after="station-1") == []


def test_an_entry_sent_again_replaces_itself(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    moved = replace(ASSET, place_id=None, retired=True)
    put_asset(moved, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    put_place(replace(PLACE, name="Kuja"), author=BY, catalogue=catalogue, commit=commit)

    assert catalogue.asset("par-1", "bike-7") == moved
    assert catalogue.places("par-1", limit=9, after=None) == [replace(PLACE, name="Kuja")]


def test_a_code_belongs_to_one_asset_of_all_partners(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    put_product(replace(PRODUCT, partner_id="par-2"), author=BY, catalogue=catalogue, commit=commit)
    same_name = replace(ASSET, partner_id="par-2", place_id=None)
    for other in (replace(ASSET, asset_id="bike-8"), same_name):
        with pytest.raises(CodeTaken):
            put_asset(other, author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    assert catalogue.asset_by_code("BIKE-0007") == ASSET
    assert catalogue.asset("par-2", "bike-7") is None


def test_a_code_that_was_given_up_is_free_again(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    renamed = replace(ASSET, code="BIKE-NEW")
    put_asset(renamed, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    other = replace(ASSET, asset_id="bike-8")
    put_asset(other, author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    assert catalogue.asset_by_code("BIKE-NEW") == renamed
    assert catalogue.asset_by_code("BIKE-0007") == other


def test_an_asset_is_found_by_its_device_in_one_read(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_product(replace(PRODUCT, partner_id="par-2"), author=BY, catalogue=catalogue, commit=commit)
    mine = replace(ASSET, device_id="lock:7")
    theirs = replace(ASSET, partner_id="par-2", place_id=None, code="THEIRS-7", device_id="lock:7")
    for each in (mine, replace(mine, capacity=2), theirs):
        put_asset(each, author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    with counted() as one_read:
        by_id = catalogue.asset("par-1", "bike-7")
    with counted() as used:
        by_device = catalogue.asset_by_device("par-1", "lock:7")
    assert (by_id, by_device) == (replace(mine, capacity=2), replace(mine, capacity=2))
    assert used.units == one_read.units > 0
    assert catalogue.asset_by_device("par-2", "lock:7") == theirs
    assert catalogue.asset_by_device("par-1", "lock:8") is None
    assert catalogue.assets("par-1", limit=9, after=None) == [replace(mine, capacity=2)]


def test_two_assets_of_a_partner_cannot_have_one_device(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(replace(ASSET, device_id="lock-7"), author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    other = replace(ASSET, asset_id="bike-8", code="BIKE-0008", device_id="lock-7")
    with pytest.raises(DeviceTaken) as refused:
        put_asset(other, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    assert refused.value.facts["pointer"] == "/device_id"
    assert catalogue.asset("par-1", "bike-8") is None

    put_asset(replace(ASSET, device_id="lock-9"), author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    put_asset(other, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    assert catalogue.asset_by_device("par-1", "lock-7") == other
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    assert catalogue.asset_by_device("par-1", "lock-9") is None


def test_an_asset_is_of_a_product_and_at_a_place_that_are_there(catalogue: CatalogueStore, commit: Transaction) -> None:
    with pytest.raises(UnknownProduct):
        put_asset(replace(ASSET, product_id="car"), author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    with pytest.raises(UnknownPlace):
        put_asset(replace(ASSET, place_id="station-9"), author=BY, zone="UTC", catalogue=catalogue, commit=commit)


def test_versions_of_a_tariff_follow_one_another_and_stay(catalogue: CatalogueStore, commit: Transaction) -> None:
    first = publish_tariff("par-1", "bike", RULES, currency="EUR", author=BY, catalogue=catalogue, commit=commit)
    dearer = {**RULES, "prices": [{**RULES["prices"][0], "amount": "0.60"}], "caps": []}
    second = publish_tariff("par-1", "bike", dearer, currency="EUR", author=BY, catalogue=catalogue, commit=commit)
    put_product(replace(PRODUCT, name="City bike"), author=BY, catalogue=catalogue, commit=commit)

    assert (first.version, second.version) == (1, 2)
    fresh = CatalogueStore()
    assert [fresh.tariff("par-1", "bike", number) for number in (1, 2, 3)] == [first, second, None]
    product = fresh.product("par-1", "bike")
    assert product is not None
    assert (product.name, product.tariff_version) == ("City bike", 2)


def test_a_tariff_that_sessions_cannot_be_charged_by_is_refused_with_all_that_is_wrong(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    plan = {"id": "plan", "kind": "recurring", "amount": "9.00", "per": "month"}
    monthly = {**RULES, "prices": [*RULES["prices"], plan]}
    with pytest.raises(InvalidTariff) as caught:
        publish_tariff("par-1", "bike", monthly, currency="DKK", author=BY, catalogue=catalogue, commit=commit)

    assert [fault["pointer"] for fault in caught.value.facts["errors"]] == [
        "/currency",
        f"/prices/{len(RULES['prices'])}/kind",
    ]
    assert catalogue.tariff("par-1", "bike", 1) is None


def test_of_two_that_publish_at_once_one_is_told(catalogue: CatalogueStore, commit: Transaction) -> None:
    tariff = publish_tariff("par-1", "bike", RULES, currency="EUR", author=BY, catalogue=catalogue, commit=commit)
    with pytest.raises(TariffVersionTaken):
        commit(catalogue.publishing(PRODUCT, tariff), None)
    with pytest.raises(ProductChanged):
        commit([catalogue.putting_product(replace(PRODUCT, revision=1))], None)


def test_a_tariff_is_read_once_in_a_processs_life(catalogue: CatalogueStore, commit: Transaction) -> None:
    publish_tariff("par-1", "bike", RULES, currency="EUR", author=BY, catalogue=catalogue, commit=commit)

    assert catalogue.tariff("par-1", "bike", 1) is catalogue.tariff("par-1", "bike", 1)


def test_a_code_stands_for_an_asset_its_product_and_its_tariff(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    with pytest.raises(NoTariff):
        what_code_stands_for("BIKE-0007", NOW, catalogue=catalogue)
    tariff = publish_tariff("par-1", "bike", RULES, currency="EUR", author=BY, catalogue=catalogue, commit=commit)

    product = replace(PRODUCT, tariff_version=1)
    assert what_code_stands_for("BIKE-0007", NOW, catalogue=catalogue) == (ASSET, product, tariff)
    with pytest.raises(UnknownCode):
        what_code_stands_for("BIKE-0008", NOW, catalogue=catalogue)


def test_what_is_retired_cannot_be_started_or_found_by_its_code(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    check = catalogue.asset_is_on_offer("par-1", "bike-7", NOW)
    commit([check, message("x", "on offer", {}, NOW)], None)
    put_asset(replace(ASSET, retired=True), author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    with pytest.raises(AssetOffOffer):
        commit([check, message("x", "retired", {}, NOW)], None)
    with pytest.raises(UnknownCode):
        what_code_stands_for("BIKE-0007", NOW, catalogue=catalogue)
    assert MessageRecord.find("x#retired", "message") is None


def test_a_product_comes_back_with_what_owning_costs_and_its_ceiling(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    euros = [Money(minor, "EUR") for minor in (89_900, 10_000, 6_000, 250)]
    owned = replace(PRODUCT, product_id="drill", owning=Owning(euros[0], euros[1], 1825, euros[2]))
    for each in (owned, replace(owned, ceiling=CeilingTerms()), replace(owned, ceiling=CeilingTerms(euros[3]))):
        put_product(each, author=BY, catalogue=catalogue, commit=commit)
        found = catalogue.product("par-1", "drill")
        assert found is not None
        assert replace(found, former=()) == each


def test_fares_have_versions_of_their_own_and_stay_when_the_product_is_replaced(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    publish = partial(publish_tariff, "par-1", "bike", RULES, currency="EUR", catalogue=catalogue, commit=commit)
    own, one, two = [
        publish(author=each, fare=fare) for each, fare in ((BY, ""), (BY, "often"), (replace(BY, at=LATER), "often"))
    ]
    put_product(replace(PRODUCT, name="City bike"), author=BY, catalogue=catalogue, commit=commit)
    product = catalogue.product("par-1", "bike")
    assert product is not None

    assert (product.name, product.tariff_version, product.fares) == ("City bike", 1, {"often": 2})
    assert (own.tariff_id, one.tariff_id, two.version) == ("par-1:bike", "par-1:bike~often", 2)
    assert [fares_of(product, at, catalogue=catalogue) for at in (BEFORE, NOW, LATER)] == [(), (one,), (two,)]
    assert CatalogueStore().tariff("par-1", "bike", 2, "often") == two


@pytest.mark.parametrize("fare", ["Often", "a b", "~", "x" * 33, "often#1"])
def test_the_name_of_a_fare_is_plain(catalogue: CatalogueStore, commit: Transaction, fare: str) -> None:
    with pytest.raises(BadCatalogueEntry):
        publish_tariff("par-1", "bike", RULES, currency="EUR", author=BY, fare=fare, catalogue=catalogue, commit=commit)


def test_a_quote_is_made_of_the_version_that_is_valid_then(catalogue: CatalogueStore, commit: Transaction) -> None:
    publish = partial(publish_tariff, "par-1", "bike", currency="EUR", author=BY, catalogue=catalogue, commit=commit)
    publish({**RULES, "valid_from": "2021-05-01T06:00:00Z"})
    publish({**RULES, "valid_from": "2021-06-01T06:00:00Z", "valid_until": "2021-07-01T06:00:00Z"})
    put_asset(ASSET, author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    def version(at: datetime) -> int:
        return what_code_stands_for("BIKE-0007", at, catalogue=catalogue)[2].version

    assert [version(NOW), version(LATER), version(LATER.replace(month=8))] == [1, 2, 1]
    with pytest.raises(NoTariffInForce):
        version(BEFORE)
