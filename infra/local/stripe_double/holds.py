"""PaymentIntents of our own making: a hold on a card that is captured, released or expires, or a payment at once."""

from infra.local.stripe_double import payment_intents, settling
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.charges import released
from infra.local.stripe_double.currencies import SMALLEST_CHARGE, known_currency, movable, within_bounds
from infra.local.stripe_double.customers import known
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.invoice_payments import paid_by
from infra.local.stripe_double.payment_methods import chargeable, resolve
from infra.local.stripe_double.store import Fields, Store, merged_metadata

WORDS = ("description", "receipt_email", "statement_descriptor_suffix", "transfer_group")
"""Parameters that are kept and shown as they came; Stripe takes no whole `statement_descriptor` for a card."""

CREATED_WITH = (
    *("amount", "automatic_payment_methods", "capture_method", "confirm", "currency", "customer", "metadata"),
    *("off_session", "payment_method", "return_url", *WORDS),
)
CHANGED_WITH = ("metadata", *WORDS)
CONFIRMED_WITH = ("off_session", "payment_method", "return_url", "use_stripe_sdk")
CAPTURED_WITH = ("amount_to_capture", "metadata", "statement_descriptor_suffix")


def create(call: Call) -> Fields:
    """Want an amount; with `confirm` try the card at once, and keep the intent also when it is declined."""
    arguments, store = call.arguments, call.store
    customer_id = known(store, arguments["customer"])["id"] if "customer" in arguments else None
    currency = known_currency(arguments["currency"])
    _must_be_chargeable(arguments["amount"], currency, "amount")
    _must_confirm_at_once(arguments)
    method_id = (
        _method(store, arguments["payment_method"], customer_id)["id"] if "payment_method" in arguments else None
    )
    automatic = {"allow_redirects": "always", "enabled": True} | arguments.get("automatic_payment_methods", {})
    fields = {
        **{word: arguments.get(word) for word in WORDS},
        "amount": within_bounds(arguments["amount"]),
        "automatic_payment_methods": automatic,
        "capture_method": arguments.get("capture_method", "automatic_async"),
        "currency": currency,
        "customer": customer_id,
        "metadata": merged_metadata({}, arguments.get("metadata", {})),
    }
    if arguments.get("confirm"):
        _must_say_where_to_return(call, fields)
    intent = payment_intents.add(store, fields)
    if method_id:
        intent |= {"payment_method": method_id, "status": "requires_confirmation"}
    return _tried(call, intent) if arguments.get("confirm") else intent


def _must_be_chargeable(amount: int, currency: str, param: str) -> None:
    if amount < SMALLEST_CHARGE[currency]:
        message = f"Amount must be at least {SMALLEST_CHARGE[currency]} in minor units of {currency}."
        raise StripeRefusal(message, code="amount_too_small", param=param)
    movable(amount, currency, param)


def _must_confirm_at_once(arguments: Fields) -> None:
    for name in ("off_session", "return_url"):
        if name in arguments and not arguments.get("confirm"):
            message = f"You cannot provide {name} without setting confirm to true."
            raise StripeRefusal(message, code="parameter_missing", param=name)


def _must_say_where_to_return(call: Call, intent: Fields) -> None:
    redirects = (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "always"
    if redirects and not call.publishable and "return_url" not in call.arguments:
        message = (
            "This PaymentIntent accepts payment methods that might redirect the customer, so you must provide a "
            "`return_url`, or set automatic_payment_methods[allow_redirects] to `never` when creating it."
        )
        raise StripeRefusal(message, code="parameter_missing", param="return_url")


def _method(store: Store, method_id: str, customer_id: str | None) -> Fields:
    """A customer's own saved card; a test card by its name only where nobody is named."""
    return chargeable(store, method_id, customer_id) if customer_id else resolve(store, method_id)


def confirm(call: Call) -> Fields:
    """Try the card that is given, or the one that was given before."""
    intent = payment_intents.retrieve(call)
    if intent["id"] in call.store.invoice_of:
        return settling.confirm(call)
    payment_intents.must_be_payable(intent)
    _must_say_where_to_return(call, intent)
    return _tried(call, intent)


def _tried(call: Call, intent: Fields) -> Fields:
    method_id = call.arguments.get("payment_method", intent["payment_method"])
    if method_id is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise StripeRefusal(message, code="payment_intent_unexpected_state", param="payment_method")
    method = _method(call.store, method_id, intent["customer"])
    away = bool(call.arguments.get("off_session"))
    if away and call.publishable:
        message = "A customer who confirms is not away: off_session cannot be used with a publishable key."
        raise StripeRefusal(message, code="parameter_unknown", param="off_session")
    decline = payment_intents.charge(call.store, intent, method, off_session=away)
    if decline and intent["status"] != "requires_action":
        raise payment_intents.refused(intent, decline)
    paid_by(call.store, intent)
    return intent


def authenticated(store: Store, intent: Fields, *, succeed: bool) -> None:
    """The customer has answered the bank's question about a payment that no invoice made, or has failed to."""
    if intent["status"] != "requires_action":
        raise StripeRefusal("This PaymentIntent waits for no action.", code="payment_intent_unexpected_state")
    if not succeed:
        payment_intents.failed_to_authenticate(store, intent)
        return
    payment_intents.charge(store, intent, store.get("payment_method", intent["payment_method"]), confirmed=True)
    paid_by(store, intent)


def update(call: Call) -> Fields:
    """Change words that do not bear on the money."""
    intent = _own(call)
    intent |= {word: call.arguments[word] or None for word in WORDS if word in call.arguments}
    intent["metadata"] = merged_metadata(intent["metadata"], call.arguments.get("metadata", {}))
    return intent


def _own(call: Call) -> Fields:
    """An intent that may be changed: the one that Stripe made for an invoice may not."""
    intent = call.store.get("payment_intent", call.object_id)
    if intent["id"] in call.store.invoice_of:
        message = "This PaymentIntent is an invoice's own and can't be changed directly. Pay or void the invoice."
        raise StripeRefusal(message, code="payment_intent_unexpected_state")
    return intent


def capture(call: Call) -> Fields:
    """Take what is held, or less of it; the rest is released."""
    intent = _own(call)
    if intent["status"] != "requires_capture":
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. "
            "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
        )
        raise StripeRefusal(message, code="payment_intent_unexpected_state", payment_intent=dict(intent))
    held: int = intent["amount_capturable"]
    amount: int = call.arguments.get("amount_to_capture", held)
    if amount > held:
        message = f"The amount to capture ({amount}) is more than can be captured ({held})."
        raise StripeRefusal(message, code="amount_too_large", param="amount_to_capture")
    _must_be_chargeable(amount, intent["currency"], "amount_to_capture")
    update(Call(call.store, call.arguments, call.object_id))
    payment_intents.succeeded(call.store, intent, call.store.get("charge", intent["latest_charge"]), amount)
    paid_by(call.store, intent)
    return intent


def cancel(call: Call) -> Fields:
    """Give up on an intent; what it holds goes back to the card."""
    intent = _own(call)
    if intent["status"] not in (*payment_intents.PAYABLE, "requires_capture"):
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        raise StripeRefusal(message, code="payment_intent_unexpected_state", payment_intent=dict(intent))
    _let_go(call.store, intent, "charge.refunded", call.arguments.get("cancellation_reason"))
    return intent


def _let_go(store: Store, intent: Fields, told_as: str, reason: str | None) -> None:
    if intent["status"] == "requires_capture":
        charge = store.get("charge", intent["latest_charge"])
        released(store, charge, charge["amount"])
        store.emit(told_as, charge)
    payment_intents.cancel(store, intent, reason)
    paid_by(store, intent)


def expire(store: Store) -> None:
    """What was held for too long goes back to its card by itself."""
    now = store.timestamp()
    for intent_id in [intent_id for intent_id, until in store.holds.items() if until <= now]:
        _let_go(store, store.get("payment_intent", intent_id), "charge.expired", "automatic")
