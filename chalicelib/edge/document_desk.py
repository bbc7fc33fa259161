"""The mobile door's routes of my bills as documents, and of money that comes back to me."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Right
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call
from chalicelib.edge.document_shapes import (
    BillingDetailsBody,
    CreditNoteShown,
    DocumentShown,
    MoneyBackBody,
    show_buyer,
    show_chosen,
    show_document,
    show_money_back,
    show_note,
)
from chalicelib.edge.languages import words_of
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import NOTHING, get, post, put

if TYPE_CHECKING:
    from chalicelib.billing import credit_model, crediting, documents, paper_model, sides
    from chalicelib.customers.model import Customer
    from chalicelib.edge import document_pages
    from chalicelib.edge.wiring import Wiring
else:
    credit_model = lazily("chalicelib.billing.credit_model")
    crediting = lazily("chalicelib.billing.crediting")
    documents = lazily("chalicelib.billing.documents")
    paper_model = lazily("chalicelib.billing.paper_model")
    sides = lazily("chalicelib.billing.sides")
    document_pages = lazily("chalicelib.edge.document_pages")

_PAGE = "text/html; charset=utf-8"


class DocumentDesk:
    """Customers read their bills, say who they are on them, and how money comes back."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        return acting(call, self._wired)

    def _account(self, call: Call[Claims, Any]) -> str:
        return self._customer(call).account_id

    @get("/v1/me/billing-details", needs=Right.READ, shows=show_buyer)
    def my_details(self, call: Call[Claims, None]) -> paper_model.Buyer:
        """Who I am on my bills."""
        account_id = self._account(call)
        return self._wired.issuing.numbers.buyer(account_id) or paper_model.Buyer(account_id)

    @put("/v1/me/billing-details", needs=Right.PAY, takes=BillingDetailsBody, shows=show_buyer)
    def set_details(self, call: Call[Claims, BillingDetailsBody]) -> paper_model.Buyer:
        """Say who I am on my bills, from the next on; those that are issued stay as they are."""
        body = call.body
        said = paper_model.Buyer(
            self._account(call),
            body.name,
            tuple(body.address),
            body.country,
            body.vat_number,
            body.purchase_order,
            body.cost_centre,
        )
        return sides.set_buyer(said, numbers=self._wired.issuing.numbers, commit=call.commit)

    @get("/v1/me/money-back", needs=Right.READ, shows=show_money_back)
    def my_choice(self, call: Call[Claims, None]) -> credit_model.MoneyBack:
        """How my money comes back."""
        return self._wired.issuing.notes.money_back(self._account(call))

    @put("/v1/me/money-back", needs=Right.PAY, takes=MoneyBackBody, shows=show_money_back)
    def choose(self, call: Call[Claims, MoneyBackBody]) -> credit_model.MoneyBack:
        """Choose how it does from now on; it first lowers what I owe in any case."""
        notes = self._wired.issuing.notes
        choice = credit_model.BackAs(call.body.back_as)
        known = notes.money_back(self._account(call))
        return crediting.choose(known, choice, notes=notes, now=call.now, commit=call.commit)

    @get("/v1/credit-notes", needs=Right.READ, query=PageQuery, refuses=NOTHING)
    def credit_notes(self, call: Call[Claims, None]) -> Page[CreditNoteShown]:
        """My credit notes, oldest month first."""
        issuing, query = self._wired.issuing, call.query
        rows = issuing.notes.notes(self._account(call), limit=query.limit, after=query.after)
        found = [documents.chosen(each, issuing) for each in rows]
        return paged(found, query, show_note, lambda each: each.note.note_id)

    @get("/v1/credit-notes/{note_id}", needs=Right.READ, shows=show_note)
    def credit_note(self, call: Call[Claims, None], note_id: str) -> documents.Chosen:
        """A credit note, and what has become of its money."""
        issuing = self._wired.issuing
        return documents.chosen(documents.note_named(self._account(call), note_id, issuing), issuing)

    @post("/v1/credit-notes/{note_id}/choice", needs=Right.PAY, takes=MoneyBackBody, shows=show_chosen)
    def choose_for(self, call: Call[Claims, MoneyBackBody], note_id: str) -> credit_model.CreditNote:
        """Choose how what is left of this one comes back."""
        issuing, choice = self._wired.issuing, credit_model.BackAs(call.body.back_as)
        note = documents.note_named(self._account(call), note_id, issuing)
        return crediting.choose_for(note, choice, notes=issuing.notes, now=call.now, commit=call.commit)

    @get("/v1/credit-notes/{note_id}/document", needs=Right.READ)
    def note_document(self, call: Call[Claims, None], note_id: str) -> DocumentShown:
        """A credit note as a document, with both sides and the tax by rate."""
        return show_document(documents.note_document(self._account(call), note_id, self._wired.issuing))

    @get("/v1/credit-notes/{note_id}/document.html", needs=Right.READ, answers=_PAGE)
    def note_page(self, call: Call[Claims, None], note_id: str) -> str:
        """The same as a page that a browser prints and a screen reader reads, in the reader's language."""
        customer = self._customer(call)
        found = documents.note_document(customer.account_id, note_id, self._wired.issuing)
        return document_pages.document_page(found, self._wired.settings.zone, words_of(call, customer.language))

    @get("/v1/invoices/{invoice_id}", needs=Right.READ)
    def invoice(self, call: Call[Claims, None], invoice_id: str) -> DocumentShown:
        """An invoice as a document, with both sides and the tax by rate."""
        return show_document(self._invoice(self._account(call), invoice_id))

    @get("/v1/invoices/{invoice_id}/document.html", needs=Right.READ, answers=_PAGE)
    def invoice_page(self, call: Call[Claims, None], invoice_id: str) -> str:
        """The same as a page that a browser prints and a screen reader reads, in the reader's language."""
        customer = self._customer(call)
        found = self._invoice(customer.account_id, invoice_id)
        return document_pages.document_page(found, self._wired.settings.zone, words_of(call, customer.language))

    def _invoice(self, account_id: str, invoice_id: str) -> documents.Document:
        wired = self._wired
        return documents.invoice_document(account_id, invoice_id, billed=wired.billed, numbers=wired.issuing.numbers)
