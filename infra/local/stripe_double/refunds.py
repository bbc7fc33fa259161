"""Refunds: money of a succeeded charge goes back to its card."""

from infra.local.stripe_double import disputes
from infra.local.stripe_double.balance import move
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.charges import refundable
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store, merged_metadata

CREATED_WITH = ("amount", "charge", "metadata", "payment_intent", "reason")


def create(call: Call) -> Fields:
    """Give back all that is left of a charge, or the stated amount."""
    charge = _charge(call)
    made = refund(call.store, charge, call.arguments.get("amount", refundable(call.store, charge)))
    made["reason"] = call.arguments.get("reason")
    made["metadata"] = merged_metadata({}, call.arguments.get("metadata", {}))
    return made


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


def refund(store: Store, charge: Fields, amount: int) -> Fields:
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
    fields = {**dict.fromkeys((*nothing, *more)), **same, "amount": amount, "charge": charge["id"], "metadata": {}}
    made = store.add("re", "refund", {**fields, "status": "succeeded"})
    made["balance_transaction"] = move(store, "refund", "refund", made, -amount)["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.emit("refund.created", made)
    store.emit("charge.refunded", charge)
    return made


def retrieve(call: Call) -> Fields:
    """One refund."""
    return call.store.get("refund", call.object_id)


def list_all(call: Call) -> Fields:
    """Refunds, newest first."""
    return list_of(call, "refund", "/v1/refunds", "charge", "payment_intent")
