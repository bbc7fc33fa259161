"""Clocks disagree by minutes around a month's edge and both clock changes: each event counts once, and is charged."""

import itertools
from collections.abc import Iterable, Iterator

import pytest

from chalicelib.storage.record import Database
from infra.local.engine import MOTO, Engine
from infra.tables import create_all
from tests.faults.campaigns import Campaign
from tests.faults.clock_story import Clocks, ClockStory
from tests.faults.tables import Tables
from tests.faults.usage_set import EDGES
from tests.stores.tables import PREFIX, STAGE

SKEWS = (-4, -2, 0, 2, 4)
ENDS = ((-6, -3), (-6, 0), (-3, 0), (-3, 3), (0, 3))
"""Minutes from the edge: the sessions' end, and the last that things say."""


@pytest.fixture(scope="module")
def tables(engine: Engine) -> Iterator[Tables]:
    if engine.kind != MOTO:
        pytest.skip("hundreds of stories are told on moto")
    create_all(engine.client("dynamodb"), STAGE)
    Database.use(PREFIX)
    tables = Tables()
    yield tables
    tables.empty()


def campaign(tables: Tables, edge: str, cases: Iterable[Clocks]) -> None:
    found, refused = Campaign(f"usage, clocks that disagree, {edge}"), 0
    for clocks in cases:
        tables.empty()
        story = ClockStory(EDGES[edge], clocks)
        story.run()
        refused += story.refused
        found.tried(str(clocks), story.differs())
    assert refused, "no clock was so far off that an event had to wait"
    found.ends()


def test_clocks_that_disagree_around_a_months_edge_lose_nothing(tables: Tables) -> None:
    campaign(tables, "month's edge", [Clocks(-4, 4, -4, -3, 0), Clocks(4, -4, 4, -6, -3), Clocks(0, 0, -4, -6, -3)])


@pytest.mark.faults
@pytest.mark.parametrize("edge", EDGES)
def test_clocks_that_disagree_in_every_way_lose_nothing(tables: Tables, edge: str) -> None:
    every = (Clocks(*each, *ends) for *each, ends in itertools.product(SKEWS, SKEWS, (-4, 4), ENDS))
    campaign(tables, edge, every if "month" in edge else itertools.islice(every, 0, None, 7))
