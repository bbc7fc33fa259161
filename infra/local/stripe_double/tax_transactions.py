"""What Stripe Tax records for its reports: a sale from its calculation, and what is taken back of it.

Stricter than Stripe, whose documentation is silent there: a calculation is recorded once, and of a line no more is
taken back than is left of it, neither of the amount nor of the tax.
"""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.store import Fields, Store, merged_metadata
from infra.local.stripe_double.tax_calculations import LONGEST_REFERENCE, must_be_alive

CREATED_WITH = ("calculation", "reference", "posted_at", "metadata")
REVERSED_WITH = ("mode", "original_transaction", "reference", "line_items", "metadata")
TAKEN = "unique_reference_violation"


def create(call: Call) -> Fields:
    """Record what a calculation said."""
    store, given = call.store, call.arguments
    calculation = store.get("tax.calculation", given["calculation"], "calculation")
    must_be_alive(store, calculation)
    _reference_must_be_free(store, given["reference"])
    if any(each["of_calculation"] == calculation["id"] for each in store.every("tax.transaction")):
        raise StripeRefusal("This calculation is recorded already.", param="calculation")
    posted_at = given.get("posted_at", store.timestamp())
    if not calculation["tax_date"] <= posted_at <= store.timestamp():
        raise StripeRefusal("posted_at must fall within the tax_date and now.", param="posted_at")
    lines = [
        {**line, "id": store.next_id("tax_li"), "object": "tax.transaction_line_item", "reversal": None}
        for line in store.tax_lines[calculation["id"]]
    ]
    return _made(call, calculation, lines, kind="transaction", posted_at=posted_at, of_calculation=calculation["id"])


def reverse(call: Call) -> Fields:
    """Take lines back, by amounts that are stated."""
    store, given = call.store, call.arguments
    original = store.get("tax.transaction", given["original_transaction"], "original_transaction")
    _reference_must_be_free(store, given["reference"])
    if original["type"] != "transaction":
        raise StripeRefusal("A reversal cannot be reversed.", param="original_transaction")
    if given["mode"] != "partial" or not given.get("line_items"):
        raise StripeRefusal(
            "The double plays partial reversals of lines alone.", code="double_not_played", param="mode"
        )
    lines = [_line(store, original, line, index) for index, line in enumerate(given["line_items"])]
    made = _made(call, original, lines, kind="reversal", posted_at=store.timestamp(), of_calculation=None)
    made["reversal"] = {"original_transaction": original["id"]}
    return made


def _line(store: Store, original: Fields, line: Fields, index: int) -> Fields:
    path = f"line_items[{index}]"
    found = next((each for each in store.tax_lines[original["id"]] if each["id"] == line["original_line_item"]), None)
    if found is None:
        message = f"No such line item: '{line['original_line_item']}'"
        raise StripeRefusal(message, code="resource_missing", param=f"{path}[original_line_item]")
    before = [
        row
        for each in store.every("tax.transaction")
        if (each["reversal"] or {}).get("original_transaction") == original["id"]
        for row in store.tax_lines[each["id"]]
        if row["reversal"]["original_line_item"] == found["id"]
    ]
    for name in ("amount", "amount_tax"):
        left = found[name] + sum(row[name] for row in before)
        if line[name] > 0 or (name == "amount" and not line[name]) or -line[name] > left:
            message = f"{path}[{name}] must be negative, and no more than what is left ({left})."
            raise StripeRefusal(message, code="parameter_invalid_integer", param=f"{path}[{name}]")
    return {
        **found,
        "id": store.next_id("tax_li"),
        "amount": line["amount"],
        "amount_tax": line["amount_tax"],
        "reference": line["reference"],
        "reversal": {"original_line_item": found["id"]},
        "type": "reversal",
    }


def _reference_must_be_free(store: Store, reference: str) -> None:
    if len(reference) > LONGEST_REFERENCE:
        raise StripeRefusal(f"A reference has at most {LONGEST_REFERENCE} characters.", param="reference")
    if any(each["reference"] == reference for each in store.every("tax.transaction")):
        raise StripeRefusal(f"The reference {reference} is in use already.", code=TAKEN, param="reference")


def _made(
    call: Call, source: Fields, lines: list[Fields], *, kind: str, posted_at: int, of_calculation: str | None
) -> Fields:
    store, given = call.store, call.arguments
    made = store.add("tax", "tax.transaction", {})
    store.tax_lines[made["id"]] = [{**line, "type": kind} for line in lines]
    made |= {
        "currency": source["currency"],
        "customer": None,
        "customer_details": source["customer_details"],
        "metadata": merged_metadata({}, given.get("metadata", {})),
        "of_calculation": of_calculation,
        "posted_at": posted_at,
        "reference": given["reference"],
        "reversal": None,
        "ship_from_details": None,
        "shipping_cost": None,
        "tax_date": source["tax_date"],
        "type": kind,
    }
    return made


def retrieve(call: Call) -> Fields:
    """One record."""
    return call.store.get("tax.transaction", call.object_id)


def reported(store: Store, currency: str) -> dict[str, int]:
    """What its reports would say: the tax that is left, by percentage and country."""
    sums: dict[str, int] = {}
    for each in store.every("tax.transaction"):
        if each["currency"] == currency:
            for line in store.tax_lines[each["id"]]:
                (split,) = line["split"]
                rate = (split["tax_rate_details"] or {"percentage_decimal": "0"})["percentage_decimal"]
                name = f"{rate} {split['jurisdiction']['country']}"
                sums[name] = sums.get(name, 0) + line["amount_tax"]
    return sums
