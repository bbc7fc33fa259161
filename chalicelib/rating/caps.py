"""Caps of a tariff: no more than so much per period, filled in the order in which uses end."""

from collections.abc import Sequence

from chalicelib.rating.amounts import text_of
from chalicelib.rating.left import Left, changes
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Use
from chalicelib.rating.running import Running
from chalicelib.rating.terms import PERIODS, Cap

CAP_CODES = {period: f"cap_{period}" for period in PERIODS}


def capped(use: Use, lines: Sequence[RatedLine], left: Left | None, running: Running) -> list[RatedLine]:
    """The lines by which the tariff's caps lower the use's charges, the shortest period first.

    `left` is what earlier steps left of the charges; None if there were none.
    """
    reductions: list[RatedLine] = []
    caps = use.tariff.ruled_caps
    for ruled in caps:
        cap, rule, limit, is_whole = ruled
        if left is None:
            charges = lines if is_whole else [line for line in lines if line.price_id in cap.over]
            due = sum([line.amount.minor for line in charges])
        else:
            due = left.due(left.over(cap.over))
        if not due:
            continue
        period = use.day_text if cap.period == "day" else use.in_period(cap.period)
        before, paid = running.below(rule, period, limit, due)
        if paid != due:
            facts = cap_facts(cap, period, before)
            code = CAP_CODES[cap.period]
            if left is None and ruled is caps[-1]:
                return reductions + changes(charges, paid - due, code, facts)
            left = left or Left(tuple(lines))
            reductions += left.change(left.over(cap.over), paid - due, code, facts)
    return reductions


def cap_facts(cap: Cap, period: str, before: int) -> dict[str, str]:
    """What explains a reduction by a cap."""
    currency = cap.amount.currency
    return {
        "cap": cap.id,
        cap.period: period,
        "limit": text_of(cap.amount.minor, currency),
        "filled_before": text_of(before, currency),
    }
