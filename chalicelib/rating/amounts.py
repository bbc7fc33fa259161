"""Exact amounts to minor units: one rounding, half up, for every price kind."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from chalicelib.kernel.money import Money, decimals_of

NOTHING = Decimal(0)
ONE = Decimal(1)


@lru_cache(maxsize=256)
def scale_of(currency: str) -> Decimal:
    """How many minor units one major unit has: EUR 100, JPY 1, KWD 1000."""
    return Decimal(10) ** decimals_of(currency)


@lru_cache(maxsize=16_384)
def money_of(minor: int, currency: str) -> Money:
    """So many minor units. The same few amounts come up in every rating, so they are made once."""
    return Money(minor, currency)


@lru_cache(maxsize=16_384)
def text_of(minor: int, currency: str) -> str:
    """The amount in major units as text, with all the currency's decimals: 9.00."""
    scale = int(scale_of(currency))
    if scale == 1:
        return str(minor)
    whole, rest = divmod(abs(minor), scale)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{len(str(scale)) - 1}d}"


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount, in major units, rounded to minor units."""
    return int((amount * scale_of(currency)).to_integral_value(ROUND_HALF_UP))


def rounded(amount: Decimal, currency: str) -> Money:
    """The amount, in major units, rounded to the currency's minor unit."""
    return money_of(int((amount * scale_of(currency)).to_integral_value(ROUND_HALF_UP)), currency)


def rounded_ratio(numerator: Decimal, denominator: int, currency: str) -> int:
    """`numerator / denominator`, in minor units, without the endless fraction that the division may be."""
    exact = abs(numerator) * scale_of(currency)
    size = int((2 * exact + denominator) // (2 * denominator))
    return -size if numerator < 0 else size
