"""Tax: it splits an inclusive total and never changes it; on an exclusive total it comes on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import Money, share_out
from chalicelib.rating.amounts import minor_units
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.rate import EXACT

_ONE = 10**12


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount in its parts: `net + tax == gross`."""

    net: Money
    tax: Money
    gross: Money


def taxed(total: Money, rate: Decimal, *, inclusive: bool) -> Taxed:
    """Split a total that includes the tax, or add the tax to one that does not. `rate` is a fraction: 24 % are 0.24."""
    with localcontext(EXACT):
        if not rate.is_finite() or rate < 0 or rate * _ONE != int(rate * _ONE):
            raise Invalid(reason="a tax rate is a decimal fraction of at most 12 decimals", rate=str(rate)[:40])
        if not inclusive:
            tax = Money(minor_units(total.amount * rate, total.currency), total.currency)
            return Taxed(total, tax, total + tax)
        tax = Money(_half_up(total.minor * int(rate * _ONE), _ONE + int(rate * _ONE)), total.currency)
        return Taxed(total - tax, tax, total)


def _half_up(numerator: int, denominator: int) -> int:
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def tax_by_line(lines: Sequence[RatedLine], tax: Money) -> list[Money]:
    """Share a total's tax out over its lines by their amounts; the parts add up to it."""
    return tax_by_amount([line.amount.minor for line in lines], tax)


def tax_by_amount(amounts: Sequence[int], tax: Money) -> list[Money]:
    """The same of minor units: charges carry the tax of all charges and reductions take off theirs.

    Each of both by largest remainder.
    """
    charged = sum(amount for amount in amounts if amount > 0)
    whole = sum(amounts)
    if not whole:
        return [Money.zero(tax.currency) for _ in amounts]
    on_charges = _half_up(tax.minor * charged, whole) if whole > 0 else -_half_up(tax.minor * charged, -whole)
    up = _parts(on_charges, [max(0, amount) for amount in amounts], tax.currency)
    down = _parts(tax.minor - on_charges, [max(0, -amount) for amount in amounts], tax.currency)
    return [one + other for one, other in zip(up, down, strict=True)]


def _parts(minor: int, weights: Sequence[int], currency: str) -> list[Money]:
    if not any(weights):
        return [Money.zero(currency) for _ in weights]
    return share_out(Money(minor, currency), weights)
