"""Stripe Tax decides the tax: totals stay as they were quoted; documents, books and Stripe's reports say the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.billing.tax_store import TaxStore
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.callers import done
from tests.doors.test_credit_notes import OURS
from tests.doors.test_late_evidence import two_hours
from tests.doors.world import Customer, Partner, World

LATE_IN_MAY = datetime(2021, 5, 30, 9, tzinfo=UTC)
FIRM = {"name": "Firma GmbH", "address": ["Allee 1"], "country": "DE", "vat_number": "DE123456789"}
MUSIC = {**CITY_BIKE, "name": "Music", "category": "music", "kind": "digital"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with System.start(seed="taxes", start_at=LATE_IN_MAY, settings={"ADGANG_TAX": "stripe"}) as system:
        yield World(system)


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> dict[str, Customer]:
    """
    In May each takes a bike in Helsinki for two hours, 3.50, and a firm of Germany two hours of music; Stripe Tax is
    away for a moment when they are billed. In June the bike of one says ten minutes, 0.50, and it is settled at once.
    """
    found = {name: world.customer() for name in ("rider", "corrected", "firm")}
    done(world.finance.put("/finance/v1/sellers/fi", OURS))
    done(partner.put("/partner/v1/products/music", MUSIC))
    done(partner.post("/partner/v1/products/music/tariffs", CITY_BIKE_TARIFF))
    done(partner.put("/partner/v1/assets/song", {"product_id": "music", "code": "SONG-1", "capacity": "unlimited"}))
    done(found["firm"].put("/mobile/v1/me/billing-details", FIRM))
    account_id = found["corrected"].read("/mobile/v1/me")["account_id"]
    done(world.finance.put(f"/finance/v1/accounts/{account_id}/settlement-policy", {"at": "session_end"}))
    ride = two_hours(world, found["corrected"], partner)
    two_hours(world, found["rider"], partner)
    session = found["firm"].start("SONG-1")
    world.later(hours=2)
    found["firm"].end(session)
    world.stripe.fail_next("tax.calculations.create", "500")
    world.stripe.fail_next("tax.calculations.create", "429", after=1)
    world.stripe.fail_next("tax.transactions.create_from_calculation", "timeout_after_applying")
    world.until(datetime(2021, 6, 2, 9, tzinfo=UTC))
    ended = found["corrected"].read(f"/mobile/v1/access-sessions/{ride}/receipt")["ended_at"]
    partner.report(world.used(ride, 600, time=ended))
    world.settle()
    world.until(datetime(2021, 6, 3, 14, tzinfo=UTC))
    return found


def invoice_of(customer: Customer) -> dict[str, Any]:
    (row,) = customer.read("/mobile/v1/invoices")["items"]
    return dict(customer.read(f"/mobile/v1/invoices/{row['invoice_id']}"))


def taxes(document: dict[str, Any]) -> list[tuple[str, ...]]:
    rows = document["taxes"]
    sums = ("gross", "tax", "net")
    return [(row["rate"], row["country"], row["reason"], *(row[each]["amount"] for each in sums)) for row in rows]


def test_an_invoice_says_the_tax_by_rate_and_country_and_its_total_stays(riders: dict[str, Customer]) -> None:
    found = invoice_of(riders["rider"])

    assert (found["total"]["amount"], found["state"]) == ("3.50", "paid")
    assert taxes(found) == [("0.255", "FI", None, "3.50", "0.71", "2.79")]


def test_a_firm_elsewhere_owes_the_tax_itself_and_its_invoice_says_so(riders: dict[str, Customer]) -> None:
    found = invoice_of(riders["firm"])

    assert (found["total"]["amount"], found["buyer"]["vat_number"]) == ("3.50", "DE123456789")
    assert taxes(found) == [("0", "DE", "reverse_charge", "3.50", "0.00", "3.50")]
    path = f"/mobile/v1/invoices/{found['document_id']}/document.html"
    page = riders["firm"].get(path, headers={"Accept-Language": "en"}).content.decode()
    assert "0 % DE, reverse charge: the buyer owes the VAT" in page


def test_a_credit_note_gives_the_tax_back_in_proportion(riders: dict[str, Customer]) -> None:
    (found,) = riders["corrected"].read("/mobile/v1/credit-notes")["items"]
    note = riders["corrected"].read(f"/mobile/v1/credit-notes/{found['credit_note_id']}/document")

    assert taxes(note) == [("0.255", "FI", None, "3.00", "0.61", "2.39")]


def test_ledger_and_stripes_reports_say_the_same_and_the_comparison_finds_nothing(
    world: World, riders: dict[str, Customer]
) -> None:
    balance = world.finance.read("/finance/v1/trial-balance")
    posted = {row["ledger_account"]: row["credit"] for row in balance["rows"]}
    assert (posted["tax:0.255:FI"], balance["off_minor"]) == ("0.81", {})
    assert world.stripe.tax_reported("EUR") == {"25.5 FI": 81, "0 DE": 0}
    accounts = [each.read("/mobile/v1/me")["account_id"] for each in riders.values()]
    assert all(sale.is_recorded for account in accounts for sale in TaxStore().of_account(account))

    days = {each["asked_at"][:10] for each in world.finance.read("/finance/v1/comparisons")["items"]}
    found = [each for day in days for each in world.finance.read(f"/finance/v1/comparisons/{day}")]
    assert [row for each in found for row in each["differences"] if "tax" in row["cause"]] == []
    read = [path for method, path in world.stripe.calls if method == "GET" and path.startswith("/v1/tax/transactions")]
    assert len(read) >= len(riders)


def test_while_stripe_tax_is_away_nothing_is_billed_and_then_it_takes_two_calls_more_than_by_our_own_rates(
    world: World, partner: Partner
) -> None:
    """
    The close gives up after five tries, each with others and by itself; a timer has the month settled once more.
    """
    rider, tries = world.customer(), 12
    two_hours(world, rider, partner)
    world.settle()
    before = len(world.stripe.calls)
    for _ in range(tries):
        world.stripe.fail_next("tax.calculations.create", "429")
    world.until(datetime(2021, 7, 1, 1, 30, tzinfo=UTC))
    assert (world.stripe.waiting_faults(), rider.read("/mobile/v1/invoices")["items"]) == (tries - 10, [])
    world.until(datetime(2021, 7, 1, 6, tzinfo=UTC))
    made = [path for method, path in world.stripe.calls[before:] if method == "POST"]

    assert taxes(invoice_of(rider)) == [("0.255", "FI", None, "3.50", "0.71", "2.79")]
    assert (world.stripe.waiting_faults(), invoice_of(rider)["state"]) == (0, "paid")
    assert sum(path.startswith("/v1/tax/") for path in made) == tries + 2
    assert len(made) == tries + 4 + 2
