"""What is reserved is kept from others: so many things at once, and none again and again."""

import pytest

from tests.doors.asking import RESERVATIONS, SESSIONS, accepted, limit, thing, things
from tests.doors.callers import done, refused
from tests.doors.test_acts import reserve
from tests.doors.vans import BOOKINGS, at, book, cancel, new_van, priced
from tests.doors.world import Customer, Partner, World


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """Held for a quarter of an hour, free of charge."""
    return things(world, {"free_reservation_s": 900})


def test_no_more_is_reserved_than_may_be_until_some_of_it_is_given_up_or_started(
    customer: Customer, cars: Partner
) -> None:
    codes = [thing(cars) for _ in range(13)]
    held = [reserve(customer, code)["session_id"] for code in codes[:10]]
    shown = refused(customer.post(RESERVATIONS, accepted(customer, codes[10])), 409, "too_many_reserved")
    assert shown["facts"] == {"most": 10, "reserved": 10}

    done(customer.post(f"{RESERVATIONS}/{held[0]}/cancel"))
    done(customer.post(f"{RESERVATIONS}/{held[1]}/start", {"code": codes[1]}))
    for code in codes[11:]:
        reserve(customer, code)
    refused(customer.post(RESERVATIONS, accepted(customer, codes[10])), 409, "too_many_reserved")


def test_who_allows_themselves_one_session_has_one_thing_reserved(customer: Customer, cars: Partner) -> None:
    limit(customer, most_open=1)
    reserve(customer, thing(cars))
    refused(customer.post(RESERVATIONS, accepted(customer, thing(cars))), 409, "too_many_reserved")


@pytest.mark.parametrize("gives_up", [True, False])
def test_what_was_reserved_and_not_started_is_left_to_others_for_half_an_hour(
    world: World, customer: Customer, cars: Partner, *, gives_up: bool
) -> None:
    code = thing(cars)
    held = reserve(customer, code)["session_id"]
    world.later(minutes=14 if gives_up else 15)
    if gives_up:
        done(customer.post(f"{RESERVATIONS}/{held}/cancel"))
    refused(customer.post(RESERVATIONS, accepted(customer, code)), 409, "reserved_lately")
    customer.end(done(customer.post(SESSIONS, accepted(customer, code)))["session_id"])

    world.later(minutes=31)
    assert reserve(customer, code)


def test_another_customer_reserves_it_at_once(world: World, customer: Customer, cars: Partner) -> None:
    code = thing(cars)
    held = reserve(customer, code)["session_id"]
    done(customer.post(f"{RESERVATIONS}/{held}/cancel"))
    assert reserve(world.customer(), code)


def test_no_more_is_booked_by_one_customer_than_may_be(world: World, customer: Customer, vans: Partner) -> None:
    van = new_van(vans)
    hours = [2 * number + 1 for number in range(51)]
    booked = [book(customer, at(world, each), at(world, each + 0.5), code=van) for each in hours[:50]]
    quoted = priced(customer, at(world, hours[50]), at(world, hours[50] + 0.5), code=van)
    assert refused(customer.post(BOOKINGS, {"quote": quoted["quote"]}), 409, "too_many_bookings")["facts"] == {
        "most": 50
    }
    cancel(customer, booked[-1])
    done(customer.post(BOOKINGS, {"quote": quoted["quote"]}))
