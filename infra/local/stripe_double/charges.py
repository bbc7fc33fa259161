"""Charges: one attempt to take money from a card, and what the bank makes of it."""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.cards import Card, Decline, decline_of
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store


def refusal_of(card: Card, *, confirmed: bool) -> Decline | None:
    """Why the bank refuses this charge, if it does; `confirmed` is true once the customer has answered its question."""
    if card.asks_on_charge and not confirmed:
        return decline_of("authentication_required")
    return decline_of(card.charge_decline) if card.charge_decline else None


def attempt(store: Store, intent: Fields, method: Fields, decline: Decline | None) -> Fields:
    """Record the attempt; the charge is `succeeded`, or `failed` with the bank's reason."""
    charge = store.add("ch", "charge", _blank(intent, method, decline))
    store.emit("charge.failed" if decline else "charge.succeeded", charge)
    reason = store.cards[method["id"]].disputes
    if reason and not decline:
        _dispute(store, charge, reason)
    return charge


_NOTHING = (
    *("application", "application_fee", "application_fee_amount", "authorization_code", "balance_transaction"),
    *(
        "calculated_statement_descriptor",
        "failure_balance_transaction",
        "on_behalf_of",
        "receipt_email",
        "receipt_number",
    ),
    *("receipt_url", "review", "shipping", "source", "source_transfer", "statement_descriptor", "transfer"),
    *("statement_descriptor_suffix", "transfer_data", "transfer_group"),
)


def _blank(intent: Fields, method: Fields, decline: Decline | None) -> Fields:
    amount, taken = intent["amount"], decline is None
    same = {name: intent[name] for name in ("amount", "currency", "customer", "description", "metadata")}
    face = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "network",
        "wallet",
    )
    card = {name: method["card"].get(name) for name in face}
    return {
        **dict.fromkeys(_NOTHING),
        **same,
        "amount_captured": amount if taken else 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": taken,
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "outcome": _outcome(decline),
        "paid": taken,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": card, "type": "card"},
        "refunded": False,
        "status": "succeeded" if taken else "failed",
    }


def _outcome(decline: Decline | None) -> Fields:
    answer = {"network_advice_code": None, "network_decline_code": None, "risk_level": "normal"}
    if decline is None:
        words = {"network_status": "approved_by_network", "reason": None, "type": "authorized"}
        return {**answer, **words, "advice_code": None, "seller_message": "Payment complete."}
    words = {"network_status": "declined_by_network", "reason": decline.decline_code, "type": "issuer_declined"}
    return {**answer, **words, "advice_code": decline.advice_code, "seller_message": decline.message}


def _dispute(store: Store, charge: Fields, reason: str) -> None:
    same = {name: charge[name] for name in ("amount", "currency", "payment_intent")}
    details = {"due_by": store.timestamp() + 9 * 86400, "has_evidence": False, "past_due": False, "submission_count": 0}
    fields = {
        "balance_transactions": [],
        "charge": charge["id"],
        "evidence": {},
        "evidence_details": details,
        "metadata": {},
    }
    more = {
        "enhanced_eligibility_types": [],
        "is_charge_refundable": False,
        "reason": reason,
        "status": "needs_response",
    }
    made = store.add("dp", "dispute", {**same, **fields, **more})
    charge["disputed"] = True
    store.emit("charge.dispute.created", made)


def retrieve(call: Call) -> Fields:
    """One charge."""
    return call.store.get("charge", call.object_id)


def list_all(call: Call) -> Fields:
    """Charges, newest first."""
    return list_of(call, "charge", "/v1/charges", "customer", "payment_intent")


def retrieve_dispute(call: Call) -> Fields:
    """One dispute."""
    return call.store.get("dispute", call.object_id)
