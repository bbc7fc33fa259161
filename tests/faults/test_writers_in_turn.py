"""Four writers on the same subjects, whose clocks disagree, however their steps fall between one another's."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from random import Random

import pytest

from chalicelib.metering.store import PynamoItems
from infra.local.engine import Engine
from tests.faults.campaigns import Campaign
from tests.faults.tables import Tables, told_on_moto
from tests.faults.turns import InTurn, Turns, in_turn
from tests.faults.usage_set import EDGES
from tests.faults.usage_story import Story

SKEWS = (-4, -1, 1, 4)
_BATCH, _ENDS_AFTER = 40, 3


@pytest.fixture(scope="module")
def tables(engine: Engine) -> Iterator[Tables]:
    with told_on_moto(engine, "on DynamoDB Local writers are processes: test_writers") as tables:
        yield tables


def writer(number: int, edge: str, turns: Turns, chance: Random) -> None:
    """Sends everything, in its own order and by its own clock; the first one ends a session on the way."""
    step = partial(turns.step, number)
    story = Story(EDGES[edge], InTurn(PynamoItems(lambda _attempt: None), step))
    story.commit = in_turn(story.commit, step)  # type: ignore[assignment]
    events = chance.sample(story.sent, len(story.sent))
    for batch, first in enumerate(range(0, len(events), _BATCH)):
        if not number and batch == _ENDS_AFTER:
            story.end("ride-1")
        story.send(events[first : first + _BATCH], timedelta(minutes=SKEWS[number]))


def campaign(tables: Tables, edge: str, seeds: Iterable[int]) -> None:
    found = Campaign(f"usage, four writers step by step, {edge}")
    for seed in seeds:
        tables.empty()
        turns = Turns(f"{seed} {edge}")
        chances = [Random(f"{seed} {edge} {number}") for number in range(len(SKEWS))]
        works = [partial(writer, number, edge, turns, chance) for number, chance in enumerate(chances)]
        failed = [f"failed with {error!r}" for error in turns.all_do(works)]
        assert turns.changes > 100
        story = Story(EDGES[edge], PynamoItems(lambda _attempt: None))
        story.work()
        found.tried(f"seed {seed}", [*failed, *story.differs()])
    found.ends()


def test_four_writers_whose_steps_fall_anyhow_leave_what_was_sent(tables: Tables) -> None:
    campaign(tables, "month's edge", [1])


@pytest.mark.faults
@pytest.mark.parametrize("edge", EDGES)
def test_four_writers_whose_steps_fall_in_many_ways_leave_what_was_sent(tables: Tables, edge: str) -> None:
    campaign(tables, edge, range(25))
