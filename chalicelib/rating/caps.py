"""Caps of a tariff: no more than so much per period, filled in the order in which uses end."""

from collections.abc import Mapping, Sequence

from chalicelib.rating.amounts import money_of, text_of
from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine, line_of
from chalicelib.rating.model import Use
from chalicelib.rating.running import Running
from chalicelib.rating.terms import PERIODS, Cap

CAP_CODES = {period: f"cap_{period}" for period in PERIODS}


def capped(use: Use, lines: Sequence[RatedLine], left: Left | None, running: Running) -> list[RatedLine]:
    """The lines by which the tariff's caps lower the use's charges, the shortest period first.

    `left` is what earlier steps left of the charges; None if there were none.
    """
    reductions: list[RatedLine] = []
    tariff = use.tariff
    for cap in tariff.caps:
        over = cap.over
        if left is None:
            due = sum([line.amount.minor for line in lines if line.price_id in over])
        else:
            due = left.due(left.over(over))
        if not due:
            continue
        period = use.in_period(cap.period)
        before, paid = running.below((tariff.tariff_id, cap.id, period), cap.amount.minor, due)
        if paid != due:
            facts = cap_facts(cap, period, before)
            if left is None and not paid and cap is tariff.caps[-1]:
                return reductions + all_off([line for line in lines if line.price_id in over], cap, facts)
            left = left or Left(tuple(lines))
            reductions += left.change(left.over(over), paid - due, CAP_CODES[cap.period], facts)
    return reductions


def all_off(charges: Sequence[RatedLine], cap: Cap, facts: Mapping[str, str]) -> list[RatedLine]:
    """What a full cap takes off, which is everything: nothing has to be shared out."""
    code, currency = CAP_CODES[cap.period], cap.amount.currency
    return [
        line_of(
            (use_id, price, "reduction", kind, quantity, unit, None, money_of(-due.minor, currency), code, facts, shown)
        )
        for use_id, price, _, kind, quantity, unit, _, due, _, _, shown in charges
        if due.minor
    ]


def cap_facts(cap: Cap, period: str, before: int) -> dict[str, str]:
    """What explains a reduction by a cap."""
    currency = cap.amount.currency
    return {
        "cap": cap.id,
        cap.period: period,
        "limit": text_of(cap.amount.minor, currency),
        "filled_before": text_of(before, currency),
    }
