"""Every read of customers' books or personal data at the finance door is recorded before it is done.

One table says of each such route what is read and how the account is found. A read that cannot be recorded is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from chalicelib.edge.lazily import lazily

if TYPE_CHECKING:
    from chalicelib.customers import accesses
    from chalicelib.edge.call import Call
    from chalicelib.edge.callers import Staff
    from chalicelib.edge.operation import Operation
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance import audit_model
    from chalicelib.kernel.writes import Write
else:
    accesses = lazily("chalicelib.customers.accesses")
    audit_model = lazily("chalicelib.finance.audit_model")

Named = Mapping[str, str]
Whose = Callable[["BackOffice", Named, Any], str | None]
_MANY = "*"


@dataclass(frozen=True, slots=True)
class Audited:
    """What a route reads, and how it is told whose that is: of path parameters, and of the query or else the body.

    None where what was asked for is nobody's.
    """

    kind: str
    whose: Whose


def _many(_wired: BackOffice, _named: Named, _asked: object) -> str:
    return _MANY


def _account(_wired: BackOffice, named: Named, _asked: object) -> str:
    return named["account_id"]


def _of_session(wired: BackOffice, named: Named, _asked: object) -> str:
    session = wired.sessions.find(named["session_id"])
    return session.account_id if session is not None else ""


def _of_dispute(wired: BackOffice, named: Named, _asked: object) -> str:
    dispute = wired.disputes.dispute(named["dispute_id"])
    return dispute.account_id if dispute is not None else ""


def _of_outside(wired: BackOffice, named: Named, _asked: object) -> str:
    outside = wired.outsides.outside(named["refund_id"][:100])
    return outside.account_id if outside is not None else ""


def _of_charge(wired: BackOffice, named: Named, _asked: object) -> str:
    charge = wired.charges.find(named["charge_id"])
    return charge.account_id if charge is not None else ""


def _of_trace(wired: BackOffice, _named: Named, asked: Any) -> str:  # noqa: ANN401 -- the route's own shape
    """Of a session its account; what else may be asked for, the trace itself looks for."""
    session = wired.sessions.find(asked.id)
    return session.account_id if session is not None else ""


def _of_simulation(_wired: BackOffice, _named: Named, asked: Any) -> str | None:  # noqa: ANN401 -- as above
    """Of a month it shows what customers were billed; usage that is stated is nobody's."""
    return _MANY if "month" in asked else None


_ACCOUNT_ID = "/v1/accounts/{account_id}"
AUDITED: Mapping[tuple[str, str], Audited] = MappingProxyType(
    {
        ("GET", "/v1/parked"): Audited("parked", _many),
        ("POST", "/v1/parked/{account_id}/{month}/release"): Audited("parked", _account),
        ("GET", f"{_ACCOUNT_ID}/proofs"): Audited("proof", _account),
        ("GET", f"{_ACCOUNT_ID}/proofs/{{number}}"): Audited("proof", _account),
        ("GET", f"{_ACCOUNT_ID}/credit-notes"): Audited("credit_note", _account),
        ("POST", f"{_ACCOUNT_ID}/refunds"): Audited("credit_note", _account),
        ("GET", f"{_ACCOUNT_ID}/wallet"): Audited("wallet", _account),
        ("POST", f"{_ACCOUNT_ID}/credits"): Audited("wallet", _account),
        ("GET", f"{_ACCOUNT_ID}/settlement-policy"): Audited("policy", _account),
        ("PUT", f"{_ACCOUNT_ID}/settlement-policy"): Audited("policy", _account),
        ("GET", f"{_ACCOUNT_ID}/payment-term"): Audited("policy", _account),
        ("PUT", f"{_ACCOUNT_ID}/payment-term"): Audited("policy", _account),
        ("POST", "/v1/invoices/{account_id}/{month}/{number}/write-off"): Audited("invoice", _account),
        ("GET", "/v1/sessions/{session_id}/timeline"): Audited("session", _of_session),
        ("GET", "/v1/cases"): Audited("case", _many),
        ("GET", "/v1/charges"): Audited("charge", _many),
        ("GET", "/v1/charges/{charge_id}/evidence/{sha256}"): Audited("evidence", _of_charge),
        ("POST", "/v1/charges/{charge_id}/decision"): Audited("charge", _of_charge),
        ("GET", "/v1/disputes"): Audited("dispute", _many),
        ("GET", "/v1/disputes/{dispute_id}"): Audited("dispute", _of_dispute),
        ("POST", "/v1/disputes/{dispute_id}/evidence"): Audited("evidence", _of_dispute),
        ("GET", "/v1/disputes/{dispute_id}/evidence"): Audited("evidence", _of_dispute),
        ("POST", "/v1/disputes/{dispute_id}/make-good"): Audited("dispute", _of_dispute),
        ("GET", "/v1/outside-refunds"): Audited("refund", _many),
        ("GET", "/v1/outside-refunds/{refund_id}"): Audited("refund", _of_outside),
        ("POST", "/v1/outside-refunds/{refund_id}"): Audited("refund", _of_outside),
        ("GET", "/v1/trace"): Audited("trace", _of_trace),
        ("GET", "/v1/subscriptions"): Audited("subscription", _many),
        ("GET", "/v1/closes/{month}/failed"): Audited("close", _many),
        ("POST", "/v1/closes/{month}/failed/{account_id}/again"): Audited("close", _account),
        ("GET", "/v1/reconciliation/{month}"): Audited("reconciliation", _many),
        ("GET", "/v1/unbilled-usage/{month}"): Audited("usage", _many),
        ("GET", "/v1/comparisons/{date}"): Audited("comparison", _many),
        ("GET", "/v1/exports/{month}/{version}/{name}"): Audited("export", _many),
        ("GET", "/v1/exports/{month}/{version}/partners/{name}"): Audited("export", _many),
        **{("GET", f"/v1/{each}/{{month}}"): Audited("monitor", _many) for each in ("profit", "customer-values")},
        ("GET", "/v1/report/{month}"): Audited("report", _many),
        ("POST", "/v1/simulations"): Audited("simulation", _of_simulation),
        ("GET", "/v1/audit"): Audited("audit", _many),
    }
)
"""Reads; and acts whose answers show what a read would."""
_LONGEST_ID = 100


def record_read(declared: Operation, call: Call[Staff, Any], named: Named, wired: BackOffice) -> None:
    """Record the read, if the route is one of these: who, when, what kind, whose, and the route's template."""
    audited = AUDITED.get((declared.method, declared.path))
    whose = audited.whose(wired, named, call.body if call.query is None else call.query) if audited else None
    if audited is None or whose is None:
        return
    record = audit_model.AuditRecord(
        at=call.now,
        name=wired.random_bytes(8).hex(),
        who=call.caller.subject,
        kind=audited.kind,
        whose=whose[:_LONGEST_ID],
        route=f"{declared.method} {declared.path}",
    )
    wired.commit([wired.audits.recording(record), *_for_customer(record, named, wired)], None)


def _for_customer(record: audit_model.AuditRecord, named: Named, wired: BackOffice) -> list[Write]:
    """The same for the customer to see, without who of the staff it was; a list is about nobody in particular."""
    if not record.whose or record.whose == _MANY:
        return []
    about = next((each for name, each in named.items() if name != "account_id"), "")[:_LONGEST_ID]
    what = (record.at, record.name, accesses.STAFF, record.kind, about, record.route)
    return [wired.accesses.recording(accesses.Access(record.whose, *what))]
