"""Charges beside use at the partner door: state them, show them, take them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.edge.call import Call
from chalicelib.edge.charge_shapes import (
    ChargeBody,
    ChargeQuery,
    ChargeShown,
    CounterBody,
    EvidenceBody,
    EvidenceLink,
    WithdrawBody,
    amount_of,
    evidence_of,
    show_announced,
    show_announced_again,
    show_charge,
    stating_of,
    wanted_of,
)
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, paged
from chalicelib.edge.routes import get, post
from chalicelib.partners.model import ApiKey

if TYPE_CHECKING:
    from chalicelib.billing import owed_ports, owing
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.edge.wiring import Wiring
else:
    owed_ports = lazily("chalicelib.billing.owed_ports")
    owing = lazily("chalicelib.billing.owing")


class PartnerChargeDesk:
    """A partner states what is owed or ordered beside use."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _charge(self, call: Call[ApiKey, Any], charge_id: str) -> PartnerCharge:
        return owing.of_partner(charge_id, call.caller.partner_id, charges=self._wired.charges)

    def _owing(self, call: Call[ApiKey, Any]) -> owing.Owing:
        return self._wired.owing(call.now, call.commit)

    @post("/v1/charges", takes=ChargeBody, shows=show_charge, status=201, refuses=("not_found",))
    def draft_charge(self, call: Call[ApiKey, ChargeBody]) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Draft a charge for a session on one of my assets, also weeks after it ended. Its customer is not told yet."""
        wired = self._wired
        asked, sessions = stating_of(call.body, call.caller, wired.settings.currency), wired.charged_sessions
        return owing.draft(asked, sessions=sessions, random_bytes=wired.random_bytes, owing=self._owing(call))

    @get("/v1/charges", query=ChargeQuery)
    def charges(self, call: Call[ApiKey, None]) -> Page[ChargeShown]:
        """My charges, in order of when I drafted them."""
        query, whose = call.query, owed_ports.Whose(partner_id=call.caller.partner_id)
        rows = self._wired.charges.listed(whose, wanted_of(query), limit=query.limit, after=query.after)
        return paged(rows, query, show_charge, lambda each: each.place)

    @get("/v1/charges/{charge_id}")
    def charge(self, call: Call[ApiKey, None], charge_id: str) -> ChargeShown:
        """One of these."""
        return show_charge(self._charge(call, charge_id))

    @post("/v1/charges/{charge_id}/evidence", takes=EvidenceBody, shows=show_announced, saves=show_announced_again)
    def announce_evidence(self, call: Call[ApiKey, EvidenceBody], charge_id: str) -> Any:  # noqa: ANN401 -- as above
        """Announce a file that shows a drafted charge, and get a link to put exactly these bytes, once."""
        charge, file, files = self._charge(call, charge_id), evidence_of(call.body), self._wired.evidence_files
        return owing.add_evidence(charge, file, files=files, owing=self._owing(call))

    @get("/v1/charges/{charge_id}/evidence/{sha256}")
    def evidence(self, call: Call[ApiKey, None], charge_id: str, sha256: str) -> EvidenceLink:
        """A link to a file that is sealed, good for a few minutes."""
        href = owing.evidence_link(self._charge(call, charge_id), sha256, files=self._wired.evidence_files)
        return EvidenceLink(href, owed_ports.LINK_SECONDS)

    @post("/v1/charges/{charge_id}/submit", shows=show_charge)
    def submit_charge(self, call: Call[ApiKey, None], charge_id: str) -> Any:  # noqa: ANN401 -- as above
        """Seal the evidence and tell the customer, whose time to object begins."""
        charge, files = self._charge(call, charge_id), self._wired.evidence_files
        return owing.submit(charge, call.caller.key_id, files=files, owing=self._owing(call))

    @post("/v1/charges/{charge_id}/withdraw", takes=WithdrawBody, shows=show_charge)
    def withdraw_charge(self, call: Call[ApiKey, WithdrawBody], charge_id: str) -> Any:  # noqa: ANN401 -- as above
        """Take a charge back before it is billed."""
        charge, by = self._charge(call, charge_id), call.caller.key_id
        return owing.withdraw(charge, by, call.body.note, owing=self._owing(call))

    @post("/v1/charges/{charge_id}/counter", takes=CounterBody, shows=show_charge)
    def counter_charge(self, call: Call[ApiKey, CounterBody], charge_id: str) -> Any:  # noqa: ANN401 -- as above
        """Give back some or all of a charge that is billed; it comes off with the month that is open."""
        charge, by = self._charge(call, charge_id), call.caller.key_id
        amount = amount_of(call.body.amount, self._wired.settings.currency)
        return owing.counter(charge, amount, by, call.body.note, owing=self._owing(call))
