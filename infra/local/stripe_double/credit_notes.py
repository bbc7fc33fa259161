"""Credit notes: an open invoice is owed less, a paid one is given back, to the card or as credit."""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.customers import carried, carry, known
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.refunds import refund
from infra.local.stripe_double.settling import close_by_credit, intent_of
from infra.local.stripe_double.store import Fields, Store, merged_metadata

PARTS = ("credit_amount", "refund_amount", "out_of_band_amount")
CREATED_WITH = (*PARTS, "amount", "email_type", "invoice", "lines", "memo", "metadata", "reason")


def create(call: Call) -> Fields:
    """Credit part or all of an invoice."""
    invoice = call.store.get("invoice", call.arguments["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid"):
        message = f"You can only create a credit note for an open or paid invoice; this one is {invoice['status']}."
        raise StripeRefusal(message, param="invoice")
    lines = _lines(call, invoice)
    amount = sum(line["amount"] for line in lines) if lines else call.arguments.get("amount", 0)
    if amount <= 0 or call.arguments.get("amount", amount) != amount:
        raise StripeRefusal("The amount must be positive and equal to the sum of the lines.", param="amount")
    if invoice["status"] == "open":
        return _before_payment(call, invoice, amount, lines)
    return _after_payment(call, invoice, amount, lines)


def _lines(call: Call, invoice: Fields) -> list[Fields]:
    billed = {line["id"]: line for line in call.store.lines[invoice["id"]]}
    made = []
    for index, line in enumerate(call.arguments.get("lines", [])):
        source = billed.get(line.get("invoice_line_item", ""))
        if line["type"] == "invoice_line_item" and source is None:
            message = f"No such invoice line item: '{line.get('invoice_line_item')}'"
            raise StripeRefusal(message, code="resource_missing", param=f"lines[{index}][invoice_line_item]")
        amount = line["amount"] if "amount" in line else line.get("unit_amount", 0) * line.get("quantity", 1)
        made.append(_line(call.store, line, source, amount))
    return made


def _line(store: Store, line: Fields, source: Fields | None, amount: int) -> Fields:
    return {
        "id": store.next_id("cnli"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": line.get("description", source["description"] if source else None),
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": source["id"] if source else None,
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": line.get("quantity"),
        "tax_rates": [],
        "taxes": [],
        "type": line["type"],
        "unit_amount": line.get("unit_amount"),
        "unit_amount_decimal": None,
    }


def _before_payment(call: Call, invoice: Fields, amount: int, lines: list[Fields]) -> Fields:
    if any(call.arguments.get(part) for part in PARTS):
        raise StripeRefusal("An unpaid invoice has nothing to give back.", param="refund_amount")
    if amount > invoice["amount_remaining"]:
        message = f"The credit note ({amount}) is larger than what is left to pay ({invoice['amount_remaining']})."
        raise StripeRefusal(message, param="amount")
    invoice["pre_payment_credit_notes_amount"] += amount
    invoice["amount_remaining"] -= amount
    invoice["amount_due"] -= amount
    made = _made(call, invoice, amount, lines)
    close_by_credit(call.store, invoice)
    return made


def _after_payment(call: Call, invoice: Fields, amount: int, lines: list[Fields]) -> Fields:
    parts = {part: call.arguments.get(part, 0) for part in PARTS}
    if sum(parts.values()) != amount or min(parts.values()) < 0:
        message = (
            f"credit_amount, refund_amount and out_of_band_amount must add up to the credit note's amount ({amount})."
        )
        raise StripeRefusal(message, param="amount")
    left = invoice["total"] - invoice["pre_payment_credit_notes_amount"] - invoice["post_payment_credit_notes_amount"]
    if amount > left:
        raise StripeRefusal(
            f"The credit note ({amount}) is larger than what is left to credit ({left}).", param="amount"
        )
    refunds = []
    if parts["refund_amount"]:
        refunds = [_refunded(call.store, invoice, parts["refund_amount"])]
    customer = known(call.store, invoice["customer"])
    if parts["credit_amount"]:
        balance = carried(customer, invoice["currency"]) - parts["credit_amount"]
        carry(customer, invoice["currency"], balance)
    invoice["post_payment_credit_notes_amount"] += amount
    made = _made(call, invoice, amount, lines)
    made["refunds"] = refunds
    return made


def _refunded(store: Store, invoice: Fields, amount: int) -> Fields:
    if not invoice["amount_paid"]:
        raise StripeRefusal("The invoice was paid without a charge; there is nothing to refund.", param="refund_amount")
    charge = store.get("charge", intent_of(store, invoice)["latest_charge"])
    made = refund(store, charge, amount)
    return {"amount_refunded": amount, "payment_record_refund": None, "refund": made["id"], "type": "refund"}


def _made(call: Call, invoice: Fields, amount: int, lines: list[Fields]) -> Fields:
    paid = invoice["status"] == "paid"
    notes = [note for note in call.store.every("credit_note") if note["invoice"] == invoice["id"]]
    made = call.store.add("cn", "credit_note", {})
    url = f"/v1/credit_notes/{made['id']}/lines"
    made |= dict.fromkeys(("amount", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), amount)
    made |= {
        **dict.fromkeys(("customer_balance_transaction", "shipping_cost", "voided_at")),
        "amount_shipping": 0,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": made["created"],
        "invoice": invoice["id"],
        "lines": {"object": "list", "data": lines, "has_more": False, "url": url},
        "memo": call.arguments.get("memo"),
        "metadata": merged_metadata({}, call.arguments.get("metadata", {})),
        "number": f"{invoice['number']}-CN-{len(notes) + 1:02d}",
        "out_of_band_amount": call.arguments.get("out_of_band_amount"),
        "pdf": f"https://pay.stripe.com/credit_notes/{made['id']}/pdf",
        "post_payment_amount": amount if paid else 0,
        "pre_payment_amount": 0 if paid else amount,
        "pretax_credit_amounts": [],
        "reason": call.arguments.get("reason"),
        "refunds": [],
        "status": "issued",
        "total_taxes": [],
        "type": "post_payment" if paid else "pre_payment",
    }
    call.store.emit("credit_note.created", made)
    return made


def retrieve(call: Call) -> Fields:
    """One credit note."""
    return call.store.get("credit_note", call.object_id)


def list_all(call: Call) -> Fields:
    """Credit notes, newest first."""
    return list_of(call, "credit_note", "/v1/credit_notes", "customer", "invoice")
