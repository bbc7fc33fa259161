"""A session ends by what the evidence shows, given back or out of order, though nobody says so and it is told late."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done, refused
from tests.doors.test_acts import BY_NEED, codes, receipt, start
from tests.doors.world import Customer, Partner, World

POLICY = {"use_signals": ["moving", "unlocked"], "return_signals": ["docked"]}


@pytest.fixture(scope="module")
def scooters(world: World) -> Partner:
    partner = world.partner("Scooters")
    product = {**CITY_BIKE, "name": "Scooter", "category": "scooters", "policy": POLICY}
    done(partner.put("/partner/v1/products/scooter", product))
    done(partner.post("/partner/v1/products/scooter/tariffs", BY_NEED))
    return partner


@pytest.fixture
def scooter(scooters: Partner) -> str:
    code = scooters.bike() + "S"
    done(scooters.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "scooter", "code": code}))
    return code


def said(world: World, session: str, signal: str, ago: float = 0) -> dict[str, Any]:
    time = (world.system.now() - timedelta(minutes=ago)).isoformat()
    return world.event(session, signal=signal, time=time)


def is_free(world: World, code: str) -> bool:
    asked = {"code": code, "need": {}}
    return world.customer().post("/mobile/v1/quotes", asked, key=None).status == 200


def test_a_proof_of_return_ends_the_session_at_the_time_of_return_though_it_comes_hours_later(
    world: World, customer: Customer, scooters: Partner, scooter: str
) -> None:
    """
    Used from the start for ten minutes, then docked; told three hours later.
    """
    session, begun = start(customer, scooter), world.system.now()
    world.later(hours=3)
    assert not is_free(world, scooter)
    scooters.report(said(world, session, "docked", ago=170), said(world, session, "moving", ago=180))
    world.settle()

    ended_at, amount = receipt(customer, session)
    assert datetime.fromisoformat(ended_at) == begun + timedelta(minutes=10)
    assert (amount, codes(customer)) == ("1.00", ["session_returned"])
    assert is_free(world, scooter)
    assert done(customer.post(f"/mobile/v1/access-sessions/{session}/end"))["amount"]["amount"] == "1.00"


@pytest.mark.parametrize("told", ["return first", "use first", "together"])
def test_a_return_and_a_use_that_follows_it_bring_the_same_bill_in_whatever_order_they_are_told(
    world: World, customer: Customer, scooters: Partner, scooter: str, told: str
) -> None:
    """
    Ten minutes in use, docked, then ten more and ended by hand. Told in time the return would have ended it.
    """
    session = start(customer, scooter)
    world.later(minutes=20)
    begun = said(world, session, "unlocked", ago=20)
    docked, moving = said(world, session, "docked", ago=10), said(world, session, "moving", ago=8)
    if told == "together":
        scooters.report(begun, moving, docked)
    else:
        for event in (begun, docked, moving) if told == "return first" else (begun, moving, docked):
            scooters.report(event)
            world.settle()
    world.settle()

    assert receipt(customer, session)[1] == "1.00"
    assert is_free(world, scooter)


def test_a_return_that_is_told_after_the_end_and_a_use_that_followed_it_bring_that_bill_too(
    world: World, customer: Customer, scooters: Partner, scooter: str
) -> None:
    session = start(customer, scooter)
    scooters.report(said(world, session, "unlocked"))
    world.later(minutes=20)
    scooters.report(said(world, session, "moving", ago=8))
    customer.end(session)
    assert receipt(customer, session)[1] == "2.00"
    returned_at = world.system.now() - timedelta(minutes=10)
    scooters.report(said(world, session, "docked", ago=10))
    world.settle()

    ended_at, amount = receipt(customer, session)
    assert (datetime.fromisoformat(ended_at), amount) == (returned_at, "1.00")
    (used,) = customer.read("/mobile/v1/statements/2021-05")["sessions"]
    assert (used["ended_at"], used["amount"]["amount"]) == (ended_at, "1.00")


def test_a_sign_of_return_comes_twice_and_to_a_session_that_has_ended(
    world: World, customer: Customer, scooters: Partner, scooter: str
) -> None:
    session = start(customer, scooter)
    scooters.report(said(world, session, "unlocked"))
    world.later(minutes=10)
    docked = said(world, session, "docked")
    for _ in range(2):
        scooters.report(docked)
        world.settle()
    scooters.report(said(world, session, "docked", ago=2))
    world.settle()

    assert codes(customer) == ["session_returned"]
    assert receipt(customer, session)[1] == "0.80"


def test_a_fault_ends_the_session_and_takes_the_thing_off_the_offers_until_its_partner_puts_it_back(
    world: World, customer: Customer, scooters: Partner, scooter: str
) -> None:
    """
    Nobody asks for it: five minutes are charged, the twenty after the fault are not.
    """
    session = start(customer, scooter)
    scooters.report(said(world, session, "unlocked"))
    world.later(minutes=25)
    scooters.report(said(world, session, "faulty", ago=20))
    world.settle()

    assert receipt(customer, session)[1] == "0.50"
    assert codes(customer) == ["session_faulty"]
    quoted = world.customer().post("/mobile/v1/quotes", {"code": scooter, "need": {}}, key=None)
    refused(quoted, 409, "asset_taken_out")
    outs = f"/partner/v1/assets/{scooter.lower()}/take-outs"
    (out,) = scooters.read(outs)["items"]
    assert session in out["reason"]
    done(scooters.delete(f"{outs}/{out['take_out_id']}"))
    assert is_free(world, scooter)


def test_for_a_product_without_signs_of_return_being_docked_ends_nothing(
    world: World, customer: Customer, partner: Partner, code: str
) -> None:
    session = customer.start(code)
    partner.report(world.event(session, signal="docked"))
    world.later(minutes=5)

    assert [each["session_id"] for each in customer.read("/mobile/v1/access-sessions")] == [session]
