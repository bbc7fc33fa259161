"""PaymentIntents: an amount that is wanted, and the attempts to collect it or to hold it."""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.cards import Decline
from infra.local.stripe_double.charges import attempt, refusal_of, taken
from infra.local.stripe_double.errors import Declined, StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store

PAYABLE = ("requires_payment_method", "requires_action", "requires_confirmation")

_NOTHING = (
    *("application", "application_fee_amount", "automatic_payment_methods", "canceled_at", "cancellation_reason"),
    *(
        "last_payment_error",
        "latest_charge",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "payment_record",
        "processing",
    ),
    *("receipt_email", "review", "setup_future_usage", "shipping", "source", "statement_descriptor"),
    *("statement_descriptor_suffix", "transfer_data", "transfer_group"),
)


def add(store: Store, fields: Fields) -> Fields:
    """A new intent that waits for a payment method."""
    usual = {
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "description": None,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }
    made = store.add("pi", "payment_intent", {**dict.fromkeys(_NOTHING), **usual, **fields})
    made["client_secret"] = store.client_secret(made["id"])
    store.emit("payment_intent.created", made)
    return made


def create_for_invoice(store: Store, invoice: Fields) -> Fields:
    """What a finalised invoice is paid with."""
    same = {name: invoice[name] for name in ("currency", "customer")}
    made = add(store, {**same, "amount": invoice["amount_remaining"], "description": "Payment for Invoice"})
    store.invoice_of[made["id"]] = invoice["id"]
    return made


def charge(
    store: Store, intent: Fields, method: Fields, *, confirmed: bool = False, off_session: bool = False
) -> Decline | None:
    """Try the card once. Afterwards the intent is `succeeded` or `requires_capture`, or says why not.

    Where nobody is there to answer the bank's question, `off_session`, the question is a decline.
    """
    decline = refusal_of(store, method, confirmed=confirmed)
    if decline and decline.code == "authentication_required" and not off_session:
        return _asked(store, intent, method, decline)
    made = attempt(store, intent, method, decline, off_session=off_session)
    intent |= {"latest_charge": made["id"], "next_action": None, "payment_method": None if decline else method["id"]}
    if decline:
        intent |= {"status": "requires_payment_method", "last_payment_error": error_of(decline, made, method)}
        store.emit("payment_intent.payment_failed", intent)
        return decline
    intent["last_payment_error"] = None
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        store.emit("payment_intent.amount_capturable_updated", intent)
    else:
        succeeded(store, intent, made, intent["amount"])
    return None


def succeeded(store: Store, intent: Fields, made: Fields, amount: int) -> None:
    """The money of this charge is ours, all or part of it."""
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    taken(store, made, amount)
    store.emit("payment_intent.succeeded", intent)


def _asked(store: Store, intent: Fields, method: Fields, decline: Decline) -> Decline:
    script = {"type": "three_d_secure_redirect", "stripe_js": ""}
    intent |= {"status": "requires_action", "payment_method": method["id"], "last_payment_error": None}
    intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": script}
    store.emit("payment_intent.requires_action", intent)
    return decline


def error_of(decline: Decline, made: Fields, method: Fields) -> Fields:
    """A decline as the intent keeps it."""
    words = {"code": decline.code, "decline_code": decline.decline_code, "message": decline.message}
    return {
        **words,
        "advice_code": decline.advice_code,
        "charge": made["id"],
        "payment_method": dict(method),
        "type": "card_error",
    }


def refused(intent: Fields, decline: Decline) -> Declined:
    """The 402 for a decline."""
    words = {"code": decline.code, "decline_code": decline.decline_code, "advice_code": decline.advice_code}
    return Declined(decline.message, **words, charge=intent["latest_charge"], payment_intent=dict(intent))


def failed_to_authenticate(store: Store, intent: Fields) -> None:
    """The customer did not answer the bank's question."""
    message = "The provided PaymentMethod has failed authentication. Provide a new one to attempt this payment again."
    error = {"code": "payment_intent_authentication_failure", "message": message, "type": "invalid_request_error"}
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_payment_error"] = error
    store.emit("payment_intent.payment_failed", intent)


def must_be_payable(intent: Fields) -> None:
    """A paid, held or cancelled intent takes no further attempt."""
    if intent["status"] not in PAYABLE:
        message = f"This PaymentIntent could not be confirmed because it has a status of {intent['status']}."
        raise StripeRefusal(message, code="payment_intent_unexpected_state", payment_intent=dict(intent))


def cancel(store: Store, intent: Fields, reason: str | None) -> None:
    """Nobody will pay it any more."""
    intent |= {"status": "canceled", "canceled_at": store.timestamp(), "cancellation_reason": reason}
    intent |= {"next_action": None, "amount_capturable": 0}
    store.emit("payment_intent.canceled", intent)


def retrieve(call: Call) -> Fields:
    """One PaymentIntent; a browser has to know its secret."""
    found = call.store.get("payment_intent", call.object_id)
    call.must_know_secret(found)
    return found


def list_all(call: Call) -> Fields:
    """PaymentIntents, newest first."""
    return list_of(call, "payment_intent", "/v1/payment_intents", "customer")
