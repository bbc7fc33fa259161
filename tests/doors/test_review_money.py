"""What a customer is charged when timers are late, sessions are shared, things cannot be had, and limits are set."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.asking import things
from tests.doors.callers import done
from tests.doors.test_acts import BY_NEED, start
from tests.doors.test_returns import said
from tests.doors.world import Customer, Partner, World

SESSIONS, RESERVATIONS = "/mobile/v1/access-sessions", "/mobile/v1/reservations"


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """Ten cents a minute in use."""
    return things(world, {})


@pytest.fixture(autouse=True)
def morning(world: World) -> None:
    """Early on a day of its own, and never in the last days of a month."""
    now = world.system.now()
    day = (now + timedelta(days=1 if now.day < 20 else 35 - now.day)).replace(hour=5, minute=0, second=0)
    world.until(day)


@pytest.fixture(scope="module")
def scooters(world: World) -> Partner:
    partner = world.partner("Scooters")
    policy = {"use_signals": ["moving", "unlocked"], "return_signals": ["docked"]}
    done(partner.put("/partner/v1/products/scooter", {**CITY_BIKE, "name": "S", "category": "s", "policy": policy}))
    done(partner.post("/partner/v1/products/scooter/tariffs", BY_NEED))
    return partner


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 1, 3), (3, 2, 1, 0)])
def test_the_same_reports_come_to_the_same_charge_in_any_order_of_arrival(
    world: World, customer: Customer, scooters: Partner, order: tuple[int, ...]
) -> None:
    """Moving; a dock that it passes; moving again; the dock at which it stays. 29 minutes in use, or 10: not both."""
    code = scooters.bike() + "S"
    done(scooters.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "scooter", "code": code}))
    session = start(customer, code)
    world.later(minutes=40)
    rows: list[dict[str, Any]] = [
        said(world, session, signal, ago)
        for signal, ago in (("moving", 40), ("docked", 30), ("moving", 29), ("docked", 10))
    ]
    for number in order:
        scooters.report(rows[number])
        world.settle()
    assert customer.read(f"{SESSIONS}/{session}/receipt")["amount"]["amount"] == "2.90"
