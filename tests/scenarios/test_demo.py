"""The main job on real input: a hundred rides of one night, billed to the cent."""

import gzip
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra.local.demo import LONG_OUT
from tests.benchmarks import reconciling
from tests.scenarios.city_bikes import Expected, expected
from tests.scenarios.conftest import Done

MAY, JUNE = "2021-05", "2021-06"


@pytest.fixture(scope="module")
def tariff() -> Expected:
    return expected()


def cents(amount: str) -> int:
    return int(Decimal(amount) * 100)


def test_every_invoice_is_what_the_tariff_says_to_the_cent(done: Done, tariff: Expected) -> None:
    invoiced = {
        (number, invoice["month"]): cents(invoice["total"]["amount"])
        for number, customer in enumerate(done.demo.customers)
        for invoice in customer.get("/mobile/v1/invoices")["items"]
    }

    assert invoiced == tariff.months
    assert done.summary.billed == {month: Decimal(tariff.total(month)) / 100 for month in (MAY, JUNE)}


def test_every_ride_on_a_statement_is_what_the_tariff_says_to_the_cent(done: Done, tariff: Expected) -> None:
    session_of = {session: number for number, session in done.demo.sessions.items()}
    stated = {
        session_of[each["session_id"]]: cents(each["amount"]["amount"])
        for customer in done.demo.customers
        for month in (MAY, JUNE)
        for each in customer.get(f"/mobile/v1/statements/{month}")["sessions"]
    }

    assert stated == tariff.rides


def test_a_ride_is_billed_in_the_month_in_which_it_ends(done: Done) -> None:
    assert [len(done.rows(month, "sessions.csv")) for month in (MAY, JUNE)] == [82, 18]


def test_a_bike_out_for_nine_hours_and_ridden_for_242_seconds_pays_for_242_seconds(done: Done) -> None:
    """
    In use is what the evidence shows, not what the clock shows.
    """
    customer = done.demo.customers[LONG_OUT % 20]
    receipt = customer.get(f"/mobile/v1/access-sessions/{done.demo.sessions[LONG_OUT]}/receipt")

    assert receipt["quantities"] == {"use_seconds": "242"}
    assert receipt["amount"] == {"amount": "0.50", "currency": "EUR"}
    assert [each["state"] for each in receipt["need"]] == ["in_use", "kept"]


def test_the_late_fee_is_charged_once_and_outside_the_cap(done: Done) -> None:
    """
    16 hours in use come to 0.50 and 32.00; of the day's cap of 9.00 earlier rides had left 7.00; the fee is on top.
    """
    late = [row for row in done.rows(JUNE, "usage.csv") if row["price"] == "late" and Decimal(row["amount"])]
    of_that_ride = [row for row in done.rows(JUNE, "usage.csv") if row["session"] == late[0]["session"]]

    assert [row["amount"] for row in late] == ["80.00"]
    assert sum(Decimal(row["amount"]) for row in of_that_ride if row["price"] != "late") == Decimal("7.00")


def test_the_cap_of_a_day_is_shared_by_both_months_statements(done: Done, tariff: Expected) -> None:
    """
    The one customer who reached the cap had used part of it in rides that May had billed.
    """
    capped = {row["account"] for row in done.rows(JUNE, "usage.csv") if row["kind"] == "reduction"}
    both = [row for month in (MAY, JUNE) for row in done.rows(month, "usage.csv") if row["account"] in capped]
    under_the_cap = sum(cents(row["amount"]) for row in both if row["price"] in {"unlock", "time"})

    assert capped
    assert under_the_cap == 900 * len(capped)
    assert max(tariff.rides.values()) < 8000 + 900  # some of the cap was gone before that ride ended


def test_the_journal_balances_and_stripe_holds_what_the_ledger_says_it_holds(done: Done) -> None:
    finance, sums = done.demo.finance, Counter[str]()
    for month in (MAY, JUNE, "2021-07"):
        balance = finance.get(f"/finance/v1/journal/{month}")
        assert (balance["off_minor"], balance["next"]) == ({}, None)
        for row in balance["rows"]:
            sums[row["ledger_account"]] += cents(row["amount"])
    assert done.system.stripe is not None

    collected = done.system.stripe.collected_total("EUR")
    assert sums["stripe-clearing"] + sums["stripe-fees"] == collected == sum(expected().months.values())
    assert sums["stripe-fees"] > 0


def test_the_control_totals_of_an_export_tie(done: Done) -> None:
    for month in (MAY, JUNE):
        totals = done.manifest(month)
        rated = totals["usage.csv"]["rated_EUR"]
        assert rated == totals["sessions.csv"]["charged_EUR"] == totals["invoices.csv"]["billed_EUR"]
        assert rated == sum(cents(row["amount"]) for row in done.rows(month, "usage.csv"))
        assert totals["journal.csv"]["debit_EUR"] == totals["journal.csv"]["credit_EUR"] > 0
        assert [each for each in done.ties(month) if each["difference_minor"]] == []


def test_every_rated_use_in_an_export_names_its_evidence(done: Done) -> None:
    rows = [row for row in done.rows(MAY, "usage.csv") if row["kind"] == "charge" and row["price"] != "late"]

    assert len(rows) == 2 * 82
    assert [row for row in rows if not row["evidence"]] == []


def unpacked(path: Path) -> list[bytes]:
    """What is in a file, packed or a workbook."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return [book.read(name) for name in book.namelist()]
    return [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()]


def test_no_person_is_in_a_file_of_finance(done: Done) -> None:
    """
    Exports hold pseudonyms only: no address, no sign-in.
    """
    files = [path for path in (done.out / "exports").rglob("*.*") if path.is_file()]
    text = "".join(part.decode() for path in files for part in unpacked(path))
    customers = [customer.get("/mobile/v1/me") for customer in done.demo.customers]

    assert "@" not in text
    assert [each["customer_id"] for each in customers if each["customer_id"] in text] == []
    assert all(each["account_id"] in text for each in customers)


def test_nothing_is_left_behind_at_stripe_or_in_the_queues(done: Done) -> None:
    assert done.system.stripe is not None

    assert done.system.stripe.open_drafts() == 0
    assert done.system.stripe.pending_webhooks() == 0
    assert done.system.drain() == 0


def every_difference(done: Done, month: str) -> list[Any]:
    return reconciling.every_page(done.demo.finance, month)[1]


@pytest.mark.parametrize("month", [MAY, JUNE])
def test_both_months_are_reconciled_from_the_use_on_and_nothing_differs_but_by_caps(done: Done, month: str) -> None:
    done.demo.finance.post("/finance/v1/comparisons")
    done.system.drain()
    done.demo.finance.post("/finance/v1/reconciliations", {"month": month})
    done.system.drain()
    found = done.demo.finance.get(f"/finance/v1/reconciliation/{month}")

    stages = {each["stage"]: each for each in found["stages"]}
    rated, together = stages["rated"], stages["together"]
    assert (found["state"], rated["difference"]) == ("done", "0.00")
    assert set(found["causes"]) <= {"reduced_together"}
    assert cents(rated["left"]) > 0
    assert (rated["right"], together["right"]) == (together["left"], stages["billed"]["left"])
    assert cents(together["difference"]) == sum(cents(each["amount"]) for each in every_difference(done, month))
