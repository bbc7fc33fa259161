"""A city of bikes on the map, and what a search in it reads."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from chalicelib.access.geohash import Position, metres_between
from chalicelib.access.map_items import asset_item, asset_where, place_item, place_where
from chalicelib.access.map_store import MapStore
from chalicelib.access.offering import AT_ONCE, find_offers
from chalicelib.access.offers import AssetOnMap, PlaceOnMap, Wish
from chalicelib.access.records import AssetStateRecord, OnMapRecord
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.rating import tariff_from_document
from chalicelib.storage.record import Record
from chalicelib.storage.writes import Transaction
from infra.local.tariffs import CITY_BIKE_TARIFF

NOW = datetime(2021, 5, 31, 9, tzinfo=UTC)
CENTRE = Position.of(Decimal("60.17"), Decimal("24.94"))
PRODUCT = Product("par-1", "bike", "Bike", "bikes", "UTC", revision=1)
PER_PLACE = 20
catalogue, on_map = CatalogueStore(), MapStore()


def offer_bikes(commit: Transaction) -> None:
    """A product with a price."""
    tariff = tariff_from_document({"tariff_id": PRODUCT.tariff_id, "version": 1, "zone": "UTC", **CITY_BIKE_TARIFF})
    commit([catalogue.putting_product(PRODUCT)], None)
    commit(catalogue.publishing(PRODUCT.with_version(1), tariff), None)


@contextmanager
def calls() -> Iterator[Counter[str]]:
    """Which operations are called, and how often."""
    made: Counter[str] = Counter()
    client = Record._get_connection.__func__(OnMapRecord).connection.client  # type: ignore[attr-defined]
    real: Callable[[str, dict[str, Any]], Any] = client._make_api_call

    def noted(_client: object, operation: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 -- what DynamoDB answers
        made[operation] += 1
        return real(operation, request)

    with patch.object(type(client), "_make_api_call", noted):  # the lean client's carrier cannot be changed itself
        yield made


Town = list[tuple[PlaceOnMap, list[AssetOnMap]]]


def city(size: int) -> Town:
    """So many bikes, 20 at each place, 400 m from one another."""
    town, columns = [], math.isqrt(size // PER_PLACE)
    for number in range(size // PER_PLACE):
        up, aside = divmod(number, columns)
        position = Position(
            CENTRE.latitude + (up - columns // 2) * 36_000, CENTRE.longitude + (aside - columns // 2) * 72_000
        )
        place = PlaceOnMap("par-1", f"p{number}", f"Place {number}", position, "UTC")
        bikes = [f"b{number}-{each}" for each in range(PER_PLACE)]
        assets = [AssetOnMap("par-1", each, place.place_id, "bike", each.upper()) for each in bikes]
        town.append((place, assets))
    return town


def most_queries(size: int) -> int:
    """The most queries that one of several searches in a city took; each of them found what is there."""
    town = city(size)
    with OnMapRecord.batch_write() as batch:
        for place, assets in town:
            batch.save(place_item(place))
            for each in assets:
                batch.save(asset_item(each, asset_where(place_where(place), each.asset_id)))
    with AssetStateRecord.batch_write() as batch:
        for _, assets in town:
            batch.save(AssetStateRecord(pk=f"asset#{assets[0].key}", sk="state", taken=1))
    searches = [(0, 0, 600), (7_000, 3_000, 1_000), (-31_000, 50_000, 400), (11, 7, 20_000)]
    return max(queries_of(town, up, aside, metres) for up, aside, metres in searches)


def queries_of(town: Town, up: int, aside: int, metres: int) -> int:
    """How many queries a search takes that shows the nearest of all that is free, and says whether it saw all."""
    position = Position(CENTRE.latitude + up, CENTRE.longitude + aside)
    wish = Wish(position, metres, NOW, {"seconds": Decimal(600)}, limit=50)
    with calls() as made:
        answer = find_offers(wish, catalogue=catalogue, on_map=on_map)
    near = [each for each, _ in town if metres_between(position, each.position) <= metres]
    shown = [each.candidate for each in answer.offers]

    assert answer.complete == (len(near) * PER_PLACE <= 3 * AT_ONCE)
    assert len(shown) == min(50, len(near) * (PER_PLACE - 1))
    assert not answer.complete or shown[0].metres == min(metres_between(position, each.position) for each in near)
    assert not any(each.asset.asset_id.endswith("-0") for each in shown)
    assert (made["BatchGetItem"] <= 4, made["GetItem"] <= 1) == (True, True)
    assert sum(made.values()) == made["Query"] + made["BatchGetItem"] + made["GetItem"]
    return made["Query"]
