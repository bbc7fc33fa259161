"""Read the books."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.kernel.time import Month
from chalicelib.ledger.ports import Ledger


@dataclass(frozen=True, slots=True)
class PostedInMonth:
    """What a page of a month's entries posts by ledger account and currency, in minor units; customers' are one.

    `off` is empty in books that balance, page by page, as each entry balances. `after` is the page's last reference
    where more may follow; None at the month's end.
    """

    period: Month
    entries: int
    balances: Mapping[tuple[str, str], int]
    off: Mapping[str, int]
    after: str | None


def posted_in_month(period: Month, *, limit: int, after: str | None, ledger: Ledger) -> PostedInMonth:
    """Add up so many entries of the month, behind one of them."""
    page = ledger.page_of_month(period, limit=limit, after=after)
    sums, off = Counter[tuple[str, str]](), Counter[str]()
    for entry in page:
        sums.update(entry.summed)
    for (_, currency), minor in sums.items():
        off[currency] += minor
    wrong = {currency: minor for currency, minor in off.items() if minor}
    return PostedInMonth(period, len(page), dict(sums), wrong, page[-1].reference if len(page) == limit else None)
