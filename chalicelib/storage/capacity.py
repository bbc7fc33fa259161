"""Counts the capacity units that DynamoDB says a request used."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass
class Used:
    """Capacity units so far."""

    units: float = 0.0


_counting: ContextVar[Used | None] = ContextVar("capacity", default=None)


@contextmanager
def counted() -> Iterator[Used]:
    """Count what is used inside."""
    used = Used()
    token = _counting.set(used)
    try:
        yield used
    finally:
        _counting.reset(token)


def ask(params: dict[str, Any], **_: object) -> None:
    """Before a call: have DynamoDB say what it used."""
    if _counting.get() is not None:
        params.setdefault("ReturnConsumedCapacity", "TOTAL")


def note(parsed: Mapping[str, Any], **_: object) -> None:
    """After a call: add it up."""
    used = _counting.get()
    said = parsed.get("ConsumedCapacity")
    if used is not None and said:
        each = said if isinstance(said, list) else [said]
        used.units += sum(float(one.get("CapacityUnits") or 0) for one in each)
