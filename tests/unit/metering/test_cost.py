"""What a batch costs in DynamoDB's units: these fail if the cost of an event grows."""

import pytest

from chalicelib.metering.model import Outcome
from chalicelib.metering.store import HeadStore
from tests.units import item_size
from tests.usage_load import SUBJECTS, Load, MeteredItems, Rides, take_in


@pytest.mark.parametrize(
    ("among", "filled", "measured", "write_units", "read_units"),
    [(10, 5, 10, 0.07, 0.06), (100, 8, 12, 0.16, 0.30), (630, 30, 20, 0.70, 0.75)],
)
def test_an_event_costs_at_most_so_many_units_once_heads_are_full(
    among: int, filled: int, measured: int, write_units: float, read_units: float
) -> None:
    items, load, rides = MeteredItems(), Load(SUBJECTS[among]), Rides()
    heads = HeadStore(items)
    for _ in range(filled):
        take_in(load.batch(), heads, rides)
    items.written, items.read_ = 0.0, 0.0
    for _ in range(measured):
        answers = take_in(load.batch(), heads, rides)
    written, read = items.written / measured / 1000, items.read_ / measured / 1000

    assert written <= write_units
    assert read <= read_units
    assert sum(each.outcome is Outcome.DUPLICATE for each in answers) == 100
    assert max(item_size(item) for (_, sk), item in items.kept.items() if sk.startswith("head#")) <= 1024


@pytest.mark.parametrize("among", SUBJECTS)
def test_a_batch_sent_again_writes_nothing(among: int) -> None:
    items, load, rides = MeteredItems(), Load(SUBJECTS[among]), Rides()
    heads = HeadStore(items)
    batches = [load.batch() for _ in range(4)]
    for batch in batches:
        take_in(batch, heads, rides)
    items.written = 0.0

    assert {each.outcome for each in take_in(batches[-1], heads, rides)} == {Outcome.DUPLICATE}
    assert items.written == 0


def test_ten_subjects_take_at_most_five_round_trips() -> None:
    items, load, rides = MeteredItems(), Load(10), Rides()
    heads = HeadStore(items)
    most = 0
    for number in range(12):
        items.trips = 0
        take_in(load.batch(), heads, rides)
        most = max(most, items.trips) if number else 0

    assert 0 < most <= 5
