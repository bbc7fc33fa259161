"""Where things are: a return zone ends a session at the time of the position; what is kept of it is rough and short."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done, refused
from tests.doors.test_acts import BY_NEED, codes, receipt, start
from tests.doors.test_devices import Device
from tests.doors.world import Customer, Partner, World

INSIDE, OUTSIDE = ("60.16991", "24.93841"), ("60.26991", "24.93841")
EXACT = ("16991", "93841")
SQUARE = [["24.9", "60.1"], ["25.0", "60.1"], ["25.0", "60.2"], ["24.9", "60.2"]]
CELL = "ud9wr3"
POLICIES: dict[str, Any] = {
    "free-floating": {
        "use_signals": ["moving"],
        "return_signals": ["in_return_zone", "returned"],
        "position_kept_s": 86_400,
    },
    "rented": {"return_signals": ["returned"]},
}


@pytest.fixture(scope="module")
def scooters(world: World) -> Partner:
    """A return zone around Helsinki, and an operating zone that is larger."""
    partner = world.partner("Scooters")
    wide = [["20", "59"], ["30", "59"], ["30", "65"], ["20", "65"]]
    zones = [
        {"name": "all", "kind": "operating", "polygon": wide},
        {"name": "centre", "kind": "return", "polygon": SQUARE},
    ]
    place = {"name": "Centre", "latitude": "60.15", "longitude": "24.95", "service_zones": zones}
    done(partner.put("/partner/v1/places/centre", place))
    for name, policy in POLICIES.items():
        product = {**CITY_BIKE, "name": name, "category": "scooters", "policy": policy}
        done(partner.put(f"/partner/v1/products/{name}", product))
        done(partner.post(f"/partner/v1/products/{name}/tariffs", BY_NEED))
    return partner


def offered(partner: Partner, product: str = "free-floating", **more: object) -> str:
    code = partner.bike() + "P"
    done(partner.put(f"/partner/v1/assets/{code.lower()}", {"product_id": product, "code": code, **more}))
    return code


def at(
    world: World, session: str, where: tuple[Any, Any], signal: str = "position", *, ago: float = 0, own_id: str = ""
) -> dict[str, Any]:
    time = (world.system.now() - timedelta(minutes=ago)).isoformat()
    event = world.event(session, signal=signal, time=time)
    event["data"] |= {"latitude": where[0], "longitude": where[1]}
    return {**event, "id": own_id} if own_id else event


def told(caller: Any, session: str, door: str = "mobile") -> list[tuple[str, str | None]]:  # noqa: ANN401 -- any caller
    entries = caller.read(f"/{door}/v1/sessions/{session}/timeline")["entries"]
    return [(each["what"], each["facts"].get("position")) for each in entries if each["kind"] == "signal"]


def everything_stored(world: World) -> str:
    client = boto3.client("dynamodb")
    tables = [name for name in client.list_tables()["TableNames"] if world.system]
    return str([client.scan(TableName=name)["Items"] for name in tables])


def test_a_position_in_a_return_zone_ends_the_session_at_its_time_though_it_comes_hours_later(
    world: World, customer: Customer, scooters: Partner
) -> None:
    session, begun = start(customer, offered(scooters)), world.system.now()
    world.later(hours=3)
    scooters.report(at(world, session, OUTSIDE, ago=175), world.event(session, signal="moving", time=begun.isoformat()))
    world.settle()
    assert codes(customer) == []
    scooters.report(at(world, session, INSIDE, ago=170))
    world.settle()

    ended_at, amount = receipt(customer, session)
    assert datetime.fromisoformat(ended_at) == begun + timedelta(minutes=10)
    assert (amount, codes(customer)) == ("1.00", ["session_returned"])
    assert told(customer, session) == [("moving", None), ("position", "ud9wz7"), ("in_return_zone", CELL)]
    entries = customer.read(f"/mobile/v1/sessions/{session}/timeline")["entries"]
    (end,) = (each for each in entries if each["what"] == "end")
    assert end["by"] == "return"
    (inside,) = (each for each in entries if each["what"] == "in_return_zone")
    assert inside["facts"]["place"] == "centre"


def test_driving_through_a_return_zone_ends_nothing_nor_does_a_position_where_the_policy_says_nothing_of_it(
    world: World, scooters: Partner
) -> None:
    for product, signal in (("free-floating", "moving"), ("free-floating", "idle"), ("rented", "position")):
        customer = world.customer()
        session = start(customer, offered(scooters, product))
        world.later(minutes=5)
        scooters.report(at(world, session, INSIDE, signal))
        world.settle()
        assert [each["session_id"] for each in customer.read("/mobile/v1/access-sessions")] == [session]
        assert told(customer, session) == [(signal, CELL)]


def test_a_device_that_says_where_it_is_ends_the_session_too(
    world: World, customer: Customer, scooters: Partner
) -> None:
    """
    Over HTTP and through IoT Core.
    """
    device = Device(scooters, world)
    own = {"product_id": "free-floating", "code": device.code, "device_id": device.device_id}
    done(scooters.put(f"/partner/v1/assets/{device.code.lower()}", own))
    where = {"signal": "position", "latitude": INSIDE[0], "longitude": INSIDE[1]}
    for send in (device.told, device.by_iot):
        session = start(customer, device.code)
        world.later(minutes=5)
        send(device.reading(ago=2, **where))
        world.settle()
        assert receipt(customer, session)[1] == "0.06"
        assert told(customer, session) == [("in_return_zone", CELL)]
    bad = done(device.send(device.reading(**{**where, "latitude": "91"})))["events"][0]
    assert (bad["outcome"], bad["refused"]["pointer"]) == ("refused", "/latitude")


def test_a_partners_word_is_a_proof_of_return(world: World, scooters: Partner) -> None:
    """
    At the counter it is seen that the thing is back; it is written down three hours later.
    """
    for product in POLICIES:
        customer = world.customer()
        session, begun = start(customer, offered(scooters, product)), world.system.now()
        world.later(hours=3, minutes=10)
        time = (begun + timedelta(minutes=10)).isoformat()
        scooters.report(world.event(session, signal="returned", time=time, source="/counter"))
        world.settle()

        assert datetime.fromisoformat(receipt(customer, session)[0]) == begun + timedelta(minutes=10)
        assert codes(customer) == ["session_returned"]


def test_the_exact_position_is_nowhere_and_the_rough_one_is_shown_to_customer_partner_and_finance(
    world: World, customer: Customer, scooters: Partner, caplog: pytest.LogCaptureFixture
) -> None:
    session = start(customer, offered(scooters))
    world.later(minutes=5)
    with caplog.at_level(logging.DEBUG, logger="adgang"):
        answer = scooters.report(at(world, session, INSIDE, "moving"))
        world.settle()

    seen = [told(customer, session), told(scooters, session, "partner"), told(world.finance, session, "finance")]
    assert seen == [[("moving", CELL)]] * 3
    written = everything_stored(world) + json.dumps(answer) + caplog.text
    assert CELL in written
    assert not any(each in written for each in EXACT)


def test_what_comes_again_or_out_of_order_shows_the_same_and_the_first_position_of_an_event_stays(
    world: World, scooters: Partner
) -> None:
    shown = []
    for order in ((0, 1, 2), (2, 0, 1, 2, 1)):
        customer = world.customer()
        session = start(customer, offered(scooters))
        world.later(minutes=10)
        places = [INSIDE, OUTSIDE, ("61.5", "23.7")]
        events = [at(world, session, each, "moving", ago=9 - n, own_id=f"e{n}") for n, each in enumerate(places)]
        for number in order:
            scooters.report(events[number])
        elsewhere = at(world, session, ("1", "1"), "moving", ago=9, own_id="e0")
        assert scooters.report(elsewhere)[0]["outcome"] == "duplicate"
        shown.append(told(customer, session))

    assert shown[0] == shown[1]
    assert [position for _, position in shown[0]] == [CELL, "ud9wz7", "udbvg7"]


def test_it_is_let_go_when_the_policy_says_and_a_position_that_is_older_is_never_kept(
    world: World, scooters: Partner, customer: Customer
) -> None:
    session = start(customer, offered(scooters))
    world.later(hours=2)
    scooters.report(at(world, session, INSIDE, "moving"))
    world.later(hours=23, minutes=59)
    assert told(customer, session) == [("moving", CELL)]
    world.later(minutes=2)
    assert told(customer, session) == [("moving", None)]
    scooters.report(at(world, session, INSIDE, "moving", ago=25 * 60))
    assert told(customer, session) == [("moving", None)] * 2


def test_it_is_erased_with_the_events_of_its_session(world: World, scooters: Partner, customer: Customer) -> None:
    session = start(customer, offered(scooters))
    world.later(minutes=5)
    scooters.report(at(world, session, INSIDE, "moving"))
    world.settle()
    customer.end(session)
    world.settle()
    assert f"position#{session}" in everything_stored(world)
    done(scooters.delete(f"/partner/v1/usage/{session}"))

    assert told(customer, session) == []
    assert f"position#{session}" not in everything_stored(world)


@pytest.mark.parametrize(
    ("where", "pointer"),
    [
        (("90", "10"), "/data/latitude"),
        (("-90", "10"), "/data/latitude"),
        (("90.00001", "10"), "/data/latitude"),
        (("60.12345", "180.1"), "/data/longitude"),
        (("60.12345", None), "/data/longitude"),
        (("NaN", "10"), "/data/latitude"),
        ((60.12345, "10"), "/data/latitude"),
    ],
)
def test_at_a_pole_beyond_it_and_half_a_position_are_refused_and_stop_no_other_event(
    world: World, scooters: Partner, customer: Customer, where: tuple[Any, Any], pointer: str
) -> None:
    session = start(customer, offered(scooters))
    world.later(minutes=5)
    bad, good = scooters.report(at(world, session, where, "moving"), at(world, session, INSIDE, "moving"))

    assert (bad["outcome"], bad["refused"]["pointer"], good["outcome"]) == ("refused", pointer, "accepted")
    assert "12345" not in json.dumps(bad)
    assert told(customer, session) == [("moving", CELL)]


def test_a_correction_carries_no_position(world: World, scooters: Partner, customer: Customer) -> None:
    session = start(customer, offered(scooters))
    world.later(minutes=5)
    (answer,) = scooters.report(at(world, session, INSIDE, "moving"))
    body = {
        "change_id": "where",
        "reason": "elsewhere",
        "data": {"signal": "moving", "latitude": "1", "longitude": "1"},
    }
    refused(scooters.post(f"/partner/v1/events/{answer['reference']}/amend", body), 422, "bad_event", "/data/latitude")


def test_a_position_of_what_nobody_uses_is_not_kept(world: World, scooters: Partner) -> None:
    device = Device(scooters, world, 2)
    where = {"signal": "moving", "latitude": "60.77777", "longitude": "24.77777"}
    assert device.told(device.reading(**where)) == ["accepted"]

    subject = f"asset/{scooters.partner_id}/{device.code.lower()}"
    assert f"position#{subject}" not in everything_stored(world)
