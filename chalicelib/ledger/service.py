"""Read the books."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.kernel.time import Month
from chalicelib.ledger.ports import Ledger


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """A month's postings by ledger account and currency, in minor units; the accounts of customers are one.

    `off` is empty in books that balance.
    """

    period: Month
    entries: int
    balances: Mapping[tuple[str, str], int]
    off: Mapping[str, int]


def trial_balance(period: Month, *, ledger: Ledger) -> TrialBalance:
    """Add up every entry of the month, one after the other."""
    entries, sums, off = 0, Counter[tuple[str, str]](), Counter[str]()
    for entry in ledger.of_month(period):
        entries += 1
        sums.update(entry.summed)
    for (_, currency), minor in sums.items():
        off[currency] += minor
    return TrialBalance(period, entries, dict(sums), {currency: minor for currency, minor in off.items() if minor})
