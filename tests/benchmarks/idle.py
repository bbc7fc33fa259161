"""What a month costs in which nobody uses anything: what the timers do, and what polls in the platform's name.

The whole system runs a month of virtual time without a customer; the calls that its functions make are counted and
priced. Prices are those of us-east-1 without any free tier, in USD; docs/cost.md says what is behind each line.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from infra.local.calls import who_works
from infra.local.system import System
from tests.benchmarks import AtMost, Figures, Targets

SETTLED, MONTH = datetime(2026, 7, 10, tzinfo=UTC), timedelta(days=31)
A_READ, A_WRITE, AN_INVOCATION, A_GB_SECOND, A_MESSAGE, A_FILE = 0.125e-6, 0.625e-6, 0.2e-6, 16.67e-6, 0.4e-6, 5e-6
GB, SECONDS = 1.0, 1.0
"""Of one invocation, at most."""
POLLERS, A_MINUTE = 5, 3
"""Lambda's long polls of a queue that wakes a function: so many at once, of twenty seconds each."""
QUEUES = 1
TARGETS: Targets = {"idle.month_usd": AtMost(1)}


def figures() -> Figures:
    """Calls of DynamoDB, invocations and USD of a month without use."""
    with System.start(seed="idle", start_at=SETTLED - timedelta(days=10)) as system:
        system.advance_to(SETTLED)
        system.drain()
        with _counted() as made:
            system.advance_to(SETTLED + MONTH)
            system.drain()
    files = sum(count for (_, service, _), count in made.items() if service == "s3")
    on_tables = Counter({each: count for each, count in made.items() if each[1] == "dynamodb"})
    if files + on_tables.total() != made.total():
        raise RuntimeError(f"an idle month calls what has no price here: {made}")
    writes = sum(count for (_, _, operation), count in on_tables.items() if operation.startswith(("Transact", "Put")))
    reads = on_tables.total() - writes
    invocations = (24 + 1) * MONTH.days  # the close's timer each hour, and the comparison's each day
    polls = QUEUES * POLLERS * A_MINUTE * 60 * 24 * MONTH.days
    usd = reads * A_READ + 2 * 10 * writes * A_WRITE + polls * A_MESSAGE
    usd += files * A_FILE + invocations * (AN_INVOCATION + GB * SECONDS * A_GB_SECOND)
    return {
        "idle.dynamodb_reads": reads,
        "idle.dynamodb_writes": writes,
        "idle.files_written": files,
        "idle.invocations": invocations,
        "idle.queue_polls": polls,
        "idle.month_usd": usd,
    }


@contextmanager
def _counted() -> Iterator[Counter[tuple[str, str, str]]]:
    """By function, service and operation, what the doors and workers call."""
    made: Counter[tuple[str, str, str]] = Counter()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(client: Any, operation: str, given: Any) -> Any:  # noqa: ANN401 -- botocore publishes no types
        who = who_works()
        if who is not None:
            made[who.function, client.meta.service_model.service_name, operation] += 1
        return call(client, operation, given)

    with patch.object(BaseClient, "_make_api_call", noted):
        yield made
