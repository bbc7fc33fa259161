"""What becomes of things and of who waits for them: faults, take-outs, moves, and very many at once."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.asking import thing, things
from tests.doors.callers import done
from tests.doors.test_acts import BY_NEED, start
from tests.doors.test_moving import move
from tests.doors.test_returns import said
from tests.doors.test_sharing import car
from tests.doors.world import Customer, Partner, World

SESSIONS, RESERVATIONS, CASES = "/mobile/v1/access-sessions", "/mobile/v1/reservations", "/partner/v1/cases"


def out(partner: Partner, code: str) -> str:
    path = f"/partner/v1/assets/{code.lower()}/take-outs"
    return str(done(partner.post(path, {"reason": "brakes"}))["take_out_id"])


@pytest.fixture
def pair(partner: Partner) -> list[str]:
    return [car(partner), car(partner)]


def two_scooters(world: World) -> tuple[Partner, list[str]]:
    scooters = world.partner("Scooters")
    policy = {"use_signals": ["moving", "unlocked"], "return_signals": ["docked"]}
    done(scooters.put("/partner/v1/products/scooter", {**CITY_BIKE, "name": "S", "category": "s", "policy": policy}))
    done(scooters.post("/partner/v1/products/scooter/tariffs", BY_NEED))
    codes = [scooters.bike() + "S" for _ in range(2)]
    for number, code in enumerate(codes):
        asset = {"product_id": "scooter", "code": code, "device_id": f"dev-{number}"}
        done(scooters.put(f"/partner/v1/assets/{code.lower()}", asset))
    return scooters, codes


def wait(world: World, code: str) -> Customer:
    waiting = world.customer()
    done(waiting.post("/mobile/v1/waiting", {"code": code}))
    return waiting


def held(customer: Customer) -> list[str]:
    return [each["asset"] for each in customer.read(RESERVATIONS)]


def test_a_stop_that_is_due_is_the_running_cost_of_an_app_too(world: World, customer: Customer) -> None:
    """Asked for by its thing, the session is over at the stop; shown to its customer, it still runs."""
    cars = things(world, {})
    session = start(customer, thing(cars))
    done(customer.put(f"{SESSIONS}/{session}/stop", {"after_s": 60}))
    world.settle()
    world.system.clock.advance_to(world.system.now() + timedelta(seconds=150))
    shown: Any = customer.read(f"{SESSIONS}/{session}")
    assert shown["amount"]["amount"] == "0.10"


def test_a_ride_that_goes_on_with_another_thing_has_the_credit_of_the_faulty_one(
    world: World, customer: Customer
) -> None:
    """Half of what a ride costs comes back where its thing fails; ten minutes on the one, ten on the other."""
    policy = {"use_signals": ["moving"], "fault_credit": {"of": "charge", "percent": 50}}
    cars = things(world, policy)
    codes = [thing(cars), thing(cars)]
    session = start(customer, codes[0])
    cars.report(said(world, session, "moving"))
    world.later(minutes=10)
    done(move(customer, session, codes[1], "faulty"))
    cars.report(said(world, session, "moving"))
    world.later(minutes=10)
    receipt = customer.end(session)
    assert any(each["code"] == "fault_credit" for each in receipt["lines"]), receipt["amount"]


METERS = ("wash", "dry", "spin", "litres", "kwh", "doses")
