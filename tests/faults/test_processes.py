"""A process that sends usage is killed, or its connection breaks, at each request: what was sent counts once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.metering.store import PynamoItems
from chalicelib.storage.record import Database
from infra.local.engine import DYNAMODB_LOCAL, Engine
from infra.tables import create_all
from tests.faults.campaigns import Campaign, every
from tests.faults.gate import BROKEN, KILLS, READS, STATEMENTS, Gate, Plan, opened, possible
from tests.faults.processes import KILLED, Senders, through
from tests.faults.sender import CLIENTS
from tests.faults.tables import Tables
from tests.faults.usage_set import EDGES
from tests.faults.usage_story import Story
from tests.stores.tables import PREFIX, STAGE, empty

MONTH = "month's edge"
WRITES = {"pynamodb": "PutItem", "lean": STATEMENTS}
MANY = 40
"""So many in a row that no client's patience lasts."""


@dataclass
class Ground:
    """Where the processes send to, and how it is emptied."""

    gate: Gate
    senders: Senders
    clear: Callable[[], None]
    points: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def sent(self, job: dict[str, Any], plan: Plan) -> int:
        return through(self.gate, self.senders, job, plan)


@pytest.fixture(scope="module")
def ground(engine: Engine) -> Iterator[Ground]:
    client = engine.client("dynamodb")
    create_all(client, STAGE)
    Database.use(PREFIX)
    tables = None if engine.dynamodb_endpoint else Tables()
    clear = tables.empty if tables else lambda: empty(client)
    with opened(engine.dynamodb_endpoint) as (gate, address), Senders(address) as senders:
        yield Ground(gate, senders, clear)
        clear()


def after(ground: Ground, job: dict[str, Any], plan: Plan) -> list[str]:
    """What differs after the fault, and after a new process has sent everything again."""
    ground.clear()
    killed = plan.how in KILLS
    ended = ground.sent(job, plan)
    found = []
    if plan.at is not None and not plan.met:
        found.append("the fault was never met")
    if ended != (KILLED if killed else 0):
        found.append(f"ended with {ended}: {ground.senders.words()}")
    if killed and ground.sent(job, Plan()):
        found.append(f"again: {ground.senders.words()}")
    return found + Story(EDGES[job["at"]], PynamoItems(lambda _attempt: None)).differs()


def job_of(client: str, edge: str) -> dict[str, Any]:
    return {"do": "tell", "client": client, "edge": EDGES[edge].isoformat(), "at": edge}


def undisturbed(ground: Ground, client: str, edge: str) -> list[str]:
    """The requests of a run in which nothing happens."""
    if (client, edge) not in ground.points:
        plan = Plan()
        assert after(ground, job_of(client, edge), plan) == []
        assert {WRITES[client], "BatchWriteItem", "TransactWriteItems", "BatchGetItem"} <= set(plan.points)
        ground.points[client, edge] = plan.points
    return ground.points[client, edge]


def campaign(ground: Ground, client: str, edge: str, what: str, cases: list[Plan]) -> None:
    found = Campaign(f"usage, {what}, {client}, {edge}")
    for plan in cases:
        differing = after(ground, job_of(client, edge), plan)
        found.tried(f"{plan.how} at {plan.at} {plan.met[:1]}, {plan.times} in a row", differing)
    found.ends()


def kills(ground: Ground, client: str, edge: str, hows: Sequence[str], step: int) -> None:
    points = undisturbed(ground, client, edge)
    writes = [at for at, operation in enumerate(points) if operation not in READS]
    cases = [Plan(at, how) for at, how in every(((at, how) for at in writes for how in hows), step)]
    campaign(ground, client, edge, f"SIGKILL at {len(writes)} writes", cases)


def breaks(ground: Ground, client: str, edge: str, step: int, times: int) -> None:
    points = undisturbed(ground, client, edge)
    cases = [(at, how) for at, operation in enumerate(points) for how in BROKEN if possible(operation, how)]
    plans = [Plan(at, how, times) for at, how in every(cases, step)]
    campaign(ground, client, edge, f"a wire that breaks at {len(points)} requests, {times} in a row", plans)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_process_killed_at_some_writes_leaves_nothing_lost_or_twice(ground: Ground, client: str) -> None:
    kills(ground, client, MONTH, KILLS, 101)


@pytest.mark.parametrize("client", CLIENTS)
def test_some_broken_connections_leave_nothing_lost_or_twice(ground: Ground, client: str) -> None:
    breaks(ground, client, MONTH, 257, 1)


@pytest.mark.faults
@pytest.mark.parametrize("client", CLIENTS)
def test_a_process_killed_before_and_after_every_write_leaves_them_the_same(ground: Ground, client: str) -> None:
    kills(ground, client, MONTH, KILLS, 1)


@pytest.mark.faults
@pytest.mark.parametrize("edge", [edge for edge in EDGES if edge != MONTH])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_process_killed_after_every_write_at_the_other_edges_too(ground: Ground, client: str, edge: str) -> None:
    kills(ground, client, edge, KILLS[1:], 1)


@pytest.mark.faults
@pytest.mark.parametrize("client", CLIENTS)
def test_every_reset_throttling_and_rest_of_a_batch_at_every_request_leaves_them_the_same(
    ground: Ground, client: str
) -> None:
    breaks(ground, client, MONTH, 1, 1)


@pytest.mark.faults
@pytest.mark.parametrize("client", CLIENTS)
def test_the_same_for_longer_than_any_patience_leaves_them_the_same(ground: Ground, client: str) -> None:
    breaks(ground, client, MONTH, 7, MANY)


@pytest.mark.conformance
@pytest.mark.parametrize("client", CLIENTS)
def test_kills_and_a_wire_that_breaks_on_amazons_engine_leave_them_the_same(
    ground: Ground, engine: Engine, client: str
) -> None:
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("the same on moto are the tests above")
    kills(ground, client, MONTH, KILLS, 5)
    breaks(ground, client, MONTH, 17, 1)
    breaks(ground, client, MONTH, 37, MANY)
