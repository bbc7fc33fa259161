"""Bookings, reservations, shares, moves and month ends together; what may be repeated; what is kept."""

from datetime import datetime

from chalicelib.kernel.time import Month
from chalicelib.metering.store import HeadStore, PynamoItems
from tests.doors.asking import thing, things
from tests.doors.callers import done
from tests.doors.test_acts import start
from tests.doors.test_sharing import car, share
from tests.doors.vans import BOOKINGS, at, book, new_van, priced, take_up
from tests.doors.world import Customer, Partner, World

SESSIONS, RESERVATIONS, WAITING = "/mobile/v1/access-sessions", "/mobile/v1/reservations", "/mobile/v1/waiting"


def test_who_walks_up_is_let_in_once_its_partner_has_more_of_it_though_one_is_booked(
    world: World, customer: Customer, vans: Partner
) -> None:
    van = new_van(vans)
    booked = book(customer, at(world, 1), at(world, 2), code=van)
    done(vans.put(f"/partner/v1/assets/{van.lower()}", {"product_id": "van", "code": van, "capacity": 5}))
    world.until(datetime.fromisoformat(booked["from"]))
    assert start(world.customer(), van)


def test_to_leave_a_line_may_be_repeated_as_it_is(world: World, partner: Partner, customer: Customer) -> None:
    code = car(partner)
    start(world.customer(), code)
    waiting = done(customer.post(WAITING, {"code": code}))["waiting_id"]
    assert [customer.ask("DELETE", f"{WAITING}/{waiting}").status for _ in range(2)] == [200, 200]


def test_the_thing_that_was_booked_may_simply_be_scanned(world: World, customer: Customer, van: str) -> None:
    """Its customer stands before it at the hour, and scans it as anything else."""
    booked = book(customer, at(world, 1), at(world, 2), code=van)
    world.until(datetime.fromisoformat(booked["from"]))
    scanned = customer.post("/mobile/v1/scans", {"code": van, "need": {}})
    assert scanned.status < 400 or booked["booking_id"] in scanned.content.decode(), scanned.json


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


def test_an_end_that_is_asked_for_again_gives_the_receipt_again(customer: Customer, partner: Partner) -> None:
    """The answer was lost with the app, which asks under another key; a pause, a cancellation, a move give theirs."""
    session = start(customer, car(partner))
    done(customer.post(f"{SESSIONS}/{session}/end"))
    assert customer.post(f"{SESSIONS}/{session}/end").status == 200


def acts(customer: Customer, session: str) -> list[str]:
    entries = customer.read(f"/mobile/v1/sessions/{session}/timeline")["entries"]
    return [each["what"] for each in entries if each["kind"] == "act"]


def test_what_was_reserved_at_a_price_and_then_started_shows_the_reservation_in_its_timeline(
    world: World, customer: Customer, vans: Partner
) -> None:
    van = new_van(vans)
    quote = done(customer.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))["quote"]
    session = done(customer.post(RESERVATIONS, {"code": van, "quote": quote}))["session_id"]
    world.later(minutes=30)
    done(customer.post(f"{RESERVATIONS}/{session}/start", {"code": van}))
    world.later(minutes=10)
    customer.end(session)
    assert acts(customer, session) == ["reserved", "start", "end"]


def test_what_was_booked_and_changed_at_a_price_shows_both_in_the_timeline_of_its_session(
    world: World, customer: Customer, vans: Partner
) -> None:
    van = new_van(vans)
    booked = book(customer, at(world, 0.5), at(world, 1), code=van)
    quoted = priced(customer, at(world, 1), at(world, 2), booking=booked["booking_id"])
    done(customer.put(f"{BOOKINGS}/{booked['booking_id']}", {"quote": quoted["quote"]}))
    world.later(hours=1)
    session = done(take_up(customer, booked, van))["session_id"]
    customer.end(session)
    assert acts(customer, session) == ["booked", "changed", "start", "end"]


def test_who_joined_and_who_left_a_ride_is_in_its_timeline(world: World, customer: Customer, partner: Partner) -> None:
    session, member = start(customer, car(partner)), world.customer()
    share(customer, session, member)
    world.later(minutes=10)
    done(member.post(f"/mobile/v1/shared-sessions/{session}/leave"))
    done(customer.put(f"{SESSIONS}/{session}/stop", {"after_s": 600}))
    world.later(minutes=20)
    assert len(acts(customer, session)) > len(["start", "end"])
