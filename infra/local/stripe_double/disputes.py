"""Disputes: a bank takes a payment back, or first only asks; evidence is sent, and the bank decides."""

from datetime import timedelta

from infra.local.stripe_double.balance import dispute_fee, move
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store, merged_metadata

ANSWERED_WITHIN = timedelta(days=9)
INQUIRY_CLOSES_AFTER = timedelta(days=120)
LONGEST_EVIDENCE = 150_000
REASONS = frozenset(
    {
        "credit_not_processed",
        "duplicate",
        "fraudulent",
        "general",
        "product_not_received",
        "product_unacceptable",
        "subscription_canceled",
        "unrecognized",
    }
)
UNDECIDED = ("needs_response", "under_review")
_OPEN = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
_AS_FILES = frozenset(
    {
        *("cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation"),
        *("receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file"),
        *("appeal", "enhanced_evidence"),
    }
)
_DECIDES = {"winning_evidence": True, "losing_evidence": False}
"""Stripe's words in `uncategorized_text` with which a test decides."""


def begin(store: Store, charge: Fields, reason: str, amount: int, *, inquiry: bool = False) -> Fields:
    """The customer's bank disputes a payment, and takes the money at once; an inquiry takes none."""
    same = {name: charge[name] for name in ("currency", "payment_intent")}
    due = store.timestamp() + int(ANSWERED_WITHIN.total_seconds())
    details = {"due_by": due, "has_evidence": False, "past_due": False, "submission_count": 0}
    fields = {
        **same,
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": details,
        "is_charge_refundable": inquiry,
        "metadata": {},
        "network_reason_code": None,
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    made = store.add("dp", "dispute", fields)
    charge["disputed"] = True
    store.emit("charge.dispute.created", made)
    if not inquiry:
        _withdraw(store, made)
    return made


def _withdraw(store: Store, dispute: Fields) -> None:
    fee = dispute_fee(dispute["currency"])
    taken = move(store, "adjustment", "dispute", dispute, -dispute["amount"], fee=fee)
    dispute["balance_transactions"].append(taken)
    store.emit("charge.dispute.funds_withdrawn", dispute)


def escalate(store: Store, dispute: Fields) -> None:
    """An inquiry becomes a dispute: now the money is taken."""
    if not dispute["status"].startswith("warning_"):
        raise StripeRefusal("Only an inquiry becomes a dispute.")
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    dispute["evidence_details"]["due_by"] = store.timestamp() + int(ANSWERED_WITHIN.total_seconds())
    store.emit("charge.dispute.updated", dispute)
    _withdraw(store, dispute)


def decide(store: Store, dispute: Fields, *, won: bool) -> None:
    """The bank has decided; what we win comes back, the fee does not. An inquiry just ends."""
    inquiry = dispute["status"].startswith("warning_")
    if not inquiry and dispute["status"] not in UNDECIDED:
        raise StripeRefusal(f"This dispute is closed already: {dispute['status']}.")
    dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
    store.emit("charge.dispute.closed", dispute)
    if won and not inquiry:
        back = move(store, "adjustment", "dispute_reversal", dispute, dispute["amount"])
        dispute["balance_transactions"].append(back)
        store.emit("charge.dispute.funds_reinstated", dispute)


def run_out(store: Store) -> None:
    """A dispute that nobody answers in time is lost; an inquiry that leads to nothing is closed."""
    now = store.timestamp()
    for dispute in store.every("dispute"):
        if dispute["status"] == "needs_response" and dispute["evidence_details"]["due_by"] <= now:
            dispute["evidence_details"]["past_due"] = True
            decide(store, dispute, won=False)
        closes = dispute["created"] + int(INQUIRY_CLOSES_AFTER.total_seconds())
        if dispute["status"] in ("warning_needs_response", "warning_under_review") and closes <= now:
            decide(store, dispute, won=True)


def refunded(store: Store, charge: Fields) -> None:
    """Who has all of their money back asks no more."""
    for dispute in store.every("dispute"):
        if dispute["charge"] == charge["id"] and dispute["status"] in (
            "warning_needs_response",
            "warning_under_review",
        ):
            decide(store, dispute, won=True)


def blocks_refunds(store: Store, charge: Fields) -> bool:
    """Whether the bank has taken, or may take, the money back already."""
    closed_well = ("won", "warning_closed", "warning_needs_response", "warning_under_review")
    return any(row["charge"] == charge["id"] and row["status"] not in closed_well for row in store.every("dispute"))


def retrieve(call: Call) -> Fields:
    """One dispute."""
    return call.store.get("dispute", call.object_id)


def list_all(call: Call) -> Fields:
    """Disputes, newest first."""
    return list_of(call, "dispute", "/v1/disputes", "charge", "payment_intent")


def update(call: Call) -> Fields:
    """Keep evidence; unless `submit` is false it is sent to the bank, once and for all."""
    dispute, given = retrieve(call), call.arguments.get("evidence", {})
    if dispute["status"] not in _OPEN:
        message = f"This dispute takes no evidence any more because its status is {dispute['status']}."
        raise StripeRefusal(message, param="evidence")
    for name in sorted(_AS_FILES & set(given)):
        where = f"evidence[{name}]"
        raise StripeRefusal(f"The double plays no files: {where}.", code="double_not_played", param=where)
    evidence = {name: text for name, text in (dispute["evidence"] | given).items() if text != ""}
    if sum(map(len, evidence.values())) > LONGEST_EVIDENCE:
        message = f"All evidence together has at most {LONGEST_EVIDENCE} characters."
        raise StripeRefusal(message, param="evidence")
    dispute["evidence"] = evidence
    dispute["evidence_details"]["has_evidence"] = bool(evidence)
    dispute["metadata"] = merged_metadata(dispute["metadata"], call.arguments.get("metadata", {}))
    if call.arguments.get("submit", True):
        _submit(call.store, dispute)
    else:
        call.store.emit("charge.dispute.updated", dispute)
    return dispute


def _submit(store: Store, dispute: Fields) -> None:
    dispute["evidence_details"]["submission_count"] += 1
    dispute["status"] = _OPEN[dispute["status"]]
    store.emit("charge.dispute.updated", dispute)
    verdict = _DECIDES.get(dispute["evidence"].get("uncategorized_text", ""))
    if verdict is not None:
        decide(store, dispute, won=verdict)


def close(call: Call) -> Fields:
    """Give in: the dispute is lost."""
    dispute = retrieve(call)
    if dispute["status"] != "needs_response":
        raise StripeRefusal(f"You cannot close a dispute whose status is {dispute['status']}.")
    decide(call.store, dispute, won=False)
    return dispute
