"""SetupIntents: a card is saved for later, checked by the bank and, where it asks, confirmed by the customer."""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.cards import Decline, decline_of
from infra.local.stripe_double.customers import known
from infra.local.stripe_double.errors import Declined, StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.payment_methods import attach, resolve
from infra.local.stripe_double.store import Fields, Store, merged_metadata

CREATED_WITH = ("automatic_payment_methods", "customer", "description", "metadata", "payment_method", "usage")
CONFIRMED_WITH = ("payment_method", "return_url", "use_stripe_sdk")


def create(call: Call) -> Fields:
    """Begin saving a card; the client secret goes to the customer's browser."""
    arguments = call.arguments
    if "customer" in arguments:
        known(call.store, arguments["customer"])
    method = resolve(call.store, arguments["payment_method"])["id"] if "payment_method" in arguments else None
    made = call.store.add("seti", "setup_intent", _blank(arguments))
    made["client_secret"] = call.store.client_secret(made["id"])
    if method:
        made |= {"payment_method": method, "status": "requires_confirmation"}
    call.store.emit("setup_intent.created", made)
    return made


def _blank(arguments: Fields) -> Fields:
    nothing = ("application", "cancellation_reason", "client_secret", "last_setup_error", "latest_attempt", "mandate")
    automatic = {"allow_redirects": "always", "enabled": True} | arguments.get("automatic_payment_methods", {})
    return {
        **dict.fromkeys((*nothing, "next_action", "on_behalf_of", "payment_method", "single_use_mandate")),
        "automatic_payment_methods": automatic,
        "customer": arguments.get("customer"),
        "description": arguments.get("description"),
        "metadata": merged_metadata({}, arguments.get("metadata", {})),
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card", "link"],
        "status": "requires_payment_method",
        "usage": arguments.get("usage", "off_session"),
    }


def retrieve(call: Call) -> Fields:
    """One SetupIntent; a browser has to know its secret."""
    found = call.store.get("setup_intent", call.object_id)
    call.must_know_secret(found)
    return found


def list_all(call: Call) -> Fields:
    """SetupIntents, newest first."""
    return list_of(call, "setup_intent", "/v1/setup_intents", "customer", "payment_method")


def confirm(call: Call) -> Fields:
    """Save the card: attached on success, 402 when the bank says no, `requires_action` when it asks the customer."""
    intent = retrieve(call)
    _must_be_open(intent)
    _must_say_where_to_return(call, intent)
    method_id = call.arguments.get("payment_method", intent["payment_method"])
    if method_id is None:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise StripeRefusal(message, code="setup_intent_unexpected_state", param="payment_method")
    if intent["customer"]:
        known(call.store, intent["customer"])
    method = resolve(call.store, method_id)
    card = call.store.cards[method["id"]]
    intent |= {"payment_method": method["id"], "last_setup_error": None}
    if card.setup_decline:
        raise _failed(call.store, intent, method, decline_of(card.setup_decline))
    if card.asks_on_setup:
        script = {"type": "three_d_secure_redirect", "stripe_js": ""}
        intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": script}}
        call.store.emit("setup_intent.requires_action", intent)
        return intent
    return succeeded(call.store, intent)


def _must_be_open(intent: Fields) -> None:
    if intent["status"] in ("succeeded", "canceled"):
        message = f"You cannot confirm this SetupIntent because it has already {intent['status']}."
        raise StripeRefusal(message, code="setup_intent_unexpected_state")


def _must_say_where_to_return(call: Call, intent: Fields) -> None:
    redirects = intent["automatic_payment_methods"]["allow_redirects"] == "always"
    if redirects and not call.publishable and "return_url" not in call.arguments:
        message = (
            "This SetupIntent accepts payment methods that might redirect the customer, so you must provide a "
            "`return_url`, or set automatic_payment_methods[allow_redirects] to `never` when creating it."
        )
        raise StripeRefusal(message, code="parameter_missing", param="return_url")


def succeeded(store: Store, intent: Fields) -> Fields:
    """The card is saved and attached to the customer."""
    if intent["customer"]:
        attach(store, store.get("payment_method", intent["payment_method"]), intent["customer"])
    intent |= {"status": "succeeded", "next_action": None}
    store.emit("setup_intent.succeeded", intent)
    return intent


def _failed(store: Store, intent: Fields, method: Fields, decline: Decline) -> Declined:
    reason = {"code": decline.code, "decline_code": decline.decline_code, "message": decline.message}
    error = {**reason, "advice_code": decline.advice_code, "payment_method": dict(method), "type": "card_error"}
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
    store.emit("setup_intent.setup_failed", intent)
    more = {"decline_code": decline.decline_code, "advice_code": decline.advice_code}
    return Declined(decline.message, code=decline.code, **more, setup_intent=dict(intent))


def authenticated(store: Store, intent: Fields, *, succeed: bool) -> None:
    """The customer has answered the bank's question, or has failed to."""
    if intent["status"] != "requires_action":
        raise StripeRefusal("This SetupIntent waits for no action.", code="setup_intent_unexpected_state")
    if succeed:
        succeeded(store, intent)
        return
    message = "The latest attempt to set up the payment method has failed because authentication failed."
    error = {"code": "setup_intent_authentication_failure", "message": message, "type": "invalid_request_error"}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": error,
    }
    store.emit("setup_intent.setup_failed", intent)


def cancel(call: Call) -> Fields:
    """Give up saving a card."""
    intent = retrieve(call)
    _must_be_open(intent)
    reason = call.arguments.get("cancellation_reason")
    intent |= {"status": "canceled", "next_action": None, "cancellation_reason": reason}
    call.store.emit("setup_intent.canceled", intent)
    return intent
