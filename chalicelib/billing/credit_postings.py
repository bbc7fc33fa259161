"""The journal entries of goodwill, refunds, and the shares that credit notes take back."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.billing.credit_model import CreditNote, Refund
from chalicelib.billing.paper_model import NO_TAX
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger import accounts
from chalicelib.ledger.model import JournalEntry, Posting

GOODWILL = "goodwill"
REFUND = "refund"
REFUND_FAILED = "refund-failed"
NOTE_SHARE = "credit-share"


def note_source(note_id: str) -> str:
    """A credit note."""
    return f"credit-note:{note_id}"


def refund_source(refund_id: str) -> str:
    """A refund."""
    return f"refund:{refund_id}"


def goodwill_entry(note: CreditNote, now: datetime) -> JournalEntry:
    """The operator bears it, without the tax in it, which is owed to the state no more. No partner's share is less."""
    source, currency = note_source(note.note_id), note.total.currency
    rows = [row for row in note.paper.taxes if row.tax and row.booked != NO_TAX]
    borne = note.total.minor - sum(row.tax for row in rows)
    postings = [
        Posting(accounts.receivable(note.account_id), -note.total, source),
        Posting(accounts.PROMOTIONS, Money(borne, currency), source),
        *(Posting(accounts.tax(row.booked), Money(row.tax, currency), source) for row in rows),
    ]
    kept = tuple(each for each in postings if each.amount.minor)
    return JournalEntry(f"{GOODWILL}:{note.note_id}", GOODWILL, note.account_id, note.month, now, kept)


def refund_entry(refund: Refund, period: Month, now: datetime) -> JournalEntry:
    """Money that goes back: Stripe holds it no more, and we owe it no more."""
    return _moved(refund, REFUND, refund.amount, period, now)


def refund_failed_entry(refund: Refund, period: Month, now: datetime) -> JournalEntry:
    """The other way round: it did not get there."""
    return _moved(refund, REFUND_FAILED, -refund.amount, period, now)


def _moved(refund: Refund, kind: str, amount: Money, period: Month, now: datetime) -> JournalEntry:
    source = refund_source(refund.refund_id)
    postings = (
        Posting(accounts.receivable(refund.account_id), amount, source),
        Posting(accounts.STRIPE_CLEARING, -amount, source),
    )
    return JournalEntry(f"{kind}:{refund.refund_id}", kind, refund.account_id, period, now, postings)


def note_share_entry(note: CreditNote, taken: Mapping[str, int], period: Month, now: datetime) -> JournalEntry:
    """What partners have less by as much of a credit note as was given back: it was pending, and is payable."""
    source, currency = note_source(note.note_id), note.total.currency
    postings = []
    for partner_id, minor in sorted(taken.items()):
        postings.append(Posting(accounts.payable_pending(partner_id), Money(minor, currency), source))
        postings.append(Posting(accounts.payable(partner_id), Money(-minor, currency), source))
    reference = f"{NOTE_SHARE}:{note.note_id}:{note.shared}"
    return JournalEntry(reference, NOTE_SHARE, note.account_id, period, now, tuple(postings))
