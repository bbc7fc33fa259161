"""Clocks disagree by minutes around a month's edge and both clock changes: each event counts once, and is charged."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pytest

from chalicelib.storage.record import Database
from infra.local.engine import DYNAMODB_LOCAL, MOTO, Engine
from infra.tables import create_all
from tests.faults.campaigns import Campaign
from tests.faults.clock_story import Clocks, ClockStory
from tests.faults.tables import Tables
from tests.faults.usage_set import EDGES
from tests.stores.tables import PREFIX, STAGE, empty

SKEWS = (-4, -2, 0, 2, 4)
ENDS = ((-6, -3), (-6, 0), (-3, 0), (-3, 3), (0, 3))
"""Minutes from the edge: the sessions' end, and the last that things say."""


@pytest.fixture(scope="module")
def clear(engine: Engine) -> Iterator[Callable[[], None]]:
    client = engine.client("dynamodb")
    create_all(client, STAGE)
    Database.use(PREFIX)
    clear = Tables().empty if engine.kind == MOTO else partial(empty, client)
    yield clear
    clear()


def campaign(clear: Callable[[], None], edge: str, cases: Iterable[Clocks]) -> None:
    found, refused = Campaign(f"usage, clocks that disagree, {edge}"), 0
    for clocks in cases:
        clear()
        story = ClockStory(EDGES[edge], clocks)
        story.run()
        refused += story.refused
        found.tried(str(clocks), story.differs())
    assert refused, "no clock was so far off that an event had to wait"
    found.ends()


FEW = (Clocks(-4, 4, -4, -3, 0), Clocks(4, -4, 4, -6, -3), Clocks(0, 0, -4, -6, -3))


def test_clocks_that_disagree_around_a_months_edge_lose_nothing(clear: Callable[[], None]) -> None:
    campaign(clear, "month's edge", FEW)


@pytest.mark.conformance
@pytest.mark.parametrize("edge", EDGES)
def test_clocks_that_disagree_lose_nothing_on_amazons_engine_either(
    engine: Engine, clear: Callable[[], None], edge: str
) -> None:
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("the same on moto are the tests around this one")
    campaign(clear, edge, FEW)


@pytest.mark.faults
@pytest.mark.parametrize("edge", EDGES)
def test_clocks_that_disagree_in_every_way_lose_nothing(clear: Callable[[], None], edge: str) -> None:
    every = (Clocks(*each, *ends) for *each, ends in itertools.product(SKEWS, SKEWS, (-4, 4), ENDS))
    campaign(clear, edge, every if "month" in edge else itertools.islice(every, 0, None, 7))
