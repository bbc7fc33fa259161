"""However stream batches come to the worker, each event counts once, and is charged once."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from chalicelib.storage.record import Database
from infra.local.apps import load_app
from infra.local.engine import DYNAMODB_LOCAL, MOTO, Engine
from infra.tables import create_all
from tests.faults.campaigns import Campaign
from tests.faults.faults import HOWS, Faults
from tests.faults.stream_story import Batches, StreamStory, backwards, in_order, records_of, shuffled, twice
from tests.faults.tables import Tables, made_anew
from tests.faults.usage_set import EDGES
from tests.stores.tables import PREFIX, STAGE

DAY = timedelta(days=1)
Tell = Callable[..., StreamStory]


@pytest.fixture(scope="module")
def tell(engine: Engine) -> Iterator[Tell]:
    client, streams = engine.client("dynamodb"), engine.client("dynamodbstreams")
    create_all(client, STAGE)
    Database.use(PREFIX)
    workers = load_app(Path("functions/workers/app.py"), "faults_workers")
    clear = Tables().empty if engine.kind == MOTO else partial(made_anew, client)

    def told(edge: str, batches: Batches, faults: Faults, again_after: timedelta | None = None) -> StreamStory:
        clear()
        arn = client.describe_table(TableName=f"{PREFIX}outbox")["Table"]["LatestStreamArn"]
        read = records_of(streams, arn)
        story = StreamStory(EDGES[edge], workers, read, batches, faults, again_after)
        with faults.listening():
            story.run()
        return story

    yield told
    clear()


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


@pytest.mark.conformance
@pytest.mark.parametrize("edge", EDGES)
def test_stream_batches_count_once_on_amazons_engine_too(engine: Engine, tell: Tell, edge: str) -> None:
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("the same on moto are the tests around this one")
    deliveries(tell, edge, [TWICE, BACKWARDS, ("shuffled, some twice, and a day later again", shuffled(1), DAY)])


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
