"""JSON as it is stored: short, UTF-8, and read back to the same value. Written and read by msgspec (0041, 0081)."""

from decimal import Decimal
from typing import Any

import msgspec

_USUAL = frozenset({str, int, bool, type(None)})
_HOLDS_OTHERS = (dict, list, tuple)
_sorted = msgspec.json.Encoder(order="sorted").encode
_as_is = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(float_hook=Decimal).decode


def canonical(value: object) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8. Floats are refused: they have no exact text.

    So is whatever is not JSON's (`TypeError`), such as an instant: which text it has is for whom it belongs to.
    """
    _refuse_others(value)
    return _sorted(value)


def compact(value: object) -> bytes:
    """A JSON text of a value, its members as they come: for what is read again and never compared. As strict."""
    _refuse_others(value)
    return _as_is(value)


def read(text: str | bytes) -> Any:  # noqa: ANN401 -- JSON's
    """The value of a JSON text; fractions are exact."""
    return _read(text)


def _refuse_others(value: object) -> None:
    """A proof has thousands of values: only what holds others is looked into, and what is usual is passed at once."""
    waiting: list[Any] = [(value,)]
    for holder in waiting:  # it grows meanwhile
        for each in holder.values() if isinstance(holder, dict) else holder:
            if type(each) in _USUAL:
                continue
            if isinstance(each, _HOLDS_OTHERS):
                waiting.append(each)
            elif not isinstance(each, (str, int)):
                raise TypeError(f"has no exact text: {type(each).__name__}")
