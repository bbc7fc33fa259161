"""The journal entry of a refund by hand that nothing in the wallet stands against any more."""

from datetime import datetime

from chalicelib.billing.outside_model import Outside
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger import accounts
from chalicelib.ledger.model import JournalEntry, Posting

SPENT, SPENT_FAILED = "outside-refund", "outside-refund-failed"


def spent_entry(outside: Outside, minor: int, zone: str, now: datetime, *, failed: bool = False) -> JournalEntry:
    """What was spent of a top-up and went back all the same: the operator bears it. Or it did not get there."""
    currency = outside.amount.currency if outside.amount is not None else ""
    kind, amount = (SPENT_FAILED, Money(-minor, currency)) if failed else (SPENT, Money(minor, currency))
    postings = (
        Posting(accounts.PROMOTIONS, amount, outside.paid),
        Posting(accounts.STRIPE_CLEARING, -amount, outside.paid),
    )
    reference = f"{kind}:{outside.provider_refund}"
    return JournalEntry(reference, kind, outside.account_id, Month.of(now, zone), now, postings)
