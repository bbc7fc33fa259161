"""What DynamoDB counts: the size of an item, and the units of reading and writing it."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

WRITE_UNIT, READ_UNIT = 1024, 4096

Item = Mapping[str, Mapping[str, Any]]


def item_size(item: Item) -> int:
    """Names and values, as they are counted."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Of one attribute's value."""
    ((kind, held),) = value.items()
    return _SIZES[kind](held)


def number_size(text: str) -> int:
    """One byte, and one for each two digits that count; zero is one byte, "120" is three."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    if not digits:
        return 1
    whole, _, part = text.lstrip("-").partition(".")
    first = len(whole.lstrip("0")) if whole.lstrip("0") else -(len(part) - len(part.lstrip("0")))
    significant = (whole + part).strip("0")
    pairs = -(-(len(significant) + first % 2) // 2)
    return 1 + pairs + text.startswith("-")


_SIZES: Mapping[str, Callable[[Any], int]] = {
    "S": lambda held: len(held.encode()),
    "N": number_size,
    "B": lambda held: len(b64decode(held) if isinstance(held, str) else bytes(held)),
    "BOOL": lambda _held: 1,
    "NULL": lambda _held: 1,
    "SS": lambda held: sum(len(each.encode()) for each in held),
    "L": lambda held: 3 + sum(1 + value_size(each) for each in held),
    "M": lambda held: 3 + sum(1 + len(name.encode()) + value_size(each) for name, each in held.items()),
}


def write_units(item: Item) -> int:
    """Of a plain write."""
    return -(-item_size(item) // WRITE_UNIT)


def read_units(size: int, *, consistent: bool) -> float:
    """Of reading so many bytes; what is not there costs as much as the smallest item."""
    whole = -(-max(1, size) // READ_UNIT)
    return float(whole) if consistent else whole / 2
