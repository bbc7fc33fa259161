"""Journal entries: postings that belong together and sum to zero per currency."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month, NotAMonth
from chalicelib.ledger.accounts import class_of, summed_as
from chalicelib.ledger.errors import Misplaced, Unbalanced, Unsourced

Balances = dict[tuple[str, str], int]
"""Minor units by ledger account and currency: debit is positive, credit negative."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Debit is positive, credit negative. `source` names what it was made of: a proof, an invoice, a payout.

    A proof (`proof:<account>:<number>`) holds the lines of every charge record that it was made of.
    """

    ledger_account: str
    amount: Money
    source: str = ""

    def __post_init__(self) -> None:
        class_of(self.ledger_account)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Postings that belong together. An unbalanced entry cannot be built, nor one that is not where its reference says.

    `reference` names what is posted (an invoice, a payment) and is posted once; `account_id` is the account, of a
    customer or of a partner, that it concerns; `period` the month to which it belongs; `posted_at` when it was written.
    """

    reference: str
    kind: str
    account_id: str
    period: Month
    posted_at: datetime
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        sums = balance(self.postings)
        if any(sums.values()) or not self.postings:
            off = {currency: amount for currency, amount in sums.items() if amount}
            raise Unbalanced(reference=self.reference, off_by=off)
        if settled_place(self.reference) not in (None, (self.account_id, self.period)):
            raise Misplaced(reference=self.reference)

    @property
    def summed(self) -> Balances:
        """Its postings as a balance shows them."""
        return added({}, ((summed_as(each.ledger_account), each.amount) for each in self.postings))


_OF_SETTLEMENT = "settlement:"
_SETTLED = re.compile(r"settlement:(.+):([^:]+):\d+", re.ASCII | re.DOTALL)


def settlement_reference(account_id: str, period: Month, version: int) -> str:
    """What the entry of a settlement is posted as, which says whose and of which month it is."""
    return f"settlement:{account_id}:{period}:{version}"


def settled_place(reference: str) -> tuple[str, Month] | None:
    """The account and the month that the reference of a settlement's entry says; None of any other."""
    said = _SETTLED.fullmatch(reference) if reference.startswith(_OF_SETTLEMENT) else None
    with suppress(NotAMonth):
        return (said[1], Month.parse(said[2])) if said else None
    return None


def sourced(entry: JournalEntry) -> JournalEntry:
    """The entry, if each of its postings names its source: what is to be posted has to; of before, some have none."""
    if not all(each.source for each in entry.postings):
        raise Unsourced(reference=entry.reference)
    return entry


class Posted(NamedTuple):
    """What entries that were posted at one instant sum up to, and how many they are."""

    balances: Balances
    entries: int = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """The balances of all that was posted before `until`, and how many entries that were."""

    until: datetime
    entries: int = 0
    balances: Balances = field(default_factory=dict)


def balance(postings: Iterable[Posting]) -> dict[str, int]:
    """The sum of minor units in each currency: all zero in a ledger that is right."""
    sums: dict[str, int] = {}
    for posting in postings:
        amount = posting.amount
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return sums


def added(sums: Balances, amounts: Iterable[tuple[str, Money]]) -> Balances:
    """The sums with more amounts in them."""
    found = dict(sums)
    for name, amount in amounts:
        key = (name, amount.currency)
        found[key] = found.get(key, 0) + amount.minor
    return found
