"""The tax of a month, on its documents and in its journal, and what moved at the provider."""

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.credit_postings import goodwill_entry
from chalicelib.billing.paper_model import Buyer, Paper, Seller, Series, TaxRow
from chalicelib.finance.money_moved import MoneyMoved
from chalicelib.finance.report import sheets_of
from chalicelib.kernel.money import Money
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.finance.monitored import MAY, Account, Ride, Shared, month_of, read
from tests.unit.finance.months import Looked

AT = datetime(2021, 5, 3, tzinfo=UTC)
VAT = TaxRow("0.255", 200, 41)
SELLER = Seller("op", "Operator", (), "FI", None, {Series.INVOICE: "I-", Series.CREDIT_NOTE: "C-"}, version=1)


def rows(*taxes: TaxRow, buyer: str = "") -> dict[str, dict[str, int]]:
    each, _ = month_of(Account("aino", (Ride(),)), MAY, Shared())
    paper = Paper("I-000001", "op", 1, 1, taxes)
    (invoice,) = each.invoices
    sides = {"buyers": {1: Buyer("aino", country=buyer)} if buyer else {}, "sellers": {("op", 1): SELLER}}
    moved = MoneyMoved(Looked())
    moved.account(replace(each, invoices=[replace(invoice, paper=paper)], **sides))
    return {row.key: dict(row.figures) for row in moved.rows({}) if row.by == "document_tax"}


def test_the_tax_on_documents_is_told_by_country_rate_and_the_reason_for_none() -> None:
    """
    The country is that of the tax where a provider decided it, else the seller's, wherever the buyer is.
    """
    found = rows(TaxRow("0.255", 1255, 255), TaxRow("0:DE:reverse_charge", 500, 0), buyer="SE")
    assert found == {
        "FI|0.255|": {"net": 1000, "tax": 255, "gross": 1255, "documents": 1},
        "DE|0|reverse_charge": {"net": 500, "tax": 0, "gross": 500, "documents": 1},
    }
    assert set(rows(TaxRow("0.255", 1255, 255))) == {"FI|0.255|"}


def test_goodwill_takes_tax_off_what_documents_say_and_ties_to_what_the_journal_owes_less() -> None:
    note = CreditNote("a", MAY, "g1", (), Money(200, "EUR"), AT, paper=Paper("C-1", "op", 1, 0, (VAT,)))
    entry = goodwill_entry(note, AT)
    moved, unseen = MoneyMoved(Looked({note.note_id: note})), MoneyMoved(Looked())
    for each in (moved, unseen):
        each.entry(entry)

    (row,) = [each for each in moved.rows({}) if each.by == "document_tax"]
    assert row.figures == {"net": -159, "tax": -41, "gross": -200, "documents": 1}
    assert [(each.left, each.right) for each in moved.ties()] == [(-41, -41)]
    assert [(each.left, each.right) for each in unseen.ties()] == [(0, -41)]


def test_the_journals_tax_and_movements_are_those_of_its_postings() -> None:
    moved = MoneyMoved(Looked())
    for number, (kind, postings) in enumerate(
        {
            "settlement": (("receivable:a", 1255), ("revenue:p:x", -1000), ("tax:0.255:FI", -255)),
            "payment": (("stripe-clearing", 1255), ("receivable:a", -1255)),
            "refund": (("receivable:a", 55), ("stripe-clearing", -55)),
        }.items()
    ):
        made = tuple(Posting(name, Money(minor, "EUR")) for name, minor in postings)
        moved.entry(JournalEntry(f"{kind}:{number}", kind, "a", MAY, AT, made))
    found = {(row.by, row.key): dict(row.figures) for row in moved.rows({})}

    assert found == {
        ("cash", "payment"): {"amount": 1255},
        ("cash", "refund"): {"amount": -55},
        ("tax", "0.255:FI"): {"tax": 255},
    }


def test_the_report_shows_the_tax_of_a_country_by_its_rate() -> None:
    (sheet,) = [each for each in sheets_of(read([Account("aino", (Ride(cents=1000),))])) if each.code == "journal_tax"]

    assert [line.cells for line in sheet.lines()] == [("not_said", 250_000, "EUR", 200, None)]
