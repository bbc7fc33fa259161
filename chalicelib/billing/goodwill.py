"""An operator gives a paid invoice back, in whole or in part, out of goodwill."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.credit_model import BackAs, CreditNote, refundable
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_postings import goodwill_entry
from chalicelib.billing.crediting import adding_note
from chalicelib.billing.errors import NotPaid, RefundTooMuch, UnknownInvoice
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState
from chalicelib.billing.numbering import Numbered, numbered
from chalicelib.billing.paper_model import Series
from chalicelib.billing.paper_taxes import part_of
from chalicelib.billing.ports import Billed
from chalicelib.billing.refunding import given_back, promised_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.ports import Ledger


@dataclass(frozen=True, slots=True)
class Goodwill:
    """What is given back, of which invoice, and why."""

    account_id: str
    invoice_id: str
    amount: Money
    reason: str


def give_goodwill(
    asked: Goodwill, *, billed: Billed, issuing: Issuing, ledger: Ledger, zone: str, now: datetime, commit: Commit
) -> CreditNote:
    """A credit note against the invoice, with its postings; a worker gives the money back.

    Never more than is left of what was paid: `RefundTooMuch` says how much that is. The operator bears it.
    """
    invoice = next((each for each in billed.invoices(asked.account_id) if each.invoice_id == asked.invoice_id), None)
    if invoice is None:
        raise UnknownInvoice(invoice_id=asked.invoice_id[:80])
    if invoice.state is not InvoiceState.PAID:
        raise NotPaid(invoice_id=invoice.invoice_id)
    notes = issuing.notes
    money_back = notes.money_back(asked.account_id)
    left = _left_of(invoice, issuing)
    if not 0 < asked.amount.minor <= left.minor or asked.amount.currency != left.currency:
        raise RefundTooMuch(pointer="/amount", left=str(left))
    counted = replace(money_back, goodwill=money_back.goodwill + 1, version=money_back.version + 1)

    def issue(given: Numbered) -> CreditNote:
        paper = replace(given.paper, taxes=part_of(invoice.paper.taxes if invoice.paper else (), asked.amount.minor))
        lines = (InvoiceLine("goodwill", invoice.invoice_id, asked.amount),)
        what = (asked.account_id, Month.of(now, zone), f"g{counted.goodwill}", lines, asked.amount, now, paper)
        note = CreditNote(*what, choice=BackAs.REFUND, against=invoice.invoice_id, reason=asked.reason)
        posting = ledger.posting(goodwill_entry(note, now))
        return commit([notes.saving_money_back(counted), given.taking, *adding_note(note, notes, now), *posting], note)

    return numbered(asked.account_id, Series.CREDIT_NOTE, issuing.numbers, issue)


def _left_of(invoice: Invoice, issuing: Issuing) -> Money:
    """What of its payment is neither given back nor promised."""
    given = given_back(issuing.notes.refunds(invoice.account_id))
    promised = promised_of(issuing.notes.notes(invoice.account_id))
    return Money(refundable(invoice, given, promised), invoice.total.currency)
