"""Disputes and written-off invoices at the finance door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from chalicelib.billing.dispute_model import DisputeState
from chalicelib.billing.errors import UnknownDispute, UnknownEvidence
from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.finance import Note
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, paged
from chalicelib.edge.routes import NOTHING, get, post
from chalicelib.finance.exporting import LINK_SECONDS
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from chalicelib.billing import disputing, writing_off
    from chalicelib.billing.dispute_model import Dispute, Evidence
    from chalicelib.billing.model import Invoice
    from chalicelib.edge.wiring_finance import BackOffice
else:
    disputing = lazily("chalicelib.billing.disputing")
    writing_off = lazily("chalicelib.billing.writing_off")

_MOST_DIGITS = 4


class DisputesQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Those in a state, or all; how many, and from where on."""

    state: DisputeState | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    after: Annotated[str, msgspec.Meta(max_length=300)] | None = None


class NoteBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why; kept with the decision."""

    note: Note


class DisputeShown(msgspec.Struct):
    """A dispute of what paid an invoice, or of a top-up: evidence is due at Stripe by `due_by`.

    `held` is what the bank has taken, `from_wallet` what of that came off the wallet, `lost` what stays lost.
    """

    dispute_id: str
    state: str
    reason: str
    amount: Amount
    held: Amount
    from_wallet: Amount
    lost: Amount
    account_id: str
    invoice_id: str | None
    top_up_id: str | None
    charge: str
    opened_at: str
    due_by: str | None
    made_good_by: str | None
    made_good_at: str | None
    note: str


class EvidenceShown(msgspec.Struct):
    """Evidence as of `asked_at`; `href` is where it can be downloaded for `expires_in_seconds`, once it is `ready`."""

    dispute_id: str
    number: int
    state: str
    asked_at: str
    asked_by: str
    bytes: int
    sha256: str | None
    href: str | None = None
    expires_in_seconds: int | None = None


class WrittenOffShown(msgspec.Struct):
    """An invoice that is given up: `written_off` once a worker has booked it; `asks` is what of it is not paid."""

    invoice_id: str
    account_id: str
    state: str
    total: Amount
    asks: Amount


def show_dispute(dispute: Dispute) -> DisputeShown:
    """A dispute."""
    currency = dispute.amount.currency
    return DisputeShown(
        dispute_id=dispute.dispute_id,
        state=str(dispute.state),
        reason=dispute.reason,
        amount=show_amount(dispute.amount),
        held=show_amount(type(dispute.amount)(dispute.held, currency)),
        from_wallet=show_amount(type(dispute.amount)(dispute.from_wallet, currency)),
        lost=show_amount(type(dispute.amount)(dispute.lost, currency)),
        account_id=dispute.account_id,
        invoice_id=dispute.invoice_id,
        top_up_id=dispute.top_up_id,
        charge=dispute.charge,
        opened_at=show_instant(dispute.opened_at),
        due_by=show_instant(dispute.due_by) if dispute.due_by else None,
        made_good_by=dispute.made_good_by,
        made_good_at=show_instant(dispute.made_good_at) if dispute.made_good_at else None,
        note=dispute.note,
    )


def show_evidence(evidence: Evidence, href: str | None = None) -> EvidenceShown:
    """Evidence, and where it is."""
    return EvidenceShown(
        dispute_id=evidence.dispute_id,
        number=evidence.number,
        state="ready" if evidence.ready_at else "being_written",
        asked_at=show_instant(evidence.asked_at),
        asked_by=evidence.asked_by,
        bytes=evidence.size,
        sha256=evidence.sha256,
        href=href,
        expires_in_seconds=LINK_SECONDS if href is not None else None,
    )


def show_written_off(invoice: Invoice) -> WrittenOffShown:
    """The invoice; it is `written_off` once that is booked."""
    return WrittenOffShown(
        invoice_id=invoice.invoice_id,
        account_id=invoice.account_id,
        state=str(invoice.state),
        total=show_amount(invoice.total),
        asks=show_amount(invoice.asks),
    )


class DisputeDesk:
    """Finance follows disputes, has their evidence put together, and gives debts up."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/disputes", query=DisputesQuery, needs=READ)
    def disputes(self, call: Call[Staff, None]) -> Page[DisputeShown]:
        """Disputes, or those in a state, the oldest first."""
        query = call.query
        rows = self._wired.disputes.listed(query.state, limit=query.limit, after=query.after)
        return paged(rows, query, show_dispute, disputing.place_of)

    @get("/v1/disputes/{dispute_id}", needs=READ)
    def dispute(self, _call: Call[Staff, None], dispute_id: str) -> DisputeShown:
        """A dispute as Stripe has last said."""
        found = self._wired.disputes.dispute(dispute_id)
        if found is None:
            raise UnknownDispute(dispute_id=dispute_id[:80])
        return show_dispute(found)

    @post("/v1/disputes/{dispute_id}/evidence", shows=show_evidence, status=202, needs=ACT)
    def ask_for_evidence(self, call: Call[Staff, None], dispute_id: str) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Have the evidence put together as a file; staff submit it at Stripe."""
        who = call.caller.subject
        return disputing.ask_evidence(dispute_id, who, disputes=self._wired.disputes, now=call.now, commit=call.commit)

    @get("/v1/disputes/{dispute_id}/evidence", needs=READ)
    def evidence(self, _call: Call[Staff, None], dispute_id: str) -> EvidenceShown:
        """The newest evidence that was asked for, with a short-lived link once it is written."""
        found = self._wired.disputes.evidence(dispute_id)
        if found is None:
            raise UnknownEvidence(dispute_id=dispute_id[:80])
        return show_evidence(found, self._wired.files.link(found.key, LINK_SECONDS) if found.ready_at else None)

    @post("/v1/disputes/{dispute_id}/make-good", takes=NoteBody, shows=show_dispute, needs=ACT)
    def make_good(self, call: Call[Staff, NoteBody], dispute_id: str) -> Any:  # noqa: ANN401 -- as above
        """Let an account start again that lost us a dispute: it has paid otherwise, or is let off."""
        return disputing.make_good(
            dispute_id,
            who=call.caller.subject,
            note=call.body.note,
            disputes=self._wired.disputes,
            billed=self._wired.billed,
            wallets=self._wired.wallets,
            now=call.now,
            commit=call.commit,
        )

    @post(
        "/v1/invoices/{account_id}/{month}/{number}/write-off",
        takes=NoteBody,
        shows=show_written_off,
        status=202,
        needs=ACT,
        refuses=NOTHING,
    )
    def write_off(self, call: Call[Staff, NoteBody], account_id: str, month: str, number: str) -> Any:  # noqa: ANN401 -- as above
        """Give an invoice up whose payment has failed for good: a worker books it, and tells Stripe."""
        with pointing_at("month"):
            named = Month.parse(month)
        return writing_off.ask_write_off(
            account_id,
            named,
            int(number) if number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS else 0,
            who=call.caller.subject,
            note=call.body.note,
            billed=self._wired.billed,
            now=call.now,
            commit=call.commit,
        )
