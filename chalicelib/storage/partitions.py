"""Whole partitions, whoever's items are in them: read as plain values, and removed by key.

For what is asked of all areas alike: to show somebody everything that is held about them, and to forget it.
"""

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from chalicelib.storage.record import Record, TableName

_OPENS = ("{", "[", '"')


class _Anything(Record):
    """An item of some table, known by its keys alone."""

    class Meta:
        """Each table has a record of its own; see `_of`."""

        table_name = TableName("customers")


def _of(area: str) -> type[Record]:
    found = _KNOWN.get(area)
    if found is None:
        meta = type("Meta", (), {"table_name": TableName(area)})
        found = _KNOWN[area] = type(f"_AnythingOf_{area}", (_Anything,), {"Meta": meta, "__module__": __name__})
    return found


_KNOWN: dict[str, type[Record]] = {}


class Partitions:
    """The items of a partition, a page at a time."""

    def page(
        self, area: str, pk: str, prefix: str = "", *, limit: int, after: str | None = None
    ) -> tuple[list[tuple[str, Mapping[str, Any]]], str | None]:
        """Sort keys with what is in the items, and behind which key to go on; None at the end. One consistent read."""
        record = _of(area)
        answer = record._get_connection().query(  # noqa: SLF001 -- items of any kind, which no model describes
            pk,
            range_key_condition=record.sk.startswith(prefix) if prefix else None,
            consistent_read=True,
            limit=limit,
            exclusive_start_key=None if after is None else {"pk": {"S": pk}, "sk": {"S": after}},
        )
        rows: list[tuple[str, Mapping[str, Any]]] = [(str(it["sk"]["S"]), values_of(it)) for it in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        return rows, None if last is None else str(last["sk"]["S"])

    def remove(self, area: str, pk: str, keys: Sequence[str]) -> None:
        """Remove these, there or not."""
        record = _of(area)
        for each in keys:
            record(pk=pk, sk=each).delete()


def values_of(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """An item without its keys, in JSON's own types: documents are opened, what is packed is unpacked."""
    return {name: _value(given) for name, given in item.items() if name not in {"pk", "sk"}}


def _value(given: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    ((kind, value),) = given.items()
    read = _READ.get(kind)
    return read(value) if read is not None else value


def _text(value: str) -> Any:  # noqa: ANN401 -- a document, or text
    if value.startswith(_OPENS):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _number(value: str) -> int | str:
    number = Decimal(value)
    return int(number) if number == number.to_integral_value() else value


def _bytes(value: bytes | str) -> Any:  # noqa: ANN401 -- what was packed, or base64
    raw = base64.b64decode(value) if isinstance(value, str) else bytes(value)
    with suppress(zlib.error, ValueError):
        return json.loads(zlib.decompress(raw))
    return base64.b64encode(raw).decode()


_READ: Mapping[str, Callable[[Any], Any]] = {
    "S": _text,
    "N": _number,
    "B": _bytes,
    "NULL": lambda _value: None,
    "SS": sorted,
    "NS": lambda value: [_number(each) for each in value],
    "L": lambda value: [_value(each) for each in value],
    "M": lambda value: {name: _value(each) for name, each in value.items()},
}
