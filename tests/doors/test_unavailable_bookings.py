"""Who booked what could not be had pays nothing for it."""

from datetime import datetime

from tests.doors.asking import stated
from tests.doors.callers import done, refused
from tests.doors.test_acts import start
from tests.doors.vans import BOOKINGS, at, book, new_van, priced, receipt, show, take_up
from tests.doors.world import Customer, Partner, World


def test_what_could_not_be_had_costs_the_same_whether_it_is_cancelled_or_waited_for(
    world: World, customer: Customer, vans: Partner
) -> None:
    """Each was changed late, for 2.00, and is out of service when it begins."""
    costs = []
    for cancels in (True, False):
        van = new_van(vans)
        booked = book(customer, at(world, 0.5), at(world, 1), code=van)
        quoted = priced(customer, at(world, 2), at(world, 3), booking=booked["booking_id"])
        done(customer.put(f"{BOOKINGS}/{booked['booking_id']}", {"quote": quoted["quote"]}))
        done(vans.post(f"/partner/v1/assets/{van.lower()}/take-outs", {"reason": "brakes"}))
        world.later(hours=2.1)
        if cancels:
            done(customer.post(f"{BOOKINGS}/{booked['booking_id']}/cancel"))
        world.later(hours=1)
        ended = show(customer, booked)["session_id"]
        costs.append(receipt(customer, ended)["amount"]["amount"] if ended else "0.00")
    assert costs == ["0.00", "0.00"]


def test_who_came_in_time_and_could_not_have_it_does_not_pay_for_not_coming(
    world: World, customer: Customer, vans: Partner
) -> None:
    """The van comes back a minute before the booking is lost; its customer has gone by then."""
    van, walker = new_van(vans), world.customer()
    walk = start(walker, van)
    booked = book(customer, at(world, 1), at(world, 3), code=van)
    world.until(datetime.fromisoformat(booked["from"]))
    for _ in range(2):
        refused(take_up(customer, booked, van), 409, "asset_in_use")
        world.later(minutes=14)
    walker.end(walk)
    world.later(minutes=10)
    assert stated(world, customer) == 0
