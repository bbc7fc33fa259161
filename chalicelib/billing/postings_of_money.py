"""Journal entries of what banks and the provider do with money: fees, disputes, debts that are given up."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.billing.dispute_model import Dispute, Taken
from chalicelib.billing.model import Invoice
from chalicelib.billing.paper_model import NO_TAX
from chalicelib.billing.paper_taxes import part_of
from chalicelib.billing.postings import invoice_source
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger import accounts
from chalicelib.ledger.model import JournalEntry, Posting

DISPUTE, LOSS, FEE, PAID_OUT = "dispute", "dispute-loss", "fee", "paid-out"
BAD_DEBT, RECOVERY = "bad-debt", "recovery"
PROVIDER = "stripe"
"""Whom an entry concerns that concerns no account."""


def taken_entry(dispute: Dispute, taken: Taken, zone: str, now: datetime) -> JournalEntry:
    """What a bank took back, or gave back, and what it cost us."""
    currency, out = taken.amount.currency, -taken.amount.minor
    rows = ((accounts.DISPUTED, out), (accounts.STRIPE_FEES, taken.fee), (accounts.STRIPE_CLEARING, -out - taken.fee))
    postings = tuple(Posting(name, Money(minor, currency), dispute.paid) for name, minor in rows if minor)
    reference = f"{DISPUTE}:{taken.movement_id}"
    return JournalEntry(reference, DISPUTE, dispute.account_id, Month.of(taken.at, zone), now, postings)


def loss_entry(
    before: Dispute | None, after: Dispute, invoice: Invoice | None, zone: str, now: datetime
) -> JournalEntry | None:
    """What a decision adds to bad debt, or takes off it where it is turned round; the tax in it stands apart."""
    was = before.lost if before is not None else 0
    if after.lost == was:
        return None
    source, currency = after.paid, after.amount.currency
    now_lost, then_lost = (_lost(Money(minor, currency), invoice) for minor in (after.lost, was))
    names = sorted({*now_lost, *then_lost})
    rows = [(name, now_lost.get(name, 0) - then_lost.get(name, 0)) for name in names]
    rows.append((accounts.DISPUTED, was - after.lost))
    postings = tuple(Posting(name, Money(minor, currency), source) for name, minor in rows if minor)
    reference = f"{LOSS}:{after.dispute_id}:{after.version}"
    return JournalEntry(reference, LOSS, after.account_id, Month.of(now, zone), now, postings)


def bad_debt_entry(invoice: Invoice, zone: str, now: datetime) -> JournalEntry:
    """What is still asked for and given up: bad debt, and apart from it the tax, which may be claimed back."""
    source, owed = invoice_source(invoice.invoice_id), invoice.rest
    rows = [*_lost(owed, invoice).items(), (accounts.receivable(invoice.account_id), -owed.minor)]
    postings = tuple(Posting(name, Money(minor, owed.currency), source) for name, minor in rows if minor)
    reference = f"{BAD_DEBT}:{invoice.invoice_id}"
    return JournalEntry(reference, BAD_DEBT, invoice.account_id, Month.of(now, zone), now, postings)


def recovery_entry(written_off: JournalEntry, invoice: Invoice, zone: str, now: datetime) -> JournalEntry:
    """What was given up is paid after all: the opposite of how it was given up."""
    postings = tuple(Posting(each.ledger_account, -each.amount, each.source) for each in written_off.postings)
    reference = f"{RECOVERY}:{invoice.invoice_id}"
    return JournalEntry(reference, RECOVERY, invoice.account_id, Month.of(now, zone), now, postings)


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
