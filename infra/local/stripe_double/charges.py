"""Charges: one attempt to take money from a card, and what the bank makes of it."""

from datetime import timedelta

from infra.local.stripe_double import disputes
from infra.local.stripe_double.balance import fee_of, move
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.cards import Decline, decline_of
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store

AUTHORISED_FOR = timedelta(days=7)
VISA_WITHOUT_CUSTOMER = timedelta(days=4, hours=18)
"""How long a hold stands, as Stripe documents it: shorter where a Visa card is held and its owner is away."""


def refusal_of(store: Store, method: Fields, *, confirmed: bool) -> Decline | None:
    """Why the bank refuses this charge, if it does; `confirmed` is true once the customer has answered its question."""
    card = store.cards[method["id"]]
    if has_expired(store, method):
        return decline_of("expired_card")
    if card.asks_on_charge and not confirmed:
        return decline_of("authentication_required")
    return decline_of(card.charge_decline) if card.charge_decline else None


def has_expired(store: Store, method: Fields) -> bool:
    """Whether the month that is printed on the card is over. A wallet without a card's face does not expire."""
    now, face = store.now(), method.get("card")
    return face is not None and (face["exp_year"], face["exp_month"]) < (now.year, now.month)


def attempt(
    store: Store, intent: Fields, method: Fields, decline: Decline | None, *, off_session: bool = False
) -> Fields:
    """Record the attempt; the charge is `succeeded`, or `failed` with the bank's reason."""
    charge = store.add("ch", "charge", _blank(store, intent, method, decline))
    if intent["capture_method"] == "manual" and not decline:
        window = VISA_WITHOUT_CUSTOMER if off_session and _is_visa(method) else AUTHORISED_FOR
        until = store.timestamp() + int(window.total_seconds())
        charge["payment_method_details"][method["type"]]["capture_before"] = until
        store.holds[intent["id"]] = until
    store.emit("charge.failed" if decline else "charge.succeeded", charge)
    return charge


def _is_visa(method: Fields) -> bool:
    return method["type"] == "card" and bool(method["card"]["brand"] == "visa")


def taken(store: Store, charge: Fields, amount: int) -> None:
    """Take the money, or part of what was held: the rest goes back to the card, which Stripe counts as refunded."""
    was_held = charge["payment_intent"] in store.holds
    if was_held:
        charge |= {"captured": True, "amount_captured": amount}
        released(store, charge, charge["amount"] - amount)
    charge["balance_transaction"] = move(store, "charge", "charge", charge, amount, fee=fee_of(charge, amount))["id"]
    store.emit("charge.captured" if was_held else "charge.updated", charge)
    card = store.cards[charge["payment_method"]]
    if card.disputes:
        disputes.begin(store, charge, card.disputes, amount, inquiry=card.inquires)


def released(store: Store, charge: Fields, amount: int) -> None:
    """A hold has ended: this much of it was never taken."""
    store.holds.pop(charge["payment_intent"], None)
    store.released[charge["id"]] = amount
    charge["amount_refunded"] = amount
    charge["refunded"] = amount == charge["amount"]


def refundable(store: Store, charge: Fields) -> int:
    """What was taken and not yet given back."""
    captured: int = charge["amount_captured"]
    refunded: int = charge["amount_refunded"]
    return captured - (refunded - store.released.get(charge["id"], 0))


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


def _blank(store: Store, intent: Fields, method: Fields, decline: Decline | None) -> Fields:
    same = {
        name: intent[name] for name in ("amount", "currency", "customer", "description", "metadata", "transfer_group")
    }
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
    shown = method[method["type"]]
    details = (
        {name: shown.get(name) for name in face}
        if method["type"] == "card"
        else {"country": store.cards[method["id"]].country}
    )
    at_once = decline is None and intent["capture_method"] != "manual"
    return {
        **dict.fromkeys(_NOTHING),
        **same,
        "amount_captured": intent["amount"] if at_once else 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": at_once,
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "outcome": _outcome(decline),
        "paid": decline is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {method["type"]: details, "type": method["type"]},
        "refunded": False,
        "status": "failed" if decline else "succeeded",
    }


def _outcome(decline: Decline | None) -> Fields:
    answer = {"network_advice_code": None, "network_decline_code": None, "risk_level": "normal"}
    if decline is None:
        words = {"network_status": "approved_by_network", "reason": None, "type": "authorized"}
        return {**answer, **words, "advice_code": None, "seller_message": "Payment complete."}
    words = {"network_status": "declined_by_network", "reason": decline.decline_code, "type": "issuer_declined"}
    return {**answer, **words, "advice_code": decline.advice_code, "seller_message": decline.message}


def retrieve(call: Call) -> Fields:
    """One charge."""
    return call.store.get("charge", call.object_id)


def list_all(call: Call) -> Fields:
    """Charges, newest first."""
    return list_of(call, "charge", "/v1/charges", "customer", "payment_intent", "transfer_group")
