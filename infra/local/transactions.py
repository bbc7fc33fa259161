"""moto's TransactWriteItems, done so that all or nothing holds and a transaction costs what it touches.

moto copies whole tables, stream included, for each item of a transaction, and puts the copies in place when one fails:
half a second for ten items on a large table, and readers of the old stream are left behind. DynamoDB looks at all
conditions first and then writes; so does this. It is safe under the engine's lock only.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend

_MOST = 100

Operation = tuple[str, dict[str, Any]]
Backend = Any
"""moto's backend of one region: it publishes no types that hold."""


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """While inside, moto's transactions are these."""
    with patch.object(DynamoDBBackend, "transact_write_items", transact_write_items):
        yield


def transact_write_items(backend: Backend, transact_items: list[dict[str, Any]]) -> None:
    """Look at every condition, then write everything; on any trouble nothing was written."""
    operations = [_operation(each) for each in transact_items]
    if len(operations) > _MOST:
        raise TooManyTransactionsException
    named = [
        (operation["TableName"], str(sorted(_key(backend, kind, operation).items()))) for kind, operation in operations
    ]
    if len(set(named)) < len(named):
        raise MultipleTransactionsException
    failures = [_failure(backend, kind, operation) for kind, operation in operations]
    if any(code for code, _, _ in failures):
        raise TransactionCanceledException(failures)
    undo = [_undo(backend, kind, operation) for kind, operation in operations]
    try:
        for kind, operation in operations:
            _apply(backend, kind, operation)
    except Exception:
        for each in reversed(undo):
            each()
        raise


def _operation(item: dict[str, Any]) -> Operation:
    if len(item) != 1:
        raise TransactWriteSingleOpException
    ((kind, operation),) = item.items()
    return kind, operation


def _key(backend: Backend, kind: str, operation: dict[str, Any]) -> dict[str, Any]:
    if kind != "Put":
        key: dict[str, Any] = operation["Key"]
        return key
    table = backend.get_table(operation["TableName"])
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
    return {name: operation["Item"][name] for name in names}


def _failure(backend: Backend, kind: str, operation: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The cancellation reason of one operation: code, message, item; three times None when its condition holds."""
    condition = operation.get("ConditionExpression")
    if condition is None:
        return None, None, None
    current = backend.get_item(operation["TableName"], _key(backend, kind, operation))
    names, values = operation.get("ExpressionAttributeNames"), operation.get("ExpressionAttributeValues")
    if get_filter_expression(condition, names, values).expr(current):
        return None, None, None
    asked = operation.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    shown = current.to_json()["Attributes"] if asked and current else None
    return "ConditionalCheckFailed", "The conditional request failed", shown


def _undo(backend: Backend, kind: str, operation: dict[str, Any]) -> Callable[[], None]:
    table = backend.get_table(operation["TableName"])
    hash_key, range_key = backend.get_keys_value(table, _key(backend, kind, operation))
    before = table.get_item(hash_key, range_key)
    if kind == "Update":  # which alone changes the item itself; the others put another in its place
        before = copy.deepcopy(before)
    said = len(table.stream_shard.items) if table.stream_shard else 0

    def undo() -> None:
        items, key = (table.items[hash_key], range_key) if range_key else (table.items, hash_key)
        if before is None:
            items.pop(key, None)
        else:
            items[key] = before
        if table.stream_shard:
            del table.stream_shard.items[said:]

    return undo


def _apply(backend: Backend, kind: str, operation: dict[str, Any]) -> None:
    table, names = operation["TableName"], operation.get("ExpressionAttributeNames")
    if kind == "Put":
        backend.put_item(table, operation["Item"])
    elif kind == "Delete":
        backend.delete_item(table, operation["Key"])
    elif kind == "Update":
        backend.update_item(
            table,
            operation["Key"],
            update_expression=operation["UpdateExpression"],
            expression_attribute_names=names,
            expression_attribute_values=operation.get("ExpressionAttributeValues"),
        )
