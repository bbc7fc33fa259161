"""The size calculator says what Amazon's engine says, item by item: every cost that is stated rests on it."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from chalicelib.metering.store import HeadStore
from infra.local.engine import DYNAMODB_LOCAL, Engine
from tests.stores.tables import PREFIX, Client
from tests.units import WRITE_UNIT, item_size, number_size, write_units
from tests.usage_load import Load, MeteredItems, Rides, take_in

TABLE = f"{PREFIX}metering"
FORMAT = {"format": {"N": "1"}}


@pytest.fixture
def amazons(engine: Engine, dynamodb: Client) -> Client:
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("moto always says one unit: make conformance")
    return dynamodb


def charged(dynamodb: Client, item: Mapping[str, Any]) -> float:
    said = dynamodb.put_item(TableName=TABLE, Item=item, ReturnConsumedCapacity="TOTAL")
    return float(said["ConsumedCapacity"]["CapacityUnits"])


def at_the_edge(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Items with the value that are just one write unit, and just more, by our count."""
    bare = {"pk": {"S": "edge"}, "sk": {"S": "item"}, **FORMAT, "value": value, "fill": {"S": ""}}
    room = WRITE_UNIT - item_size(bare)
    return [{**bare, "fill": {"S": "x" * (room + more)}} for more in (0, 1)]


VALUES: list[dict[str, Any]] = [
    *(
        {"N": text}
        for text in ("0", "1", "-1", "10", "120", "123", "1234", "0.5", "12.05", "100000000", "1619827200000001")
    ),
    {"S": "Töölö"},
    {"S": ""},
    {"B": b"\x00" * 17},
    {"SS": ["one", "two"]},
    {"BOOL": True},
    {"NULL": True},
]


@pytest.mark.conformance
@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_value_is_as_large_as_it_is_charged_for(amazons: Client, value: dict[str, Any]) -> None:
    fits, does_not = at_the_edge(value)

    assert (charged(amazons, fits), charged(amazons, does_not)) == (1.0, 2.0)


@pytest.mark.conformance
@pytest.mark.parametrize("among", [10, 100, 1000])
def test_every_item_of_a_load_is_charged_as_it_was_metered(amazons: Client, among: int) -> None:
    items, load = MeteredItems(), Load(among)
    for _ in range(6):
        take_in(load.batch(), HeadStore(items), Rides())
    chosen = Random(7).sample(sorted(items.kept), min(150, len(items.kept)))

    assert {key: charged(amazons, items.kept[key]) for key in chosen} == {
        key: float(write_units(items.kept[key])) for key in chosen
    }


@pytest.mark.stores
def test_numbers_are_counted_by_their_digits() -> None:
    assert [number_size(text) for text in ("0", "7", "120", "1234", "-5")] == [1, 2, 3, 3, 3]
