"""Invoice lines: added to a draft, at most 250 in all, each with a whole amount in minor units."""

from decimal import ROUND_HALF_UP, Decimal

from infra.local.stripe_double import taxes
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.currencies import movable, within_bounds
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import page
from infra.local.stripe_double.store import Fields, Store, merged_metadata

MOST_LINES = 250
PLAYED_IN_LINE = frozenset(
    {"amount", "description", "discountable", "metadata", "period", "price_data", "quantity", "tax_amounts"}
)
PLAYED_IN_PRICE = frozenset(
    {"currency", "product", "product_data", "tax_behavior", "unit_amount", "unit_amount_decimal"}
)


def add(call: Call) -> Fields:
    """Add lines to a draft, all or none, and show the invoice with its new total."""
    invoice = call.store.get("invoice", call.object_id)
    must_be_draft(invoice)
    given, kept = call.arguments["lines"], call.store.lines[invoice["id"]]
    if len(kept) + len(given) > MOST_LINES:
        message = (
            f"An invoice can have at most {MOST_LINES} line items: {len(kept)} are there, {len(given)} would be added."
        )
        raise StripeRefusal(message, code="invoice_too_many_lines", param="lines")
    for index, line in enumerate(given):
        taxes.must_suit(invoice, line, f"lines[{index}]")
    amounts = [_amount(invoice, line, f"lines[{index}]") for index, line in enumerate(given)]
    for line, amount in zip(given, amounts, strict=True):
        made = _made(call.store, invoice, line, amount)
        if line.get("price_data", {}).get("tax_behavior") == "inclusive":
            call.store.tax_codes[made["id"]] = taxes.code_of(line)
        if "tax_amounts" in line:
            call.store.stated_taxes[made["id"]] = taxes.stated(call.store, line)
        kept.append(made)
    invoice["metadata"] = merged_metadata(invoice["metadata"], call.arguments.get("invoice_metadata", {}))
    total(call.store, invoice)
    call.store.emit("invoice.updated", invoice)
    return invoice


def must_be_draft(invoice: Fields) -> None:
    """Only a draft can be changed."""
    if invoice["status"] != "draft":
        raise StripeRefusal("Finalized invoices can't be updated in this way.", code="invoice_not_editable")


def _amount(invoice: Fields, line: Fields, path: str) -> int:
    price = line.get("price_data", {})
    _must_be_played(line, PLAYED_IN_LINE, path)
    _must_be_played(price, PLAYED_IN_PRICE, f"{path}[price_data]")
    if ("amount" in line) == bool(price) or ("quantity" in line and not price):
        message = f"{path}: give either amount alone, or price_data with a quantity."
        raise StripeRefusal(message, code="parameters_exclusive", param=f"{path}[amount]")
    period = line.get("period")
    if period and period["end"] < period["start"]:
        raise StripeRefusal("The period's end must not be before its start.", param=f"{path}[period][end]")
    amount = within_bounds(_priced(invoice, line, path) if price else line["amount"], f"{path}[amount]")
    movable(amount, invoice["currency"], f"{path}[amount]")
    taxes.must_add_up(line, amount, path)
    return amount


def _must_be_played(given: Fields, played: frozenset[str], path: str) -> None:
    for name in sorted(set(given) - played):
        where = f"{path}[{name}]"
        raise StripeRefusal(f"The double does not play the parameter {where}.", code="double_not_played", param=where)


def _priced(invoice: Fields, line: Fields, path: str) -> int:
    price = line["price_data"]
    if ("unit_amount" in price) == ("unit_amount_decimal" in price):
        message = f"{path}[price_data]: give exactly one of unit_amount and unit_amount_decimal."
        raise StripeRefusal(message, code="parameters_exclusive", param=f"{path}[price_data]")
    if price["currency"] != invoice["currency"]:
        message = f"The currency of the line ({price['currency']}) is not the invoice's ({invoice['currency']})."
        raise StripeRefusal(message, param=f"{path}[price_data][currency]")
    if ("product" in price) == ("product_data" in price):
        message = f"{path}[price_data]: give exactly one of product and product_data."
        raise StripeRefusal(message, code="parameters_exclusive", param=f"{path}[price_data]")
    if line.get("quantity", 1) < 0 or price.get("unit_amount", price.get("unit_amount_decimal")) < 0:
        message = f"{path}: quantity and unit amount must not be negative; give a negative amount for a credit."
        raise StripeRefusal(message, code="parameter_invalid_integer", param=f"{path}[quantity]")
    unit = Decimal(price.get("unit_amount", price.get("unit_amount_decimal")))
    return int((unit * line.get("quantity", 1)).to_integral_value(ROUND_HALF_UP))


def _made(store: Store, invoice: Fields, line: Fields, amount: int) -> Fields:
    now, quantity = store.timestamp(), line.get("quantity", 1)
    price = line.get("price_data", {})
    unit = price.get("unit_amount", price.get("unit_amount_decimal", amount))
    details = {"invoice_item": store.next_id("ii"), "proration": False, "proration_details": None, "subscription": None}
    product = price.get("product") or f"prod_{store.counters['ii']:06d}"
    return {
        "id": store.next_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": invoice["currency"],
        "description": line.get("description"),
        "discount_amounts": [],
        "discountable": line.get("discountable", amount >= 0),
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": merged_metadata({}, line.get("metadata", {})),
        "parent": {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"},
        "period": line.get("period", {"start": now, "end": now}),
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": f"price_{store.counters['ii']:06d}", "product": product},
            "type": "price_details",
            "unit_amount_decimal": str(unit),
        },
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subscription": None,
        "subtotal": amount,
        "taxes": [],
    }


def total(store: Store, invoice: Fields) -> int:
    """Add up the lines; a draft shows what it would come to."""
    amount: int = sum(line["amount"] for line in store.lines[invoice["id"]])
    invoice |= dict.fromkeys(("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), amount)
    invoice |= dict.fromkeys(("amount_due", "amount_remaining"), max(amount, 0))
    taxes.split(store, invoice)
    return amount


def list_all(call: Call) -> Fields:
    """The lines of an invoice in the order in which they were added."""
    rows = call.store.lines[call.store.get("invoice", call.object_id)["id"]]
    return page(call, rows, f"/v1/invoices/{call.object_id}/lines")
