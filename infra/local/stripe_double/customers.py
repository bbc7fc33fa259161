"""Customers: who pays, with which default card, and what small sums are carried for them."""

from infra.local.stripe_double import taxes
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.errors import StripeRefusal, no_such
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store, merged_metadata

WORDS = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping", "tax_exempt")
"""Parameters that are kept and shown as they came."""

PLAYED = (*WORDS, "invoice_settings", "metadata", "tax")


def create(call: Call) -> Fields:
    """Make a customer without any card."""
    if call.arguments.get("invoice_settings", {}).get("default_payment_method"):
        raise no_such("payment_method", call.arguments["invoice_settings"]["default_payment_method"])
    tax = call.arguments.get("tax", {})
    taxes.must_be_somewhere({**_blank(), **call.arguments}, tax.get("ip_address", ""), tax)
    made = call.store.add("cus", "customer", _blank())
    made["invoice_prefix"] = f"ADG{made['id'].rpartition('_')[2]}"
    _apply(made, call.arguments)
    call.store.ip_addresses[made["id"]] = tax.get("ip_address", "")
    call.store.emit("customer.created", made)
    return made


def _blank() -> Fields:
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    empty = dict.fromkeys(("address", "description", "discount", "email", "name", "phone", "shipping", "test_clock"))
    return {
        **empty,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "invoice_credit_balance": {},
        "invoice_prefix": "",
        "invoice_settings": settings,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }


def _apply(customer: Fields, arguments: Fields) -> None:
    for word in WORDS:
        if word in arguments:
            customer[word] = arguments[word] or None
    settings = arguments.get("invoice_settings", {})
    customer["invoice_settings"] |= {name: value or None for name, value in settings.items()}
    customer["metadata"] = merged_metadata(customer["metadata"], arguments.get("metadata", {}))


def known(store: Store, customer_id: str, param: str = "customer") -> Fields:
    """The customer, refused where it is unknown or deleted."""
    found = store.get("customer", customer_id, param)
    if "deleted" in found:
        raise no_such("customer", customer_id, param)
    return found


def retrieve(call: Call) -> Fields:
    """The customer; a deleted one says only that."""
    return call.store.get("customer", call.object_id)


def update(call: Call) -> Fields:
    """Change what is given. A default payment method has to be attached to this customer."""
    customer = known(call.store, call.object_id, "id")
    method_id = call.arguments.get("invoice_settings", {}).get("default_payment_method")
    if method_id and call.store.get("payment_method", method_id)["customer"] != customer["id"]:
        message = "The customer does not have a payment method with the ID " + method_id
        raise StripeRefusal(message, code="resource_missing", param="invoice_settings[default_payment_method]")
    ip_address = call.arguments.get("tax", {}).get("ip_address", call.store.ip_addresses[customer["id"]])
    taxes.must_be_somewhere({**customer, **call.arguments}, ip_address, call.arguments.get("tax", {}))
    _apply(customer, call.arguments)
    call.store.ip_addresses[customer["id"]] = ip_address
    call.store.emit("customer.updated", customer)
    return customer


def delete(call: Call) -> Fields:
    """Delete for good: the cards go too, invoices stay."""
    customer = known(call.store, call.object_id, "id")
    for method in call.store.every("payment_method"):
        if method["customer"] == customer["id"]:
            method["customer"] = None
    call.store.emit("customer.deleted", customer)
    gone = {"id": customer["id"], "object": "customer", "deleted": True, "created": customer["created"]}
    call.store.kinds["customer"][customer["id"]] = gone
    return {name: value for name, value in gone.items() if name != "created"}


def list_all(call: Call) -> Fields:
    """Customers, newest first."""
    return list_of(call, "customer", "/v1/customers", "email", keep=lambda row: "deleted" not in row)


def carried(customer: Fields, currency: str) -> int:
    """The balance in that currency: positive is owed with the next invoice, negative is credit."""
    return int(customer["invoice_credit_balance"].get(currency, 0))


def carry(customer: Fields, currency: str, amount: int) -> None:
    """Set the balance in that currency."""
    customer["invoice_credit_balance"][currency] = amount
    customer["currency"] = customer["currency"] or currency
    if customer["currency"] == currency:
        customer["balance"] = amount
