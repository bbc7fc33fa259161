"""Whatever breaks while usage is taken in: totals = the replay of the events = what was sent."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.metering.service import ROUNDS
from chalicelib.metering.store import PynamoItems
from infra.local.engine import Engine
from tests.faults.campaigns import Campaign, every
from tests.faults.faults import Faults
from tests.faults.tables import Tables, told_on_moto
from tests.faults.usage_set import EDGES
from tests.faults.usage_story import KilledError, Story

HOWS = ("throttled", "timeout before", "timeout after", "sent twice", "killed before", "killed after", "unprocessed")


class UsageFaults(Faults):
    """Also kills the process, and has a batch given back in part."""

    def point(self, name: str, do: Callable[[], Any], trouble: Callable[[str], Exception]) -> Any:  # noqa: ANN401 -- any
        if self.paused or len(self.points) != self.at or not self.how.startswith(("killed", "unprocessed")):
            return super().point(name, do, trouble)
        self.points.append(name)
        if self.how == "killed before":
            raise KilledError
        answer = do()
        if self.how == "killed after":
            raise KilledError
        return answer if "UnprocessedItems" not in answer else {**answer, "UnprocessedItems": self.given_back}


@pytest.fixture(scope="module")
def tables(engine: Engine) -> Iterator[Tables]:
    with told_on_moto(engine, "faults are put in on moto, hundreds of times") as tables:
        yield tables


def told(tables: Tables, edge: str, faults: Faults, deliveries: int = 1) -> Story:
    tables.empty()
    story = Story(EDGES[edge], PynamoItems(lambda _attempt: None), faults, deliveries)
    with faults.listening():
        story.run()
    return story


def campaign(tables: Tables, edge: str, step: int) -> None:
    """Each kind of fault at every `step`th write."""
    points = len((undisturbed := told(tables, edge, Faults())).faults.points)
    assert undisturbed.differs() == []
    found = Campaign(f"usage, faults at {points} writes in one process, {edge}")
    for at, how in every(((at, how) for at in range(points) for how in HOWS), step):
        story = told(tables, edge, UsageFaults(at, how))
        found.tried(f"{how} at {at} ({story.faults.points[at]})", story.differs())
    found.ends()


@pytest.mark.parametrize(("edge", "deliveries"), [("month's edge", 1), *((edge, 2) for edge in EDGES)])
def test_undisturbed_or_all_twice_everything_counts_once(tables: Tables, edge: str, deliveries: int) -> None:
    """
    A third of the story goes through a log, and the session that has ended is heard of again.
    """
    story = told(tables, edge, Faults(), deliveries)

    assert story.differs() == []
    assert story.in_the_way > ROUNDS
    assert any(head.pages or head.nodes for head in story.heads.all_of("ride-0"))
    assert "outbox" in {point.split()[-1] for point in story.faults.points}
    assert "metering+outbox" in {point.split()[-1] for point in story.faults.points}


def test_some_faults_all_along_leave_totals_replay_and_what_was_sent_the_same(tables: Tables) -> None:
    campaign(tables, "month's edge", 47)


@pytest.mark.faults
@pytest.mark.parametrize("edge", EDGES)
def test_every_kind_of_fault_at_every_write_leaves_them_the_same(tables: Tables, edge: str) -> None:
    campaign(tables, edge, 1)
