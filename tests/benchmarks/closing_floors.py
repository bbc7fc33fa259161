"""What DynamoDB Local takes for a close's writes, and for an export's reads, where nothing is computed from either."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from unittest.mock import patch

from chalicelib.billing.settling_together import MOST_WRITES
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.parts_model import Part
from chalicelib.metering.client import Client

TRANSACTIONS = 60
"""So many are written to measure what the engine takes for writes alone."""
MOST_PARTS = 20
"""Of so many, what the engine is asked for them is asked once more: each asks as much as any other."""


def writing_ms(client: Client, stage: str, processes: int) -> float:
    """What the engine takes for an account's items alone, in transactions as large as settling's, two at once."""
    tables = [*("billing",) * 4, *("ledger",) * 4, "outbox"]
    together = MOST_WRITES // len(tables)

    def write(number: int) -> None:
        puts = [
            {"TableName": f"adgang-{stage}-{table}", "Item": _item(f"floor#{number}#{account}#{place}")}
            for account in range(together)
            for place, table in enumerate(tables)
        ]
        conditions = {"ConditionExpression": "attribute_not_exists(pk)"}
        client.ask("TransactWriteItems", {"TransactItems": [{"Put": put | conditions} for put in puts]})

    with ThreadPoolExecutor(processes) as threads:
        began = perf_counter()
        list(threads.map(write, range(TRANSACTIONS)))
        return 1000 * (perf_counter() - began) / (TRANSACTIONS * together)


def asked_for(part: Part, wired: BackOffice) -> list[Any]:
    """What DynamoDB is asked while a part of an export is read: operations, each with its request."""
    export = wired.closes.export(part.month, part.version)
    if export is None:
        raise RuntimeError(f"no export of {part.month}")
    with _noting() as asked:
        for _ in wired.exporting().reading.of(part.accounts, part.month, export.as_of, export.settled_since):
            pass
    return asked


@contextmanager
def _noting() -> Iterator[list[Any]]:
    asked: list[Any] = []
    ask = Client.ask

    def note(client: Client, operation: str, request: dict[str, Any], **how: Any) -> Any:  # noqa: ANN401 -- JSON
        asked.append([operation, request])
        return ask(client, operation, request, **how)

    with patch.object(Client, "ask", note):
        yield asked


def _item(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}, "sk": {"S": "floor"}, "v": {"S": "z" * 300}}
