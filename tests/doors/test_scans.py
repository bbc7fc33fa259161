"""Scan and go: one call with the code on a thing or on a poster."""

import itertools
from datetime import datetime
from typing import Any

import pytest

from tests.doors.asking import SESSIONS, begin, limit, stored, thing, things
from tests.doors.callers import Json, done, refused
from tests.doors.test_races import at_once
from tests.doors.vans import at, book, take_up
from tests.doors.world import Customer, Partner, World

SCANS = "/mobile/v1/scans"
PLACE = {"name": "Yard", "longitude": "30", "address": "", "capacity": 5}
_latitudes = itertools.count(11)


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """Ten cents a minute in use: 144.00 a day, and 25 minutes more for the start of what was reserved."""
    return things(world, {})


@pytest.fixture
def yard(world: World, cars: Partner) -> str:
    """A place with a poster, by itself on the map; its code."""
    number = next(_latitudes)
    done(cars.put(f"/partner/v1/places/yard-{number}", {**PLACE, "latitude": str(number), "code": f"YARD-{number}"}))
    world.settle()
    return f"YARD-{number}"


def stand(world: World, cars: Partner, yard: str, **said: object) -> str:
    """One more thing at the yard."""
    code = thing(cars, place_id=yard.lower(), **said)
    world.settle()
    return code


def scan(customer: Customer, code: str, **said: object) -> dict[str, Any]:
    return dict(done(customer.post(SCANS, {"code": code, "need": {"in_use": "600"}, **said})))


def reasons(offer: Json) -> list[str]:
    return [each["code"] for each in offer["why"]]


def test_the_code_of_a_thing_gives_its_offer_and_its_quote_to_be_accepted(
    world: World, customer: Customer, cars: Partner, yard: str
) -> None:
    code = stand(world, cars, yard, capabilities={"charge_percent": "80"})
    found = scan(customer, code)

    (offer,) = found["offers"]
    assert (offer["code"], offer["place"]["place_id"], offer["free"], offer["fit"]) == (code, yard.lower(), 1, 100)
    assert reasons(offer) == ["scanned", "free_now", "charged", "always_open"]
    assert (found["quote"]["estimate"]["amount"], found["quote"]["worst_case"]["amount"]) == ("1.00", "146.50")
    assert (found["session"], found["not_started"]) == (None, "not_asked")
    done(customer.post(SESSIONS, {"code": code, "quote": found["quote"]["quote"]}))


def test_a_thing_that_stands_at_no_place_is_scanned_too(customer: Customer, cars: Partner) -> None:
    (offer,) = scan(customer, thing(cars, capacity="unlimited"))["offers"]

    assert (offer["place"], offer["free"], reasons(offer)) == (None, None, ["scanned", "free_now"])


@pytest.mark.parametrize(
    "accepts",
    [{"estimate_up_to": "1.00"}, {"worst_case_up_to": "146.50"}, {"estimate_up_to": "2", "worst_case_up_to": "200"}],
)
def test_what_is_within_what_is_accepted_starts_at_once(
    customer: Customer, cars: Partner, accepts: dict[str, str]
) -> None:
    code = thing(cars)
    found = scan(customer, code, start=True, **accepts)

    assert (found["session"]["state"], found["session"]["asset"]) == ("active", code.lower())
    assert found["not_started"] is None
    assert [each["session_id"] for each in customer.read(SESSIONS)] == [found["session"]["session_id"]]


@pytest.mark.parametrize(
    "accepts",
    [{"estimate_up_to": "0.99"}, {"worst_case_up_to": "146.49"}, {"estimate_up_to": "1", "worst_case_up_to": "1"}],
)
def test_what_is_dearer_than_is_accepted_is_quoted_and_not_started(
    customer: Customer, cars: Partner, accepts: dict[str, str]
) -> None:
    found = scan(customer, thing(cars), start=True, **accepts)

    assert (found["session"], found["not_started"]) == (None, "dearer_than_accepted")
    assert found["quote"]["quote"]
    assert customer.read(SESSIONS) == []


def test_a_scan_that_is_repeated_is_one_session_with_one_answer(customer: Customer, cars: Partner) -> None:
    body = {"code": thing(cars), "start": True, "worst_case_up_to": "1000"}
    first, again = (customer.post(SCANS, body, key="scan-once") for _ in range(2))

    assert (first.status, first.content) == (again.status, again.content)
    assert first.json["session"]["session_id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert len(customer.read(SESSIONS)) == 1


def test_a_poster_shows_what_is_free_at_its_place_and_the_quote_of_the_best(
    world: World, customer: Customer, cars: Partner, yard: str
) -> None:
    flat = stand(world, cars, yard, capabilities={"charge_percent": "5"})
    full = stand(world, cars, yard, capabilities={"charge_percent": "95"})
    begin(world.customer(), taken := stand(world, cars, yard))
    found = scan(customer, yard, start=True, worst_case_up_to="1000")

    assert [each["code"] for each in found["offers"]] == [full, flat]
    assert taken not in str(found)
    assert "free_now" in reasons(found["offers"][0])
    assert found["quote"]["asset"] == full.lower()
    assert (found["session"], found["not_started"]) == (None, "several_free")


def test_the_only_thing_at_a_poster_starts_at_once(world: World, customer: Customer, cars: Partner, yard: str) -> None:
    code = stand(world, cars, yard)

    assert scan(customer, yard, start=True, worst_case_up_to="1000")["session"]["asset"] == code.lower()


def test_a_poster_without_anything_free_says_so(customer: Customer, yard: str) -> None:
    nothing = {"offers": [], "quote": None, "session": None, "not_started": "nothing_free"}

    assert scan(customer, yard, start=True, worst_case_up_to="1000") == nothing


def test_a_poster_shows_its_own_place_alone(world: World, customer: Customer, cars: Partner, yard: str) -> None:
    """
    Another partner's place is at the very same spot.
    """
    other = things(world, {})
    spot = {**PLACE, "latitude": yard.removeprefix("YARD-")}
    done(other.put("/partner/v1/places/spot", spot))
    thing(other, place_id="spot")
    own = stand(world, cars, yard)

    assert [each["code"] for each in scan(customer, yard)["offers"]] == [own]


def test_a_code_is_on_one_thing_or_one_poster(cars: Partner, yard: str) -> None:
    code, place = thing(cars), {**PLACE, "latitude": "1"}
    asset = {"product_id": "car", "code": yard}

    refused(cars.put("/partner/v1/places/second", {**place, "code": yard}), 409, "code_taken", "/code")
    refused(cars.put("/partner/v1/places/second", {**place, "code": code}), 409, "code_taken", "/code")
    refused(cars.put("/partner/v1/assets/second", asset), 409, "code_taken", "/code")
    refused(cars.put("/partner/v1/places/second", {**place, "code": "small"}), 422, "bad_catalogue_entry", "/code")


def test_a_code_that_a_place_gives_up_is_free_again(customer: Customer, cars: Partner, yard: str) -> None:
    place = {**PLACE, "latitude": yard.removeprefix("YARD-")}
    done(cars.put(f"/partner/v1/places/{yard.lower()}", {**place, "code": f"{yard}-NEW"}))
    refused(customer.post(SCANS, {"code": yard}), 404, "unknown_code")
    done(cars.put("/partner/v1/assets/heir", {"product_id": "car", "code": yard}))

    assert scan(customer, yard)["quote"]["asset"] == "heir"
    assert done(cars.put(f"/partner/v1/places/{yard.lower()}", place))["code"] is None


def test_a_poster_is_no_thing(customer: Customer, yard: str) -> None:
    refused(customer.post("/mobile/v1/quotes", {"code": yard}, key=None), 404, "unknown_code")


@pytest.mark.parametrize(
    ("said", "code", "pointer"),
    [
        ({"start": True}, "body_invalid", "/start"),
        ({"start": True, "estimate_up_to": "-1"}, "body_invalid", "/estimate_up_to"),
        ({"worst_case_up_to": "much"}, "not_an_amount", "/worst_case_up_to"),
        ({"need": {"kilometres": "5"}}, "invalid_use", "/need/kilometres"),
        ({"more": 1}, "body_invalid", "/more"),
    ],
)
def test_a_scan_that_makes_no_sense_is_refused(
    customer: Customer, cars: Partner, said: dict[str, object], code: str, pointer: str
) -> None:
    refused(customer.post(SCANS, {"code": thing(cars), **said}), 422, code, pointer)


def test_what_was_taken_a_moment_ago_is_refused_and_nothing_is_changed(
    world: World, customer: Customer, cars: Partner
) -> None:
    code = thing(cars)
    begin(world.customer(), code)
    before = stored(world)

    body = {"code": code, "start": True, "worst_case_up_to": "1000"}
    refused(customer.post(SCANS, body), 409, "asset_in_use")
    refused(customer.post(SCANS, {**body, "code": "NOBODY-HAS-THIS"}), 404, "unknown_code")

    assert stored(world) == before


def test_a_scan_goes_by_the_customers_limits(world: World, customer: Customer, cars: Partner) -> None:
    limit(customer, day={"amount": "0.50"})
    before = stored(world)

    body = {"code": thing(cars), "need": {"in_use": "600"}, "start": True, "worst_case_up_to": "1000"}
    before = stored(world)
    refused(customer.post(SCANS, body), 409, "budget_passed")

    assert stored(world) == before


def test_two_who_scan_the_same_thing_at_once_are_one_session(world: World, cars: Partner) -> None:
    body, pair = {"code": thing(cars), "start": True, "worst_case_up_to": "1000"}, (world.customer(), world.customer())

    answers = at_once(*(lambda each=each: each.post(SCANS, body) for each in pair))

    assert sorted(reply.status for reply in answers) == [200, 409]
    assert sorted(len(each.read(SESSIONS)) for each in pair) == [0, 1]


def test_who_scans_the_thing_that_they_booked_is_told_which_booking_starts_it(
    world: World, customer: Customer, van: str
) -> None:
    """Its customer stands before it at the hour, and scans it as anything else."""
    booked = book(customer, at(world, 1), at(world, 2), code=van)
    world.until(datetime.fromisoformat(booked["from"]))
    scanned = customer.post("/mobile/v1/scans", {"code": van, "need": {}})
    assert refused(scanned, 409, "asset_booked")["facts"]["booking_id"] == booked["booking_id"]
    others = world.customer().post("/mobile/v1/scans", {"code": van, "need": {}})
    assert "booking_id" not in str(refused(others, 409, "asset_booked"))
    done(take_up(customer, booked, van))
