"""The map of what stands where, as DynamoDB keeps it, and what a search in a city reads of it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.access.errors import StandChanged
from chalicelib.access.geohash import Position, covering
from chalicelib.access.map_items import place_where
from chalicelib.access.map_ports import Taken
from chalicelib.access.mapping import MOVED_AT_ONCE, MapKeeping, follow, place_on_map, stand_asset, stand_place
from chalicelib.access.offering import find_offers
from chalicelib.access.offers import AssetOnMap, Wish
from chalicelib.catalogue.details import Condition, Wear
from chalicelib.catalogue.hours import OpeningHours, Span, SpecialDay
from chalicelib.catalogue.model import Asset, Place
from chalicelib.catalogue.taking_out import Stretch
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from tests.stores.city import CENTRE, NOW, calls, catalogue, most_queries, offer_bikes, on_map
from tests.stores.riding import session, sessions
from tests.stores.tables import PREFIX, Client, items

pytestmark = pytest.mark.stores
HOURS = OpeningHours({"mon": (Span(480, 720), Span(1200, 1620))}, (SpecialDay("12-24", (), "Juleaften"),))
PLACE = Place("par-1", "square", "Square", Decimal("60.17"), Decimal("24.94"), hours=HOURS, revision=1)
ASSET = Asset("par-1", "bike-7", "bike", "BIKE-0007", "square", revision=1)


@pytest.fixture
def keeping(commit: Transaction) -> MapKeeping:
    return MapKeeping(catalogue, on_map, NOW, commit)


def stored(keeping: MapKeeping, *entries: Place | Asset) -> None:
    """Put by a partner; the messages wait in the outbox."""
    for each in entries:
        if isinstance(each, Place):
            keeping.commit(catalogue.putting_place(each, None, NOW), None)
        else:
            keeping.commit(catalogue.putting_asset(each, catalogue.asset("par-1", each.asset_id), NOW), None)


def at(place: Place) -> Position:
    return Position.of(place.latitude, place.longitude)


def found(place: Place = PLACE, metres: int = 100) -> list[str]:
    """What the map shows around a place."""
    from_there = Wish(at(place), metres, NOW)
    return [
        each.candidate.asset.asset_id for each in find_offers(from_there, catalogue=catalogue, on_map=on_map).offers
    ]


@pytest.fixture
def priced(commit: Transaction) -> None:
    offer_bikes(commit)


def test_places_and_assets_on_the_map_say_all_that_a_search_needs(keeping: MapKeeping) -> None:
    out = Stretch("out_1", NOW, None)
    asset = replace(
        ASSET,
        capacity=None,
        capabilities={"charge_percent": "64", "child_seat": "yes"},
        accessibility=("low_entry",),
        condition=Condition(Wear.WORN, "a scratch"),
        take_outs=(out,),
    )
    stored(keeping, PLACE, asset)
    stand_asset("par-1", "bike-7", keeping=keeping)
    read = on_map.read(covering(CENTRE, 1), 10)

    assert read.complete
    assert read.places == [place_on_map(PLACE)]
    assert read.assets == [
        AssetOnMap(
            "par-1",
            "bike-7",
            "square",
            "bike",
            "BIKE-0007",
            None,
            Wear.WORN,
            64,
            ("child_seat", "low_entry"),
            (out,),
        )
    ]


@pytest.mark.usefixtures("priced")
def test_an_asset_is_found_where_it_stands_and_nowhere_else_however_often_it_is_told(keeping: MapKeeping) -> None:
    other = replace(PLACE, place_id="other", latitude=Decimal("61.5"))
    stored(keeping, PLACE, other, ASSET)
    for _ in range(2):
        stand_asset("par-1", "bike-7", keeping=keeping)
    assert (found(PLACE), found(other)) == (["bike-7"], [])

    stored(keeping, replace(ASSET, place_id="other", revision=2))
    for _ in range(2):
        stand_asset("par-1", "bike-7", keeping=keeping)
    assert (found(PLACE), found(other)) == ([], ["bike-7"])

    stored(keeping, replace(ASSET, retired=True, revision=3))
    for _ in range(2):
        stand_asset("par-1", "bike-7", keeping=keeping)
    assert (found(PLACE), found(other)) == ([], [])


@pytest.mark.usefixtures("priced")
def test_all_that_stands_at_a_place_follows_it_in_turns(keeping: MapKeeping, dynamodb: Client) -> None:
    many = [replace(ASSET, asset_id=f"bike-{number}", code=f"BIKE-{number:04d}") for number in range(MOVED_AT_ONCE + 3)]
    moved = replace(PLACE, latitude=Decimal("-33.9"), revision=2)
    stored(keeping, PLACE, *many)
    for each in many:
        stand_asset("par-1", each.asset_id, keeping=keeping)
    left = place_where(place_on_map(PLACE))
    stored(keeping, moved)
    stand_place("par-1", "square", keeping)
    assert found(moved) == []

    turns = 0
    while told := [each for each in messages(dynamodb, "access.follow") if int(each["turn"]) == 2_000_000 + turns]:
        (facts,) = told
        assert facts["left"] == left
        follow("par-1", "square", facts["left"], int(facts["turn"]), keeping=keeping)
        turns += 1
    assert turns == 2
    assert (len(on_map.left_at(left, 100)), found(PLACE)) == (0, [])
    assert len(on_map.left_at(place_where(place_on_map(moved)), 100)) == len(many)


def messages(dynamodb: Client, topic: str) -> list[dict[str, Any]]:
    names = [item for table, item in items(dynamodb) if table == f"{PREFIX}outbox" and item["topic"]["S"] == topic]
    return [MessageRecord.from_raw_data(each).body for each in names]


def test_an_asset_is_not_put_where_its_place_is_no_more(keeping: MapKeeping) -> None:
    stored(keeping, PLACE, ASSET)
    stand_place("par-1", "square", keeping)
    asset = AssetOnMap("par-1", "bike-7", "square", "bike", "BIKE-0007")
    writes = on_map.standing(asset, 1, PLACE, None)
    stored(keeping, replace(PLACE, latitude=Decimal(1), revision=2))
    stand_place("par-1", "square", keeping)

    with pytest.raises(StandChanged):
        keeping.commit(writes, None)
    assert on_map.stand_of_asset("par-1", "bike-7") is None


def test_what_was_read_before_somebody_else_moved_the_asset_changes_nothing(keeping: MapKeeping) -> None:
    other = replace(PLACE, place_id="other", latitude=Decimal(1))
    stored(keeping, PLACE, other, ASSET)
    stand_asset("par-1", "bike-7", keeping=keeping)
    before = on_map.stand_of_asset("par-1", "bike-7")
    stored(keeping, replace(ASSET, place_id="other", revision=2))
    stand_asset("par-1", "bike-7", keeping=keeping)
    now = on_map.stand_of_asset("par-1", "bike-7")

    assert before is not None
    with pytest.raises(StandChanged):
        keeping.commit(on_map.leaving(ASSET, before), None)
    assert on_map.stand_of_asset("par-1", "bike-7") == now


def test_what_is_taken_is_read_in_one_batch(commit: Transaction) -> None:
    commit(sessions.starting(session(), 2), None)
    with calls() as made:
        assert on_map.taken(["par-1/bike-7", "par-1/never"]) == {"par-1/bike-7": Taken(1)}
        assert on_map.taken([]) == {}

    assert made == {"BatchGetItem": 1}


@pytest.mark.usefixtures("priced")
def test_a_search_in_a_city_takes_at_most_4_queries_and_misses_nothing() -> None:
    """
    The benchmark does the same with 10,000 assets, which moto takes most of a minute to store and to forget.
    """
    assert most_queries(1_000) <= 4
