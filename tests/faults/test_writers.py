"""Four writers at once on the same subjects, on Amazon's own engine: what was sent counts once, whoever is killed."""

import itertools
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from chalicelib.metering.store import PynamoItems
from chalicelib.storage.record import Database
from infra.local.engine import DYNAMODB_LOCAL, Engine
from infra.tables import create_all
from tests.faults.campaigns import Campaign
from tests.faults.processes import KILLED, Senders
from tests.faults.usage_set import EDGES
from tests.faults.usage_story import Story
from tests.stores.tables import PREFIX, STAGE, Client, empty

pytestmark = pytest.mark.conformance
CLIENTS = {
    "pynamodb": ("pynamodb",) * 4,
    "lean": ("lean",) * 4,
    "two of each": ("pynamodb", "lean", "pynamodb", "lean"),
}
SKEWS = (-4, -1, 1, 4)
SEEDS = range(2)


@pytest.fixture(scope="module")
def dynamodb(engine: Engine) -> Client:
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("claims about races are made on DynamoDB Local: make conformance")
    client = engine.client("dynamodb")
    create_all(client, STAGE)
    Database.use(PREFIX)
    return client


@pytest.fixture(scope="module")
def writers(engine: Engine, dynamodb: Client) -> Iterator[list[Senders]]:
    assert engine.dynamodb_endpoint is not None
    with ExitStack() as stack:
        yield [stack.enter_context(Senders(engine.dynamodb_endpoint)) for _ in SKEWS]
    empty(dynamodb)


def written(writer: Senders, job: dict[str, Any], kill_after: float | None) -> list[str]:
    """By one of them; who is killed begins again. What went wrong."""
    writer.start({**job, "kill_after": kill_after})
    ended = writer.ended()
    if ended == KILLED:
        writer.start(job)
        ended = writer.ended()
    return [f"ended with {ended}: {writer.words()}"] if ended else []


def at_once(writers: Sequence[Senders], jobs: Sequence[dict[str, Any]], kills: Sequence[float | None]) -> list[str]:
    found = list[str]()
    threads = [
        threading.Thread(target=lambda *given: found.extend(written(*given)), args=each)
        for each in zip(writers, jobs, kills, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("killed", [False, True], ids=["all live", "some killed"])
def test_four_writers_whose_clocks_disagree_leave_what_was_sent(
    dynamodb: Client, writers: list[Senders], *, killed: bool
) -> None:
    found = Campaign(f"usage, four writers at once{', killed at any time' if killed else ''}")
    for seed, (edge, at), (name, clients) in itertools.product(SEEDS, EDGES.items(), CLIENTS.items()):
        empty(dynamodb)
        chance = random.Random(f"{seed} {edge} {name}")
        jobs = [
            {
                "do": "write",
                "client": client,
                "edge": at.isoformat(),
                "skew": skew,
                "seed": chance.random(),
                "ends": not number,
            }
            for number, (client, skew) in enumerate(zip(clients, SKEWS, strict=True))
        ]
        wrong = at_once(writers, jobs, [chance.uniform(0.02, 0.8) if killed else None for _ in jobs])
        story = Story(at, PynamoItems(lambda attempt: time.sleep(0.01 * attempt)))
        story.work()
        found.tried(f"seed {seed}, {edge}, {name}", [*wrong, *story.differs()])
    found.ends()
