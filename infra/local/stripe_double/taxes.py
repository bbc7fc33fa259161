"""Tax that is contained in a price, by a fixed table of standard rates or as it is stated. Totals stay as they are.

The table is the double's own and does not follow the law. Each line is rounded half up once; totals are sums of lines.
"""

from decimal import ROUND_HALF_UP, Decimal

from infra.local.stripe_double import tax_rates
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.store import Fields, Store

RATES = {
    **dict.fromkeys(("DK", "NO", "SE"), Decimal(25)),
    **dict.fromkeys(("BE", "ES", "LT", "LV", "NL"), Decimal(21)),
    **dict.fromkeys(("AT", "FR", "GB"), Decimal(20)),
    **dict.fromkeys(("IE", "PL", "PT"), Decimal(23)),
    "DE": Decimal(19),
    "EE": Decimal(24),
    "FI": Decimal("25.5"),
    "IT": Decimal(22),
}
"""Percent by the customer's country; in any other country the seller is not registered and collects nothing."""

IP_COUNTRIES = {"192.0.2.": "FI", "198.51.100.": "SE", "203.0.113.": "DK"}
"""Where the addresses are that are kept for documentation; all others are nowhere."""

STANDARD = "txcd_20030000"
EXEMPT = "txcd_00000000"
CODES = frozenset({STANDARD, EXEMPT, "txcd_10000000", "txcd_99999999"})
"""Services in general, what is not taxed, electronic services, and goods."""

MOST_STATED, MOST_DECIMALS, WHOLE = 20, 4, 100
"""Tax amounts of a line that are stated to Stripe, decimals of their percentage, and its largest value."""

NOT_FOUND = "customer_tax_location_invalid"


def must_suit(invoice: Fields, line: Fields, path: str) -> None:
    """Where Stripe computes the tax, each line has a price, positive, that says that it contains the tax."""
    if not invoice["automatic_tax"]["enabled"]:
        return
    if "tax_amounts" in line:
        message = "You cannot set tax amounts on an invoice with automatic tax."
        raise StripeRefusal(message, param=f"{path}[tax_amounts]")
    price = line.get("price_data", {})
    if price.get("tax_behavior", "unspecified") == "unspecified":
        message = f"{path}: an invoice with automatic tax takes no line with an unspecified tax_behavior."
        raise StripeRefusal(message, param=f"{path}[price_data][tax_behavior]")
    if price["tax_behavior"] != "inclusive":
        message = "The double plays prices that include tax alone."
        raise StripeRefusal(message, code="double_not_played", param=f"{path}[price_data][tax_behavior]")
    if code_of(line) not in CODES:
        where = f"{path}[price_data][product_data][tax_code]"
        raise StripeRefusal(f"The double does not play the tax code in {where}.", code="double_not_played", param=where)


def code_of(line: Fields) -> str:
    """What kind of thing the line sells."""
    return str(line.get("price_data", {}).get("product_data", {}).get("tax_code", STANDARD))


def must_be_liable(wanted: Fields) -> None:
    """Refuse that a connected account owes the tax."""
    if wanted.get("liability", {"type": "self"}) != {"type": "self"}:
        message = "The double is liable for tax itself."
        raise StripeRefusal(message, code="double_not_played", param="automatic_tax[liability]")


def switch(store: Store, invoice: Fields, wanted: Fields) -> None:
    """Let Stripe compute the tax of this invoice, or not."""
    lines = [line["id"] for line in store.lines[invoice["id"]]]
    if wanted["enabled"] and any(line not in store.tax_codes or line in store.stated_taxes for line in lines):
        message = "Automatic tax cannot be enabled: a line has tax amounts or an unspecified tax_behavior."
        raise StripeRefusal(message, param="automatic_tax[enabled]")
    on = wanted["enabled"]
    invoice["automatic_tax"] |= {"enabled": on, "status": None, "provider": "stripe" if on else None}
    invoice["automatic_tax"]["liability"] = {"type": "self"} if on else None


def place(customer: Fields, ip_address: str) -> tuple[str, str] | None:
    """The customer's country and how it is known: where things are sent, where bills are sent, or the IP address."""
    shipping = (customer["shipping"] or {}).get("address") or {}
    for address, source in ((shipping, "shipping_destination"), (customer["address"] or {}, "billing_address")):
        if address.get("country") and (address["country"] != "US" or address.get("postal_code")):
            return str(address["country"]).upper(), source
    country = next((country for start, country in IP_COUNTRIES.items() if ip_address.startswith(start)), None)
    return (country, "ip_address") if country else None


def shown_of(store: Store, customer: Fields) -> Fields:
    """What Stripe Tax knows of a customer, shown on request."""
    found = place(customer, store.ip_addresses[customer["id"]])
    location = {"country": found[0], "source": found[1], "state": None} if found else None
    supported = "supported" if found and found[0] in RATES else "not_collecting"
    return {
        "automatic_tax": supported if found else "unrecognized_location",
        "ip_address": store.ip_addresses[customer["id"]] or None,
        "location": location,
        "provider": "stripe",
    }


def split(store: Store, invoice: Fields) -> None:
    """Say how much tax is in each line and in the whole."""
    automatic, customer = invoice["automatic_tax"]["enabled"], store.get("customer", invoice["customer"])
    found = None if "deleted" in customer else place(customer, store.ip_addresses[customer["id"]])
    if automatic:
        invoice["automatic_tax"]["status"] = "complete" if found else "requires_location_inputs"
    totals: dict[str, Fields] = {}
    for line in store.lines[invoice["id"]]:
        line["taxes"] = store.stated_taxes.get(line["id"], [])
        if automatic:
            line["taxes"] = [_tax(store, line, customer, found[0])] if found else []
        for tax in line["taxes"]:
            rate = tax["tax_rate_details"]["tax_rate"]
            sum_ = totals.setdefault(rate, {**tax, "amount": 0, "taxable_amount": 0})
            sum_["amount"] += tax["amount"]
            sum_["taxable_amount"] += tax["taxable_amount"]
    invoice["total_taxes"] = list(totals.values())
    without = invoice["total"] - sum(tax["amount"] for tax in totals.values())
    invoice |= {"subtotal_excluding_tax": without, "total_excluding_tax": without}


def _tax(store: Store, line: Fields, customer: Fields, country: str) -> Fields:
    percent, reason = RATES.get(country, Decimal(0)), "standard_rated"
    if country not in RATES:
        reason = "not_collecting"
    elif store.tax_codes[line["id"]] == EXEMPT:
        percent, reason = Decimal(0), "product_exempt"
    elif customer["tax_exempt"] != "none":
        percent = Decimal(0)
        reason = {"exempt": "customer_exempt", "reverse": "reverse_charge"}[customer["tax_exempt"]]
    amount = int((line["amount"] * percent / (100 + percent)).to_integral_value(ROUND_HALF_UP))
    where = {"country": country, "jurisdiction": country, "jurisdiction_level": "country"}
    rate = {**where, "display_name": "VAT", "inclusive": True, "percentage": percent, "tax_type": "vat"}
    return _shown(tax_rates.find(store, rate), reason, amount, line["amount"] - amount)


def _shown(rate_id: str, reason: str, amount: int, taxable: int) -> Fields:
    return {
        "amount": amount,
        "tax_behavior": "inclusive",
        "tax_rate_details": {"tax_rate": rate_id},
        "taxability_reason": reason,
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }


def must_add_up(line: Fields, amount: int, path: str) -> None:
    """Tax that we computed ourselves: contained in the line's amount, with what it is computed from."""
    stated = line.get("tax_amounts", [])
    if len(stated) > MOST_STATED:
        raise StripeRefusal(f"A line has at most {MOST_STATED} tax amounts.", param=f"{path}[tax_amounts]")
    for index, tax in enumerate(stated):
        where = f"{path}[tax_amounts][{index}]"
        data = tax["tax_rate_data"]
        if not data["inclusive"]:
            message = "The double plays prices that include tax alone."
            raise StripeRefusal(message, code="double_not_played", param=f"{where}[tax_rate_data][inclusive]")
        exact = Decimal(data["percentage"]).normalize().as_tuple().exponent
        if not 0 <= data["percentage"] <= WHOLE or (isinstance(exact, int) and exact < -MOST_DECIMALS):
            message = f"A percentage is between 0 and {WHOLE}, with at most {MOST_DECIMALS} decimals."
            raise StripeRefusal(message, param=f"{where}[tax_rate_data][percentage]")
        if abs(tax["amount"]) > abs(amount):
            raise StripeRefusal("The tax is more than the line.", param=f"{where}[amount]")
    if stated and sum(tax["amount"] + tax["taxable_amount"] for tax in stated) != amount:
        message = f"The tax amounts and their taxable amounts do not add up to the line's amount ({amount})."
        raise StripeRefusal(message, param=f"{path}[tax_amounts]")


def stated(store: Store, line: Fields) -> list[Fields]:
    """The tax amounts of a line as it shows them."""
    return [
        _shown(
            tax_rates.find(store, tax["tax_rate_data"]),
            tax.get("taxability_reason", "standard_rated"),
            tax["amount"],
            tax["taxable_amount"],
        )
        for tax in line.get("tax_amounts", [])
    ]


def must_be_known(store: Store, invoice: Fields) -> None:
    """Without knowing where the customer is, no invoice with automatic tax is finalised."""
    if invoice["automatic_tax"]["status"] != "requires_location_inputs":
        return
    message = "The customer's location isn't recognized. Set a valid address to have tax calculated automatically."
    invoice["last_finalization_error"] = {"code": NOT_FOUND, "message": message, "type": "invalid_request_error"}
    store.emit("invoice.finalization_failed", invoice)
    raise StripeRefusal(message, code=NOT_FOUND)


def must_be_somewhere(customer: Fields, ip_address: str, wanted: Fields) -> None:
    """With `immediately` a customer who is nowhere is refused at once."""
    if wanted.get("validate_location") == "immediately" and place(customer, ip_address) is None:
        raise StripeRefusal("The customer's location isn't recognized.", code=NOT_FOUND, param="tax[validate_location]")
