"""However stream batches come to the worker, each event counts once, and is charged once."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.storage.record import Database
from infra.local.apps import load_app
from infra.local.engine import MOTO, Engine
from infra.tables import create_all
from tests.faults.campaigns import Campaign
from tests.faults.faults import HOWS, Faults
from tests.faults.stream_story import Batches, StreamStory, backwards, in_order, records_of, shuffled, twice
from tests.faults.tables import Tables
from tests.faults.usage_set import EDGES
from tests.stores.tables import PREFIX, STAGE

DAY = timedelta(days=1)
Tell = Callable[..., StreamStory]


@pytest.fixture(scope="module")
def tell(engine: Engine) -> Iterator[Tell]:
    if engine.kind != MOTO:
        pytest.skip("streams are read on moto, hundreds of times")
    create_all(engine.client("dynamodb"), STAGE)
    Database.use(PREFIX)
    tables = Tables()
    workers = load_app(Path("functions/workers/app.py"), "faults_workers")
    arn = engine.client("dynamodb").describe_table(TableName=f"{PREFIX}outbox")["Table"]["LatestStreamArn"]
    read = records_of(engine.client("dynamodbstreams"), arn)

    def told(edge: str, batches: Batches, faults: Faults, again_after: timedelta | None = None) -> StreamStory:
        tables.empty()
        story = StreamStory(EDGES[edge], workers, read, batches, faults, again_after)
        with faults.listening():
            story.run()
        return story

    yield told
    tables.empty()


TWICE = ("twice", twice, None)
BACKWARDS = ("backwards, and a day later again", backwards, DAY)


def ways(shuffles: int) -> Iterator[tuple[str, Batches, timedelta | None]]:
    yield from [("in order", in_order, None), TWICE, ("backwards", backwards, None), BACKWARDS]
    yield "in order, and a day later again", in_order, DAY
    for seed in range(shuffles):
        yield f"shuffled {seed}", shuffled(seed), None
        yield f"shuffled {seed}, and a day later again", shuffled(seed), DAY


def deliveries(tell: Tell, edge: str, chosen: Iterable[tuple[str, Batches, timedelta | None]]) -> None:
    found = Campaign(f"usage, stream batches twice, reordered, from a day ago, {edge}")
    for name, batches, again_after in chosen:
        story = tell(edge, batches, Faults(), again_after)
        assert story.queued > 30
        topics = {each["dynamodb"]["NewImage"]["topic"]["S"] for each in story.taken}
        assert topics == {"metering.fold", "metering.limit", "access.evidence", "billing.settle"}
        found.tried(name, story.differs())
    found.ends()


def test_stream_batches_twice_reordered_and_from_a_day_ago_count_once(tell: Tell) -> None:
    deliveries(tell, "month's edge", [("shuffled, some twice, and a day later again", shuffled(0), DAY)])


@pytest.mark.faults
@pytest.mark.parametrize("edge", EDGES)
def test_stream_batches_in_every_order_and_number_count_once(tell: Tell, edge: str) -> None:
    deliveries(tell, edge, ways(5))


@pytest.mark.faults
def test_a_worker_that_fails_at_any_write_gets_the_rest_of_the_batch_again(tell: Tell) -> None:
    edge = "month's edge"
    points = tell(edge, in_order, Faults()).faults.points
    found = Campaign(f"usage, the worker broken at {len(points)} writes, {edge}")
    for at, point in enumerate(points):
        for how in HOWS:
            found.tried(f"{how} at {at} ({point})", tell(edge, in_order, Faults(at, how)).differs())
    found.ends()
