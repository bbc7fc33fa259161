"""What is booked without a code, what the calendar shows, and what offers show meanwhile."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.vans import (
    PLACE,
    asked,
    at,
    book,
    new_van,
)
from tests.doors.world import Customer, Partner, World

_depots = itertools.count(10)


@pytest.fixture
def depot(world: World, vans: Partner) -> dict[str, Any]:
    """A place of its own with three vans, on the map."""
    number = next(_depots)
    name = f"depot-{number}"
    place = {**PLACE, "latitude": f"60.{number:02d}"}
    done(vans.put(f"/partner/v1/places/{name}", place))
    codes = [new_van(vans, place_id=name) for _ in range(3)]
    world.settle()
    return {"place": f"{vans.partner_id}/{name}", "codes": codes, "near": f"{place['latitude']},24.94", "name": name}


def test_a_category_is_booked_at_a_place_until_nothing_of_it_is_free(world: World, depot: dict[str, Any]) -> None:
    start, end = at(world, 5), at(world, 7)
    assets = set()
    for where in ({"place": depot["place"]}, {"near": depot["near"], "radius": 50}, {"place": depot["place"]}):
        customer = world.customer()
        assets.add(book(customer, start, end, category="vans", **where)["asset"])

    assert assets == {each.lower() for each in depot["codes"]}
    late = world.customer()
    refused(asked(late, start, end, category="vans", place=depot["place"]), 409, "nothing_free")
    refused(asked(late, start, end, category="boats", place=depot["place"]), 409, "nothing_free")
    refused(asked(late, start, end, category="vans", place="none/none"), 404, "unknown_place", "/place")
    book(late, at(world, 8), end=at(world, 9), category="vans", near=depot["near"])


def test_the_calendar_shows_what_is_free_while_the_place_is_open_and_nothing_is_taken_out(
    world: World, customer: Customer, vans: Partner, depot: dict[str, Any]
) -> None:
    monday = world.system.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    hours = {day: ["08:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    shown = vans.read(f"/partner/v1/places/{depot['name']}")
    place = {each: shown[each] for each in ("name", "latitude", "longitude", "zone")}
    done(vans.put(f"/partner/v1/places/{depot['name']}", {**place, "hours": hours}))
    code = depot["codes"][0]
    clock = {hour: (monday + timedelta(hours=hour)).isoformat() for hour in range(48)}
    book(customer, clock[9], clock[10], code=code)
    out = {"reason": "tyres", "from": clock[14], "until": clock[15]}
    done(vans.post(f"/partner/v1/assets/{code.lower()}/take-outs", out))
    world.settle()

    asked_for = f"from={clock[4][:19]}Z&until={clock[20][:19]}Z"
    (found,) = customer.read(f"/mobile/v1/calendar?code={code}&{asked_for}")["assets"]
    free = [(each["from"][11:16], each["until"][11:16], each["places"]) for each in found["free"]]
    assert free == [("05:00", "09:00", 1), ("10:15", "14:00", 1), ("15:00", "17:00", 1)]
    assert (found["zone"], found["bookable"]) == ("Europe/Helsinki", True)
    assert [(each["from"][11:16], each["until"][11:16]) for each in found["open"]] == [("05:00", "17:00")]
    all_there = customer.read(f"/mobile/v1/calendar?category=vans&place={depot['place']}&{asked_for}")["assets"]
    assert {each["code"] for each in all_there} == set(depot["codes"])
    refused(asked(customer, clock[18], clock[19], code=code), 409, "place_closed", "/from")
    refused(asked(customer, clock[13], clock[14 + 1], code=code), 409, "not_free")
    refused(customer.get(f"/mobile/v1/calendar?{asked_for}"), 422, "query_invalid", "/code")
    backwards = f"from={clock[4][:19]}Z&until={clock[3][:19]}Z"
    refused(customer.get(f"/mobile/v1/calendar?code={code}&{backwards}"), 422, "query_invalid", "/until")


def test_what_is_kept_for_a_booking_is_not_offered_meanwhile_and_is_before_and_after(
    world: World, customer: Customer, depot: dict[str, Any]
) -> None:
    code = depot["codes"][0]
    book(customer, at(world, 24), at(world, 26), code=code)

    def offered(hours: float) -> bool:
        instant = at(world, hours)[:19] + "Z"
        found = customer.read(f"/mobile/v1/offers?near={depot['near']}&radius=50&at={instant}")["offers"]
        return code in [each["code"] for each in found]

    assert [offered(hours) for hours in (0, 23, 23.8, 25, 26.5, 48)] == [True, True, False, False, True, True]
