"""Charges beside use at the finance door: see all of them, decide about objections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.billing import owing
from chalicelib.billing.owed_model import PartnerCharge
from chalicelib.billing.owed_ports import LINK_SECONDS, Whose
from chalicelib.edge.call import Call
from chalicelib.edge.callers import OPERATE, READ, Staff
from chalicelib.edge.charge_shapes import (
    ChargeOfAccount,
    ChargeQuery,
    DecisionBody,
    EvidenceLink,
    amount_of,
    show_whole,
    wanted_of,
)
from chalicelib.edge.paging import Page, paged
from chalicelib.edge.routes import get, post

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice


class FinanceChargeDesk:
    """Finance sees what is charged beside use; the operator decides what a partner and a customer do not agree on."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    def _charge(self, charge_id: str) -> PartnerCharge:
        return owing.of_anybody(charge_id, charges=self._wired.charges)

    @get("/v1/charges", query=ChargeQuery, needs=READ)
    def charges(self, call: Call[Staff, None]) -> Page[ChargeOfAccount]:
        """The charges of all partners, in order of when they were drafted."""
        query = call.query
        rows = self._wired.charges.listed(Whose(), wanted_of(query), limit=query.limit, after=query.after)
        return paged(rows, query, show_whole, lambda each: each.place)

    @get("/v1/charges/{charge_id}/evidence/{sha256}", needs=READ)
    def charge_evidence(self, _call: Call[Staff, None], charge_id: str, sha256: str) -> EvidenceLink:
        """A link to a file that shows a charge, good for a few minutes."""
        href = owing.evidence_link(self._charge(charge_id), sha256, files=self._wired.evidence_files)
        return EvidenceLink(href, LINK_SECONDS)

    @post("/v1/charges/{charge_id}/decision", takes=DecisionBody, shows=show_whole, needs=OPERATE)
    def decide_charge(self, call: Call[Staff, DecisionBody], charge_id: str) -> PartnerCharge:
        """Decide about an objection: the charge stands, less of it does, or none. Its customer is told."""
        wired, body = self._wired, call.body
        amount = None if body.amount is None else amount_of(body.amount, wired.settings.currency)
        parts, by = wired.owing(call.now, call.commit), call.caller.subject
        return owing.decide(self._charge(charge_id), body.decision, amount, body.note, by, owing=parts)
