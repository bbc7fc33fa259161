"""Caps of an account: over one product, a category, or everything; nested in the order given."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.kernel.money import Money
from chalicelib.rating.caps import CAP_CODES, cap_facts
from chalicelib.rating.fairness import Standing
from chalicelib.rating.running import Running
from chalicelib.rating.terms import Cap, Period

_ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class AccountCap:
    """No more than `amount` per period for the use of a product, of a category, or of everything."""

    id: str
    period: Period
    amount: Money
    product: str = ""
    category: str = ""


def account_capped(standing: Standing, caps: Sequence[AccountCap]) -> None:
    """Lower the charges to the caps, filled in settling order, the shortest period first."""
    running = Running()
    for cap in caps:
        standing.same_currency(cap.amount)
        rule = Cap(cap.id, cap.period, cap.amount, ())
        for use in standing.sharing(cap.product, cap.category):
            covered = standing.charged_for(use)
            due = standing.left.due(covered)
            period = use.in_period(cap.period)
            before, paid = running.below((_ACCOUNT, cap.id), period, cap.amount.minor, due)
            if paid != due:
                standing.lower(covered, due - paid, CAP_CODES[cap.period], cap_facts(rule, period, before))
