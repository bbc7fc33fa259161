"""Invoices and credit notes as documents, with the details of both sides as they were when each was issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.credit_model import BackAs, CreditNote
from chalicelib.billing.credit_ports import Issuing, Numbers
from chalicelib.billing.errors import UnknownCreditNote, UnknownInvoice
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.paper_model import NO_TAX, Buyer, Paper, Seller, TaxRow
from chalicelib.billing.ports import Billed
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

_MOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed. `of` is the invoice or note that it shows; `asks` what was, or is, to be paid of an invoice."""

    of: Invoice | CreditNote
    seller: Seller | None
    buyer: Buyer | None

    @property
    def paper(self) -> Paper | None:
        """Its number and taxes; an invoice of before there were numbers has none."""
        return self.of.paper

    @property
    def document_id(self) -> str:
        """The natural id."""
        return self.of.invoice_id if isinstance(self.of, Invoice) else self.of.note_id

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit note."""
        return isinstance(self.of, CreditNote)

    @property
    def lines(self) -> Sequence[InvoiceLine]:
        """Together the total."""
        return self.of.lines

    @property
    def total(self) -> Money:
        """With the tax in it."""
        return self.of.total

    @property
    def issued_at(self) -> datetime:
        """When."""
        return self.of.issued_at

    @property
    def taxes(self) -> Sequence[TaxRow]:
        """By rate, the highest first."""
        return self.paper.taxes if self.paper is not None else (TaxRow(NO_TAX, self.total.minor, 0),)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A credit note, and how its money comes back."""

    note: CreditNote
    choice: BackAs


def invoice_named(account_id: str, invoice_id: str, billed: Billed) -> Invoice:
    """An account's invoice."""
    named = _named(account_id, invoice_id)
    found = billed.invoice(account_id, *named) if named else None
    if found is None:
        raise UnknownInvoice(invoice_id=invoice_id[:80])
    return found


def invoice_document(account_id: str, invoice_id: str, *, billed: Billed, numbers: Numbers) -> Document:
    """An account's invoice as a document."""
    return _document(invoice_named(account_id, invoice_id, billed), numbers)


def note_named(account_id: str, note_id: str, issuing: Issuing) -> CreditNote:
    """An account's credit note."""
    whose, _, name = note_id.rpartition(":")
    month = _month(whose.removeprefix(f"{account_id}:"))
    found = issuing.notes.note(account_id, month, name) if month and whose.startswith(f"{account_id}:") else None
    if found is None:
        raise UnknownCreditNote(note_id=note_id[:80])
    return found


def note_document(account_id: str, note_id: str, issuing: Issuing) -> Document:
    """An account's credit note as a document."""
    return _document(note_named(account_id, note_id, issuing), issuing.numbers)


def chosen_for(note: CreditNote) -> Chosen:
    """With its own choice; goodwill, and what was chosen for, has one."""
    return Chosen(note, note.choice or BackAs.REFUND)


def chosen(note: CreditNote, issuing: Issuing) -> Chosen:
    """With the choice that counts for it: its own, else the account's."""
    return Chosen(note, note.choice or issuing.notes.money_back(note.account_id).choice)


def _document(found: Invoice | CreditNote, numbers: Numbers) -> Document:
    paper = found.paper
    if paper is None:
        return Document(found, None, None)
    seller = numbers.seller(paper.seller_id, paper.seller_version) if paper.seller_version else None
    buyer = numbers.buyer(found.account_id, paper.buyer_version) if paper.buyer_version else None
    return Document(found, seller, buyer)


def _named(account_id: str, invoice_id: str) -> tuple[Month, int] | None:
    whose, _, number = invoice_id.rpartition(":")
    month = _month(whose.removeprefix(f"{account_id}:"))
    if month is None or not (number.isdecimal() and number.isascii() and len(number) <= _MOST_DIGITS):
        return None
    return (month, int(number)) if whose == f"{account_id}:{month}" else None


def _month(text: str) -> Month | None:
    try:
        return Month.parse(text)
    except Invalid:
        return None
