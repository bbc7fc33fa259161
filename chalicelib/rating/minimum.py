"""Minimums: a charge that makes up what a use, or an agreement's month, fell short of."""

from collections.abc import Sequence
from fractions import Fraction

from chalicelib.kernel.money import Money
from chalicelib.rating.amounts import ONE
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import START, Use
from chalicelib.rating.running import Running
from chalicelib.rating.terms import MEMBERS_USE, Minimum


def true_ups(use: Use, charges: Sequence[RatedLine], running: Running) -> list[RatedLine]:
    """What the use's minimums add. Those over a period wait for the agreement's line, which closes the period."""
    lines: list[RatedLine] = []
    for minimum in use.tariff.minimums if use.held is None else ():
        due = sum(line.amount.minor for line in charges if line.price_id in minimum.over)
        if minimum.period != "use":
            key = (use.tariff.tariff_id, minimum.id, use.in_period(minimum.period))
            running.charged[key] += due
            due = running.charged[key]
        if (minimum.period == "use") == (use.kind == "session") and due < minimum.amount.minor:
            lines.append(_line(use, minimum, due))
    return lines


def monthly(uses: Sequence[Use], lines: Sequence[RatedLine]) -> list[RatedLine]:
    """What the months' minimums of plans add, once all uses are rated.

    They count as far as the fee does: of a month that was held, awake, for a part of it, that part of the minimum.
    """
    added: list[RatedLine] = []
    for use in [each for each in uses if each.held is not None and each.tariff.minimums]:
        fares, own = (
            use.held.fares if use.held is not None else (),
            [each for each in lines if each.use_id == use.use_id],
        )
        by_members = {
            other.use_id
            for other in uses
            if other.tariff.tariff_id in fares and use.started_at <= other.started_at < use.ended_at
        }
        used = sum(line.amount.minor for line in lines if line.use_id in by_members)
        for minimum in use.tariff.minimums:
            least = _part_of_month(minimum.amount, own)
            due = sum(line.amount.minor for line in own if line.price_id in minimum.over)
            due += used if MEMBERS_USE in minimum.over else 0
            if due < least.minor:
                added.append(_line(use, minimum._replace(amount=least), due))
    return added


def _part_of_month(amount: Money, own: Sequence[RatedLine]) -> Money:
    """So much of it as the time that the agreement's fee was charged for is of the month."""
    fee = next((line for line in own if "length_s" in line.facts), None)
    if fee is None:
        return Money.zero(amount.currency)
    part = Fraction(fee.quantity) / Fraction(fee.facts["length_s"])
    return Money(int(part * amount.minor + Fraction(1, 2)), amount.currency)


def _line(use: Use, minimum: Minimum, due: int) -> RatedLine:
    currency = minimum.amount.currency
    return RatedLine(
        use.use_id,
        minimum.id,
        "charge",
        "use" if use.kind == "session" else "ordered",
        ONE,
        "",
        None,
        Money(minimum.amount.minor - due, currency),
        "minimum_true_up",
        {
            "minimum": str(minimum.amount.amount),
            "charged": str(Money(due, currency).amount),
            "period": use.in_period(minimum.period),
        },
        use.shown_by(START),
    )
