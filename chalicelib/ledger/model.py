"""Journal entries: postings that belong together and sum to zero per currency."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.errors import Unbalanced

STRIPE_CLEARING = "stripe-clearing"


def receivable(account_id: str) -> str:
    """What the account owes us."""
    return f"receivable:{account_id}"


def revenue(product: str) -> str:
    """What a product earned; `product` is `<partner>:<product>`."""
    return f"revenue:{product}"


@dataclass(frozen=True, slots=True)
class Posting:
    """Debit is positive, credit negative."""

    ledger_account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Postings that belong together. An unbalanced entry cannot be built.

    `reference` names what is posted (an invoice, a payment) and is posted once; `account_id` is the customer account
    that it concerns; `period` the month to which it belongs; `posted_at` when it was written.
    """

    reference: str
    kind: str
    account_id: str
    period: Month
    posted_at: datetime
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        off = {currency: amount for currency, amount in balance(self.postings).items() if amount}
        if off or not self.postings:
            raise Unbalanced(reference=self.reference, off_by=off)


def balance(postings: Iterable[Posting]) -> dict[str, int]:
    """The sum of minor units in each currency: all zero in a ledger that is right."""
    sums: dict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.amount.currency] += posting.amount.minor
    return dict(sums)


def balances(postings: Iterable[Posting]) -> dict[tuple[str, str], int]:
    """The trial balance: minor units by ledger account and currency."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for posting in postings:
        sums[posting.ledger_account, posting.amount.currency] += posting.amount.minor
    return dict(sums)
