"""The engine's tables, looked into and emptied without asking it: a story is told hundreds of times."""

import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from infra.local.apps import REGION
from tests.stores.tables import PREFIX

Item = dict[str, dict[str, Any]]


def _readable(value: dict[str, Any]) -> dict[str, Any]:
    """Bytes as text; a head's events are compressed."""
    if "B" not in value:
        return value
    raw = b64decode(value["B"]) if isinstance(value["B"], str) else value["B"]
    with suppress(zlib.error):
        raw = zlib.decompress(raw)
    return {"B": raw.decode()}


class Tables:
    """All tables of the stage on moto."""

    def __init__(self) -> None:
        found = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
        self._tables = {name.removeprefix(PREFIX): table for name, table in found.items()}

    def items(self, *areas: str) -> Iterator[tuple[str, Item]]:
        """Each item with its area; of all areas, or of some."""
        for area in areas or self._tables:
            for item in self._tables[area].all_items():
                yield area, {name: _readable(value) for name, value in item.to_json()["Attributes"].items()}

    def empty(self) -> None:
        """As they were made."""
        for table in self._tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()
