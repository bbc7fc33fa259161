"""Caps of a tariff: no more than so much per period, filled in the order in which uses end."""

from chalicelib.rating.amounts import text_of
from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Use
from chalicelib.rating.running import Running
from chalicelib.rating.terms import Cap


def capped(use: Use, left: Left, running: Running) -> list[RatedLine]:
    """The lines by which the tariff's caps lower the use's charges, the shortest period first."""
    return [line for cap in use.tariff.caps for line in _cap(cap, use, left, running)]


def _cap(cap: Cap, use: Use, left: Left, running: Running) -> list[RatedLine]:
    covered = left.over(cap.over)
    due = left.due(covered)
    if not due:
        return []
    period = use.in_period(cap.period)
    key = (use.tariff.tariff_id, cap.id, period)
    before = running.paid[key]
    paid = running.below(key, cap.amount, due)
    if paid == due:
        return []
    return left.change(covered, paid - due, f"cap_{cap.period}", cap_facts(cap, period, before))


def cap_facts(cap: Cap, period: str, before: int) -> dict[str, str]:
    """What explains a reduction by a cap."""
    currency = cap.amount.currency
    return {
        "cap": cap.id,
        cap.period: period,
        "limit": text_of(cap.amount.minor, currency),
        "filled_before": text_of(before, currency),
    }
