"""The trial balance as of any instant: the newest balance that is kept, and what was posted since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import AccountClass, class_of_row
from chalicelib.ledger.model import Kept, Posted, added
from chalicelib.ledger.ports import Ledger

SETTLED_AFTER = timedelta(days=1)
"""A balance is kept of an instant that is so long ago that whatever was posted before it is written by now."""
LOOKS_BACK = timedelta(days=366)
"""How far a balance looks back where none is kept: before the first month was closed there is nothing older."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """An account's balance: debit is positive, credit negative. The accounts of customers are one row."""

    ledger_account: str
    account_class: AccountClass
    amount: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts as of an instant. `off` is empty in books that balance; `read` says what it took to tell.

    `classes` sums the rows by class and currency, in minor units.
    """

    at: datetime
    entries: int
    rows: tuple[TrialRow, ...]
    classes: dict[tuple[AccountClass, str], int]
    off: dict[str, int]
    read: int


def trial_balance_at(at: datetime, *, ledger: Ledger) -> TrialBalance:
    """What was posted up to the instant, itself included."""
    kept = ledger.kept_before(at)
    known = kept or Kept(at - LOOKS_BACK)
    found = _with_posted(known, ledger.posted(known.until, at))
    return _shown(at, found, read=found.entries - known.entries)


def keep_balance(now: datetime, *, ledger: Ledger) -> Kept | None:
    """The balance of a day ago, to be kept; None if it is."""
    until = (now - SETTLED_AFTER).replace(hour=0, minute=0, second=0, microsecond=0)
    known = ledger.kept_before(until)
    if known is not None and known.until == until:
        return None
    before = known or Kept(until - LOOKS_BACK)
    summed = _with_posted(before, ledger.posted(before.until, until - timedelta(microseconds=1)))
    return Kept(until, summed.entries, summed.balances)


def _with_posted(known: Kept, posted: Iterable[Posted]) -> Kept:
    sums, entries = dict(known.balances), known.entries
    for each in posted:
        entries += each.entries
        for key, minor in each.balances.items():
            sums[key] = sums.get(key, 0) + minor
    return Kept(known.until, entries, {key: minor for key, minor in sums.items() if minor})


def _shown(at: datetime, found: Kept, read: int) -> TrialBalance:
    rows = tuple(
        TrialRow(name, class_of_row(name), Money(minor, currency))
        for (name, currency), minor in sorted(found.balances.items())
    )
    classes: dict[tuple[AccountClass, str], int] = {}
    for row in rows:
        key = (row.account_class, row.amount.currency)
        classes[key] = classes.get(key, 0) + row.amount.minor
    totals = added({}, (("", row.amount) for row in rows))
    off = {currency: minor for (_, currency), minor in totals.items() if minor}
    return TrialBalance(at, found.entries, rows, classes, off, read)
