"""Charges beside use at the mobile door: see what shows them, accept them, object to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Customer, Right
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call
from chalicelib.edge.charge_shapes import (
    ChargeQuery,
    ChargeShown,
    EvidenceLink,
    ObjectionBody,
    show_charge,
    wanted_of,
)
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.paging import Page, paged
from chalicelib.edge.routes import get, post

if TYPE_CHECKING:
    from chalicelib.billing import owed_ports, owing
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.edge.wiring import Wiring
else:
    owed_ports = lazily("chalicelib.billing.owed_ports")
    owing = lazily("chalicelib.billing.owing")


class ChargeDesk:
    """A customer is asked about what is owed or ordered before it is billed."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        return acting(call, self._wired)

    def _charge(self, customer: Customer, charge_id: str) -> PartnerCharge:
        return owing.of_account(charge_id, customer.account_id, charges=self._wired.charges)

    @get("/v1/charges", needs=Right.READ, query=ChargeQuery)
    def charges(self, call: Call[Claims, None]) -> Page[ChargeShown]:
        """What partners have charged me for beside use, and how it stands."""
        query, whose = call.query, owed_ports.Whose(account_id=self._customer(call).account_id)
        rows = self._wired.charges.listed(whose, wanted_of(query, told=True), limit=query.limit, after=query.after)
        return paged(rows, query, show_charge, lambda each: each.place)

    @get("/v1/charges/{charge_id}", needs=Right.READ)
    def charge(self, call: Call[Claims, None], charge_id: str) -> ChargeShown:
        """One of these."""
        return show_charge(self._charge(self._customer(call), charge_id))

    @get("/v1/charges/{charge_id}/evidence/{sha256}", needs=Right.READ)
    def charge_evidence(self, call: Call[Claims, None], charge_id: str, sha256: str) -> EvidenceLink:
        """A link to a file that shows a charge, good for a few minutes."""
        charge = self._charge(self._customer(call), charge_id)
        href = owing.evidence_link(charge, sha256, files=self._wired.evidence_files)
        return EvidenceLink(href, owed_ports.LINK_SECONDS)

    @post("/v1/charges/{charge_id}/accept", needs=Right.PAY, shows=show_charge)
    def accept_charge(self, call: Call[Claims, None], charge_id: str) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Accept a charge: it is billed with this month."""
        customer, parts = self._customer(call), self._wired.owing(call.now, call.commit)
        return owing.accept(self._charge(customer, charge_id), customer.customer_id, owing=parts)

    @post("/v1/charges/{charge_id}/objection", needs=Right.PAY, takes=ObjectionBody, shows=show_charge)
    def object_to_charge(self, call: Call[Claims, ObjectionBody], charge_id: str) -> Any:  # noqa: ANN401 -- as above
        """Object to a charge in time: the operator decides about it. What I did not order is not charged."""
        customer, body = self._customer(call), call.body
        charge, parts = self._charge(customer, charge_id), self._wired.owing(call.now, call.commit)
        return owing.object_to(charge, body.reason, body.text, customer.customer_id, owing=parts)
