"""What a document comes to at each rate: what settlements hold, less what documents said of it already."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.billing import differences
from chalicelib.billing.currencies import step_of
from chalicelib.billing.model import Settlement
from chalicelib.billing.paper_model import NO_TAX, TaxRow, fraction_of
from chalicelib.billing.parts import sums_in, taxes_in
from chalicelib.kernel.money import shares
from chalicelib.kernel.time import Month

_GROSS, _TAX = "gross", "tax"


def taxes_due(after: Settlement, known: Mapping[Month, Settlement]) -> dict[str, int]:
    """`gross|<rate>` and `tax|<rate>` of what no document took along so far: the next one takes all of it."""
    others = [each for each in known.values() if each.month != after.month]
    sums = differences.summed(
        *(differences.difference(_posted(each), each.taxes_invoiced) for each in [*others, after])
    )
    return {name: minor for name, minor in sums.items() if minor}


def adding_up(due: Mapping[str, int], total: int) -> dict[str, int]:
    """With what a document does not take, since it cannot be moved, left in the largest row for the next one."""
    gross = {name: minor for name, minor in due.items() if name.startswith(_GROSS)} or {f"{_GROSS}|{NO_TAX}": 0}
    largest = max(sorted(gross), key=lambda name: abs(gross[name]))
    return {**due, largest: gross[largest] + total - sum(gross.values())}


def rows_of(due: Mapping[str, int], *, sign: int = 1) -> tuple[TaxRow, ...]:
    """As rows by rate, the highest first; of a credit note with the sign turned."""
    names = sorted({name.partition("|")[2] for name in due})
    rates = sorted(names, key=lambda each: Decimal(fraction_of(each)), reverse=True)
    return tuple(
        TaxRow(rate, sign * due.get(f"{_GROSS}|{rate}", 0), sign * due.get(f"{_TAX}|{rate}", 0)) for rate in rates
    )


def taken_by(rows: Iterable[TaxRow], *, sign: int = 1) -> dict[str, int]:
    """What rows of a document took along, as a settlement says it; of a credit note with the sign turned."""
    pairs = [({_GROSS: row.gross, _TAX: row.tax}, row.booked) for row in rows]
    return {f"{kind}|{rate}": sign * minor for sums, rate in pairs for kind, minor in sums.items()}


def part_of(rows: Iterable[TaxRow], minor: int) -> tuple[TaxRow, ...]:
    """A part of what rows come to, split as they are; without any, it has no tax in it."""
    weighed = [row for row in rows if row.gross > 0]
    if not weighed:
        return (TaxRow(NO_TAX, minor, 0),)
    weights = [each for row in weighed for each in (row.net, row.tax)]
    split = shares(minor, weights)
    pairs = zip(weighed, split[::2], split[1::2], strict=True)
    return tuple(TaxRow(row.booked, net + tax, tax) for row, net, tax in pairs)


def _posted(settlement: Settlement) -> dict[str, int]:
    charges, parts = differences.charges(settlement), dict(differences.parts(settlement).by_month)
    rows: list[dict[str, int]] = []
    for month, sums in charges.by_month:
        for product, minor in sums.items():
            its = parts.get(month, {})
            rows += _of_product(minor, taxes_in(its, product), sums_in(its, product), step_of(settlement.currency))
    return differences.summed(*rows)


def _of_product(gross: int, taxes: Mapping[str, int], sums: Mapping[str, int], step: int) -> list[dict[str, int]]:
    """By rate. What a provider split is known by rate, and our own rates are in the rest.

    A rest that is smaller than what can be moved was not asked about yet: it is with the largest.
    """
    own = {rate: minor for rate, minor in taxes.items() if rate not in sums}
    left = gross - sum(sums.values())
    if sums and 0 < abs(left) < step:
        largest = max(sorted(sums), key=lambda rate: abs(sums[rate]))
        sums, left = {**sums, largest: sums[largest] + left}, 0
    split = [{f"{_GROSS}|{rate}": sums[rate], f"{_TAX}|{rate}": taxes.get(rate, 0)} for rate in sorted(sums)]
    return [*split, *_at_own_rates(left, own)] if left or any(own.values()) else split


def _at_own_rates(gross: int, taxes: Mapping[str, int]) -> list[dict[str, int]]:
    """A product has one; where a correction moved it to another, each has what its tax is a part of."""
    named = {rate: minor for rate, minor in taxes.items() if minor} or dict.fromkeys([*taxes][:1], 0) or {NO_TAX: 0}
    *others, last = sorted(named)
    found, left = [], gross
    for rate in others:
        part = _gross_of(named[rate], Decimal(rate))
        left -= part
        found.append({f"{_GROSS}|{rate}": part, f"{_TAX}|{rate}": named[rate]})
    return [*found, {f"{_GROSS}|{last}": left, f"{_TAX}|{last}": named[last]}]


def _gross_of(tax: int, rate: Decimal) -> int:
    return int((tax * (1 + rate) / rate).to_integral_value(rounding=ROUND_HALF_UP))
