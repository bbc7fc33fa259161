"""A booking whose asset is taken out is moved to another one by itself; who does not want that declines it for free."""

from typing import Any

import pytest

from tests.doors.asking import stated
from tests.doors.callers import done, refused
from tests.doors.vans import PLACE, asked, at, book, cancel, new_van, show, take_up, told
from tests.doors.world import Customer, Partner, World


@pytest.fixture
def two(vans: Partner) -> list[str]:
    """A place with two vans; their codes."""
    name = f"yard-{vans.bike().lower()}"
    done(vans.put(f"/partner/v1/places/{name}", PLACE))
    return [new_van(vans, place_id=name) for _ in range(2)]


def take_out(world: World, vans: Partner, code: str) -> None:
    done(vans.post(f"/partner/v1/assets/{code.lower()}/take-outs", {"reason": "brakes"}))
    world.settle()


def notice(customer: Customer, code: str) -> dict[str, Any]:
    (found,) = (each for each in customer.read("/mobile/v1/notices")["items"] if each["code"] == code)
    return dict(found)


def test_what_is_booked_goes_to_another_of_the_product_at_the_place_and_is_handed_out_there(
    world: World, customer: Customer, vans: Partner, two: list[str]
) -> None:
    booked = book(customer, at(world, 2), at(world, 3), code=two[0])
    take_out(world, vans, two[0])

    moved = show(customer, booked)
    assert (moved["state"], moved["asset"], moved["from"]) == ("booked", two[1].lower(), booked["from"])
    said = notice(customer, "booking_moved")
    assert (said["about"], said["facts"]["left"]) == (booked["booking_id"], two[0].lower())
    assert (said["facts"]["asset"], "booking_taken_out" in told(customer)) == (two[1].lower(), False)
    refused(asked(world.customer(), at(world, 2), at(world, 3), code=two[1]), 409, "not_free")
    world.later(hours=2)
    assert done(take_up(customer, booked, two[1]))["asset"] == two[1].lower()


def test_who_does_not_want_the_other_one_declines_it_for_free_until_the_booking_begins(
    world: World, customer: Customer, vans: Partner, two: list[str]
) -> None:
    """It would be late by the tariff, an hour before: 3.00."""
    booked = book(customer, at(world, 0.5), at(world, 2), code=two[0])
    take_out(world, vans, two[0])
    assert notice(customer, "booking_moved")["facts"]["free_until"] == booked["from"]
    world.later(minutes=20)

    assert cancel(customer, booked)["state"] == "cancelled"
    assert stated(world, customer) == 0
    book(world.customer(), at(world, 0.5), at(world, 2), code=two[1])


def test_where_nothing_else_is_free_it_stays_and_its_customer_is_told(
    world: World, customer: Customer, vans: Partner, two: list[str]
) -> None:
    """Of two who have booked the same van, the one whose time the other van has free is moved."""
    other = world.customer()
    book(other, at(world, 2.5), at(world, 3), code=two[1])
    first = book(customer, at(world, 2), at(world, 3), code=two[0])
    later = book(customer, at(world, 5), at(world, 6), code=two[0])
    take_out(world, vans, two[0])

    assert [show(customer, each)["asset"] for each in (first, later)] == [each.lower() for each in two]
    assert notice(customer, "booking_taken_out")["about"] == first["booking_id"]
    assert notice(customer, "booking_moved")["about"] == later["booking_id"]


def test_two_who_have_booked_what_is_taken_out_are_never_moved_to_one_and_the_same(
    world: World, customer: Customer, vans: Partner, two: list[str]
) -> None:
    """Both vans are taken out, one after the other, and a third one is there for one of them."""
    other, third = world.customer(), new_van(vans, place_id=place_of(vans, two[0]))
    mine = book(customer, at(world, 2), at(world, 3), code=two[0])
    theirs = book(other, at(world, 2), at(world, 3), code=two[1])
    for code in two:
        take_out(world, vans, code)

    assert [show(customer, mine)["asset"], show(other, theirs)["asset"]] == [third.lower(), two[1].lower()]
    assert ("booking_moved" in told(customer), "booking_taken_out" in told(other)) == (True, True)


def place_of(vans: Partner, code: str) -> str:
    return str(vans.read(f"/partner/v1/assets/{code.lower()}")["place_id"])
