"""Read the books."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.kernel.time import Month
from chalicelib.ledger.model import balance, balances
from chalicelib.ledger.ports import Ledger


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """A month's postings by ledger account and currency, in minor units. `off` is empty in books that balance."""

    period: Month
    entries: int
    balances: Mapping[tuple[str, str], int]
    off: Mapping[str, int]


def trial_balance(period: Month, *, ledger: Ledger) -> TrialBalance:
    """Add up every entry of the month."""
    entries = list(ledger.of_month(period))
    postings = [posting for entry in entries for posting in entry.postings]
    off = {currency: minor for currency, minor in balance(postings).items() if minor}
    return TrialBalance(period, len(entries), balances(postings), off)
