"""Stripe Tax by itself: what is in amounts, by the place that is named. A calculation records nothing, and expires.

Stricter than Stripe: each line has a reference and says that its price includes tax, the address says which it is, and
only tax codes of the table are taken.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from infra.local.stripe_double import taxes
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.currencies import known_currency, movable, within_bounds
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import page
from infra.local.stripe_double.store import LINES_SHOWN, Fields, Store, merged_metadata

HOME = "FI"
"""Where the seller is."""
UNION = frozenset(
    ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV")
) | frozenset(("MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"))
BOOKS = "txcd_35010000"
REDUCED = {"FI": Decimal("13.5"), "DE": Decimal(7), "SE": Decimal(6)}
"""Percent of books; elsewhere they have the usual rate. As all rates here, the double's own and not the law's."""
CODES = taxes.CODES | {BOOKS}

KEPT_DAYS, FURTHEST_DAYS, A_DAY = 90, 31, 86_400
MOST_LINES, LONGEST_REFERENCE = 100, 500
_POSTAL = frozenset({"US", "CA"})
_COUNTRY = re.compile(r"[A-Z]{2}")
_VAT = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
PLAYED = ("currency", "customer_details", "line_items", "tax_date")
_IN_DETAILS = frozenset({"address", "address_source", "tax_ids"})
_IN_LINE = frozenset({"amount", "reference", "tax_behavior", "tax_code", "quantity", "metadata"})


def create(call: Call) -> Fields:
    """Split amounts."""
    now, given = call.store.timestamp(), call.arguments
    currency = known_currency(given["currency"])
    details = _details(given)
    tax_date = given.get("tax_date", now)
    if abs(tax_date - now) > FURTHEST_DAYS * A_DAY:
        raise StripeRefusal("tax_date is at most 31 days away.", code="parameter_invalid_integer", param="tax_date")
    wanted = given["line_items"]
    if not 0 < len(wanted) <= MOST_LINES:
        raise StripeRefusal(f"You can pass 1 to {MOST_LINES} line items.", param="line_items")
    references = [_checked(line, index, currency) for index, line in enumerate(wanted)]
    if len(set(references)) != len(references):
        raise StripeRefusal("References must be unique within a calculation.", param="line_items")
    made = call.store.add("taxcalc", "tax.calculation", {})
    lines = [_line(call.store, line, details) for line in wanted]
    call.store.tax_lines[made["id"]] = lines
    made |= {
        "amount_total": sum(line["amount"] for line in lines),
        "currency": currency,
        "customer": None,
        "customer_details": details,
        "expires_at": now + KEPT_DAYS * A_DAY,
        "ship_from_details": None,
        "shipping_cost": None,
        "tax_amount_exclusive": 0,
        "tax_amount_inclusive": sum(line["amount_tax"] for line in lines),
        "tax_breakdown": [],
        "tax_date": tax_date,
    }
    return made


def _details(given: Fields) -> Fields:
    """Where, and who: an address and whether it is where bills or things are sent; a firm's numbers."""
    found: Fields = given.get("customer_details", {})
    _only(found, _IN_DETAILS, "customer_details")
    address = found.get("address", {})
    country = address.get("country", "")
    if not _COUNTRY.fullmatch(country) or (country in _POSTAL and not address.get("postal_code")):
        message = "We could not determine the customer's tax location."
        raise StripeRefusal(message, code=taxes.NOT_FOUND, param="customer_details[address]")
    if "address_source" not in found:
        message = "Missing required param: customer_details[address_source]."
        raise StripeRefusal(message, code="parameter_missing", param="customer_details[address_source]")
    for index, number in enumerate(found.get("tax_ids", [])):
        if not _VAT.fullmatch(number["value"]) or (number["type"] == "eu_vat") != (_land(number["value"]) in UNION):
            where = f"customer_details[tax_ids][{index}][value]"
            raise StripeRefusal(f"Invalid value for {number['type']}.", code="tax_id_invalid", param=where)
    blank: Fields = dict.fromkeys(("city", "line1", "line2", "postal_code", "state"))
    more: Fields = {"ip_address": None, "taxability_override": "none", "tax_ids": []}
    return {**more, **found, "address": {**blank, **address}}


def _land(vat_number: str) -> str:
    return {"EL": "GR", "XI": "IE"}.get(vat_number[:2], vat_number[:2])


def _only(given: Fields, played: frozenset[str], path: str) -> None:
    for name in sorted(set(given) - played):
        where = f"{path}[{name}]"
        raise StripeRefusal(f"The double does not play the parameter {where}.", code="double_not_played", param=where)


def _checked(line: Fields, index: int, currency: str) -> str:
    path = f"line_items[{index}]"
    _only(line, _IN_LINE, path)
    if line["amount"] <= 0:
        message = f"{path}[amount] must be positive."
        raise StripeRefusal(message, code="parameter_invalid_integer", param=f"{path}[amount]")
    movable(within_bounds(line["amount"], f"{path}[amount]"), currency, f"{path}[amount]")
    if line.get("tax_behavior") != "inclusive":
        message = "The double plays prices that include tax alone."
        raise StripeRefusal(message, code="double_not_played", param=f"{path}[tax_behavior]")
    if line.get("tax_code") not in CODES:
        message = f"The double does not play the tax code in {path}[tax_code]."
        raise StripeRefusal(message, code="double_not_played", param=f"{path}[tax_code]")
    reference: str = line.get("reference", "")
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise StripeRefusal(f"Missing required param: {path}[reference].", param=f"{path}[reference]")
    return reference


def _line(store: Store, line: Fields, details: Fields) -> Fields:
    country = details["address"]["country"]
    percent, reason = _rate(country, line["tax_code"], details["tax_ids"])
    amount = line["amount"]
    tax = int((amount * percent / (100 + percent)).to_integral_value(ROUND_HALF_UP))
    rate = {"display_name": "VAT", "percentage_decimal": f"{percent:f}", "tax_type": "vat"}
    return {
        "id": store.next_id("tax_li"),
        "object": "tax.calculation_line_item",
        "amount": amount,
        "amount_tax": tax,
        "livemode": False,
        "metadata": merged_metadata({}, line.get("metadata", {})),
        "performance_location": None,
        "product": None,
        "quantity": line.get("quantity", 1),
        "reference": line["reference"],
        "tax_behavior": "inclusive",
        "tax_breakdown": None,
        "tax_code": line["tax_code"],
        "split": [
            {
                "amount": tax,
                "jurisdiction": {"country": country, "display_name": country, "level": "country", "state": None},
                "sourcing": "destination",
                "tax_rate_details": rate if percent else None,
                "taxability_reason": reason,
                "taxable_amount": amount - tax if percent else 0,
            }
        ],
    }


def _rate(country: str, code: str, tax_ids: list[Fields]) -> tuple[Decimal, str]:
    """A firm of another country of the Union that shows its number there owes the tax itself."""
    if country not in taxes.RATES:
        return Decimal(0), "not_collecting"
    if code == taxes.EXEMPT:
        return Decimal(0), "not_subject_to_tax"
    if country != HOME and country in UNION and any(_land(number["value"]) == country for number in tax_ids):
        return Decimal(0), "reverse_charge"
    if code == BOOKS and country in REDUCED:
        return REDUCED[country], "reduced_rated"
    return taxes.RATES[country], "standard_rated"


def shown_lines(store: Store, of: Fields) -> Fields:
    """The first lines of a calculation or a transaction, which are shown on request."""
    rows = store.tax_lines[of["id"]]
    plural = "calculations" if of["object"] == "tax.calculation" else "transactions"
    url = f"/v1/tax/{plural}/{of['id']}/line_items"
    data = [store.shown(row) for row in rows[:LINES_SHOWN]]
    return {"object": "list", "data": data, "has_more": len(rows) > len(data), "url": url}


def shown_split(store: Store, line: Fields) -> list[Fields]:
    """By which rates a line was split, which is shown on request."""
    return next(row["split"] for rows in store.tax_lines.values() for row in rows if row["id"] == line["id"])


def retrieve(call: Call) -> Fields:
    """One that has not expired."""
    found = call.store.get("tax.calculation", call.object_id)
    must_be_alive(call.store, found)
    return found


def must_be_alive(store: Store, calculation: Fields) -> None:
    """After its days nobody knows it."""
    if store.timestamp() >= calculation["expires_at"]:
        raise StripeRefusal(f"The calculation {calculation['id']} has expired.", param="calculation")


def list_lines(call: Call) -> Fields:
    """All of a calculation's lines, or of a transaction's."""
    rows = call.store.tax_lines.get(call.object_id)
    if rows is None:
        raise StripeRefusal(f"No such tax object: '{call.object_id}'", code="resource_missing", param="id")
    return page(call, rows, f"/v1/tax/{call.object_id}/line_items")
