"""An export exists when its manifest does; it can be checked by the manifest, ties to the cent, and never changes."""

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.credit_postings import goodwill_entry
from chalicelib.billing.model import Parked
from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.finance.chart import DEFAULT, Chart
from chalicelib.finance.errors import (
    ExportNotReady,
    ExportRefused,
    MonthNotEnded,
    NotClosed,
    StoreRefused,
    UnknownExport,
)
from chalicelib.finance.exporting import ask_export, file_link
from chalicelib.finance.facts import AccountMonth, BookFile, Column, Tally
from chalicelib.finance.files import FileOf
from chalicelib.finance.writing import schema, write_export
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.billing.books import ACCOUNT, JUNE, LATER, MAY, ZONE
from tests.unit.billing.test_settling_shares import pay, seventy, sharing
from tests.unit.finance.months import AS_OF, Desk, Looked, Office, Told, added_up, written

NAMES = [
    *("usage.csv.gz", "sessions.csv.gz", "invoices.csv.gz", "documents.csv.gz", "adjustments.csv.gz"),
    *("partners.csv.gz", "payments.csv.gz", "journal.csv.gz"),
]


@pytest.fixture
def office() -> Office:
    """Rides of 12.50 with 25 % in it and 11.40 with 14 %, of which 70 % without tax are the partner's; billed, paid."""
    found = Office(sharing())
    found.books.rides.ridden(MAY, 1250)
    found.books.rides.ridden(MAY, 1140, product="tool")
    found.books.settle(MAY)
    pay(found.books, MAY)
    return found


def entry(kind: str, number: int, *postings: tuple[str, int], later: int = 0) -> JournalEntry:
    made_of = tuple(Posting(name, Money(minor, "EUR"), f"{kind}:1") for name, minor in postings)
    return JournalEntry(f"{kind}:{number}", kind, "acc-1", MAY, AS_OF + timedelta(seconds=later), made_of)


def payment(number: int, minor: int, later: int = 0) -> JournalEntry:
    return entry("refund", number, (STRIPE_CLEARING, minor), (receivable("acc-1"), -minor), later=later)


def test_the_manifest_describes_each_file_to_the_byte(office: Office) -> None:
    desk = written(office)
    files = desk.manifest["files"]

    assert [each["name"] for each in files] == NAMES
    for each in [*files, *desk.manifest["partners"]]:
        stored, name = desk.files.kept[desk.prefix + each["name"]], each["name"].removesuffix(".csv.gz")
        plain = gzip.decompress(stored)
        assert (each["bytes"], each["sha256"]) == (len(stored), hashlib.sha256(stored).hexdigest())
        assert (each["unpacked_bytes"], each["unpacked_sha256"]) == (len(plain), hashlib.sha256(plain).hexdigest())
        assert len(desk.rows(name)) == each["rows"]
        columns = [column["name"] for column in each.get("columns", desk.manifest["partner_columns"])]
        assert plain.decode().splitlines()[0].split(",") == columns
        assert each["totals_in_minor_units"] == added_up(desk, name)
    shown = {name: desk.manifest[name] for name in ("format", "month", "version", "zone", "accounts")}
    accounts = {"settled": 1, "parked": 0, "open": 0}
    assert shown == {"format": 2, "month": "2021-05", "version": 1, "zone": ZONE, "accounts": accounts}


def test_each_file_says_the_month_to_the_cent_and_all_of_them_tie(office: Office) -> None:
    """
    Of 23.90 there are 3.90 tax; 14.00 are the partner's; the customer has paid, which moved 23.90 at Stripe.
    """
    desk = written(office)

    assert desk.off == {}
    assert {name: sums for name, sums in desk.totals.items() if name != "journal"} == {
        "usage": {"rated_EUR": 2390},
        "sessions": {"charged_EUR": 2390, "fault_credits_EUR": 0},
        "invoices": {"billed_EUR": 2390, "tax_EUR": 390, "wallet_EUR": 0, "credited_EUR": 0},
        "documents": {"net_EUR": 2000, "tax_EUR": 390, "gross_EUR": 2390},
        "adjustments": {},
        "partners": {"gross_EUR": 2390, "tax_EUR": 390, "share_EUR": 1400},
        "payments": {},
    }
    (invoice,) = desk.rows("invoices")
    assert (invoice["net"], invoice["tax"], invoice["amount"], invoice["taxes"]) == (
        *("20.00", "3.90", "23.90"),
        "0.25=2.50 0.14=1.40",
    )
    assert (invoice["document"], invoice["state"], invoice["asks"]) == ("I-000001", "paid", "23.90")
    rates = [(row["rate"], row["net"], row["tax"], row["gross"]) for row in desk.rows("documents")]
    assert rates == [("0.25", "10.00", "2.50", "12.50"), ("0.14", "10.00", "1.40", "11.40")]
    usage = desk.rows("usage")
    assert [(row["price"], row["amount"], row["settlement"]) for row in usage] == [
        ("all", "12.50", "settled"),
        ("all", "11.40", "settled"),
    ]


def test_the_payment_is_in_the_files_of_the_month_in_which_it_was_made(office: Office) -> None:
    december = LATER.date().replace(day=1)
    desk = written(office, type(MAY)(december.year, december.month))

    (row,) = desk.rows("payments")
    assert (row["kind"], row["received_amount"], row["invoice"]) == ("payment", "23.90", "acc-1:2021-05:1")
    assert row["stripe_id"] == f"at-stripe:{row['payment']}"
    assert desk.off == {}
    assert desk.rows("usage") == []


def test_the_journal_is_double_entry_with_the_operators_numbers(office: Office) -> None:
    desk = Desk(office.reading)
    desk.chart = Chart({**DEFAULT, "tax:0.14": "3814", "revenue:par-1:tool": "4410"})
    desk.write()
    rows = desk.rows("journal")

    assert desk.totals["journal"] == {"debit_EUR": 3790, "credit_EUR": 3790}
    numbers = {row["ledger_account"]: row["account_number"] for row in rows}
    assert numbers == {
        "receivable:acc-1": "1200",
        "revenue:par-1:bike": "4400",
        "revenue:par-1:tool": "4410",
        "tax:0.25": "3800",
        "tax:0.14": "3814",
        "share-cost:par-1:bike": "5900",
        "share-cost:par-1:tool": "5900",
        "payable-pending:par-1": "3070",
    }
    assert all((row["debit"] == "") != (row["credit"] == "") for row in rows)
    assert desk.manifest["account_numbers"]["tax:0.14"] == "3814"


def test_an_account_without_a_number_refuses_the_export_and_nothing_of_it_is_to_be_seen(office: Office) -> None:
    desk = Desk(office.reading)
    desk.chart = Chart({name: number for name, number in DEFAULT.items() if name != "tax"})
    refused = desk.write()

    assert refused.refused == {"code": "unmapped_account", "ledger_account": "tax:0.25"}
    assert desk.files.kept == {}
    assert set(desk.files.aborted) == {desk.prefix + name for name in NAMES}
    with pytest.raises(ExportRefused) as error:
        file_link(MAY, 1, "manifest.json", closes=desk.closes, files=desk.files)
    assert error.value.facts["ledger_account"] == "tax:0.25"
    (notice,) = desk.closes.noticed
    assert (notice.code, notice.about, notice.facts["code"]) == ("export_refused", "2021-05/1", "unmapped_account")


def test_a_right_that_is_missing_refuses_the_export_and_what_may_pass_is_tried_again(office: Office) -> None:
    desk = Desk(office.reading)
    desk.files.breaks_at, desk.files.otherwise = 3, StoreRefused(operation="put_object", reason="AccessDenied")
    assert desk.write().refused["reason"] == "AccessDenied"
    assert f"{desk.prefix}manifest.json" not in desk.files.kept

    desk = Desk(office.reading)
    desk.files.breaks_at = 3
    with pytest.raises(OSError):  # noqa: PT011 -- the bucket's
        desk.write()
    assert desk.closes.asked[MAY, 1].state == "being_written"


def test_an_amount_of_another_currency_refuses_the_export_and_names_the_account(office: Office) -> None:
    office.books.rides.currency = "DKK"
    desk = Desk(office.reading)

    refused = desk.write().refused

    assert (refused["code"], refused["account_id"], refused["month"]) == ("foreign_currency", ACCOUNT, "2021-05")
    assert desk.files.kept == {}
    with pytest.raises(ExportRefused) as error:
        file_link(MAY, 1, "manifest.json", closes=desk.closes, files=desk.files)
    assert (error.value.facts["version"], error.value.facts["account_id"]) == (1, ACCOUNT)


def test_killed_at_any_call_of_the_bucket_it_is_invisible_and_the_next_try_writes_the_same_bytes(
    office: Office,
) -> None:
    undisturbed = written(office)
    points = undisturbed.files.count
    assert points > 2 * len(NAMES)
    for point in range(1, points + 1):
        desk = Desk(office.reading)
        desk.files.breaks_at = point
        with pytest.raises(OSError):  # noqa: PT011 -- the bucket's
            desk.write()
        assert f"{desk.prefix}manifest.json" not in desk.files.kept
        with pytest.raises(ExportNotReady):
            file_link(MAY, 1, "usage.csv.gz", closes=desk.closes, files=desk.files)
        desk.write(AS_OF + timedelta(hours=5))
        assert desk.files.kept == undisturbed.files.kept


def test_a_finished_export_is_not_written_again_and_what_was_not_asked_for_never(office: Office) -> None:
    desk = Desk(office.reading)
    ready = desk.write()
    desk.files.kept.clear()

    assert desk.write(AS_OF + timedelta(days=1)) == ready
    assert write_export(MAY, 2, desk.exporting()) is None
    assert desk.files.kept == {}
    assert [each.code for each in desk.closes.noticed] == ["export_ready"]


def test_what_was_posted_after_the_exports_instant_is_not_in_it() -> None:
    desk = Desk(Told(journal=[payment(1, -950), payment(2, -70, later=1)]))
    desk.write()

    assert desk.totals["payments"] == {"received_EUR": -950}
    assert [row["received_amount"] for row in desk.rows("payments")] == ["-9.50"]


def test_what_a_partners_first_statement_booked_is_of_the_close_and_what_a_later_one_did_waits() -> None:
    """
    At least 10.00 are the partner's, of 5.00 that were billed without tax: 6.50 beside the 3.50 of the bill.
    """
    office = Office(sharing(seventy(minimum=1000)))
    office.books.rides.ridden(MAY, 625)
    office.books.settle(MAY)
    office.books.stated(MAY, AS_OF + timedelta(minutes=5))
    first = written(office)
    (row,) = [row for row in first.rows("partners") if not row["account"]]
    office.books.shares.rules["par-1"] = seventy(minimum=2000)
    office.books.stated(MAY, AS_OF + timedelta(days=5))

    assert (row["product"], row["share"]) == ("", "6.50")
    assert first.totals["partners"]["share_EUR"] == 1000
    assert first.off == {}
    assert written(office).files.kept == first.files.kept


def test_a_month_never_used_is_a_valid_export_of_files_with_their_headers_alone() -> None:
    desk = Desk(Told())
    desk.write()

    assert {name: desk.rows(name.removesuffix(".csv.gz")) for name in NAMES} == {name: [] for name in NAMES}
    assert all(desk.content(name).decode().startswith("month,") for name in NAMES)
    assert desk.manifest["ties"] == []


def test_an_account_parked_half_way_is_shown_with_its_lines_and_not_billed(office: Office) -> None:
    books = office.books
    (late,) = books.rides.ridden(MAY, 700)
    books.billed.held[MAY] = Parked(ACCOUNT, MAY, "far_above_usual", {}, LATER)
    desk = written(office)

    assert {row["settlement"] for row in desk.rows("usage")} == {"parked"}
    assert [row["amount"] for row in desk.rows("sessions") if row["session"] == late] == ["7.00"]
    assert desk.manifest["accounts"] == {"settled": 0, "parked": 1, "open": 0}
    assert desk.totals["invoices"]["billed_EUR"] == 2390
    assert desk.off == {}


def test_evidence_that_came_since_the_settlement_is_a_difference_that_names_its_account(office: Office) -> None:
    office.books.rides.ridden(MAY, 700)
    desk = written(office)

    assert desk.off == {"rated": 700}
    assert desk.manifest["accounts_that_differ"] == [ACCOUNT]


def test_late_usage_is_an_adjustment_of_the_open_month_with_the_original_month_shown(office: Office) -> None:
    """
    A ride of May is found to have cost 25.00 and not 12.50, in June, which bills 5.00 of its own.
    """
    books, ride = office.books, next(iter(office.books.rides.cents))
    before = written(office)
    books.rides.ridden(JUNE, 500)
    books.rides.corrected(ride, 2500, seen_in=JUNE)
    office.revisions[ride] = 1
    books.settle(JUNE, office.corrected_at)
    june, may = written(office, JUNE), written(office)

    (row,) = june.rows("adjustments")
    shown = [row[name] for name in ("month", "original_month", "partner", "product", "amount", "tax", "share")]
    assert shown == ["2021-06", "2021-05", "par-1", "bike", "12.50", "2.50", "7.00"]
    assert row["sessions"] == f"{ride}:1"
    assert june.totals["usage"] == {"rated_EUR": 500}
    assert june.totals["invoices"]["billed_EUR"] == 1750
    months = [(row["original_month"], row["gross"]) for row in june.rows("partners")]
    assert sorted(months) == [("2021-05", "12.50"), ("2021-06", "5.00")]
    assert (june.off, may.off) == ({}, {})
    assert may.rows("invoices") == before.rows("invoices")


def test_a_credit_note_stands_below_zero_among_the_documents_and_ties(office: Office) -> None:
    """
    The ride of 12.50 in May was none: nothing else is billed in June, so that 12.50 go back.
    """
    books, ride = office.books, next(iter(office.books.rides.cents))
    books.rides.corrected(ride, 0, seen_in=JUNE)
    books.settle(JUNE)
    desk = written(office, JUNE)

    (row,) = desk.rows("documents")
    assert (row["kind"], row["document"], row["gross"], row["tax"]) == ("credit_note", "C-000001", "-12.50", "-2.50")
    assert desk.off == {}


def test_goodwill_which_no_settlement_gave_is_a_document_of_the_month_in_which_it_was_given(office: Office) -> None:
    paper = Paper("C-000009", "operator", 0, 0, (TaxRow("0.25", 500, 100),))
    note = CreditNote(
        ACCOUNT, MAY, "g1", (), Money(500, "EUR"), LATER, paper, against="acc-1:2021-05:1", reason="=rude"
    )
    posted = goodwill_entry(note, LATER)
    office.books.journal.entries[posted.reference] = posted
    desk = Desk(office.reading)
    desk.looked = Looked({note.note_id: note})
    desk.write()

    (row,) = [row for row in desk.rows("documents") if row["kind"] == "credit_note"]
    assert (row["gross"], row["tax"], row["against"], row["reason"]) == ("-5.00", "-1.00", "acc-1:2021-05:1", "'=rude")
    assert desk.off == {}


def test_movements_of_money_are_looked_up_a_hundred_at_a_time_and_keep_their_order() -> None:
    desk = Desk(Told(journal=[payment(number, 1) for number in range(250)]))
    desk.write()

    assert desk.looked.asked == [100, 100, 50]
    assert [row["payment"] for row in desk.rows("payments")] == [f"refund:{number}" for number in range(250)]


@pytest.mark.parametrize("name", ["other.csv", "../manifest.json", "", "usage.csv.gz/", "partners/par-2.csv.gz"])
def test_only_files_of_the_manifest_have_an_address(office: Office, name: str) -> None:
    desk = written(office)

    def link(name: str) -> str:
        return file_link(MAY, 1, name, closes=desk.closes, files=desk.files)

    assert link("usage.csv.gz") == "exports/2021-05/v1/usage.csv.gz?300"
    assert link("partners/par-1.csv.gz") == "exports/2021-05/v1/partners/par-1.csv.gz?300"
    with pytest.raises(UnknownExport):
        link(name)


def test_a_later_export_stands_beside_the_first_and_is_asked_for_once_the_month_is_closed(office: Office) -> None:
    desk = written(office)
    before = dict(desk.files.kept)
    by = {"closes": desk.closes, "commit": desk.commit}
    second = ask_export(MAY, "anna", ZONE, now=AS_OF + timedelta(days=2), **by)

    assert (second.version, second.prefix) == (2, "exports/2021-05/v2/")
    assert second.settled_since is None
    assert desk.files.kept == before
    with pytest.raises(NotClosed):
        ask_export(MAY.next, "anna", ZONE, now=AS_OF, **by)
    with pytest.raises(MonthNotEnded):
        ask_export(JUNE, "anna", ZONE, now=JUNE.interval(ZONE).end - timedelta(seconds=1), **by)


@dataclass
class Counting:
    """Satisfies `finance.ports.Book`."""

    seen: list[str] = field(default_factory=list)

    def account(self, each: AccountMonth) -> None:
        self.seen.append(each.account_id)

    def entry(self, entry: JournalEntry) -> None:
        self.seen.append(entry.reference)

    def files(self) -> Sequence[BookFile]:
        text = " ".join(self.seen).encode()
        columns = (Column("seen", "text", "", "what was seen"),)
        tally = Tally(rows=len(self.seen))
        return [BookFile("seen.txt", "text/plain", [text[:4], text[4:]], tally, columns, {"seen_EUR": 1})]


def test_a_book_reads_the_same_pass_and_its_file_is_in_the_manifest(office: Office) -> None:
    desk = Desk(office.reading, books=[Counting()])
    desk.write()

    content = b"acc-1 settlement:acc-1:2021-05:1"
    assert desk.files.kept[f"{desk.prefix}seen.txt"] == content
    last = desk.manifest["files"][-1]
    assert (last["name"], last["sha256"], last["rows"]) == ("seen.txt", hashlib.sha256(content).hexdigest(), 2)
    assert [column["name"] for column in last["columns"]] == ["seen"]


def test_every_column_of_every_file_says_what_it_is() -> None:
    files: list[FileOf] = schema(Chart(DEFAULT), Looked())

    assert [each.name for each in files] == NAMES
    for file in files:
        names = [each.name for each in file.columns]
        assert len(set(names)) == len(names)
        assert all(each.meaning and each.kind for each in file.columns)
        assert set(file.sums.values()) <= {each.name for each in file.columns if each.kind == "money"}
