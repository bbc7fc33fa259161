"""What an invoice says at Stripe: our number, its lines, and the tax that is in them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from chalicelib.billing.currencies import step_of
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.paper_model import NO_TAX, TaxRow
from chalicelib.kernel.money import Money
from chalicelib.rating.tax import tax_by_amount

LINE_NAMES = {
    "session": "Access",
    "subscription": "Subscription",
    "owed": "Owed",
    "ordered": "Ordered",
    "product": "Use of",
    "adjustment": "Adjustment of",
    "carried": "Carried from",
    "carried_on": "Carried on to",
    "others": "Other uses:",
}
PAID_AHEAD = "Paid from your wallet"
Line = dict[str, Any]


def number_of(invoice: Invoice) -> dict[str, str]:
    """Our number; another draft of the same invoice says which it is, for Stripe takes each number once."""
    if invoice.paper is None:
        return {}
    again = f"/{invoice.attempts}" if invoice.attempts else ""
    return {"number": f"{invoice.paper.number}{again}"}


def lines_of(invoice: Invoice) -> Sequence[Line]:
    """Our lines, each with the tax in it. Of several rates there is a line for each instead, for a line has one.

    Where Stripe moves money in steps there is one line, which is a multiple of them. What the wallet paid is a line
    below zero without tax: the tax is that of what was used.
    """
    if not invoice.paid_ahead.minor:
        return _own_lines(invoice)
    return [*_own_lines(invoice), {"amount": -invoice.paid_ahead.minor, "description": PAID_AHEAD}]


def _own_lines(invoice: Invoice) -> Sequence[Line]:
    rows = [row for row in (invoice.paper.taxes if invoice.paper else ()) if row.gross or row.tax]
    if step_of(invoice.total.currency) > 1:
        return [{"amount": invoice.total.minor, "description": f"Use in {invoice.month}"}]
    if len(rows) > 1:
        return [_at_rate(row, invoice) for row in rows]
    if not rows or rows[0].booked == NO_TAX:
        return [{"amount": line.amount.minor, "description": _words(line)} for line in invoice.lines]
    whole = Money(rows[0].tax, invoice.total.currency)
    taxes = tax_by_amount([line.amount.minor for line in invoice.lines], whole)
    return [
        {"amount": line.amount.minor, "description": _words(line)} | _tax(rows[0], line.amount.minor, tax.minor)
        for line, tax in zip(invoice.lines, taxes, strict=True)
    ]


def _at_rate(row: TaxRow, invoice: Invoice) -> Line:
    if row.booked == NO_TAX:
        return {"amount": row.gross, "description": f"Use in {invoice.month}"}
    percent = _percent(row)
    description = " ".join(filter(None, (f"Use in {invoice.month}, {percent} %", row.country)))
    return {"amount": row.gross, "description": description} | _tax(row, row.gross, row.tax)


def _tax(row: TaxRow, gross: int, tax: int) -> Line:
    """With the country, and why there is none, where a provider decided that."""
    data = {"display_name": "VAT", "inclusive": True, "percentage": _percent(row)}
    data |= {"country": row.country} if row.country else {}
    why = {"taxability_reason": row.reason} if row.reason else {}
    return {"tax_amounts": [{"amount": tax, "taxable_amount": gross - tax, "tax_rate_data": data, **why}]}


def _percent(row: TaxRow) -> str:
    return f"{(Decimal(row.rate) * 100).normalize():f}"


def _words(line: InvoiceLine) -> str:
    """What the line says at Stripe; our own receipt says the rest."""
    return f"{LINE_NAMES[line.about]} {line.reference}"
