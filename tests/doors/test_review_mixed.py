"""Bookings, reservations, shares, moves and month ends together; what may be repeated; what is kept."""

from datetime import datetime, timedelta

from chalicelib.kernel.time import Month
from chalicelib.metering.store import HeadStore, PynamoItems
from infra.local.tariffs import CITY_BIKE
from tests.doors.asking import BY_MINUTE, thing, things
from tests.doors.callers import done
from tests.doors.test_acts import start
from tests.doors.test_sharing import amount, share
from tests.doors.vans import BOOKINGS, RULES, at, book, new_van, priced, receipt, show, take_up
from tests.doors.world import Customer, Partner, World

SESSIONS, RESERVATIONS, WAITING = "/mobile/v1/access-sessions", "/mobile/v1/reservations", "/mobile/v1/waiting"


def test_a_reservation_by_a_quote_from_before_a_booking_is_over_when_the_booking_begins_too(
    world: World, customer: Customer, van: str
) -> None:
    walker = world.customer()
    quote = done(walker.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))["quote"]
    booked = book(customer, at(world, 0.5), at(world, 2), code=van)
    world.later(minutes=2)
    done(walker.post(RESERVATIONS, {"code": van, "quote": quote}))
    world.until(datetime.fromisoformat(booked["from"]))
    assert take_up(customer, booked, van).status == 200


def test_a_booking_goes_by_the_policy_that_it_was_quoted_with(world: World, customer: Customer) -> None:
    """Two hours of rest were grace, and cost nothing, when it was booked; its partner states none meanwhile."""
    policy = {"use_signals": ["moving"], "grace_s": 7200, "booking": RULES}
    cars = things(world, policy)
    code = thing(cars)
    booked = book(customer, at(world, 5), at(world, 7), code=code, need={"in_use": "0"})
    product = {**CITY_BIKE, "name": "Car", "category": "cars", "policy": {**policy, "grace_s": 0}}
    done(cars.put("/partner/v1/products/car", product))
    world.until(datetime.fromisoformat(booked["from"]))
    session = done(take_up(customer, booked, code))["session_id"]
    world.later(hours=2)
    assert amount(customer.end(session)) == 0


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
    assert costs[0] == costs[1]


def test_where_a_ride_ended_is_kept_no_longer_than_the_policy_says(world: World, customer: Customer) -> None:
    """An hour; the event with the dock is there two days later, and will be for ten years."""
    docks = things(world, {"position_kept_s": 3600, "return_signals": ["docked"]})
    done(docks.put("/partner/v1/places/harbour", {"name": "H", "latitude": "60.17", "longitude": "24.94"}))
    session, begun = start(customer, thing(docks)), world.system.now()
    world.later(minutes=10)
    docks.report(world.event(session, signal="docked", place="harbour"))
    world.later(days=2)
    month = Month.of(begun, "Europe/Helsinki")
    head = HeadStore(PynamoItems(pause=lambda _attempt: None)).many([(session, month)])[session, month]
    assert [each.place_id for each in head.tail.events(session)] == [None]


def test_who_joined_after_the_return_pays_nothing(world: World, customer: Customer) -> None:
    """Docked after ten minutes, which is told hours later; somebody joined in between."""
    cars = things(world, {"return_signals": ["docked"]}, BY_MINUTE)
    session, member = start(customer, thing(cars)), world.customer()
    world.later(hours=2)
    docked = (world.system.now() - timedelta(minutes=110)).isoformat()
    share(customer, session, member)
    world.later(hours=1)
    cars.report(world.event(session, signal="docked", time=docked))
    world.settle()
    assert amount(member.read(f"{SESSIONS}/{session}/receipt")) == 0


def acts(customer: Customer, session: str) -> list[str]:
    entries = customer.read(f"/mobile/v1/sessions/{session}/timeline")["entries"]
    return [each["what"] for each in entries if each["kind"] == "act"]
