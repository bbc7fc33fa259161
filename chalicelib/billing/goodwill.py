"""An operator gives a paid invoice back, in whole or in part, out of goodwill.

Asking and giving are two steps: the finance door does not write the books, a worker does.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.billing.credit_model import BackAs, CreditNote, Goodwill, refundable
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_postings import goodwill_entry
from chalicelib.billing.crediting import adding_note
from chalicelib.billing.currencies import chargeable
from chalicelib.billing.dispute_model import Dispute
from chalicelib.billing.errors import NotMovable, NotPaid, RefundTooMuch
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState
from chalicelib.billing.numbering import Numbered, numbered
from chalicelib.billing.paper_model import Series, sold_by
from chalicelib.billing.paper_taxes import part_of
from chalicelib.billing.ports import Billed
from chalicelib.billing.refunding import given_back, promised_of
from chalicelib.billing.wallet import back_left
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.ports import Ledger


def ask_goodwill(
    invoice: Invoice,
    amount: Money,
    reason: str,
    *,
    disputes: Sequence[Dispute] = (),
    issuing: Issuing,
    zone: str,
    now: datetime,
    commit: Commit,
) -> Goodwill:
    """Have a credit note written against the invoice, and its money given back.

    Never more than is left of what was paid, and not taken back by its bank: `RefundTooMuch` says how much that is.
    """
    if invoice.state is not InvoiceState.PAID:
        raise NotPaid(invoice_id=invoice.invoice_id)
    money_back = issuing.notes.money_back(invoice.account_id)
    given = given_back(issuing.notes.refunds(invoice.account_id))
    promised = promised_of(issuing.notes.notes(invoice.account_id), money_back)
    taken = sum(each.held for each in disputes if each.invoice_id == invoice.invoice_id)
    left = Money(max(0, refundable(invoice, given, promised, back_left(invoice)) - taken), invoice.total.currency)
    if not 0 < amount.minor <= left.minor or amount.currency != left.currency:
        raise RefundTooMuch(pointer="/amount", left=str(left))
    if amount != chargeable(amount):
        raise NotMovable(pointer="/amount", nearest=str(chargeable(amount)))
    what = (Month.of(now, zone), f"g{money_back.goodwill + 1}", invoice.invoice_id, amount, reason, now)
    asked = Goodwill(invoice.account_id, *what)
    writes = [issuing.notes.saving_money_back(money_back.asking(asked)), issuing.notes.give_goodwill(asked, now)]
    return commit(writes, asked)


def give_goodwill(
    account_id: str, name: str, *, billed: Billed, issuing: Issuing, ledger: Ledger, now: datetime, commit: Commit
) -> CreditNote | None:
    """Write what was asked for, once: the credit note with its number and postings. The operator bears it."""
    notes = issuing.notes
    money_back = notes.money_back(account_id)
    asked = next((each for each in money_back.asked if each.name == name), None)
    if asked is None:
        return None
    invoice = next(each for each in billed.invoices(account_id) if each.invoice_id == asked.invoice_id)

    def issue(given: Numbered) -> CreditNote:
        paper = replace(given.paper, taxes=part_of(invoice.paper.taxes if invoice.paper else (), asked.amount.minor))
        lines = (InvoiceLine("goodwill", asked.invoice_id, asked.amount),)
        what = (account_id, asked.month, name, lines, asked.amount, now, paper)
        note = CreditNote(*what, choice=BackAs.REFUND, against=asked.invoice_id, reason=asked.reason)
        note, taxes = issuing.taxes.giving_back(note, invoice)
        posting = ledger.posting(goodwill_entry(note, now))
        saved = notes.saving_money_back(money_back.giving(name))
        return commit([saved, given.taking, *adding_note(note, notes, now), *posting, *taxes], note)

    return numbered(account_id, Series.CREDIT_NOTE, issuing.numbers, issue, sold_by(invoice.paper))
