"""Puts one fault at one write: before it is applied, after it, or instead of the answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.billing.errors import CollectorUnavailable

Result = TypeVar("Result")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
HOWS = ("throttled", "conflict", "timeout before", "timeout after", "sent twice")
"""`timeout after`: it was applied, and nobody hears of it. `sent twice`: the SDK sends what was applied once more."""


class Faults:
    """Counts the points at which something is written, and breaks the one that it was told to."""

    def __init__(self, at: int | None = None, how: str = "timeout after") -> None:
        self.at, self.how = at, how
        self.points: list[str] = []
        self.paused = False
        self.given_back: Any = None

    def point(self, name: str, do: Callable[[], Result], trouble: Callable[[str], Exception]) -> Result:
        """A write called `name`. `trouble` makes the exception of a kind of fault."""
        if self.paused:
            return do()
        self.points.append(name)
        if len(self.points) - 1 != self.at:
            return do()
        if self.how == "sent twice":
            do()
            return do()
        if self.how == "timeout after":
            do()
        raise trouble(self.how)

    def outside(self, name: str, do: Callable[[], Result]) -> Result:
        """A write to the provider, the queue, or the bucket."""
        return self.point(name, do, lambda _how: CollectorUnavailable())

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While inside, each write to DynamoDB is a point."""
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 -- botocore's
            if operation not in WRITES:
                return real(client, operation, parameters)
            name = f"{operation} {_subject(operation, parameters)}"
            self.given_back = parameters.get("RequestItems")
            return self.point(name, lambda: real(client, operation, parameters), lambda how: _trouble(how, operation))

        with patch.object(BaseClient, "_make_api_call", call):
            yield


def _subject(operation: str, parameters: dict[str, Any]) -> str:
    if operation == "BatchWriteItem":
        return "+".join(sorted(name.rpartition("-")[2] for name in parameters["RequestItems"]))
    if operation != "TransactWriteItems":
        return str(parameters["TableName"]).rpartition("-")[2]
    named = (str(each["TableName"]) for item in parameters["TransactItems"] for each in item.values())
    return "+".join(sorted({name.rpartition("-")[2] for name in named}))


def _trouble(how: str, operation: str) -> Exception:
    if how.startswith("timeout"):
        return ReadTimeoutError(endpoint_url="https://dynamodb.example")
    if operation != "TransactWriteItems":
        code = {"throttled": "ProvisionedThroughputExceededException", "conflict": "TransactionConflictException"}[how]
        return ClientError({"Error": {"Code": code, "Message": ""}}, operation)
    code = {"throttled": "ThrottlingError", "conflict": "TransactionConflict"}[how]
    reasons = [{"Code": code, "Message": ""}, {"Code": "None"}]
    answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
    return ClientError(answer, operation)
