"""moto's queries refuse to begin where their own condition does not reach, as DynamoDB's do.

A page that goes on behind a key of another list would work on one machine and fail on AWS.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

OUTSIDE = "The provided starting key is outside query boundaries based on provided conditions"


@contextmanager
def boundaries() -> Iterator[None]:
    """While inside, queries are held to them."""
    query = Table.query

    def within(table: Any, hash_key: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 -- moto's own types
        comparison, values, _limit, start, *_ = args
        begins = (start or {}).get(table.range_key_attr)
        if comparison and begins and not DynamoType(begins).compare(comparison, values):
            raise MockValidationException(OUTSIDE)
        return query(table, hash_key, *args, **named)

    with patch.object(Table, "query", within):
        yield
