"""What is in a month's files, and when they are there: nobody's name, no formula, locked, whole or not to be seen."""

import csv
import gzip
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from openpyxl import load_workbook

from chalicelib.edge.report_words import report_words
from chalicelib.finance.chart import DEFAULT
from chalicelib.storage.objects import Bucket
from infra.local.system import System
from tests.doors.callers import done, refused
from tests.doors.world import START, Customer, World

EXPORTS = "/finance/v1/exports"
EVIL = '=HYPERLINK("http://evil.example","x")'
FIRM = {"name": EVIL, "address": ["+Piilokatu 17"], "country": "FI", "vat_number": "FI12345678"}
BILLING = {**FIRM, "purchase_order": "=1+1", "cost_centre": "@SUM(A1);=1+1"}
JUNE, JULY = (datetime(2021, month, 1, 12, tzinfo=UTC) for month in (6, 7))
DAYS = 3653
"""Ten years."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Of a Danish operator with a chart of accounts of its own."""
    own = {"ADGANG_LANGUAGE": "da", "JOURNAL_ACCOUNTS": json.dumps({**DEFAULT, "receivable": "DK-6190"})}
    with System.start(seed="files", start_at=START, settings=own) as system:
        yield World(system)


@pytest.fixture(scope="module")
def rider(world: World) -> Customer:
    """
    A firm with a formula for a name rides in May for 0.50 with each of two partners; in July's first hours June is
    closed, in which a bike has told of another half hour of May, 1.00.
    """
    partner, other, rider = world.partner(EVIL), world.partner("Other"), world.customer()
    done(rider.put("/mobile/v1/me/billing-details", BILLING))
    session = world.ride(rider, partner.bike(), partner, 1700)
    world.ride(rider, other.bike(), other, 600)
    world.until(JUNE)
    (answer,) = partner.report(world.used(session, 250, time="2021-05-10T09:20:00Z"))
    assert answer["outcome"] == "late"
    world.until(JULY)
    return rider


def bytes_of(world: World, month: str, version: int, name: str) -> bytes:
    link = str(world.finance.read(f"{EXPORTS}/{month}/{version}/{name}")["href"])
    return world.nobody.get(link.removeprefix(world.nobody.base)).content


def names_in(world: World, month: str, version: int = 1) -> list[str]:
    manifest = json.loads(bytes_of(world, month, version, "manifest.json"))
    return [each["name"] for each in [*manifest["files"], *manifest["partners"]]]


def rows(world: World, month: str, name: str, version: int = 1) -> list[dict[str, str]]:
    content = gzip.decompress(bytes_of(world, month, version, name)).decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def in_words(name: str, content: bytes) -> str:
    """All that can be read in a file."""
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(each).decode() for each in book.namelist())
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def test_no_file_names_a_person_a_firm_or_how_they_sign_in_or_pay(world: World, rider: Customer) -> None:
    me = rider.read("/mobile/v1/me")
    signed_in = jwt.decode(rider.token or "", options={"verify_signature": False})
    at_stripe = [each["id"] for each in world.stripe._store.every("customer")]
    secret = [EVIL, "evil.example", "Piilokatu", "FI12345678", "@example", me["customer_id"], signed_in["sub"]]

    for month in ("2021-05", "2021-06"):
        names = [*names_in(world, month), "manifest.json"]
        told = {name: in_words(name, bytes_of(world, month, 1, name)) for name in names}
        for name, text in told.items():
            assert [each for each in [*secret, *at_stripe] if each in text] == [], (month, name)
        accounts = [name for name, text in told.items() if me["account_id"] in text]
        assert {"invoices.csv.gz", "journal.csv.gz", "report.xlsx"} <= set(accounts)
        assert not [name for name in accounts if name.startswith("partners/")]


def split_at(separator: str, world: World, month: str, name: str) -> list[str]:
    """The cells of whoever takes that for the separator of lists, as in Danish, Dutch, Finnish, German and Swedish."""
    text = gzip.decompress(bytes_of(world, month, 1, name)).decode()
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


def test_a_buyers_own_words_stand_in_the_files_and_none_of_them_is_a_formula(world: World, rider: Customer) -> None:
    assert rider
    (invoice,) = rows(world, "2021-05", "invoices.csv.gz")
    assert (invoice["purchase_order"], invoice["cost_centre"]) == ("'=1+1", "'@SUM(A1);'=1+1")

    for month in ("2021-05", "2021-06"):
        for name in (each for each in names_in(world, month) if each.endswith(".csv.gz")):
            cells = {cell for row in rows(world, month, name) for cell in row.values()}
            texts = [each for each in cells if each and not each.lstrip("-").replace(".", "").isdecimal()]
            assert [each for each in texts if each.lstrip()[0] in "=+-@"] == [], (month, name)
            assert [each for each in split_at(";", world, month, name) if each.lstrip()[:1] in {*"=+-@"}] == []
        book = load_workbook(io.BytesIO(bytes_of(world, month, 1, "report.xlsx")))
        assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}


def test_each_partner_has_a_file_of_its_own_rows_and_no_two_of_them_know_a_customer_by_one_name(
    world: World, rider: Customer
) -> None:
    """
    Together they are what the file of all partners says.
    """
    own = [name for name in names_in(world, "2021-05") if name.startswith("partners/")]
    whole = rows(world, "2021-05", "partners.csv.gz")
    files = {name: rows(world, "2021-05", name) for name in own}
    assert {f"partners/{row['partner']}.csv.gz" for row in whole} == set(own)
    assert len(own) == 2

    for name, found in files.items():
        theirs = [row for row in whole if f"partners/{row['partner']}.csv.gz" == name]
        same = ("month", "product", "kind", "original_month", "gross", "tax", "net", "share", "currency")
        assert [[row[each] for each in same] for row in found] == [[row[each] for each in same] for row in theirs]
        assert rider.read("/mobile/v1/me")["account_id"] not in {row["customer"] for row in found}
    customers = [{row["customer"] for row in found} for found in files.values()]
    assert [len(each) for each in customers] == [1, 1]
    assert not customers[0] & customers[1]


def test_the_journal_is_double_entry_under_the_numbers_of_the_operators_own_chart(
    world: World, rider: Customer
) -> None:
    assert rider
    posted = rows(world, "2021-06", "journal.csv.gz")
    numbers = {row["ledger_account"].partition(":")[0]: row["account_number"] for row in posted}
    manifest = json.loads(bytes_of(world, "2021-06", 1, "manifest.json"))

    assert (numbers["receivable"], numbers["revenue"]) == ("DK-6190", DEFAULT["revenue"])
    assert manifest["account_numbers"]["receivable"] == "DK-6190"
    by_entry: dict[str, Decimal] = defaultdict(Decimal)
    for row in posted:
        by_entry[row["reference"]] += Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
    assert len(by_entry) > 1
    assert set(by_entry.values()) == {Decimal(0)}


def test_a_journal_is_the_same_as_what_finance_reads_at_the_door(world: World, rider: Customer) -> None:
    assert rider
    for month in ("2021-05", "2021-06"):
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows(world, month, "journal.csv.gz"):
            kind, _, rest = row["ledger_account"].partition(":")
            name = kind if kind in ("receivable", "wallet") else ":".join(filter(None, (kind, rest)))
            sums[name] += Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
        shown = world.finance.read(f"/finance/v1/journal/{month}")["rows"]
        assert {each["ledger_account"]: Decimal(each["amount"]) for each in shown} == sums


def test_what_is_told_after_a_close_is_an_adjustment_in_the_open_month_with_the_month_that_it_is_about(
    world: World, rider: Customer
) -> None:
    assert rider
    (row,) = rows(world, "2021-06", "adjustments.csv.gz")
    assert (row["month"], row["original_month"], row["amount"]) == ("2021-06", "2021-05", "1.00")

    assert rows(world, "2021-05", "adjustments.csv.gz") == []
    (own,) = rows(world, "2021-06", names_in(world, "2021-06")[-1])
    assert (own["month"], own["original_month"], own["gross"]) == ("2021-06", "2021-05", "1.00")
    assert [each["amount"] for each in rows(world, "2021-05", "invoices.csv.gz")] == ["1.00"]
    assert [each["amount"] for each in rows(world, "2021-06", "invoices.csv.gz")] == ["1.00"]


def test_the_report_is_in_the_operators_language(world: World, rider: Customer) -> None:
    assert rider
    book = load_workbook(io.BytesIO(bytes_of(world, "2021-06", 1, "report.xlsx")))

    assert book.sheetnames == list(report_words("da").sheets.values())
    assert "juni 2021" in book.worksheets[0]["A1"].value
    page = world.finance.get("/finance/v1/report/2021-06").content.decode()
    assert '<html lang="da">' in page
    assert (
        '<html lang="sv">'
        in world.finance.get("/finance/v1/report/2021-06", headers={"Accept-Language": "sv"}).content.decode()
    )


def test_every_object_of_an_export_is_locked_for_the_legal_period(world: World, rider: Customer) -> None:
    assert rider
    s3, bucket = world.system.engine.client("s3"), exports_bucket(world)
    objects = s3.list_objects_v2(Bucket=bucket, Prefix="exports/2021-05/v1/")["Contents"]

    assert {each["Key"].removeprefix("exports/2021-05/v1/") for each in objects} == {
        *names_in(world, "2021-05"),
        "manifest.json",
    }
    for each in objects:
        head = s3.head_object(Bucket=bucket, Key=each["Key"])
        assert head["ObjectLockMode"] == "GOVERNANCE"
        assert head["ObjectLockRetainUntilDate"] >= JUNE - timedelta(days=1) + timedelta(days=DAYS)
        with pytest.raises(ClientError) as error:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=head["VersionId"])
        assert error.value.response["Error"]["Code"] == "AccessDenied"


def exports_bucket(world: World) -> str:
    buckets = world.system.engine.client("s3").list_buckets()["Buckets"]
    (name,) = [each["Name"] for each in buckets if "exports" in each["Name"]]
    return str(name)


@pytest.mark.parametrize("broken", ["usage.csv.gz", "report.xlsx", "partners/", "manifest.json"])
def test_an_export_that_the_bucket_refuses_says_why_and_nothing_of_it_is_to_be_seen(
    world: World, rider: Customer, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """
    The right to write is missing for one of its files, whichever: the version is refused, what was read before stays.
    """
    assert rider
    before = world.finance.read("/finance/v1/profit/2021-05?by=customer"), names_in(world, "2021-05")
    plain = Bucket.ask

    def ask(self: Bucket, operation: str, **request: Any) -> Any:  # noqa: ANN401 -- boto3's
        if operation == "put_object" and broken in request["Key"]:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
        return plain(self, operation, **request)

    monkeypatch.setattr(Bucket, "ask", ask)
    version = done(world.finance.post(EXPORTS, {"month": "2021-05"}))["version"]
    world.settle()

    shown = world.finance.read(f"{EXPORTS}/2021-05")[-1]
    assert (shown["version"], shown["state"], shown["files"]) == (version, "refused", [])
    assert shown["refused"] == {"code": "store_refused", "operation": "put_object", "reason": "AccessDenied"}
    for name in ("manifest.json", "usage.csv.gz", "journal.csv.gz"):
        refused(world.finance.get(f"{EXPORTS}/2021-05/{version}/{name}"), 409, "export_refused")
    refused(world.finance.get(f"{EXPORTS}/2021-05/{version}/partners"), 409, "export_refused")
    newest = world.finance.read("/finance/v1/notices?code=export_refused&limit=1")["items"][0]
    assert (newest["about"], newest["facts"]["reason"]) == (f"2021-05/{version}", "AccessDenied")
    s3 = world.system.engine.client("s3")
    assert s3.list_multipart_uploads(Bucket=exports_bucket(world)).get("Uploads", []) == []
    prefix = f"exports/2021-05/v{version}/manifest.json"
    assert "Contents" not in s3.list_objects_v2(Bucket=exports_bucket(world), Prefix=prefix)
    assert (world.finance.read("/finance/v1/profit/2021-05?by=customer"), names_in(world, "2021-05")) == before


def test_a_month_never_used_is_a_valid_export_with_a_report(world: World, rider: Customer) -> None:
    assert rider
    done(world.finance.post("/finance/v1/closes", {"month": "2021-03"}))
    world.settle()

    (export,) = world.finance.read(f"{EXPORTS}/2021-03")
    assert export["state"] == "ready"
    packed = [each for each in export["files"] if each["name"].endswith(".csv.gz")]
    assert {each["rows"] for each in packed} == {0}
    for name in (each["name"] for each in packed):
        assert rows(world, "2021-03", name) == []
        assert gzip.decompress(bytes_of(world, "2021-03", 1, name)).decode().startswith("month,")
    manifest = json.loads(bytes_of(world, "2021-03", 1, "manifest.json"))
    assert [each for each in manifest["ties"] if each["difference_minor"]] == []
    book = load_workbook(io.BytesIO(bytes_of(world, "2021-03", 1, "report.xlsx")))
    assert book[report_words("da").sheets["revenue_product"]]["A5"].value == report_words("da").nothing
    for monitor in ("profit", "customer-values", "purchases", "recognition"):
        assert world.finance.read(f"/finance/v1/{monitor}/2021-03")["items"] == [], monitor
    assert world.finance.get("/finance/v1/report/2021-03").status == 200
