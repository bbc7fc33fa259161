"""Quantities: exact decimal numbers within stated bounds. No float comes near."""

from decimal import Decimal, InvalidOperation

from chalicelib.kernel.errors import Invalid

MAX_DECIMALS = 12
MAX_SIZE = Decimal("1e15")


class NotAQuantity(Invalid):
    """A quantity is a finite decimal number of at most 12 decimals, below 10^15 in size."""


def quantity(value: str | int | Decimal) -> Decimal:
    """Read a quantity exactly. NaN, infinity, a float, 1e30 and 13 decimals are `NotAQuantity`."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise NotAQuantity(value=str(value)[:40])
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise NotAQuantity(value=str(value)[:40]) from error
    if not number.is_finite() or abs(number) >= MAX_SIZE or _decimals(number) > MAX_DECIMALS:
        raise NotAQuantity(value=str(value)[:40])
    return number


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def plain(number: Decimal) -> str:
    """The one way a quantity is written: no exponent, no trailing zeros. `plain(Decimal("1.50"))` is `"1.5"`."""
    text = format(number.normalize(), "f")
    return "0" if text == "-0" else text
