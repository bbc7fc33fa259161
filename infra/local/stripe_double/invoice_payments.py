"""How an invoice is paid: by the intent that Stripe makes for it, by others that are attached, or by both in part."""

from infra.local.stripe_double import payment_intents
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.customers import carried, carry
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store


def expect(store: Store, invoice: Fields) -> None:
    """A finalised invoice has a payment of its own that wants all that remains."""
    intent = payment_intents.create_for_invoice(store, invoice)
    store.payments[invoice["id"]] = [_add(store, invoice, intent, invoice["amount_remaining"], is_default=True)]


def _add(store: Store, invoice: Fields, intent: Fields, amount: int, *, is_default: bool) -> Fields:
    fields = {
        "amount_paid": None,
        "amount_requested": amount,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": is_default,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    return store.add("inpay", "invoice_payment", fields)


def intent_of(store: Store, invoice: Fields) -> Fields:
    """The PaymentIntent that Stripe made for a finalised invoice."""
    intent_id = store.payments[invoice["id"]][0]["payment"]["payment_intent"]
    return store.get("payment_intent", intent_id)


def attach(call: Call) -> Fields:
    """Let an intent of our own pay an invoice, now or once it has succeeded."""
    store, invoice = call.store, call.store.get("invoice", call.object_id)
    if "payment_intent" not in call.arguments:
        message = "Missing required param: payment_intent."
        raise StripeRefusal(message, code="parameter_missing", param="payment_intent")
    intent = store.get("payment_intent", call.arguments["payment_intent"], "payment_intent")
    _must_fit(store, invoice, intent)
    amount = intent["amount_received"] or intent["amount"]
    store.payments[invoice["id"]].append(_add(store, invoice, intent, amount, is_default=False))
    store.attached_to[intent["id"]] = invoice["id"]
    if intent["status"] == "succeeded":
        paid_by(store, intent)
    else:
        store.emit("invoice.updated", invoice)
    return invoice


def _must_fit(store: Store, invoice: Fields, intent: Fields) -> None:
    """Where Stripe lets one intent pay several invoices, the double wants one for each."""
    if invoice["status"] != "open":
        message = f"You can only attach payments to open invoices; this one is {invoice['status']}."
        raise StripeRefusal(message, code="invoice_not_editable")
    reason = ""
    if intent["id"] in store.attached_to or intent["id"] in store.invoice_of:
        reason = "it already pays an invoice"
    elif intent["customer"] != invoice["customer"]:
        reason = "it belongs to another customer"
    elif intent["currency"] != invoice["currency"]:
        reason = "it has another currency"
    elif intent["status"] == "canceled":
        reason = "it is canceled"
    if reason:
        message = f"The PaymentIntent cannot be attached to this invoice because {reason}."
        raise StripeRefusal(message, code="payment_intent_unexpected_state", param="payment_intent")


def paid_by(store: Store, intent: Fields) -> None:
    """What became of an intent, told to the invoice that it is attached to, if there is one."""
    for payment in store.payments.get(store.attached_to.get(intent["id"], ""), []):
        if payment["payment"]["payment_intent"] != intent["id"] or payment["status"] != "open":
            continue
        if intent["status"] == "succeeded":
            credit(store, payment, intent["amount_received"])
        elif intent["status"] == "canceled":
            call_off(store, payment)


def credit(store: Store, payment: Fields, received: int) -> None:
    """Money has come in for an invoice. What is more than remains becomes the customer's credit."""
    invoice = store.get("invoice", payment["invoice"])
    counted = min(received, invoice["amount_remaining"])
    payment |= {"status": "paid", "amount_paid": counted}
    payment["status_transitions"]["paid_at"] = store.timestamp()
    invoice["amount_paid"] += counted
    invoice["amount_remaining"] -= counted
    store.emit("invoice_payment.paid", payment)
    if received > counted:
        _overpaid(store, invoice, received - counted)
    follow(store, invoice)


def _overpaid(store: Store, invoice: Fields, amount: int) -> None:
    invoice["amount_overpaid"] += amount
    customer = store.get("customer", invoice["customer"])
    if "deleted" not in customer:
        carry(customer, invoice["currency"], carried(customer, invoice["currency"]) - amount)
    store.emit("invoice.overpaid", invoice)


def follow(store: Store, invoice: Fields) -> None:
    """The invoice's own intent wants what remains; where nothing does, it is called off, and the invoice is paid."""
    own = store.payments[invoice["id"]][0]
    if invoice["status"] not in ("open", "uncollectible"):
        return
    if invoice["amount_remaining"]:
        intent_of(store, invoice)["amount"] = own["amount_requested"] = invoice["amount_remaining"]
        store.emit("invoice.updated", invoice)
        return
    if own["status"] == "open":
        call_off(store, own)
        payment_intents.cancel(store, intent_of(store, invoice), "automatic")
    close(store, invoice)


def call_off(store: Store, payment: Fields) -> None:
    """This payment will not come."""
    payment["status"], payment["status_transitions"]["canceled_at"] = "canceled", store.timestamp()


def close(store: Store, invoice: Fields) -> None:
    """Nothing is owed on the invoice any more."""
    invoice |= {"status": "paid", "attempted": True, "amount_remaining": 0}
    invoice["status_transitions"]["paid_at"] = store.timestamp()
    store.emit("invoice.paid", invoice)
    store.emit("invoice.payment_succeeded", invoice)


def retrieve(call: Call) -> Fields:
    """One invoice payment."""
    return call.store.get("invoice_payment", call.object_id)


def list_all(call: Call) -> Fields:
    """Which PaymentIntent pays which invoice, newest first."""
    wanted = call.arguments.get("payment", {})
    if wanted.get("type", "payment_intent") != "payment_intent":
        raise StripeRefusal("Invoices are paid by PaymentIntents here.", param="payment[type]")
    intent_id = wanted.get("payment_intent")

    def keep(row: Fields) -> bool:
        return intent_id in (None, row["payment"]["payment_intent"])

    return list_of(call, "invoice_payment", "/v1/invoice_payments", "invoice", "status", keep=keep)
