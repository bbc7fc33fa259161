"""Quantities: exact decimal numbers within stated bounds. No float comes near."""

import re
from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import cast

from chalicelib.kernel.errors import Invalid

MAX_DECIMALS = 12
MAX_SIZE = Decimal("1e15")
_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
"""What is written so is within the bounds; most are, and are read in a fifth of the time."""
_ALL_PLAIN = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,12})?(?:,[0-9]{1,15}(?:\.[0-9]{1,12})?)*+")
_WRITTEN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,40})?")
"""How any decimal number is written. Python would read exponents, blanks, underscores and digits of all scripts."""
_FINEST = Decimal(1).scaleb(-MAX_DECIMALS)
# Python's own context rounds at 28 digits without a word; here what does not fit is an error.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


class NotAQuantity(Invalid):
    """A quantity is a finite decimal number of at most 12 decimals, below 10^15 in size."""


def decimal_text(text: str) -> Decimal:
    """Read decimal text: a minus or none, digits 0 to 9, perhaps a point and more digits. Nothing else is a number."""
    if _WRITTEN.fullmatch(text) is None:
        raise NotAQuantity(value=text[:40])
    return Decimal(text)


def quantity(value: str | int | Decimal) -> Decimal:
    """Read a quantity exactly. NaN, infinity, a float, an exponent, 1e30 and 13 decimals are `NotAQuantity`."""
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise NotAQuantity(value=str(value)[:40])
    try:
        number = decimal_text(value) if isinstance(value, str) else Decimal(value)
        fits = number.copy_abs() < MAX_SIZE and number.quantize(_FINEST, context=_EXACT).is_finite()
    except ArithmeticError as error:
        raise NotAQuantity(value=_shown(value)) from error
    if not fits:
        raise NotAQuantity(value=_shown(value))
    return number


def quantities(values: Sequence[str | int]) -> list[Decimal]:
    """The same of many; those that are plain texts are read at once."""
    if {*map(type, values)} == {str}:
        texts = cast("Sequence[str]", values)
        joined = ",".join(texts)
        if joined.count(",") == len(texts) - 1 and _ALL_PLAIN.fullmatch(joined):
            return list(map(Decimal, texts))
    return list(map(quantity, values))


def _shown(value: str | int | Decimal) -> str:
    """Python refuses to write a whole number of more than 4,300 digits; a `Decimal` of it writes itself."""
    return str(Decimal(value) if isinstance(value, int) else value)[:40]


def plain(number: Decimal) -> str:
    """The one way a quantity is written: no exponent, no trailing zeros. `plain(Decimal("1.50"))` is `"1.5"`."""
    text = format(number.normalize(_EXACT), "f")
    return "0" if text == "-0" else text
