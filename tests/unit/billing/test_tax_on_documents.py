"""The rate, the country and the reason of a row of tax: on documents, at Stripe, and in what finance reads."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.billing.documents import Document
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.billing.paper_taxes import part_of, rows_of
from chalicelib.billing.stripe_lines import lines_of
from chalicelib.edge.document_shapes import show_document
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import AccountClass, class_of, tax, tax_rate_of

MAY = Month(2021, 5)
REVERSED = TaxRow("0:DE:reverse_charge", 500, 0)


def invoice(*rows: TaxRow) -> Invoice:
    total = Money(sum(row.gross for row in rows), "EUR")
    paper = Paper("A-000001", "fi", 0, 0, rows)
    lines = (InvoiceLine("session", "ses-1", total),)
    return Invoice("acc-1", MAY, 1, lines, total, datetime(2021, 6, 1, tzinfo=UTC), paper=paper)


def tax_of(line: dict[str, Any]) -> tuple[object, ...]:
    (found,) = line["tax_amounts"]
    data = found["tax_rate_data"]
    return found["amount"], data["percentage"], data.get("country"), found.get("taxability_reason")


def test_stripes_invoice_says_the_country_and_why_there_is_no_tax() -> None:
    lines = lines_of(invoice(TaxRow("0.255:FI", 1255, 255), REVERSED))

    assert [tax_of(line) for line in lines] == [(255, "25.5", "FI", None), (0, "0", "DE", "reverse_charge")]
    assert [line["description"] for line in lines] == ["Use in 2021-05, 25.5 % FI", "Use in 2021-05, 0 % DE"]
    assert [tax_of(line) for line in lines_of(invoice(REVERSED))] == [(0, "0", "DE", "reverse_charge")]
    assert [tax_of(line) for line in lines_of(invoice(TaxRow("0.24", 1240, 240)))] == [(240, "24", None, None)]


def test_a_document_shows_the_rate_alone_and_beside_it_the_country_and_the_reason() -> None:
    shown = show_document(Document(invoice(TaxRow("0.255:FI", 1255, 255), REVERSED, TaxRow("0.24", 0, 0)), None, None))

    rows = [(row.rate, row.country, row.reason) for row in shown.taxes]
    assert rows == [("0.255", "FI", None), ("0", "DE", "reverse_charge"), ("0.24", None, None)]


def test_rows_stand_from_the_highest_rate_down_and_a_part_of_them_is_split_as_they_are() -> None:
    due = {f"{kind}|{rate}": 100 for kind in ("gross", "tax") for rate in ("0.06:SE", "0.255:FI", "0:DE:x")}

    assert [row.booked for row in rows_of(due)] == ["0.255:FI", "0.06:SE", "0:DE:x"]
    assert part_of([TaxRow("0.25:SE", 1000, 200), REVERSED], 750) == (
        TaxRow("0.25:SE", 500, 100),
        TaxRow(REVERSED.booked, 250, 0),
    )


def test_each_country_has_accounts_of_its_own_in_the_ledger() -> None:
    assert class_of(tax("0.255:FI")) is AccountClass.LIABILITY
    assert tax_rate_of(tax("0.255:FI")) == "0.255:FI"
    assert tax_rate_of("revenue:par-1:bike") is None
