"""Minimums: a charge that makes up what a use, or an agreement's month, fell short of."""

from collections.abc import Sequence

from chalicelib.kernel.money import Money
from chalicelib.rating.amounts import ONE
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import START, Use
from chalicelib.rating.running import Running
from chalicelib.rating.terms import Minimum


def true_ups(use: Use, charges: Sequence[RatedLine], running: Running) -> list[RatedLine]:
    """What the use's minimums add. Those over a period wait for the agreement's line, which closes the period."""
    lines: list[RatedLine] = []
    for minimum in use.tariff.minimums:
        due = sum(line.amount.minor for line in charges if line.price_id in minimum.over)
        if minimum.period != "use":
            key = (use.tariff.tariff_id, minimum.id, use.in_period(minimum.period))
            running.charged[key] += due
            due = running.charged[key]
        if (minimum.period == "use") == (use.kind == "session") and due < minimum.amount.minor:
            lines.append(_line(use, minimum, due))
    return lines


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
