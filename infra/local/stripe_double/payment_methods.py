"""Payment methods: cards, also those in wallets, and Link, that a setup has attached to a customer."""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.cards import TEST_CARDS, Card
from infra.local.stripe_double.customers import known
from infra.local.stripe_double.errors import StripeRefusal, no_such
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store, merged_metadata

EXPIRY_YEAR = 2034


def resolve(store: Store, method_id: str) -> Fields:
    """The payment method of this id; for a test id such as `pm_card_visa` a fresh one with that card's behaviour."""
    card = TEST_CARDS.get(method_id)
    if card is None:
        return store.get("payment_method", method_id, "payment_method")
    made = store.add("pm", "payment_method", _blank(card))
    store.cards[made["id"]] = card
    return made


def _blank(card: Card) -> Fields:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    kind = "link" if card.link else "card"
    return {
        "allow_redisplay": "unspecified",
        "billing_details": {"address": address, "email": None, "name": None, "phone": None, "tax_id": None},
        kind: {"email": "someone@example.com"} if card.link else _face(card),
        "customer": None,
        "metadata": {},
        "type": kind,
    }


def _face(card: Card) -> Fields:
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}
    face = {"brand": card.brand, "country": card.country, "funding": card.funding, "last4": card.last4}
    networks = {"available": [card.brand], "preferred": None}
    wallet = {"dynamic_last4": card.last4, "type": card.wallet, card.wallet: {}} if card.wallet else None
    shown = {**face, "checks": checks, "display_brand": card.brand, "exp_month": 12, "exp_year": EXPIRY_YEAR}
    more = {"networks": networks, "wallet": wallet, "three_d_secure_usage": {"supported": True}}
    fingerprint = f"card{card.brand}{card.last4}"
    return {**shown, **more, "fingerprint": fingerprint, "generated_from": None, "regulated_status": "unregulated"}


def attach(store: Store, method: Fields, customer_id: str) -> None:
    """A successful setup attaches the card to its customer."""
    if method["customer"] not in (None, customer_id):
        message = "The payment method you provided has already been attached to a customer."
        raise StripeRefusal(message, code="payment_method_unexpected_state", param="payment_method")
    if method["customer"] is None:
        method["customer"] = customer_id
        store.emit("payment_method.attached", method)


def update(call: Call) -> Fields:
    """Change what the customer says of a card; its number never changes."""
    method = call.store.get("payment_method", call.object_id)
    if method["customer"] is None:
        message = "You must save this payment method to a customer before you can update it."
        raise StripeRefusal(message, code="payment_method_unexpected_state")
    face = call.arguments.get("card", {})
    if "card" in call.arguments and (method["type"] != "card" or set(face) - {"exp_month", "exp_year"}):
        raise StripeRefusal("Of a card the double changes the expiry alone.", code="double_not_played", param="card")
    expires(method, face.get("exp_month"), face.get("exp_year"))
    method["billing_details"] |= {
        name: value or None for name, value in call.arguments.get("billing_details", {}).items()
    }
    method["metadata"] = merged_metadata(method["metadata"], call.arguments.get("metadata", {}))
    call.store.emit("payment_method.updated", method)
    return method


def expires(method: Fields, month: int | None, year: int | None) -> None:
    """Print another expiry on the card."""
    if month is not None and not 1 <= month <= 12:  # noqa: PLR2004 - the months of a year
        message = "Your card's expiration month is invalid."
        raise StripeRefusal(message, code="invalid_expiry_month", param="card[exp_month]")
    if month is not None:
        method["card"]["exp_month"] = month
    if year is not None:
        method["card"]["exp_year"] = year


def retrieve(call: Call) -> Fields:
    """One payment method."""
    return call.store.get("payment_method", call.object_id)


def list_all(call: Call) -> Fields:
    """The payment methods of one customer, newest first, of one type or of all."""
    if "customer" not in call.arguments:
        raise StripeRefusal("Missing required param: customer.", code="parameter_missing", param="customer")
    known(call.store, call.arguments["customer"])
    return list_of(call, "payment_method", "/v1/payment_methods", "customer", "type")


def list_of_customer(call: Call) -> Fields:
    """The same under the customer's own address."""
    inner = Call(call.store, {**call.arguments, "customer": call.object_id})
    return {**list_all(inner), "url": f"/v1/customers/{call.object_id}/payment_methods"}


def detach(call: Call) -> Fields:
    """Take the card off its customer, for ever; where it was the default there is none any more."""
    method = call.store.get("payment_method", call.object_id)
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise StripeRefusal(message, code="payment_method_unexpected_state")
    settings = known(call.store, method["customer"])["invoice_settings"]
    if settings["default_payment_method"] == method["id"]:
        settings["default_payment_method"] = None
    method["customer"] = None
    call.store.emit("payment_method.detached", method)
    return method


def chargeable(store: Store, method_id: str, customer_id: str) -> Fields:
    """The customer's own card; an unknown, foreign or detached one is refused."""
    method = store.kinds.get("payment_method", {}).get(method_id)
    if method is None or method["customer"] != customer_id:
        raise no_such("payment_method", method_id, "payment_method")
    return method
