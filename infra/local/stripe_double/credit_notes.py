"""Credit notes: an open invoice is owed less, a paid one is given back, to the card or as credit."""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.currencies import movable
from infra.local.stripe_double.customers import carried, carry, known
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.invoice_payments import follow
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.refunds import refund
from infra.local.stripe_double.store import Fields, Store, merged_metadata

PARTS = ("credit_amount", "refund_amount", "out_of_band_amount")
CREATED_WITH = (*PARTS, "amount", "email_type", "invoice", "lines", "memo", "metadata", "reason", "refunds")


def create(call: Call) -> Fields:
    """Credit part or all of an invoice."""
    invoice = call.store.get("invoice", call.arguments["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid"):
        message = f"You can only create a credit note for an open or paid invoice; this one is {invoice['status']}."
        raise StripeRefusal(message, param="invoice")
    lines = _lines(call, invoice)
    amount = sum(line["amount"] for line in lines) if lines else call.arguments.get("amount", 0)
    movable(amount, invoice["currency"])
    if amount <= 0 or call.arguments.get("amount", amount) != amount:
        raise StripeRefusal("The amount must be positive and equal to the sum of the lines.", param="amount")
    before = min(amount, invoice["amount_remaining"]) if invoice["status"] == "open" else 0
    refunds = _given_back(call, invoice, amount, amount - before)
    made = _made(call, invoice, amount, before, lines)
    made["refunds"] = refunds
    if before:
        follow(call.store, invoice)
    return made


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


def _given_back(call: Call, invoice: Fields, amount: int, after: int) -> list[Fields]:
    """Where the part goes that was already paid: to the card now or before, to the balance, or past Stripe."""
    parts = {part: call.arguments.get(part, 0) for part in PARTS}
    linked = _linked(call, invoice)
    if sum(parts.values()) + sum(linked.values()) != after or min(parts.values()) < 0:
        message = (
            f"refund_amount, credit_amount, out_of_band_amount and refunds must add up to what was paid ({after})."
        )
        raise StripeRefusal(message, param="amount")
    left = invoice["total"] - invoice["pre_payment_credit_notes_amount"] - invoice["post_payment_credit_notes_amount"]
    if amount > left:
        message = f"The credit note ({amount}) is larger than what is left to credit ({left})."
        raise StripeRefusal(message, param="amount")
    if parts["refund_amount"]:
        linked |= _refunded(call.store, invoice, parts["refund_amount"])
    if parts["credit_amount"]:
        customer = known(call.store, invoice["customer"])
        carry(customer, invoice["currency"], carried(customer, invoice["currency"]) - parts["credit_amount"])
    return [
        {"amount_refunded": given, "payment_record_refund": None, "refund": refund_id, "type": "refund"}
        for refund_id, given in linked.items()
    ]


def _linked(call: Call, invoice: Fields) -> dict[str, int]:
    """Refunds that were made before and belong to this note."""
    used = {row["refund"] for note in call.store.every("credit_note") for row in note["refunds"]}
    intents = {payment["payment"]["payment_intent"] for payment in call.store.payments.get(invoice["id"], [])}
    found = {}
    for row in call.arguments.get("refunds", []):
        if set(row) - {"amount_refunded", "refund", "type"} or "refund" not in row:
            raise StripeRefusal("The double plays refund alone in refunds.", code="double_not_played", param="refunds")
        made = call.store.get("refund", row["refund"], "refunds")
        if made["id"] in used or made["payment_intent"] not in intents:
            message = f"Refund {made['id']} is already on a credit note, or is not of this invoice."
            raise StripeRefusal(message, param="refunds")
        found[made["id"]] = row.get("amount_refunded", made["amount"])
        if not 0 < found[made["id"]] <= made["amount"]:
            raise StripeRefusal(f"Refund {made['id']} is of {made['amount']}.", param="refunds")
    return found


def _refunded(store: Store, invoice: Fields, amount: int) -> dict[str, int]:
    """Back to the card that paid. Of several payments Stripe's caller has to say which."""
    paid = [payment for payment in store.payments.get(invoice["id"], []) if payment["status"] == "paid"]
    if not paid:
        raise StripeRefusal("The invoice was paid without a charge; there is nothing to refund.", param="refund_amount")
    if len(paid) > 1:
        message = "The invoice has several payments: refund them one by one, and name the refunds."
        raise StripeRefusal(message, code="double_not_played", param="refund_amount")
    intent = store.get("payment_intent", paid[0]["payment"]["payment_intent"])
    made = refund(store, store.get("charge", intent["latest_charge"]), amount)
    return {made["id"]: amount}


_TYPES = {(True, False): "pre_payment", (False, True): "post_payment", (True, True): "mixed"}


def _made(call: Call, invoice: Fields, amount: int, before: int, lines: list[Fields]) -> Fields:
    after = amount - before
    invoice["pre_payment_credit_notes_amount"] += before
    invoice["post_payment_credit_notes_amount"] += after
    invoice["amount_remaining"] -= before
    invoice["amount_due"] -= before
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
        "post_payment_amount": after,
        "pre_payment_amount": before,
        "pretax_credit_amounts": [],
        "reason": call.arguments.get("reason"),
        "refunds": [],
        "status": "issued",
        "total_taxes": [],
        "type": _TYPES[bool(before), bool(after)],
    }
    call.store.emit("credit_note.created", made)
    return made


def retrieve(call: Call) -> Fields:
    """One credit note."""
    return call.store.get("credit_note", call.object_id)


def list_all(call: Call) -> Fields:
    """Credit notes, newest first."""
    return list_of(call, "credit_note", "/v1/credit_notes", "customer", "invoice")
