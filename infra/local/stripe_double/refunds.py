"""Refunds: money of a succeeded charge goes back to its card."""

from infra.local.stripe_double import disputes
from infra.local.stripe_double.balance import move
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.charges import refundable
from infra.local.stripe_double.currencies import movable
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store, merged_metadata

CREATED_WITH = ("amount", "charge", "metadata", "payment_intent", "reason")


def create(call: Call) -> Fields:
    """Give back all that is left of a charge, or the stated amount."""
    charge = _charge(call)
    amount = movable(call.arguments.get("amount", refundable(call.store, charge)), charge["currency"])
    metadata = merged_metadata({}, call.arguments.get("metadata", {}))
    return refund(call.store, charge, amount, reason=call.arguments.get("reason"), metadata=metadata)


def _charge(call: Call) -> Fields:
    named = {"charge", "payment_intent"} & set(call.arguments)
    if len(named) != 1:
        raise StripeRefusal("Give exactly one of charge and payment_intent.", code="parameter_missing", param="charge")
    if "charge" in named:
        return call.store.get("charge", call.arguments["charge"], "charge")
    intent = call.store.get("payment_intent", call.arguments["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise StripeRefusal(message, code="payment_intent_unexpected_state")
    return call.store.get("charge", intent["latest_charge"])


def refund(
    store: Store, charge: Fields, amount: int, *, reason: str | None = None, metadata: Fields | None = None
) -> Fields:
    """Give back part of a charge, never more than is left of it."""
    left = refundable(store, charge)
    if not charge["captured"]:
        message = f"Charge {charge['id']} was never captured; cancel its PaymentIntent instead."
        raise StripeRefusal(message, code="charge_not_refundable")
    if disputes.blocks_refunds(store, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeRefusal(message, code="charge_disputed")
    if not left:
        raise StripeRefusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) must be positive and at most the unrefunded amount ({left})."
        raise StripeRefusal(message, param="amount")
    same = {name: charge[name] for name in ("currency", "customer", "payment_intent", "payment_method")}
    nothing = ("balance_transaction", "failure_balance_transaction", "pending_reason", "reason", "receipt_number")
    more = ("source_transfer_reversal", "transfer_reversal")
    fields = {**dict.fromkeys((*nothing, *more)), **same, "amount": amount, "charge": charge["id"]}
    fields |= {"metadata": metadata or {}, "reason": reason}
    made = store.add("re", "refund", {**fields, "status": "succeeded"})
    made["balance_transaction"] = move(store, "refund", "refund", made, -amount)["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.emit("refund.created", made)
    store.emit("charge.refunded", charge)
    if charge["refunded"]:
        disputes.refunded(store, charge)
    return made


def failed(store: Store, made: Fields, reason: str) -> None:
    """The bank could not give it back after all: the money is ours again, and is still owed to the customer."""
    if made["status"] != "succeeded":
        raise StripeRefusal(f"Refund {made['id']} is {made['status']}.")
    charge = store.get("charge", made["charge"])
    charge["amount_refunded"] -= made["amount"]
    charge["refunded"] = False
    made |= {"status": "failed", "failure_reason": reason}
    made["failure_balance_transaction"] = move(store, "refund_failure", "refund_failure", made, made["amount"])["id"]
    store.emit("refund.updated", made)
    store.emit("refund.failed", made)


def update(call: Call) -> Fields:
    """Change the metadata, and nothing else."""
    made = retrieve(call)
    made["metadata"] = merged_metadata(made["metadata"], call.arguments.get("metadata", {}))
    call.store.emit("refund.updated", made)
    return made


def retrieve(call: Call) -> Fields:
    """One refund."""
    return call.store.get("refund", call.object_id)


def list_all(call: Call) -> Fields:
    """Refunds, newest first."""
    return list_of(call, "refund", "/v1/refunds", "charge", "payment_intent")
