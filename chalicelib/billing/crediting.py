"""What becomes of a credit note first: it lowers what its account still owes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.credit_model import BackAs, CreditNote, MoneyBack, off
from chalicelib.billing.credit_ports import Notes, Refunder
from chalicelib.billing.credit_postings import note_share_entry
from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.differences import summed
from chalicelib.billing.dispute_ports import Disputes
from chalicelib.billing.errors import CreditNoteClosed, UnknownCreditNote
from chalicelib.billing.model import Invoice, InvoiceState, Payer
from chalicelib.billing.paper_model import sold_by
from chalicelib.billing.payout_model import Due
from chalicelib.billing.payout_ports import Payouts
from chalicelib.billing.ports import Billed, Collector
from chalicelib.billing.postings import payment_entry
from chalicelib.billing.wallet import Purse
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.ports import Ledger


@dataclass(frozen=True, slots=True)
class Crediting:
    """What credit is carried out by. Without a purse nothing goes into wallets; without `disputes` there are none."""

    billed: Billed
    notes: Notes
    payouts: Payouts
    ledger: Ledger
    collector: Collector
    refunder: Refunder
    zone: str
    now: datetime
    commit: Commit
    purse: Purse | None = None
    disputes: Disputes | None = None

    def disputed(self, account_id: str) -> frozenset[str]:
        """The account's payments, by charge, that its bank has taken back or may: nothing of them can be given back."""
        found = self.disputes.of_account(account_id) if self.disputes is not None else ()
        return frozenset(each.charge for each in found if each.bars or each.held > 0)


def adding_note(note: CreditNote, notes: Notes, now: datetime) -> list[Write]:
    """The note, the word to the account, and the word to the worker."""
    facts = {"amount": str(note.total), "month": str(note.month), "number": note.paper.number}
    told = notes.telling(note, "credit_note", facts, now)
    return [notes.adding_note(note), told, notes.give_back(note.account_id, note.note_id, now)]


def choose(money_back: MoneyBack, choice: BackAs, *, notes: Notes, now: datetime, commit: Commit) -> MoneyBack:
    """Say how all money is to come back from now on; what is open follows, unless it has a choice of its own."""
    if money_back.choice is choice:
        return money_back
    chosen = replace(money_back, choice=choice, version=money_back.version + 1)
    again = notes.give_back(money_back.account_id, f"chosen:{chosen.version}", now)
    return commit([notes.saving_money_back(chosen), again], chosen)


def choose_for(note: CreditNote | None, choice: BackAs, *, notes: Notes, now: datetime, commit: Commit) -> CreditNote:
    """Say it for one note, as long as something of it is left."""
    if note is None:
        raise UnknownCreditNote
    if note.choice is choice:
        return note
    if not note.is_open or note.against is not None:
        raise CreditNoteClosed(note_id=note.note_id)
    chosen = note.chosen(choice)
    again = notes.give_back(note.account_id, f"{note.note_id}:{chosen.version}", now)
    return commit([notes.changing_note(chosen), again], chosen)


def lower_all(account_id: str, by: Crediting) -> None:
    """Take what credit there is off what the account owes, the oldest invoice first, and have the provider know."""
    invoices, notes = by.billed.invoices(account_id), by.notes.notes(account_id)
    for invoice in invoices:
        if invoice.state is InvoiceState.PAID:
            _restored(invoice, [each for each in notes if invoice.invoice_id in each.lowered], by)
    for invoice in invoices:
        if invoice.state in (InvoiceState.DUE, InvoiceState.FAILED):
            tell_provider(lowered(invoice, by), by)


def lowered(invoice: Invoice, by: Crediting) -> Invoice:
    """The invoice with what open notes take off what it asks for, the oldest note first: one transaction.

    What is credited wholly before the provider has heard of it is closed here, and nobody is asked to pay it.
    """
    least, after, changed = minimum_charge(invoice.total.currency), invoice, []
    for note in open_notes(invoice.account_id, sold_by(invoice.paper), by):
        taken = off(after.rest, note.left, least)
        if taken:
            then, parts = note.lowering(invoice.invoice_id, taken).sharing()
            after = replace(after, credited=after.credited + taken, shares=_less(after.shares, parts))
            changed.append(then)
    if not changed:
        return invoice
    writes: list[Write] = [by.notes.changing_note(each) for each in changed]
    if after.asks.minor or after.provider_invoice is not None:
        return by.commit([by.billed.changing_invoice(after, invoice), *writes], after)
    closed = replace(after, state=InvoiceState.PAID, paid_at=by.now, decline_code=None, retry_at=None)
    payer = by.billed.payer(invoice.account_id)
    return by.commit(
        [*paying(invoice, closed, payer, billed=by.billed, ledger=by.ledger, zone=by.zone, now=by.now), *writes], closed
    )


def open_notes(account_id: str, seller_id: str, by: Crediting) -> Sequence[CreditNote]:
    """Those that may lower any invoice of their seller, the oldest first: what one owes is no other's to set off."""
    found = [each for each in by.notes.notes(account_id) if sold_by(each.paper) == seller_id]
    return sorted((each for each in found if each.is_open and each.against is None), key=lambda each: each.issued_at)


def _less(shares: Mapping[str, int], parts: Mapping[str, int]) -> dict[str, int]:
    return {partner_id: minor for partner_id, minor in summed(shares, parts).items() if minor}


def paying(
    before: Invoice, paid: Invoice, payer: Payer | None, *, billed: Billed, ledger: Ledger, zone: str, now: datetime
) -> list[Write]:
    """All that a payment writes: the invoice, the payer who is in order again, the posting, the partners' shares."""
    entry = payment_entry(paid, paid.paid_at or now, zone, now)
    writes: list[Write] = [billed.changing_invoice(paid, before)]
    if payer is not None and paid.invoice_id in payer.failed:
        writes.append(billed.saving_payer(payer.after(paid)))
    writes += ledger.posting(entry) if entry is not None else []
    return [*writes, *([billed.share_out(paid, now)] if paid.shares else [])]


def tell_provider(invoice: Invoice, by: Crediting) -> None:
    """Have the provider's invoice, once it is final, ask for as much as ours: safe to repeat.

    What was paid of it before this takes no credit any more; once that is known, its notes have it again.
    """
    if not invoice.credited or invoice.provider_invoice is None:
        return
    stands = by.collector.read(invoice.provider_invoice)
    if stands is None or stands.status != "open":
        return
    remains = stands.total.minor - stands.paid.minor - stands.credited
    more = min(invoice.credited - stands.credited, remains)
    if more > 0:
        by.refunder.credit(invoice.provider_invoice, invoice, more)


def _restored(paid: Invoice, notes: Sequence[CreditNote], by: Crediting) -> None:
    """Give notes back what they took off an invoice that was paid in full all the same, the newest note first."""
    more = sum(each.lowered[paid.invoice_id] for each in notes) - paid.credited
    writes = []
    for note in sorted(notes, key=lambda each: each.issued_at, reverse=True):
        back = min(more, note.lowered[paid.invoice_id])
        if back > 0:
            more -= back
            writes.append(by.notes.changing_note(note.lowering(paid.invoice_id, -back)))
    if writes:
        by.commit(writes, None)


def sharing(note: CreditNote, invoice: Invoice | None, by: Crediting) -> tuple[CreditNote, list[Write]]:
    """What partners have less by what was refunded of a note: to be committed with the refund's own writes.

    It comes off what they are sent next, or is taken back from the transfer that the invoice's payment was sent by.
    """
    then, taken = note.sharing()
    if not taken:
        return then, []
    writes: list[Write] = list(by.ledger.posting(note_share_entry(then, taken, Month.of(by.now, by.zone), by.now)))
    for partner_id, minor in taken.items():
        due_id = f"credit:{note.note_id}:{then.shared}"
        sent_as = f"invoice:{invoice.invoice_id}" if invoice is not None and minor < 0 else None
        sent_by = by.payouts.transfer_of(partner_id, sent_as) if sent_as is not None else None
        due = Due(partner_id, due_id, Money(minor, note.total.currency), by.now, taken_from=sent_by)
        writes += [*by.payouts.adding_due(due), by.payouts.pay_out(partner_id, due_id, by.now)]
    return then, writes
