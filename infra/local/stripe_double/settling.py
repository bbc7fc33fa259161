"""Invoices from finalisation on: the total is fixed, small sums are carried, cards are charged, or it is voided."""

from infra.local.stripe_double import payment_intents, taxes
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.cards import Decline
from infra.local.stripe_double.currencies import SMALLEST_CHARGE, within_bounds
from infra.local.stripe_double.customers import carried, carry, known
from infra.local.stripe_double.errors import Declined, StripeRefusal
from infra.local.stripe_double.invoice_payments import call_off, close, credit, expect, intent_of
from infra.local.stripe_double.lines import total
from infra.local.stripe_double.payment_methods import chargeable
from infra.local.stripe_double.store import Fields, Store


def finalize(call: Call) -> Fields:
    """Fix total and number. What is due below the currency's smallest charge is carried on the customer's balance."""
    store, invoice = call.store, call.store.get("invoice", call.object_id)
    if invoice["status"] != "draft":
        raise StripeRefusal("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    if not store.lines[invoice["id"]]:
        raise StripeRefusal("Nothing to invoice: the draft has no lines.", code="invoice_no_customer_line_items")
    if call.arguments.get("auto_advance"):
        message = "The double collects nothing by itself: auto_advance must be false."
        raise StripeRefusal(message, code="double_not_played", param="auto_advance")
    customer = known(store, invoice["customer"])
    within_bounds(total(store, invoice), "lines")
    taxes.must_be_known(store, invoice)
    _number(store, invoice, customer)
    due = _due(invoice, customer)
    invoice |= {"amount_due": due, "amount_remaining": due}
    if due:
        expect(store, invoice)
    store.emit("invoice.finalized", invoice)
    if not due:
        close(store, invoice)
    return invoice


def _number(store: Store, invoice: Fields, customer: Fields) -> None:
    if invoice["number"] is None:
        invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
        customer["next_invoice_sequence"] += 1
    customer["currency"] = customer["currency"] or invoice["currency"]
    page = f"{store.pages}/i/{invoice['id']}/{page_mark(store, invoice['id'])}"
    now = store.timestamp()
    invoice |= {
        "status": "open",
        "last_finalization_error": None,
        "hosted_invoice_url": page,
        "invoice_pdf": f"{page}/pdf",
    }
    invoice["effective_at"] = invoice["effective_at"] or now
    invoice["status_transitions"]["finalized_at"] = now


def page_mark(store: Store, invoice_id: str) -> str:
    """What makes the address of a hosted page hard to guess: the same in every run."""
    return store.client_secret(f"page of {invoice_id}").rpartition("_")[2]


def _due(invoice: Fields, customer: Fields) -> int:
    """What is to be charged now; the rest, owed or credit, is the customer's new balance."""
    before = carried(customer, invoice["currency"])
    owed: int = invoice["total"] + before
    due = owed if owed >= SMALLEST_CHARGE[invoice["currency"]] else 0
    invoice |= {"starting_balance": before, "ending_balance": owed - due}
    carry(customer, invoice["currency"], owed - due)
    return due


def collected(store: Store, intent: Fields) -> None:
    """The invoice's own intent has its money: so has the invoice."""
    credit(store, store.payments[store.invoice_of[intent["id"]]][0], intent["amount_received"])


def pay(call: Call) -> Fields:
    """Charge the card that is given, else the invoice's, else the customer's default. 402 leaves the invoice open."""
    store, invoice = call.store, call.store.get("invoice", call.object_id)
    _must_be_open(invoice, "pay", "uncollectible")
    if invoice["amount_remaining"] < SMALLEST_CHARGE[invoice["currency"]]:
        message = f"What remains ({invoice['amount_remaining']}) is less than the smallest charge in its currency."
        raise StripeRefusal(message, code="amount_too_small")
    method = _method(call, invoice)
    intent = intent_of(store, invoice)
    if intent["status"] == "processing":
        message = "This invoice's payment is already being processed."
        raise StripeRefusal(message, code="payment_intent_unexpected_state")
    decline = attempt(store, invoice, intent, method)
    if decline is None:
        return invoice
    if intent["status"] == "requires_action":
        message = (
            "Payment for this invoice requires additional user action before it can be completed successfully. "
            "Payment can be completed using the PaymentIntent associated with the invoice."
        )
        raise Declined(message, code="invoice_payment_intent_requires_action")
    raise payment_intents.refused(intent, decline)


def attempt(
    store: Store, invoice: Fields, intent: Fields, method: Fields, *, confirmed: bool = False
) -> Decline | None:
    """Try one card for an open invoice, and let invoice and events tell how it went."""
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    decline = payment_intents.charge(store, intent, method, confirmed=confirmed)
    if decline is None:
        collected(store, intent)
        return None
    store.emit("invoice.payment_failed", invoice)
    if intent["status"] == "requires_action":
        store.emit("invoice.payment_action_required", invoice)
    return decline


def _must_be_open(invoice: Fields, verb: str, *also: str) -> None:
    if invoice["status"] not in ("open", *also):
        message = f"Invoice is already paid; you cannot {verb} it again."
        other = f"You cannot {verb} this invoice because it is {invoice['status']}, not open."
        raise StripeRefusal(message if invoice["status"] == "paid" else other)


def _method(call: Call, invoice: Fields) -> Fields:
    customer = known(call.store, invoice["customer"])
    usual = invoice["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    method_id = call.arguments.get("payment_method", usual)
    if method_id is None:
        message = "This customer has no attached payment source or default payment method."
        raise StripeRefusal(message, code="resource_missing")
    return chargeable(call.store, method_id, customer["id"])


def authenticated(store: Store, intent: Fields, *, succeed: bool) -> None:
    """The customer has answered the bank's question about a payment, or has failed to."""
    if intent["status"] != "requires_action":
        raise StripeRefusal("This PaymentIntent waits for no action.", code="payment_intent_unexpected_state")
    invoice = store.get("invoice", store.invoice_of[intent["id"]])
    if succeed:
        method = store.get("payment_method", intent["payment_method"])
        attempt(store, invoice, intent, method, confirmed=True)
    else:
        payment_intents.failed_to_authenticate(store, intent)
        store.emit("invoice.payment_failed", invoice)


def paid_at_page(store: Store, invoice: Fields, method: Fields) -> Decline | None:
    """The customer pays at the hosted page with a card of any kind, and is there to answer the bank's question."""
    _must_be_open(invoice, "pay", "uncollectible")
    return attempt(store, invoice, intent_of(store, invoice), method, confirmed=True)


def confirm(call: Call) -> Fields:
    """The customer, at the screen, pays an open invoice with this or another card of theirs."""
    intent = payment_intents.retrieve(call)
    payment_intents.must_be_payable(intent)
    invoice = call.store.get("invoice", call.store.invoice_of[intent["id"]])
    decline = attempt(call.store, invoice, intent, _method(call, invoice))
    if decline and intent["status"] != "requires_action":
        raise payment_intents.refused(intent, decline)
    return intent


def void(call: Call) -> Fields:
    """Take an open, unpaid invoice back; a balance that it had used returns to the customer."""
    store, invoice = call.store, call.store.get("invoice", call.object_id)
    if invoice["status"] not in ("open", "uncollectible"):
        message = f"You can only void open invoices; this one is {invoice['status']}."
        raise StripeRefusal(message, code="invoice_not_editable")
    if invoice["amount_paid"]:
        message = "You cannot void an invoice that is paid in part. Credit what remains of it instead."
        raise StripeRefusal(message, code="invoice_not_editable")
    customer = store.get("customer", invoice["customer"])
    if "deleted" not in customer:
        back = invoice["starting_balance"] - invoice["ending_balance"]
        carry(customer, invoice["currency"], carried(customer, invoice["currency"]) + back)
    for payment in store.payments[invoice["id"]]:
        call_off(store, payment)
    payment_intents.cancel(store, intent_of(store, invoice), "void_invoice")
    invoice["status"], invoice["status_transitions"]["voided_at"] = "void", store.timestamp()
    store.emit("invoice.voided", invoice)
    return invoice


def give_up(call: Call) -> Fields:
    """Mark an open invoice as uncollectible: a bad debt, that may still be paid or voided."""
    invoice = call.store.get("invoice", call.object_id)
    _must_be_open(invoice, "mark as uncollectible")
    invoice["status"] = "uncollectible"
    invoice["status_transitions"]["marked_uncollectible_at"] = call.store.timestamp()
    call.store.emit("invoice.marked_uncollectible", invoice)
    return invoice
