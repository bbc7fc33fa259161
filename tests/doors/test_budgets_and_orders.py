"""What is ordered beside use counts under a hard budget as use does, and refuses nothing that fits."""

from decimal import Decimal

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.asking import RESERVATIONS, SESSIONS, accepted, limit, next_morning, stated
from tests.doors.callers import done, refused
from tests.doors.test_acts import start
from tests.doors.vans import BOOKINGS, TARIFF, at, cancel, new_van, priced
from tests.doors.world import Customer, Partner, World


@pytest.fixture(autouse=True)
def morning(world: World) -> None:
    next_morning(world)


def test_a_hard_budget_has_room_for_a_need_that_fits_though_the_tariff_prices_cancellations(
    customer: Customer, vans: Partner
) -> None:
    """An hour is 7.00, and time alone tells what a van comes to; 20.00 are allowed."""
    limit(customer, day={"amount": "20.00"})
    van = new_van(vans)
    quoted = done(customer.post("/mobile/v1/quotes", {"code": van, "need": {"in_use": "3600"}}, key=None))
    assert quoted["estimate"]["amount"] == "7.00"
    done(customer.post(SESSIONS, {"code": van, "quote": quoted["quote"]}))


@pytest.fixture(scope="module")
def boats(world: World) -> Partner:
    """Priced by time alone: ten cents a minute in use, five a minute reserved beyond what is free."""
    partner = world.partner("Boats")
    tariff = {**TARIFF, "meters": TARIFF["meters"][:1], "prices": TARIFF["prices"][:3]}
    product = {**CITY_BIKE, "name": "Van", "category": "boats", "policy": {"free_reservation_s": 600}}
    done(partner.put("/partner/v1/products/van", product))
    done(partner.post("/partner/v1/products/van/tariffs", tariff))
    return partner


def test_priced_reservations_do_not_pass_a_hard_budget(world: World, customer: Customer, boats: Partner) -> None:
    """Each costs 3.00 when nobody takes it up."""
    limit(customer, day={"amount": "5.00"})
    codes = [new_van(boats) for _ in range(3)]
    bodies = [accepted(customer, code) for code in codes]
    first = done(customer.post(RESERVATIONS, bodies[0]))["session_id"]
    for body in bodies[1:]:
        refused(customer.post(RESERVATIONS, body), 409, "budget_passed")

    started = done(customer.post(f"{RESERVATIONS}/{first}/start", {"code": codes[0]}))
    assert started["ends_at_cost"]["amount"] == "5.00"
    world.later(hours=3)
    assert stated(world, customer) == Decimal("5.00")


def test_what_is_reserved_at_a_price_is_left_out_of_what_else_may_cost(
    world: World, customer: Customer, boats: Partner
) -> None:
    limit(customer, day={"amount": "5.00"})
    done(customer.post(RESERVATIONS, accepted(customer, new_van(boats))))
    session = start(customer, new_van(boats))
    world.later(hours=6)
    assert customer.read(f"{SESSIONS}/{session}/receipt")["amount"]["amount"] == "2.00"
    assert stated(world, customer) == Decimal("5.00")


def test_bookings_that_nobody_comes_for_do_not_pass_a_hard_budget(
    world: World, customer: Customer, vans: Partner
) -> None:
    """Not coming costs 7.00 each. Given up in time it costs nothing, and another one is booked."""
    limit(customer, day={"amount": "8.00"})
    quotes = [priced(customer, at(world, 2), at(world, 3), code=new_van(vans))["quote"] for _ in range(3)]
    first = done(customer.post(BOOKINGS, {"quote": quotes[0]}))
    refused(customer.post(BOOKINGS, {"quote": quotes[1]}), 409, "budget_passed")
    cancel(customer, first)
    done(customer.post(BOOKINGS, {"quote": quotes[2]}))
    world.later(hours=4)
    assert stated(world, customer) == Decimal("7.00")


def test_a_booking_counts_under_the_budget_of_its_own_day(world: World, customer: Customer, vans: Partner) -> None:
    limit(customer, day={"amount": "8.00"})
    for hours in (2, 26, 50):
        quoted = priced(customer, at(world, hours), at(world, hours + 1), code=new_van(vans))
        done(customer.post(BOOKINGS, {"quote": quoted["quote"]}))
    quoted = priced(customer, at(world, 28), at(world, 29), code=new_van(vans))
    refused(customer.post(BOOKINGS, {"quote": quoted["quote"]}), 409, "budget_passed")
