"""Meters at the partner door: defined once, versioned, and the receipt follows what they say."""

import random
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from tests.doors.asking import thing, things
from tests.doors.callers import done, refused
from tests.doors.test_acts import start
from tests.doors.world import Customer, Partner, World

REGISTER: dict[str, Any] = {"kind": "register", "unit": "km", "rolls_over_at": "1000", "dimensions": {"motor": False}}


def test_a_meter_is_defined_listed_and_read_in_each_version(partner: Partner) -> None:
    first = done(partner.put("/partner/v1/meters/odometer", REGISTER))
    again = done(partner.put("/partner/v1/meters/odometer", REGISTER))
    second = done(partner.put("/partner/v1/meters/odometer", {**REGISTER, "rolls_over_at": "100000"}))

    assert first == again == {"name": "odometer", "version": 1, **REGISTER}
    assert (second["version"], second["rolls_over_at"]) == (2, "100000")
    assert second in partner.read("/partner/v1/meters")
    assert partner.read("/partner/v1/meters/odometer") == second
    assert partner.read("/partner/v1/meters/odometer?version=1") == first
    refused(partner.get("/partner/v1/meters/odometer?version=3"), 404, "unknown_meter", None)


def test_a_partner_sees_no_meter_of_another(world: World, partner: Partner) -> None:
    done(partner.put("/partner/v1/meters/secret", REGISTER))
    stranger = world.partner("Strangers")

    assert stranger.read("/partner/v1/meters") == []
    refused(stranger.get("/partner/v1/meters/secret"), 404, "unknown_meter", None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "average"}, "/kind"),
        ({"unit": ""}, "/unit"),
        ({"most": "NaN"}, "/most"),
        ({"least": "2", "most": "1"}, "/most"),
        ({"per": "h"}, "/per"),
        ({"unique_by": "motor"}, "/unique_by"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_definition_that_means_nothing_is_refused(partner: Partner, change: dict[str, Any], pointer: str) -> None:
    reply = partner.put("/partner/v1/meters/odd", {**REGISTER, **change})

    refused(reply, 422, reply.json["code"], pointer)
    refused(partner.get("/partner/v1/meters/odd"), 404, "unknown_meter", None)


def test_a_session_is_charged_by_what_its_meter_says_however_the_readings_come(
    world: World, customer: Customer
) -> None:
    """
    The bike's clock of use is a counter that shows 5,000 s at the start and 5,300 s at the end. Readings come out of
    order and twice; what counts is what was added, 300 s, and not their sum.
    """
    partner = world.partner("Counting")
    done(partner.put("/partner/v1/meters/use_seconds", {"kind": "register", "unit": "s"}))
    session = customer.start(partner.bike())
    world.later(minutes=40)
    readings = [
        world.used(session, total, time=(world.system.now().replace(microsecond=0)).isoformat(), id=f"reading-{total}")
        for total in (5000, 5120, 5300)
    ]
    start = world.system.now().timestamp() - 2400
    for number, each in enumerate(readings):
        each["time"] = world.system.now().fromtimestamp(start + 600 * number, world.system.now().tzinfo).isoformat()

    answers = partner.report(readings[2], readings[0]) + partner.report(readings[1], readings[2])
    receipt = customer.end(session)

    assert [each["outcome"] for each in answers] == ["accepted", "accepted", "accepted", "duplicate"]
    assert receipt["quantities"]["use_seconds"] == "300"


def test_a_session_is_charged_by_a_counters_reading_as_it_was_amended(world: World, customer: Customer) -> None:
    """
    The counter of use shows 5,000 s and then, misread, 5,900 s; it was 5,300 s.
    """
    partner = world.partner("Misreading")
    done(partner.put("/partner/v1/meters/use_seconds", {"kind": "register", "unit": "s"}))
    session = customer.start(partner.bike())
    world.later(minutes=20)
    partner.report(world.used(session, 5000))
    world.later(minutes=20)
    (answer,) = partner.report(world.used(session, 5900))
    data = {"meter": "use_seconds", "value": "5300"}
    body = {"change_id": f"{session}-1", "reason": "misread", "data": data}
    done(partner.post(f"/partner/v1/events/{quote(answer['reference'])}/amend", body))

    assert customer.end(session)["quantities"]["use_seconds"] == "300"


METERS = ("wash", "dry", "spin", "litres", "kwh", "doses")


def session_of_many_reports(world: World, customer: Customer) -> str:
    """Six meters, 1,900 reports on each, their ids UUIDs: some months of a washing machine."""
    tariff = {
        "currency": "EUR",
        "tax_inclusive": True,
        "meters": [{"name": name, "unit": "each", "most_per_hour": "100000"} for name in METERS],
        "prices": [{"id": f"p-{name}", "kind": "unit", "meter": name, "unit_amount": "0.01"} for name in METERS],
    }
    makers = things(world, {}, tariff)
    session, ids = start(customer, thing(makers)), random.Random(1)
    world.later(hours=1)
    for name in METERS:
        for _ in range(2):
            named = [str(uuid.UUID(int=ids.getrandbits(128))) for _ in range(950)]
            makers.report(*(world.event(session, meter=name, value="1", id=own_id) for own_id in named))
    world.settle()
    return session


def test_a_machine_that_reported_a_lot_on_each_of_its_meters_can_be_given_back(
    world: World, customer: Customer
) -> None:
    session = session_of_many_reports(world, customer)
    ended = customer.post(f"/mobile/v1/access-sessions/{session}/end")
    assert ended.status == 200, ended.json
