"""From the quote to the export in currencies of no decimals, of three, and of two that nobody moves."""

import csv
import gzip
import io
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.system import System
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.callers import done, refused
from tests.doors.paying import collected_at_stripe
from tests.doors.world import Customer, Partner, World

LATE_IN_MAY = datetime(2021, 5, 30, 9, tzinfo=UTC)
SESSIONS = "/mobile/v1/access-sessions"


@dataclass(frozen=True)
class Case:
    """A ride's price, what is held for it, what of both can be moved, and what is given back of it."""

    currency: str
    price: str
    hold: str
    held: str
    billed: str
    minor: int
    too_fine: str | None
    back: str
    left: int


CASES = [
    Case("JPY", "1250", "500", "500", "1250", 1250, None, "333", 917),
    Case("KWD", "5.125", "2.005", "2.000", "5.120", 5120, "1.255", "1.250", 3870),
    Case("UGX", "9000.50", "3000.50", "3000.00", "9000.00", 900_000, "450.50", "450.00", 855_000),
]
pytestmark = pytest.mark.parametrize("case", CASES, ids=[each.currency for each in CASES], scope="module")


@pytest.fixture(scope="module")
def world(case: Case) -> Iterator[World]:
    settings = {"ADGANG_CURRENCY": case.currency}
    with System.start(seed=case.currency, start_at=LATE_IN_MAY, settings=settings) as system:
        yield World(system)


@pytest.fixture(scope="module")
def cars(world: World, case: Case) -> Partner:
    """A flat price for each ride, and something is held for it."""
    made = done(world.operator.post("/finance/v1/partners", {"name": "Cars"}))
    partner = Partner(world.system.address, made)
    price = {"id": "ride", "kind": "flat", "charge_class": "use", "amount": case.price}
    tariff = {**CITY_BIKE_TARIFF, "currency": case.currency, "prices": [price], "caps": []}
    done(partner.put("/partner/v1/products/car", {**CITY_BIKE, "policy": {"hold": {"amount": case.hold}}}))
    done(partner.post("/partner/v1/products/car/tariffs", tariff))
    done(partner.put("/partner/v1/assets/car-1", {"product_id": "car", "code": "CAR-1"}))
    return partner


@pytest.fixture(scope="module")
def rider(world: World, cars: Partner, case: Case) -> Customer:
    """Has ridden, and it is June."""
    rider = world.customer()
    quote = rider.quote("CAR-1")
    assert (quote["estimate"]["amount"], quote["estimate"]["currency"]) == (case.price, case.currency)
    session = done(rider.post(SESSIONS, {"code": "CAR-1", "quote": quote["quote"]}))["session_id"]
    assert rider.read(f"{SESSIONS}/{session}")["hold"]["amount"] == {"amount": case.held, "currency": case.currency}
    world.later(minutes=20)
    assert cars.report(world.used(session, 1200))[0]["outcome"] == "accepted"
    rider.end(session)
    world.settle()
    assert rider.read(f"{SESSIONS}/{session}/receipt")["hold"]["captured"]["amount"] == case.held
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    return rider


def invoice(rider: Customer) -> dict[str, Any]:
    (made,) = rider.read("/mobile/v1/invoices")["items"]
    return dict(made)


def test_what_can_be_moved_is_billed_and_paid_by_the_hold_and_the_card(
    world: World, rider: Customer, case: Case
) -> None:
    assert (invoice(rider)["total"]["amount"], invoice(rider)["state"]) == (case.billed, "paid")
    assert collected_at_stripe(rider, world, case.currency) == case.minor
    assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}


def test_what_is_given_back_is_what_can_be_moved(world: World, rider: Customer, case: Case) -> None:
    path = f"/finance/v1/accounts/{rider.read('/mobile/v1/me')['account_id']}/refunds"
    body = {"invoice_id": invoice(rider)["invoice_id"], "reason": "a wet seat"}
    if case.too_fine is not None:
        problem = refused(world.operator.post(path, {**body, "amount": case.too_fine}), 422, "not_movable", "/amount")
        assert problem["facts"]["nearest"] == f"{case.back} {case.currency}"
    done(world.operator.post(path, {**body, "amount": case.back}))
    world.settle()

    assert collected_at_stripe(rider, world, case.currency) == case.left
    assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}


@pytest.mark.usefixtures("rider")
def test_the_export_says_the_same_amounts_and_both_books_do(world: World, case: Case) -> None:
    done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
    world.settle()
    newest = world.finance.read("/finance/v1/exports/2021-05")[-1]["version"]
    link = world.finance.read(f"/finance/v1/exports/2021-05/{newest}/invoices.csv.gz")["href"]
    with urllib.request.urlopen(link) as answer:
        (row,) = csv.DictReader(io.StringIO(gzip.decompress(answer.read()).decode()))

    assert (row["amount"], row["currency"]) == (case.billed, case.currency)
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": "2021-05"}))["asked_at"]
    world.settle()
    shown = world.finance.read(f"/finance/v1/reconciliation/2021-05?run={asked}")
    assert shown["state"] == "done"
    assert "unknown" not in shown["causes"]
    assert {each["currency"] for each in shown["stages"]} == {case.currency}
