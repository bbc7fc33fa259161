"""The mobile door's routes of what customers are billed and told: invoices, their proofs, notices, advice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Right
from chalicelib.edge import mobile
from chalicelib.edge.acting_for import acting
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import NOTHING, get

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.billing import advising
    from chalicelib.edge import advice, own_use, proofs
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
else:
    advising = lazily("chalicelib.billing.advising")
    advice = lazily("chalicelib.edge.advice")
    own_use = lazily("chalicelib.edge.own_use")
    proofs = lazily("chalicelib.edge.proofs")


class BillDesk:
    """What an account pays, and what it should know."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/invoices", needs=Right.READ, query=PageQuery, refuses=NOTHING)
    def invoices(self, call: Call[Claims, None]) -> Page[mobile.InvoiceShown]:
        """My invoices, oldest first."""
        account_id = acting(call, self._wired).account_id
        rows = self._wired.billed.invoices(account_id, limit=call.query.limit, after=call.query.after)
        return paged(rows, call.query, mobile.show_invoice, lambda invoice: invoice.invoice_id)

    @get("/v1/notices", needs=Right.SEE, query=PageQuery)
    def notices(self, call: Call[Claims, None]) -> Page[mobile.NoticeShown]:
        """What I should know, newest first."""
        customer = acting(call, self._wired)
        rows = self._wired.notices.of_account(customer.account_id, limit=call.query.limit, after=call.query.after)
        seen = own_use.own_ids(customer, [notice.about for _, notice in rows], self._wired.sessions)
        return paged(rows, call.query, mobile.show_notice, lambda row: row[0], lambda row: row[1].about in seen)

    @get("/v1/advice", needs=Right.READ, query=mobile.AdviceQuery)
    def my_advice(self, call: Call[Claims, None]) -> advice.AdviceShown:
        """What each product cost me, against owning it and against its other tariffs."""
        found = advising.advise_account(
            acting(call, self._wired).account_id,
            call.query.months,
            self._wired.settings.zone,
            self._wired.settings.currency,
            used=self._wired.used,
            catalogue=self._wired.catalogue,
            now=call.now,
        )
        return advice.show_advice(found)

    @get("/v1/proofs", needs=Right.READ, query=PageQuery)
    def my_proofs(self, call: Call[Claims, None]) -> Page[proofs.ProofShown]:
        """The proofs of my bills: a chain, in which each names the one before."""
        return proofs.proofs_of(acting(call, self._wired).account_id, call.query, billed=self._wired.billed)

    @get("/v1/proofs/{number}", needs=Right.READ)
    def my_proof(self, call: Call[Claims, None], number: str) -> Mapping[str, Any]:
        """A whole proof, from which anybody can compute the bill again."""
        return proofs.proof_of(acting(call, self._wired).account_id, number, billed=self._wired.billed)
