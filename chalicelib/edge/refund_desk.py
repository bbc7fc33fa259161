"""Sellers of record, and refunds out of goodwill, at the finance door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.billing.documents import chosen, invoice_named
from chalicelib.billing.goodwill import ask_goodwill
from chalicelib.billing.paper_model import Seller, Series
from chalicelib.billing.sides import set_seller
from chalicelib.edge.amounts import Amount, show_amount
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.callers import ACT, OPERATE, READ, Staff
from chalicelib.edge.document_shapes import (
    CreditNoteShown,
    SellerBody,
    SellerShown,
    show_note,
    show_seller,
)
from chalicelib.edge.finance import Note
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.routes import NOTHING, get, post, put
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.billing.credit_model import Goodwill
    from chalicelib.edge.wiring_finance import BackOffice

_MOST_LETTERS = 32


class RefundBody(msgspec.Struct, forbid_unknown_fields=True):
    """How much of a paid invoice is given back, and why; it stands on the credit note."""

    invoice_id: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    amount: Annotated[str, msgspec.Meta(max_length=20)]
    reason: Note


class RefundShown(msgspec.Struct):
    """What is given back; the credit note of that id is written in a moment."""

    credit_note_id: str
    invoice_id: str
    amount: Amount
    reason: str


def show_goodwill(asked: Goodwill) -> RefundShown:
    """What was asked for."""
    return RefundShown(asked.note_id, asked.invoice_id, show_amount(asked.amount), asked.reason)


class RefundDesk:
    """Finance says who sells; operators give back."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @put("/v1/sellers/{seller_id}", takes=SellerBody, shows=show_seller, needs=ACT)
    def put_seller(self, call: Call[Staff, SellerBody], seller_id: str) -> Seller:
        """State a seller of record: its bills name it so from the next on, and what is issued stays as it is."""
        if not (seller_id.isascii() and seller_id.isalnum() and len(seller_id) <= _MOST_LETTERS):
            raise BodyInvalid(pointer="/seller_id", reason="letters and digits, 32 at most")
        body = call.body
        prefixes = {Series.INVOICE: body.invoice_prefix, Series.CREDIT_NOTE: body.credit_note_prefix}
        said = Seller(seller_id, body.name, tuple(body.address), body.country, body.vat_number, prefixes)
        return set_seller(
            said,
            default=body.default,
            by=call.caller.subject,
            numbers=self._wired.issuing.numbers,
            now=call.now,
            commit=call.commit,
        )

    @get("/v1/sellers", needs=READ)
    def sellers(self, _call: Call[Staff, None]) -> list[SellerShown]:
        """All sellers of record, by id."""
        return [show_seller(each) for each in self._wired.issuing.numbers.sellers()]

    @post("/v1/accounts/{account_id}/refunds", takes=RefundBody, shows=show_goodwill, status=202, needs=OPERATE)
    def refund(self, call: Call[Staff, RefundBody], account_id: str) -> Goodwill:
        """Give a paid invoice back, in whole or in part, out of goodwill: the operator bears it, no partner does."""
        wired, body = self._wired, call.body
        with pointing_at("amount"):
            amount = Money.of(body.amount, wired.settings.currency)
        return ask_goodwill(
            invoice_named(account_id, body.invoice_id, wired.billed),
            amount,
            body.reason,
            disputes=wired.disputes.of_account(account_id),
            issuing=wired.issuing,
            zone=wired.settings.zone,
            now=call.now,
            commit=call.commit,
        )

    @get("/v1/accounts/{account_id}/credit-notes", query=PageQuery, needs=READ, refuses=NOTHING)
    def credit_notes(self, call: Call[Staff, None], account_id: str) -> Page[CreditNoteShown]:
        """An account's credit notes, oldest month first."""
        issuing, query = self._wired.issuing, call.query
        rows = issuing.notes.notes(account_id, limit=query.limit, after=query.after)
        return paged([chosen(each, issuing) for each in rows], query, show_note, lambda each: each.note.note_id)
