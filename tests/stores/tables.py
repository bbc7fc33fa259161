"""All tables of a stage at once: read whole, and emptied."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from infra.tables import table_definitions

STAGE = "test"
PREFIX = f"adgang-{STAGE}-"
Client = Any
"""One of boto3's, which publishes no types."""
Item = dict[str, dict[str, Any]]


@cache
def table_names() -> list[str]:
    return [table.table_name for table in table_definitions(STAGE)]


def items(dynamodb: Client) -> Iterator[tuple[str, Item]]:
    """Each stored item with its table's name."""
    for table in table_names():
        for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield from ((table, item) for item in page["Items"])


def empty(dynamodb: Client) -> None:
    """Remove every item."""
    keys = [(table, {"pk": item["pk"], "sk": item["sk"]}) for table, item in items(dynamodb)]
    for first in range(0, len(keys), 25):
        removals: dict[str, list[Item]] = {}
        for table, key in keys[first : first + 25]:
            removals.setdefault(table, []).append({"DeleteRequest": {"Key": key}})
        dynamodb.batch_write_item(RequestItems=removals)
