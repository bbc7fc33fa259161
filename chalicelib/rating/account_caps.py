"""Caps of an account: over one product, a category, or everything; nested in the order given."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.kernel.money import Money
from chalicelib.rating.caps import CAP_CODES, cap_facts
from chalicelib.rating.fairness import Standing
from chalicelib.rating.model import Use
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
    """Lower the charges to the caps, the shortest period first; what was billed before has filled them.

    What goes off falls on all that is billed now in proportion, and so on every partner (design rule 12).
    """
    running = Running()
    for cap in caps:
        standing.same_currency(cap.amount)
        for period, uses in _by_period(standing, cap).items():
            billed = [use for use in uses if use.use_id in standing.earlier]
            now = [use for use in uses if use.use_id not in standing.earlier]
            for group in (billed, now):
                _lower(standing, cap, period, group, running)


def _by_period(standing: Standing, cap: AccountCap) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for use in standing.sharing(cap.product, cap.category):
        found.setdefault(use.in_period(cap.period), []).append(use)
    return found


def _lower(standing: Standing, cap: AccountCap, period: str, uses: Sequence[Use], running: Running) -> None:
    covered = [index for use in uses for index in standing.charged_for(use)]
    due = standing.left.due(covered)
    before, paid = running.below((_ACCOUNT, cap.id), period, cap.amount.minor, due)
    if paid != due:
        rule = Cap(cap.id, cap.period, cap.amount, ())
        standing.lower(covered, due - paid, CAP_CODES[cap.period], cap_facts(rule, period, before))
