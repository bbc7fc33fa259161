"""The rows of the books: the journal as accounting takes it in, and the movements of money among it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.billing.postings import PAYMENT
from chalicelib.finance.chart import Chart
from chalicelib.finance.columns import Cells, columns_of
from chalicelib.finance.files import FileOf
from chalicelib.finance.ports import Lookups
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import STRIPE_CLEARING, STRIPE_FEES, class_of
from chalicelib.ledger.model import JournalEntry, Posting

_COLONS = 3
"""In `payment:<account>:<month>:<number>`; what a hold's capture has behind that is the hold."""
_INVOICE = "invoice:"
TOGETHER = 100
"""So many movements of money are looked up together."""
_JOURNAL = columns_of("""
month        | text    |          | the period to which the entry belongs
reference    | text    |          | the entry: its rows balance, and it is posted once, under this name
kind         | text    |          | what was posted: a settlement, a payment, a refund, a fee and so on
account      | text    |          | whom it concerns, by pseudonym: a customer's account, a partner, or `stripe`
posted_at    | instant |          | when it was posted
ledger_account | text  |          | our name of the ledger account
debit        | money   | `currency` | what is debited; empty of a credit
credit       | money   | `currency` | what is credited; empty of a debit
currency     | text    | ISO 4217 | of the amount
account_class | text   |          | `asset`, `liability`, `income` or `expense`
source       | text    |          | what it was made of: a proof, an invoice, a credit note, a movement at Stripe
account_number | text  |          | the number in the operator's chart of accounts
""")
_PAYMENTS = columns_of("""
month        | text    |          | the period to which it belongs
account      | text    |          | whom it concerns, by pseudonym: a customer's account, a partner, or `stripe`
payment      | text    |          | the journal's reference
received_amount | money | `currency` | what Stripe holds for us by it: below zero what it holds no more
currency     | text    | ISO 4217 | of the amounts
posted_at    | instant |          | when it was posted
kind         | text    |          | `payment`, `hold_capture`, `top_up`, `refund`, `dispute`, `fee` and so on
invoice      | text    |          | the invoice that it is about
fee          | money   | `currency` | what Stripe kept of it, where that was posted together
stripe_id    | text    |          | its name at Stripe
""")


def journal_of(chart: Chart) -> FileOf:
    """One row a posting, with the operator's account numbers."""

    def rows(entry: JournalEntry) -> Iterator[Cells]:
        month = str(entry.period)
        for posting in entry.postings:
            amount = posting.amount
            yield (
                month,
                entry.reference,
                entry.kind,
                entry.account_id,
                entry.posted_at,
                posting.ledger_account,
                amount if amount.minor > 0 else None,
                None if amount.minor > 0 else -amount,
                amount.currency,
                class_of(posting.ledger_account),
                posting.source,
                chart.number(posting.ledger_account),
            )

    about = "One row a posting of the month's journal; the rows of one reference balance."
    return FileOf("journal.csv.gz", about, _JOURNAL, {"debit": "debit", "credit": "credit"}, of_entry=rows)


def payments_of(lookups: Lookups) -> FileOf:
    """One row a movement of what Stripe holds for us."""
    held = _Movements(lookups)
    about = "One row a movement of money at Stripe: together they are what the month added to what Stripe holds for us."
    sums = {"received": "received_amount", "fees": "fee"}
    return FileOf("payments.csv.gz", about, _PAYMENTS, sums, of_entry=held.rows, rest=held.rest)


@dataclass
class _Movements:
    """Entries that move money, looked up together."""

    lookups: Lookups
    waiting: list[JournalEntry] = field(default_factory=list)

    def rows(self, entry: JournalEntry) -> Iterator[Cells]:
        """Of those that waited, once they are enough."""
        if any(each.ledger_account == STRIPE_CLEARING for each in entry.postings):
            self.waiting.append(entry)
        if len(self.waiting) == TOGETHER:
            yield from self.rest()

    def rest(self) -> Iterator[Cells]:
        """Of those that wait."""
        waiting, self.waiting = self.waiting, []
        names = self.lookups.names_at_provider(waiting) if waiting else ()
        for entry, name in zip(waiting, names, strict=True):
            yield from _movement(entry, name)


def _movement(entry: JournalEntry, name: str | None) -> Iterator[Cells]:
    """One row a currency; usually there is one."""
    for currency in sorted({each.amount.currency for each in entry.postings}):
        moved = _sum(entry.postings, STRIPE_CLEARING, currency)
        fee = _sum(entry.postings, STRIPE_FEES, currency)
        if moved.minor:
            where = entry.period, entry.account_id, entry.reference, moved, currency, entry.posted_at
            yield (*where, kind_of(entry), invoice_of(entry), fee if fee.minor else None, name)


def _sum(postings: Sequence[Posting], name: str, currency: str) -> Money:
    found = (each.amount for each in postings if each.ledger_account == name)
    return Money(sum(each.minor for each in found if each.currency == currency), currency)


def kind_of(entry: JournalEntry) -> str:
    """What moved the money."""
    if entry.kind == PAYMENT:
        return "hold_capture" if entry.reference.count(":") > _COLONS else "payment"
    if entry.kind == "wallet":
        return "top_up"
    return entry.kind.replace("-", "_")


def invoice_of(entry: JournalEntry) -> str | None:
    """The invoice that an entry is about, as its postings say."""
    found = (each.source.removeprefix(_INVOICE) for each in entry.postings if each.source.startswith(_INVOICE))
    return next(found, None)
