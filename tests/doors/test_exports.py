"""Exports: immutable versions, read through short-lived signed links, with a manifest to check them by."""

import csv
import gzip
import hashlib
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from openpyxl import load_workbook

from tests.doors.callers import Reply, done, refused
from tests.doors.test_simulations import MAY, PUBLISHED
from tests.doors.world import Customer, Partner, World

EXPORTS = "/finance/v1/exports"
MANIFEST = f"{EXPORTS}/2021-05/1/manifest.json"


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner) -> Customer:
    """A customer with two rides of May, which is closed."""
    rider = world.customer()
    for seconds in (60, 2000):
        world.ride(rider, partner.bike(), partner, seconds)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    return rider


@pytest.fixture
def link(world: World, rider: Customer) -> str:
    """The signed address of May's manifest."""
    assert rider
    return str(world.finance.read(MANIFEST)["href"])


def follow(world: World, href: str) -> Reply:
    """As a browser does, without any token."""
    return world.nobody.get(href.removeprefix(world.nobody.base))


def rows_of(name: str, plain: bytes, columns: list[dict[str, str]]) -> int:
    """How many rows a file has below its header, which has to be as its columns say."""
    if name.endswith(".csv.gz"):
        header, *rows = csv.reader(io.StringIO(plain.decode(), newline=""))
        assert header == [each["name"] for each in columns]
        return len(rows)
    if name.endswith(".jsonl.gz"):
        _, *lines = plain.splitlines()
        assert all(json.loads(line).keys() <= {each["name"] for each in columns} for line in lines)
        return len(lines)
    book = load_workbook(io.BytesIO(plain))
    assert book.sheetnames == [each["name"] for each in columns]
    for sheet, column in zip(book.worksheets, columns, strict=True):
        assert ", ".join(cell.value for cell in sheet[4]) == column["meaning"]
    return sum(1 for sheet in book.worksheets for _ in rows_in(sheet))


def rows_in(sheet: Any) -> Iterator[object]:  # noqa: ANN401 -- openpyxl publishes no types
    """The rows of a sheet below its heading, without those that it ends in."""
    for first, *_ in sheet.iter_rows(min_row=5, values_only=True):
        if first in ("Total", "Nothing in this month"):
            return
        yield first


def added_up(plain: bytes) -> dict[str, int]:
    """What the rows of a monitor come to, in the view in which they are the whole month: its control totals."""
    head, *rows = map(json.loads, plain.splitlines())
    view = "customer" if head["monitor"] == "customer-values" else "product"
    counts = {"sessions", "customers", "repeat_customers", "months_used", "expected", "count", "documents"}
    found: Counter[str] = Counter()
    for row in (row for row in rows if row["by"] == view):
        for figure, amount in row["figures"].items():
            if figure not in counts and not figure.endswith("_s"):
                found[f"{figure}_{row['currency']}"] += amount
    return dict(found)


def files(world: World, version: int) -> dict[str, bytes]:
    """What is in all files of a version by name, each checked against the manifest; a workbook is as it is."""
    found = {}
    where = f"{EXPORTS}/2021-05/{version}"
    manifest: dict[str, Any] = follow(world, world.finance.read(f"{where}/manifest.json")["href"]).json
    for each in [*manifest["files"], *manifest["partners"]]:
        content = follow(world, world.finance.read(f"{where}/{each['name']}")["href"]).content
        assert hashlib.sha256(content).hexdigest() == each["sha256"]
        plain = gzip.decompress(content) if each["name"].endswith(".gz") else content
        assert (len(content), len(plain)) == (each["bytes"], each["unpacked_bytes"])
        assert hashlib.sha256(plain).hexdigest() == each["unpacked_sha256"]
        columns = manifest["partner_columns"] if each["name"].startswith("partners/") else each["columns"]
        assert rows_of(each["name"], plain, columns) == each["rows"], each["name"]
        if each["name"].endswith(".jsonl.gz"):
            assert each["totals_in_minor_units"].items() >= added_up(plain).items()
        assert all(column["type"] and column["meaning"] for column in columns)
        found[each["name"]] = plain
    assert [each for each in manifest["ties"] if each["difference_minor"]] == []
    return found


def test_a_signed_link_gives_the_file_to_whoever_holds_it(world: World, link: str) -> None:
    assert world.finance.read(MANIFEST)["expires_in_seconds"] <= 900

    assert follow(world, link).json["month"] == "2021-05"


def test_an_unsigned_link_gives_nothing(world: World, link: str) -> None:
    assert follow(world, link.partition("?")[0]).status == 403


@pytest.mark.parametrize("part", ["X-Amz-Signature", "X-Amz-Expires", "X-Amz-Date", "X-Amz-Credential"])
def test_a_link_that_was_tampered_with_gives_nothing(world: World, link: str, part: str) -> None:
    address = urlsplit(link)
    query = dict(parse_qsl(address.query))
    changed = {"X-Amz-Expires": "86400", "X-Amz-Date": "20990101T000000Z"}
    query[part] = changed.get(part) or query[part][:-1] + ("0" if query[part][-1] != "0" else "1")

    assert follow(world, address._replace(query=urlencode(query)).geturl()).status == 403
    del query[part]
    assert follow(world, address._replace(query=urlencode(query)).geturl()).status == 403


def test_a_link_to_one_file_gives_no_other(world: World, link: str) -> None:
    name = next(each for each in files(world, 1) if "/" not in each)

    assert follow(world, link.replace("manifest.json", name)).status == 403
    assert follow(world, link.replace("2021-05", "2021-04")).status == 403


def test_a_link_only_reads(world: World, link: str) -> None:
    path = link.removeprefix(world.nobody.base)
    for method in ("PUT", "DELETE", "POST"):
        assert world.nobody.ask(method, path, raw=b"x").status in (403, 405)

    assert follow(world, link).status == 200


def test_a_link_is_over_after_its_time(world: World, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = world.finance.read(MANIFEST)["expires_in_seconds"]
    now = time.time()

    monkeypatch.setattr(world.system._routes.objects, "_clock", lambda: now + seconds + 60)

    assert follow(world, link).status == 403


@pytest.mark.usefixtures("rider")
@pytest.mark.parametrize(
    "path",
    [
        "2021-05/1/other.csv",
        "2021-05/1/..%2F..%2Fsecrets",
        "2021-05/0/manifest.json",
        "2021-05/2/manifest.json",
        "2021-05/-1/manifest.json",
        "2021-05/x/manifest.json",
        "2021-05/9999999999/manifest.json",
        "2021-04/1/manifest.json",
        "2021-05/1/partners/par_unknown.csv.gz",
    ],
)
def test_a_file_that_is_not_in_the_export_has_no_link(world: World, path: str) -> None:
    refused(world.finance.get(f"{EXPORTS}/{path}"), 404, "unknown_export")


@pytest.mark.usefixtures("rider")
def test_a_month_that_has_not_ended_or_is_not_closed_has_no_export_and_gets_none(world: World) -> None:
    refused(world.finance.get(f"{EXPORTS}/2021-06"), 404, "unknown_export")
    refused(world.finance.post(EXPORTS, {"month": "2021-06"}), 409, "month_not_ended")
    refused(world.finance.post(EXPORTS, {"month": "2021-04"}), 404, "not_closed")


def test_finance_is_told_when_an_export_is_ready(world: World, link: str) -> None:
    assert link
    told = world.finance.read("/finance/v1/notices")["items"][-1]

    facts = {"month": "2021-05", "version": "1"}
    assert (told["code"], told["about"], told["facts"]) == ("export_ready", "2021-05/1", facts)


def test_a_partners_file_holds_its_own_rows_alone_under_its_own_names(
    world: World, partner: Partner, rider: Customer
) -> None:
    """
    The partner reads the same names at its own door.
    """
    everything = files(world, 1)
    own = [name for name in everything if name.startswith("partners/")]
    listed = world.finance.read(f"{EXPORTS}/2021-05/1/partners")["items"]
    assert [each["name"] for each in listed] == own == [f"partners/{partner.partner_id}.csv.gz"]
    (row,) = csv.DictReader(io.StringIO(everything[own[0]].decode()))

    assert (row["gross"], row["product"]) == ("2.00", "city-bike")
    assert rider.read("/mobile/v1/me")["account_id"] not in everything[own[0]].decode()
    tried = done(partner.post("/partner/v1/simulations", {"tariff": PUBLISHED, **MAY}, key=None))
    assert [each["customer"] for each in tried["customers"]] == [row["customer"]]


def test_the_files_hold_what_was_billed_and_pseudonyms_only(world: World, rider: Customer) -> None:
    me = rider.read("/mobile/v1/me")
    (invoice,) = rider.read("/mobile/v1/invoices")["items"]

    everything = b"\n".join(each for name, each in files(world, 1).items() if name.endswith(".gz")).decode()

    assert invoice["total"]["amount"] == "2.00"
    assert me["account_id"] in everything
    assert invoice["invoice_id"] in everything
    assert "@" not in everything


@pytest.mark.usefixtures("rider")
def test_another_version_stands_beside_the_first_which_stays_as_it_was(world: World) -> None:
    """
    Asked for twice under one key it is written once; it says as of when, and who asked.
    """
    before = files(world, 1)
    world.later(hours=1)

    first, again = (world.finance.post(EXPORTS, {"month": "2021-05"}, key="v2") for _ in range(2))
    world.settle()

    assert done(first) == done(again)
    versions = world.finance.read(f"{EXPORTS}/2021-05")
    assert [(each["version"], each["state"]) for each in versions] == [(1, "ready"), (2, "ready")]
    assert versions[0]["as_of"] < versions[1]["as_of"]
    assert versions[0]["asked_by"] != versions[1]["asked_by"]
    assert files(world, 1) == before
    assert set(files(world, 2)) == set(before)


@pytest.mark.usefixtures("rider")
def test_all_exports_are_listed_in_pages(world: World) -> None:
    whole = world.finance.read(EXPORTS)["items"]
    page = world.finance.read(f"{EXPORTS}?limit=1")
    paged = list(page["items"])
    while page["next"]:
        page = world.finance.read(f"{EXPORTS}?limit=1&after={page['next'].replace('#', '%23')}")
        paged += page["items"]

    assert len(whole) >= 1
    assert paged == whole
