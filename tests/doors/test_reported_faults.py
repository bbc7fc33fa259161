"""A customer says that the thing at hand is out of order, and goes on with nothing: the same follows as of a sign."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import Reply, done, refused
from tests.doors.test_acts import codes, receipt
from tests.doors.test_faults import POLICIES, TARIFF, fault_case, offered, ridden
from tests.doors.test_returns import is_free, said
from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"


@pytest.fixture(scope="module")
def scooters(world: World) -> Partner:
    partner = world.partner("Scooters")
    product = {**CITY_BIKE, "name": "half", "category": "scooters", "policy": POLICIES["half"]}
    done(partner.put("/partner/v1/products/half", product))
    done(partner.post("/partner/v1/products/half/tariffs", TARIFF))
    return partner


def says_faulty(customer: Customer, session: str, **how: Any) -> Reply:  # noqa: ANN401 -- as `post` takes it
    return customer.post(f"{SESSIONS}/{session}/fault", **how)


def test_the_meter_stops_the_credit_is_given_and_the_thing_is_off_the_offers(
    world: World, scooters: Partner, customer: Customer
) -> None:
    """
    Ten minutes for 2.00, of which half comes back; the twenty minutes after it cost nothing.
    """
    code = offered(scooters, "half")
    session = ridden(world, scooters, customer, code)
    first, again = (says_faulty(customer, session, key="flat") for _ in range(2))
    world.later(minutes=20)

    assert (first.status, first.content) == (202, again.content)
    assert receipt(customer, session)[1] == "1.00"
    assert {"session_faulty", "fault_credited"} == set(codes(customer))
    case = fault_case(scooters, session)
    assert (case["state"], case["reason"], case["credit"]["amount"]) == ("open", "ended_by_fault", "1.00")
    assert not is_free(world, code)
    refused(says_faulty(customer, session), 409, "already_ended")


def test_a_partner_who_finds_it_in_order_takes_the_word_back_and_the_credit_with_it(
    world: World, scooters: Partner, customer: Customer
) -> None:
    code = offered(scooters, "half")
    session = ridden(world, scooters, customer, code)
    done(says_faulty(customer, session))
    world.settle()
    events = scooters.read(f"/partner/v1/usage/{session}/events")["events"]
    (said,) = [quote(each["reference"]) for each in events if each["source"] == "/customers"]
    done(scooters.post(f"/partner/v1/events/{said}/void", {"change_id": "looked-at", "reason": "it rolls"}))
    world.settle()

    assert Decimal(receipt(customer, session)[1]) == Decimal("2.00")


def test_only_who_takes_part_says_it_and_only_of_what_is_at_hand(
    world: World, scooters: Partner, customer: Customer
) -> None:
    code = offered(scooters, "half")
    session = ridden(world, scooters, customer, code)
    refused(says_faulty(world.customer(), session), 404, "unknown_session")
    another = offered(scooters, "half")
    quoted = done(customer.post("/mobile/v1/quotes", {"code": another, "need": {}}, key=None))["quote"]
    taken = done(customer.post("/mobile/v1/reservations", {"code": another, "quote": quoted}))
    refused(says_faulty(customer, taken["session_id"]), 409, "not_started")
    customer.end(session)
    refused(says_faulty(customer, session), 409, "already_ended")


def test_who_goes_on_with_another_has_a_part_back_for_the_one_that_failed_until_its_partner_finds_it_in_order(
    world: World, scooters: Partner, customer: Customer
) -> None:
    """
    Ten minutes on each, the first of them at rest on the other: 2.92. Half comes back of a charge, and half of its
    time was on the one that failed: 0.73.
    """
    left, taken = (offered(scooters, "half") for _ in range(2))
    session = ridden(world, scooters, customer, left)
    body = {"code": taken, "reason": "faulty"}
    first, again = (customer.post(f"{SESSIONS}/{session}/transfer", body, key="tyre") for _ in range(2))
    world.later(minutes=1)
    scooters.report(said(world, session, "moving"))
    world.later(minutes=9)
    customer.end(session)

    assert first.content == again.content
    assert Decimal(receipt(customer, session)[1]) == Decimal("2.19")
    (out,) = scooters.read(f"/partner/v1/assets/{left.lower()}/take-outs")["items"]
    assert session in out["reason"]

    events = scooters.read(f"/partner/v1/usage/{session}/events")["events"]
    (word,) = [quote(each["reference"]) for each in events if each["source"] == "/customers"]
    done(scooters.post(f"/partner/v1/events/{word}/void", {"change_id": "rolls-on", "reason": "it rolls"}))
    world.settle()

    assert Decimal(receipt(customer, session)[1]) == Decimal("2.92")
