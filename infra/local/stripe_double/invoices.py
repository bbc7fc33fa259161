"""Invoices up to their finalisation: drafts are made, changed, shown and thrown away."""

from infra.local.stripe_double import taxes
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.currencies import known_currency
from infra.local.stripe_double.customers import known
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.lines import must_be_draft, total
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.payment_methods import chargeable
from infra.local.stripe_double.store import Fields, Store, merged_metadata

ACCOUNT_CURRENCY = "eur"
MOST_LETTERS = 26
"""Of an invoice's number."""
WORDS = ("custom_fields", "days_until_due", "description", "due_date", "effective_at", "footer", "statement_descriptor")
"""Parameters that are kept and shown as they came."""

CHANGED_WITH = (
    *WORDS,
    "number",
    "auto_advance",
    "automatic_tax",
    "collection_method",
    "default_payment_method",
    "metadata",
)
CREATED_WITH = (*CHANGED_WITH, "currency", "customer", "pending_invoice_items_behavior")


def create(call: Call) -> Fields:
    """A draft without lines."""
    if "customer" not in call.arguments:
        raise StripeRefusal("Missing required param: customer.", code="parameter_missing", param="customer")
    customer = known(call.store, call.arguments["customer"])
    currency = known_currency(call.arguments.get("currency") or customer["currency"] or ACCOUNT_CURRENCY)
    _must_be_played(call.arguments)
    _must_have_address(call.arguments, customer)
    method_id = call.arguments.get("default_payment_method")
    if method_id:
        chargeable(call.store, method_id, customer["id"])
    _number_must_be_free(call.store, call.arguments.get("number") or None)
    made = call.store.add("in", "invoice", _blank(call.store.timestamp()))
    same = {name: customer[name] for name in ("address", "email", "name", "phone", "shipping", "tax_exempt")}
    made |= {f"customer_{name}": value for name, value in same.items()}
    made |= {"customer": customer["id"], "currency": currency}
    call.store.lines[made["id"]] = []
    _apply(call.store, made, call.arguments)
    call.store.emit("invoice.created", made)
    return made


def _must_be_played(arguments: Fields) -> None:
    taxes.must_be_liable(arguments.get("automatic_tax", {}))
    if arguments.get("auto_advance"):
        message = "The double collects nothing by itself: auto_advance must be false."
        raise StripeRefusal(message, code="double_not_played", param="auto_advance")
    sent = arguments.get("collection_method") == "send_invoice"
    if sent and not {"days_until_due", "due_date"} & set(arguments):
        message = "You must pass either due_date or days_until_due with collection_method send_invoice."
        raise StripeRefusal(message, code="parameter_missing", param="days_until_due")


def _must_have_address(arguments: Fields, customer: Fields) -> None:
    """What is sent needs an address, and only what is sent has a day by which it is due."""
    sent = arguments.get("collection_method") == "send_invoice"
    if sent and not customer["email"]:
        message = "Missing email: an invoice that is sent to its customer needs a customer with a valid address."
        raise StripeRefusal(message, param="customer")
    if not sent and {"days_until_due", "due_date"} & set(arguments):
        message = "days_until_due and due_date belong to collection_method send_invoice."
        raise StripeRefusal(message, param="days_until_due")


def _number_must_be_free(store: Store, number: str | None, but: str | None = None) -> None:
    """Numbers are of an account, not of a customer, where they are given."""
    if number is None:
        return
    if len(number) > MOST_LETTERS:
        raise StripeRefusal(f"A number has at most {MOST_LETTERS} letters.", param="number")
    if any(each["number"] == number and each["id"] != but for each in store.every("invoice")):
        raise StripeRefusal(f"The invoice number {number} is in use already.", param="number")


_AMOUNTS = (
    *("amount_due", "amount_overpaid", "amount_paid", "amount_remaining", "amount_shipping", "attempt_count"),
    *("post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "starting_balance", "subtotal"),
    *("subtotal_excluding_tax", "total", "total_excluding_tax"),
)
_NOTHING = (
    *(
        "account_tax_ids",
        "application",
        "automatically_finalizes_at",
        "custom_fields",
        "default_payment_method",
        "default_source",
    ),
    *(
        "description",
        "due_date",
        "effective_at",
        "ending_balance",
        "footer",
        "from_invoice",
        "hosted_invoice_url",
        "invoice_pdf",
    ),
    *(
        "last_finalization_error",
        "latest_revision",
        "next_payment_attempt",
        "number",
        "on_behalf_of",
        "parent",
        "receipt_number",
    ),
    *("shipping_cost", "shipping_details", "statement_descriptor", "test_clock", "webhooks_delivered_at"),
)


def _blank(now: int) -> Fields:
    tax = {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None}
    settings = {"default_mandate": None, "payment_method_options": None, "payment_method_types": None}
    return {
        **dict.fromkeys(_NOTHING),
        **dict.fromkeys(_AMOUNTS, 0),
        "account_country": "FI",
        "account_name": "Adgang test account",
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": tax,
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "metadata": {},
        "payment_settings": settings,
        "period_end": now,
        "period_start": now,
        "rendering": None,
        "status": "draft",
        "status_transitions": dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def _apply(store: Store, invoice: Fields, arguments: Fields) -> None:
    if "automatic_tax" in arguments:
        taxes.switch(store, invoice, arguments["automatic_tax"])
        total(store, invoice)
    for word in (*WORDS, "collection_method", "default_payment_method"):
        if word in arguments and word != "days_until_due":
            invoice[word] = arguments[word] or None
    if "number" in arguments:
        _number_must_be_free(store, arguments["number"] or None, invoice["id"])
        invoice["number"] = arguments["number"] or None
    if "days_until_due" in arguments:
        invoice["due_date"] = invoice["created"] + arguments["days_until_due"] * 86_400
    invoice["metadata"] = merged_metadata(invoice["metadata"], arguments.get("metadata", {}))


def retrieve(call: Call) -> Fields:
    """One invoice with its first ten lines."""
    return call.store.get("invoice", call.object_id)


def list_all(call: Call) -> Fields:
    """Invoices, newest first."""
    return list_of(
        call, "invoice", "/v1/invoices", "customer", "status", "collection_method", "due_date", "subscription"
    )


def update(call: Call) -> Fields:
    """Change a draft; of a finalised invoice only the metadata and the payment method."""
    invoice = retrieve(call)
    if set(call.arguments) - {"expand", "metadata", "default_payment_method"}:
        must_be_draft(invoice)
    _must_be_played(call.arguments)
    if call.arguments.get("default_payment_method"):
        chargeable(call.store, call.arguments["default_payment_method"], invoice["customer"])
    _apply(call.store, invoice, call.arguments)
    call.store.emit("invoice.updated", invoice)
    return invoice


def delete(call: Call) -> Fields:
    """Throw a draft away."""
    invoice = retrieve(call)
    if invoice["status"] != "draft":
        message = "You can only delete draft invoices."
        raise StripeRefusal(message, code="invoice_not_editable")
    call.store.emit("invoice.deleted", invoice)
    del call.store.kinds["invoice"][invoice["id"]], call.store.lines[invoice["id"]]
    return {"id": invoice["id"], "object": "invoice", "deleted": True}
