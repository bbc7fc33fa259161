"""An export exists when its manifest does; it can be checked by the manifest, and is never changed."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.finance.errors import ExportNotReady, UnknownExport
from chalicelib.finance.exporting import ask_export, file_link, manifest, next_export, write_export
from chalicelib.finance.model import Export
from chalicelib.finance.rows import Table, tables_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable, revenue
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.finance.closes import ClosesInMemory
from tests.unit.memory import Commits

MAY = Month(2021, 5)
AS_OF = datetime(2021, 6, 1, 1, tzinfo=UTC)


class FilesInMemory:
    """Satisfies `finance.ports.Files`; breaks before the given file."""

    def __init__(self, breaks_at: str = "") -> None:
        self.kept: dict[str, bytes] = {}
        self.breaks_at = breaks_at

    def write(self, key: str, content: bytes, _content_type: str) -> None:
        if self.breaks_at and key.endswith(self.breaks_at):
            raise OSError
        self.kept[key] = content

    def link(self, key: str, seconds: int) -> str:
        return f"{key}?{seconds}"


def entry(kind: str, posted_at: datetime, *postings: tuple[str, int]) -> JournalEntry:
    made_of = tuple(Posting(name, Money(minor, "EUR"), f"{kind}:1") for name, minor in postings)
    return JournalEntry(f"{kind}:{posted_at:%H%M}", kind, "acc-1", MAY, posted_at, made_of)


ENTRIES = [
    entry("settlement", AS_OF, (receivable("acc-1"), 950), (revenue("par-1:bike"), -950)),
    entry("payment", AS_OF - timedelta(hours=1), (STRIPE_CLEARING, 950), (receivable("acc-1"), -950)),
    entry("payment", AS_OF + timedelta(seconds=1), (STRIPE_CLEARING, 70), (receivable("acc-1"), -70)),
]


def tables(month: Month, as_of: datetime) -> Sequence[Table]:
    return tables_of(month, as_of, [], ENTRIES)


class Desk:
    """An export that was asked for."""

    def __init__(self) -> None:
        self.closes, self.files, self.commit = ClosesInMemory(), FilesInMemory(), Commits()
        first = next_export(MAY, [], "close", AS_OF)
        self.commit(self.closes.asking(first, AS_OF), None)

    def write(self, now: datetime = AS_OF + timedelta(minutes=1)) -> Export | None:
        return write_export(MAY, 1, tables=tables, closes=self.closes, files=self.files, now=now, commit=self.commit)

    def link(self, name: str) -> str:
        return file_link(MAY, 1, name, closes=self.closes, files=self.files)

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.files.kept["exports/2021-05/v1/manifest.json"])
        return document


def test_the_manifest_describes_each_file_to_the_byte() -> None:
    desk = Desk()
    desk.write()
    files = desk.document()["files"]

    assert [each["name"] for each in files] == [
        "usage.csv",
        "sessions.csv",
        "invoices.csv",
        "payments.csv",
        "journal.csv",
    ]
    for each in files:
        content = desk.files.kept[f"exports/2021-05/v1/{each['name']}"]
        rows = list(csv.reader(io.StringIO(content.decode())))
        assert each["sha256"] == hashlib.sha256(content).hexdigest()
        assert each["bytes"] == len(content)
        assert (rows[0], len(rows) - 1) == (each["columns"], each["rows"])


def test_an_export_holds_what_was_booked_as_of_its_instant_and_its_totals_check_it() -> None:
    """
    A payment booked a second later is not in it. The journal sums to nothing; what was received is 9.50.
    """
    desk = Desk()
    desk.write()
    totals = {each["name"]: each["totals_in_minor_units"] for each in desk.document()["files"]}

    assert totals["journal.csv"] == {"balance_EUR": 0}
    assert totals["payments.csv"] == {"received_EUR": 950}
    journal = list(csv.DictReader(io.StringIO(desk.files.kept["exports/2021-05/v1/journal.csv"].decode())))
    assert [(row["debit"], row["credit"]) for row in journal] == [
        ("9.50", ""),
        ("", "9.50"),
        ("9.50", ""),
        ("", "9.50"),
    ]
    assert {(row["ledger_account"], row["account_class"]) for row in journal} == {
        (receivable("acc-1"), "asset"),
        (STRIPE_CLEARING, "asset"),
        (revenue("par-1:bike"), "income"),
    }
    assert [row["source"] for row in journal if row["kind"] == "payment"] == ["payment:1", "payment:1"]


@pytest.mark.parametrize("breaks_at", ["usage.csv", "payments.csv", "journal.csv", "manifest.json"])
def test_an_export_that_broke_off_has_no_manifest_and_is_written_whole_by_the_next_try(breaks_at: str) -> None:
    undisturbed, desk = Desk(), Desk()
    undisturbed.write()
    desk.files.breaks_at = breaks_at
    with pytest.raises(OSError):  # noqa: PT011 -- the bucket's
        desk.write()
    assert "exports/2021-05/v1/manifest.json" not in desk.files.kept
    with pytest.raises(UnknownExport):
        desk.link("usage.csv")
    desk.files.breaks_at = ""
    desk.write(AS_OF + timedelta(hours=5))

    assert desk.files.kept == undisturbed.files.kept


def test_a_finished_export_is_not_written_again() -> None:
    desk = Desk()
    ready = desk.write()
    desk.files.kept.clear()

    assert desk.write(AS_OF + timedelta(days=1)) == ready
    assert desk.files.kept == {}


def test_what_was_not_asked_for_is_not_written() -> None:
    desk = Desk()

    assert (
        write_export(MAY, 2, tables=tables, closes=desk.closes, files=desk.files, now=AS_OF, commit=desk.commit) is None
    )
    assert desk.files.kept == {}


@pytest.mark.parametrize("name", ["other.csv", "../manifest.json", "", "usage.csv/"])
def test_only_files_of_the_manifest_have_an_address(name: str) -> None:
    desk = Desk()
    desk.write()

    assert desk.link("usage.csv") == "exports/2021-05/v1/usage.csv?300"
    with pytest.raises(UnknownExport):
        desk.link(name)


def test_an_export_in_the_making_has_no_address_yet() -> None:
    with pytest.raises(ExportNotReady):
        Desk().link("manifest.json")


def test_a_later_export_stands_beside_the_first() -> None:
    desk = Desk()
    desk.write()
    before = dict(desk.files.kept)
    second = ask_export(MAY, "anna", closes=desk.closes, now=AS_OF + timedelta(days=2), commit=desk.commit)

    assert (second.version, second.prefix) == (2, "exports/2021-05/v2/")
    assert desk.files.kept == before
    with pytest.raises(UnknownExport):
        ask_export(MAY.next, "anna", closes=desk.closes, now=AS_OF, commit=desk.commit)


def test_the_manifest_of_the_same_export_has_the_same_bytes() -> None:
    ready = Desk().write()

    assert ready is not None
    assert manifest(ready) == manifest(Desk().write(AS_OF + timedelta(days=9)) or ready)
