"""Journal entries of what banks and the provider do with money: fees, disputes, debts that are given up."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.billing.dispute_model import Dispute, Taken
from chalicelib.billing.loss_model import LOSS, Loss, given_up
from chalicelib.billing.model import Invoice
from chalicelib.billing.paper_model import NO_TAX
from chalicelib.billing.paper_taxes import part_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger import accounts
from chalicelib.ledger.model import JournalEntry, Posting

DISPUTE, FEE, PAID_OUT = "dispute", "fee", "paid-out"
PROVIDER = "stripe"
"""Whom an entry concerns that concerns no account."""


def taken_entry(dispute: Dispute, taken: Taken, zone: str, now: datetime) -> JournalEntry:
    """What a bank took back, or gave back, and what it cost us."""
    currency, out = taken.amount.currency, -taken.amount.minor
    rows = ((accounts.DISPUTED, out), (accounts.STRIPE_FEES, taken.fee), (accounts.STRIPE_CLEARING, -out - taken.fee))
    postings = tuple(Posting(name, Money(minor, currency), dispute.paid) for name, minor in rows if minor)
    reference = f"{DISPUTE}:{taken.movement_id}"
    return JournalEntry(reference, DISPUTE, dispute.account_id, Month.of(taken.at, zone), now, postings)


def loss_entry(loss: Loss, invoice: Invoice | None, zone: str) -> JournalEntry:
    """What a loss adds to bad debt, or takes off it; the tax in it, which may be claimed back, stands apart.

    Against it stands what the account owes, or what a bank has taken back.
    """
    now_lost, then_lost = (_lost(Money(minor, loss.currency), invoice) for minor in (loss.lost, loss.before))
    names = sorted({*now_lost, *then_lost})
    rows = [(name, now_lost.get(name, 0) - then_lost.get(name, 0)) for name in names]
    against = accounts.DISPUTED if loss.kind == LOSS else accounts.receivable(loss.account_id)
    rows.append((against, loss.before - loss.lost))
    postings = tuple(Posting(name, Money(minor, loss.currency), loss.source) for name, minor in rows if minor)
    return JournalEntry(loss.reference, loss.kind, loss.account_id, Month.of(loss.at, zone), loss.at, postings)


def bad_debt_entry(invoice: Invoice, zone: str, now: datetime) -> JournalEntry:
    """What is still asked for and given up."""
    return loss_entry(given_up(invoice, now), invoice, zone)


def fee_reference(movement_id: str) -> str:
    """Under which a fee is posted, once."""
    return f"{FEE}:{movement_id}"


def fee_entry(movement_id: str, fee: Money, account_id: str, period: Month, now: datetime) -> JournalEntry:
    """What the provider kept of a movement of money."""
    source = f"stripe:{movement_id}"
    postings = (Posting(accounts.STRIPE_FEES, fee, source), Posting(accounts.STRIPE_CLEARING, -fee, source))
    return JournalEntry(fee_reference(movement_id), FEE, account_id, period, now, postings)


def paid_out_entry(movement_id: str, amount: Money, period: Month, now: datetime) -> JournalEntry:
    """What the provider sent to our bank; above zero, what came back from there."""
    source = f"stripe:{movement_id}"
    postings = (Posting(accounts.BANK, -amount, source), Posting(accounts.STRIPE_CLEARING, amount, source))
    return JournalEntry(f"{PAID_OUT}:{movement_id}", PAID_OUT, PROVIDER, period, now, postings)


def _lost(amount: Money, invoice: Invoice | None) -> dict[str, int]:
    """By ledger account, what of a lost amount is whose."""
    taxes = tax_in(amount, invoice)
    found = {accounts.bad_debt_tax(rate): minor for rate, minor in taxes.items()}
    return {**found, accounts.BAD_DEBT: amount.minor - sum(taxes.values())}


def tax_in(amount: Money, invoice: Invoice | None) -> Mapping[str, int]:
    """By rate, the tax in a part of what an invoice came to, split as its document is."""
    if invoice is None or invoice.paper is None or amount.minor <= 0:
        return {}
    rows = part_of(invoice.paper.taxes, amount.minor)
    return {
        row.booked: row.tax for row in sorted(rows, key=lambda each: each.booked) if row.tax and row.booked != NO_TAX
    }
