"""Calls of DynamoDB, counted where each client makes them: botocore's, and the client of our own (0075)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from chalicelib.metering.client_calls import Begun, Call, Calls


@contextmanager
def counted() -> Iterator[list[str]]:
    """The DynamoDB operations that are called meanwhile, in order."""
    called: list[str] = []
    botocores: Any = BaseClient._make_api_call
    ours = Calls.run

    def by_botocore(client: Any, operation: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 -- botocore's
        if client.meta.service_model.service_name == "dynamodb":
            called.append(operation)
        return botocores(client, operation, request)

    def by_us(client: Calls, calls: Sequence[Call], ends: float, flights: Begun | None = None) -> None:
        called.extend(each.operation for each in calls)
        ours(client, calls, ends, flights)

    with patch.object(BaseClient, "_make_api_call", by_botocore), patch.object(Calls, "run", by_us):
        yield called
