"""What was promised beside the price of a booking holds at its hand-out: hold, terms, what is asked, and limits."""

from datetime import datetime
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.asking import LIMITS, agree, limit, things
from tests.doors.asking import thing as car
from tests.doors.callers import done, refused
from tests.doors.vans import RULES, at, book, priced, receipt, take_up
from tests.doors.world import Customer, Partner, World

POLICY = {"booking": RULES, "hold": {"amount": "50.00"}, "consents": ["position:2021-05"]}
TERMS = {"version": "2021-05", "texts": {"en": "https://cars.example/terms"}}


@pytest.fixture
def cars(world: World) -> Partner:
    """Ten cents a minute in use, booked ahead; 50.00 are held, and the position is asked for."""
    return things(world, POLICY, terms=TERMS)


def handed_out(world: World, customer: Customer, booking: dict[str, Any], code: str) -> dict[str, Any]:
    world.until(datetime.fromisoformat(booking["from"]))
    return dict(done(take_up(customer, booking, code)))


def test_a_booking_quote_shows_the_hold_the_terms_and_what_is_asked(
    world: World, customer: Customer, cars: Partner
) -> None:
    quoted = priced(customer, at(world, 5), at(world, 7), code=car(cars))

    assert quoted["hold"] == {"amount": "50.00", "currency": "EUR"}
    assert quoted["terms"] == {"version": "2021-05", "language": "en", "text": "https://cars.example/terms"}
    assert quoted["asks"] == [{"what": f"{cars.partner_id}:position", "version": "2021-05", "state": "missing"}]
    assert quoted["caps"] == []


def test_what_is_handed_out_keeps_the_hold_and_the_terms_of_its_promise(
    world: World, customer: Customer, cars: Partner
) -> None:
    """The partner states others meanwhile; they hold for what is quoted afterwards."""
    code = car(cars)
    booking = book(customer, at(world, 5), at(world, 7), code=code)
    product = {"name": "Car", "category": "cars", "zone": "Europe/Helsinki"}
    later = {**product, "policy": {"booking": RULES, "hold": {"amount": "90.00"}}, "terms": {**TERMS, "version": "2"}}
    done(cars.put("/partner/v1/products/car", later))
    agree(customer, f"{cars.partner_id}:position", "2021-05")
    session = handed_out(world, customer, booking, code)

    assert (session["hold"]["amount"], session["terms_version"]) == ("50.00", "2021-05")


def test_what_was_asked_when_it_was_booked_is_asked_at_the_hand_out(
    world: World, customer: Customer, cars: Partner
) -> None:
    code = car(cars)
    booking = book(customer, at(world, 5), at(world, 7), code=code)
    world.until(datetime.fromisoformat(booking["from"]))

    refused(take_up(customer, booking, code), 403, "consent_missing")


def test_what_is_handed_out_counts_under_a_hard_budget_and_ends_before_it_comes_to_more(
    world: World, customer: Customer, cars: Partner
) -> None:
    """20.00 are 200 minutes: more than the two hours that were booked, less than the thing was kept out."""
    code = car(cars)
    agree(customer, f"{cars.partner_id}:position", "2021-05")
    booking = book(customer, at(world, 5), at(world, 7), code=code)
    limit(customer, month={"amount": "20.00"})
    session = handed_out(world, customer, booking, code)
    world.later(hours=9)

    assert session["ends_at_cost"] == {"amount": "20.00", "currency": "EUR"}
    assert receipt(customer, session["session_id"])["amount"]["amount"] == "20.00"


def test_what_a_hard_budget_has_no_room_for_is_not_handed_out(world: World, customer: Customer, cars: Partner) -> None:
    code = car(cars)
    agree(customer, f"{cars.partner_id}:position", "2021-05")
    booking = book(customer, at(world, 5), at(world, 7), code=code)
    limit(customer, month={"amount": "11.00"})
    world.until(datetime.fromisoformat(booking["from"]))

    problem = refused(take_up(customer, booking, code), 409, "budget_passed")

    assert problem["facts"] == {"period": "month", "estimate": "12.00 EUR", "left": "11.00 EUR"}
    assert customer.read(LIMITS)["open"] == 0


def test_a_booking_goes_by_the_policy_that_it_was_quoted_with(world: World, customer: Customer) -> None:
    """Two hours of rest were grace, and cost nothing, when it was booked; its partner states none meanwhile."""
    policy = {"use_signals": ["moving"], "grace_s": 7200, "booking": RULES}
    cars = things(world, policy)
    code = car(cars)
    booked = book(customer, at(world, 5), at(world, 7), code=code, need={"in_use": "0"})
    product = {**CITY_BIKE, "name": "Car", "category": "cars", "policy": {**policy, "grace_s": 0}}
    done(cars.put("/partner/v1/products/car", product))
    world.until(datetime.fromisoformat(booked["from"]))
    session = done(take_up(customer, booked, code))["session_id"]
    world.later(hours=2)
    assert customer.end(session)["amount"]["amount"] == "0.00"
