"""All that entries say, their history, take-outs and categories, as DynamoDB keeps them; and items of earlier forms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from chalicelib.access.model import AccessSession, ChargeRecord, Need, State
from chalicelib.access.records import AssetStateRecord
from chalicelib.access.store import SessionStore
from chalicelib.catalogue.booking_policy import BookingPolicy
from chalicelib.catalogue.categorising import put_category
from chalicelib.catalogue.category import Category
from chalicelib.catalogue.changes import Author, EntryKind
from chalicelib.catalogue.details import (
    Condition,
    Odometer,
    Picture,
    ProductKind,
    ProductTax,
    ProductTerms,
    Seller,
    SuppliedAt,
    Wear,
)
from chalicelib.catalogue.errors import (
    AssetChanged,
    BadCatalogueEntry,
    CategoryChanged,
    PlaceChanged,
    UnknownCategory,
    UnknownProduct,
)
from chalicelib.catalogue.hours import OpeningHours, Span, SpecialDay
from chalicelib.catalogue.model import Asset, FormerState, Place, Product
from chalicelib.catalogue.policy import Offline, Unused, UsePolicy
from chalicelib.catalogue.service import put_asset, put_place, put_product
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.catalogue.zones import ServiceZone, ZoneKind
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Transaction
from tests.stores.maintaining import BY, NOW, start_on_bike, take_bike_out
from tests.stores.tables import PREFIX, Client, items

pytestmark = pytest.mark.stores
HOUR = timedelta(hours=1)
PLACE = Place(
    "par-1",
    "shop",
    "Shop",
    Decimal("55.6836"),
    Decimal("12.5716"),
    zone="Europe/Copenhagen",
    hours=OpeningHours({"mon": (Span(480, 720), Span(1200, 1620))}, (SpecialDay("12-24", (), "Juleaften"),)),
    service_zones=(ServiceZone("Centre", ZoneKind.NO_PARKING, ((0, 0), (10_000_000, 0), (0, -10_000_000))),),
)
PRODUCT = Product(
    "par-1",
    "bike",
    "Bike",
    "bikes",
    "Europe/Copenhagen",
    kind=ProductKind.SERVICE,
    tax=ProductTax("txcd_20030000", SuppliedAt.DISPOSAL, "DK", "2200"),
    seller=Seller("Cykler ApS", "DK", "DK12345678"),
    terms=ProductTerms("2021-05", {"da": "https://example.com/da", "en": "Bring it back."}),
    pictures=(Picture("https://example.com/1.jpg", "En cykel"),),
    policy=UsePolicy(
        ("moving",),
        ("locked",),
        ("docked",),
        timedelta(seconds=900),
        HOUR,
        Unused.RELEASED,
        HOUR,
        Offline.ALLOW,
        timedelta(0),
        streams=3,
        priced_reservation=timedelta(minutes=90),
        booking=BookingPolicy(HOUR, 20 * HOUR, 10 * HOUR, 2 * HOUR, timedelta(minutes=20)),
    ),
)
ASSET = Asset(
    "par-1",
    "bike-7",
    "bike",
    "BIKE-0007",
    "shop",
    None,
    device_id="lock:7",
    capabilities={"gears": "8"},
    condition=Condition(Wear.DAMAGED, "bent"),
    odometer=Odometer(Decimal("1234.5"), "km"),
    accessibility=("low_entry",),
    in_service_from=date(2020, 2, 29),
)
APRIL = Month(2021, 4)


@pytest.fixture
def catalogue(commit: Transaction) -> CatalogueStore:
    store = CatalogueStore("Europe/Helsinki")
    put_place(PLACE, author=BY, catalogue=store, commit=commit)
    put_product(PRODUCT, author=BY, catalogue=store, commit=commit)
    put_asset(ASSET, author=BY, zone="UTC", catalogue=store, commit=commit)
    return store


def test_entries_come_back_with_all_that_they_say(catalogue: CatalogueStore) -> None:
    assert catalogue.place("par-1", "shop") == PLACE
    assert catalogue.product("par-1", "bike") == PRODUCT
    assert catalogue.asset("par-1", "bike-7") == catalogue.asset_by_device("par-1", "lock:7") == ASSET


def test_items_of_the_forms_before_are_still_read_and_can_be_changed(commit: Transaction, dynamodb: Client) -> None:
    """
    Neither revision, zone, hours, policy, device nor take-outs; products even without fares.
    """
    own = {"pk": {"S": "partner#par-1"}, "format": {"N": "1"}}
    place = {"name": "Shop", "address": ""}
    product = {"name": "Bike", "category": "bikes", "zone": "Europe/Copenhagen", "data_card": "[]"}
    asset = {"product_id": "bike", "code": "BIKE-0007"}
    numbers: dict[str, dict[str, str]] = {
        "place#shop": {"latitude": "55.6836", "longitude": "12.5716", "capacity": "4"},
        "product#bike": {"tariff_version": "0"},
        "asset#bike-7": {"capacity": "2"},
    }
    for sk, texts in (("place#shop", place), ("product#bike", product), ("asset#bike-7", asset)):
        item: dict[str, Any] = {**own, "sk": {"S": sk}, **{name: {"S": text} for name, text in texts.items()}}
        item |= {name: {"N": number} for name, number in numbers[sk].items()}
        item |= {"retired": {"BOOL": False}} if sk.startswith("asset") else {}
        dynamodb.put_item(TableName=f"{PREFIX}catalogue", Item=item)
    code = {"pk": {"S": "code#BIKE-0007"}, "sk": {"S": "code"}, "partner_id": {"S": "par-1"}, "format": {"N": "1"}}
    dynamodb.put_item(TableName=f"{PREFIX}catalogue", Item={**code, "asset_id": {"S": "bike-7"}})
    store = CatalogueStore("Europe/Helsinki")
    plain = Place("par-1", "shop", "Shop", Decimal("55.6836"), Decimal("12.5716"), "", 4, "Europe/Helsinki")
    found = store.product("par-1", "bike")

    assert store.place("par-1", "shop") == plain
    assert found == Product("par-1", "bike", "Bike", "bikes", "Europe/Copenhagen")
    assert found.policy == UsePolicy()
    assert store.asset_by_code("BIKE-0007") == Asset("par-1", "bike-7", "bike", "BIKE-0007", capacity=2)
    assert store.assets_of("par-1", product_id="bike", place_id=None, limit=9, after=None).rows
    start_on_bike(store, commit, NOW)
    put_place(PLACE, author=BY, catalogue=store, commit=commit)
    put_product(PRODUCT, author=BY, catalogue=store, commit=commit)
    put_asset(ASSET, author=BY, zone="UTC", catalogue=store, commit=commit)
    kept = store.asset_by_code("BIKE-0007")
    assert kept is not None
    assert (store.place("par-1", "shop"), replace(kept, former=())) == (PLACE, ASSET)
    assert (kept.listed_on, kept.in_month(APRIL).capacity, kept.in_month(APRIL.next).capacity) == (None, 2, None)
    first = store.first_change("par-1", EntryKind.ASSET, "bike-7")
    assert first is not None
    assert first.at == NOW


def test_an_asset_keeps_its_first_day_and_how_it_stood_in_months_that_are_over(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    """
    In the zone of the operator, in which it is the first of June already.
    """
    stated, at = replace(ASSET, capacity=1, in_service_from=None), datetime(2021, 5, 31, 21, 30, tzinfo=UTC)
    put_asset(stated, author=Author("key_1", at), zone="Europe/Helsinki", catalogue=catalogue, commit=commit)
    found = catalogue.asset("par-1", "bike-7")

    assert found is not None
    assert found.listed_on == NOW.date()
    assert found.former == (
        FormerState(Month(2021, 6), "bike", None, retired=False, in_service_from=date(2020, 2, 29)),
    )
    assert catalogue.asset_by_device("par-1", "lock:7") == found
    assert replace(found.in_month(Month(2021, 5)), former=()) == ASSET
    assert catalogue.first_change("par-1", EntryKind.ASSET, "none") is None


def test_the_rows_of_an_import_look_for_each_product_and_place_once(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    looked = list[str]()

    class Counting(CatalogueStore):
        """Notes what is looked for."""

        def product(self, partner_id: str, product_id: str) -> Product | None:
            looked.append(product_id)
            return super().product(partner_id, product_id)

        def place(self, partner_id: str, place_id: str) -> Place | None:
            looked.append(place_id)
            return super().place(partner_id, place_id)

    seen = set[str]()
    put = partial(put_asset, author=BY, zone="UTC", catalogue=Counting(), commit=commit, seen=seen)
    for number in range(3):
        put(Asset("par-1", f"b-{number}", "bike", f"CODE-{number}", "shop"))
    for _ in range(2):
        with pytest.raises(UnknownProduct):
            put(Asset("par-1", "b-9", "none", "CODE-9"))

    assert looked == ["bike", "shop", "none", "none"]
    assert catalogue.asset("par-1", "b-2") is not None


def test_each_change_is_kept_in_its_own_transaction_with_who_and_what(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    later = Author("key_2", NOW + HOUR)
    put_asset(replace(ASSET, capacity=4), author=later, zone="UTC", catalogue=catalogue, commit=commit)
    put_asset(replace(ASSET, capacity=4), author=later, zone="UTC", catalogue=catalogue, commit=commit)
    read = partial(catalogue.changes, "par-1", EntryKind.ASSET, "bike-7")
    second, first = read(limit=9, after=None)

    assert (first.by, first.at, first.revision) == ("key_1", NOW, 1)
    assert (second.by, second.at, second.revision) == ("key_2", NOW + HOUR, 2)
    assert [(each.pointer, each.before, each.after) for each in second.changed] == [("/capacity", None, "4")]
    assert list(read(limit=1, after=None)) == [second]
    assert list(read(limit=1, after="00000002")) == [first]
    assert catalogue.changes("par-2", EntryKind.ASSET, "bike-7", limit=9, after=None) == []
    assert catalogue.changes("par-1", EntryKind.ASSET, "bike", limit=9, after=None) == []


def test_of_two_that_change_an_entry_at_once_one_is_told_and_leaves_no_history(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    class Stale(CatalogueStore):
        """Reads what was there before the other wrote."""

        def place(self, _partner_id: str, _place_id: str) -> Place | None:
            return replace(PLACE, revision=1)

        def asset(self, _partner_id: str, _asset_id: str) -> Asset | None:
            return replace(ASSET, revision=1)

    put_place(replace(PLACE, name="First"), author=BY, catalogue=catalogue, commit=commit)
    put_asset(replace(ASSET, capacity=4), author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    with pytest.raises(PlaceChanged):
        put_place(replace(PLACE, name="Second"), author=BY, catalogue=Stale(), commit=commit)
    changed = replace(ASSET, capacity=5, place_id=None)
    with pytest.raises(AssetChanged):
        put_asset(changed, author=BY, zone="UTC", catalogue=Stale(), commit=commit)
    with pytest.raises(AssetChanged):
        take_bike_out(Stale(), commit)

    assert len(catalogue.changes("par-1", EntryKind.PLACE, "shop", limit=9, after=None)) == 2
    assert len(catalogue.changes("par-1", EntryKind.ASSET, "bike-7", limit=9, after=None)) == 2
    assert catalogue.take_outs("par-1", "bike-7", limit=9, after=None) == []


def test_lists_are_filtered_by_one_query_that_says_where_to_go_on(
    catalogue: CatalogueStore, commit: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        asset = Asset("par-1", f"b-{number}", "bike", f"CODE-{number}", "shop" if number % 3 == 0 else None)
        put_asset(asset, author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    monkeypatch.setattr("chalicelib.catalogue.store._MOST_LOOKED_AT", 4)
    find = partial(catalogue.assets_of, "par-1", product_id=None, place_id="shop", limit=9)
    first = find(after=None)
    second = find(after=first.after)

    assert ([each.asset_id for each in first.rows], first.after) == (["b-0", "b-3"], "b-3")
    assert ([each.asset_id for each in second.rows], second.after) == (["bike-7"], None)
    assert find(after=None, limit=1).after == "b-0"
    assert find(after=None, product_id="none").rows == []
    assert [each.product_id for each in catalogue.products_in("par-1", "bikes", limit=9, after=None).rows] == ["bike"]


def session(number: int) -> AccessSession:
    ids = {name: f"{name}-{number}" for name in ("session_id", "account_id", "customer_id", "quote_id")}
    return AccessSession(
        **ids, partner_id="par-1", product_id="bike", asset_id="bike-7", tariff_version=1, started_at=NOW, meters={}
    )


def test_an_asset_without_a_capacity_is_free_for_any_number_and_keeps_no_list_of_them(commit: Transaction) -> None:
    sessions = SessionStore()
    for number in range(3):
        assert sessions.is_free("par-1/bike-7", None)
        commit(sessions.starting(session(number), None), None)

    assert AssetStateRecord.find("asset#par-1/bike-7", "state") is None
    assert sessions.open_on("par-1/bike-7") == ["session_id-0", "session_id-1", "session_id-2"]
    ended = replace(session(0), state=State.ENDED, ended_at=NOW, revision=1)
    commit(sessions.ending(ChargeRecord(ended, Need((), {}, {}, ""), (), "EUR", NOW), Month(2021, 5)), None)


def test_categories_are_a_tree_and_stay_one(catalogue: CatalogueStore, commit: Transaction) -> None:
    put = partial(put_category, author=BY, catalogue=catalogue, commit=commit)
    vehicles = Category("vehicles", {"da": "Køretøjer", "en": "Vehicles"})
    cars = Category("cars", {"en": "Cars"}, "vehicles", ("identity", "age:18"))
    for each in (vehicles, cars, replace(cars, names={"en": "Motor-cars"})):
        put(each)

    assert catalogue.category("cars") == replace(cars, names={"en": "Motor-cars"})
    assert [each.category_id for each in catalogue.categories(limit=9, after=None)] == ["cars", "vehicles"]
    assert len(catalogue.changes(None, EntryKind.CATEGORY, "cars", limit=9, after=None)) == 2
    with pytest.raises(UnknownCategory):
        put(replace(cars, parent="none"))
    with pytest.raises(BadCatalogueEntry, match="not below"):
        put(replace(vehicles, parent="cars"))
    for number in range(8):
        put(Category(f"c{number}", {"en": "C"}, f"c{number - 1}" if number else None))
    put(Category("c8", {"en": "C"}, "c6"))
    with pytest.raises(BadCatalogueEntry, match="levels"):
        put(Category("c9", {"en": "C"}, "c7"))


def test_two_who_put_each_others_category_above_their_own_make_no_circle(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    a, b = Category("a", {"en": "A"}), Category("b", {"en": "B"})
    for each in (a, b):
        put_category(each, author=BY, catalogue=catalogue, commit=commit)

    class Slow(CatalogueStore):
        """Somebody else writes between its reads and its write."""

        def putting_category(self, category: Category, above: Sequence[Category]) -> Sequence[Write]:
            put_category(replace(a, parent="b"), author=BY, catalogue=catalogue, commit=commit)
            return super().putting_category(category, above)

    with pytest.raises(CategoryChanged):
        put_category(replace(b, parent="a"), author=BY, catalogue=Slow(), commit=commit)
    assert catalogue.category("b") == b


def test_what_happened_to_an_entry_expires_after_ten_years(catalogue: CatalogueStore, dynamodb: Client) -> None:
    kept = [item for table, item in items(dynamodb) if item["sk"]["S"].startswith("history#")]

    assert len(kept) == 3
    assert {int(item["expires"]["N"]) for item in kept} == {int((NOW + timedelta(days=3653)).timestamp())}
    assert catalogue.place("par-1", "shop") is not None
