"""The flat tyre: a session goes on with another asset, at its own price and without a second start."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import Reply, done, refused
from tests.doors.test_acts import BY_NEED
from tests.doors.test_devices import Device, seconds_on
from tests.doors.test_races import at_once
from tests.doors.test_returns import said
from tests.doors.test_sharing import amount, car, share, start
from tests.doors.vans import at, book, new_van
from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"


def move(customer: Customer, session: str, code: str, reason: str | None = None, **how: Any) -> Reply:  # noqa: ANN401
    return customer.post(f"{SESSIONS}/{session}/transfer", {"code": code, "reason": reason}, **how)


def taken(partner: Partner, code: str) -> list[str]:
    return [each["session_id"] for each in partner.read(f"/partner/v1/assets/{code.lower()}/sessions")]


@pytest.fixture
def codes(partner: Partner) -> list[str]:
    return [car(partner), car(partner)]


def test_the_session_goes_on_with_the_other_asset_and_is_charged_as_one(
    world: World, partner: Partner, customer: Customer, codes: list[str]
) -> None:
    """
    1.00 to start, once, and 2,000 seconds in all.
    """
    session = start(customer, codes[0])
    world.later(seconds=1000)

    moved = done(move(customer, session, codes[1]))
    world.later(seconds=1000)

    assert (moved["session_id"], moved["asset"], moved["state"]) == (session, codes[1].lower(), "active")
    assert [taken(partner, code) for code in codes] == [[], [session]]
    assert amount(customer.end(session)) == Decimal("3.00")
    assert [taken(partner, code) for code in codes] == [[], []]
    start(world.customer(), codes[0])


def test_a_transfer_asked_for_twice_is_one(
    world: World, partner: Partner, customer: Customer, codes: list[str]
) -> None:
    session = start(customer, codes[0])
    first, again = (move(customer, session, codes[1], key="moves") for _ in range(2))
    assert first.content == again.content

    done(move(customer, session, codes[1]))

    entries = customer.read(f"/mobile/v1/sessions/{session}/timeline")["entries"]
    acts = [(each["what"], each["facts"].get("left")) for each in entries if each["kind"] == "act"]
    assert acts == [("start", None), ("transfer", codes[0].lower())]
    world.settle()
    assert taken(partner, codes[1]) == [session]


def test_what_is_out_of_order_is_taken_off_the_offers(
    world: World, partner: Partner, customer: Customer, codes: list[str]
) -> None:
    session = start(customer, codes[0])
    done(move(customer, session, codes[1], "faulty"))
    world.settle()

    (out,) = partner.read(f"/partner/v1/assets/{codes[0].lower()}/take-outs")["items"]
    assert session in out["reason"]
    refused(world.customer().post("/mobile/v1/quotes", {"code": codes[0]}, key=None), 409, "asset_taken_out")


def test_the_old_device_counts_for_the_session_until_the_transfer_and_the_new_one_from_then_on(
    world: World, customer: Customer
) -> None:
    """
    Also what comes late, and the other way round.
    """
    partner = world.partner()
    old, new = Device(partner, world, 1), Device(partner, world, 2)
    session = customer.start(old.code)
    world.later(minutes=20)
    done(move(customer, session, new.code))
    world.later(minutes=20)

    assert new.told(new.reading(300, ago=5), new.reading(70, ago=25)) == ["accepted", "accepted"]
    assert old.told(old.reading(40, ago=5), old.reading(200, ago=25)) == ["accepted", "accepted"]

    assert seconds_on(customer.end(session)) == "500"
    assert (old.usage(), new.usage()) == ({"use_seconds": "40"}, {"use_seconds": "70"})


def test_the_customer_is_entitled_to_the_new_asset_and_no_more_to_the_old_one(world: World, customer: Customer) -> None:
    partner = world.partner()
    old, new = Device(partner, world, 1), Device(partner, world, 2)
    session = customer.start(old.code)
    (shown,) = customer.read(SESSIONS)
    done(move(customer, session, new.code))

    def asked(device: Device) -> tuple[bool, str]:
        path = f"/partner/v1/entitlements?asset={device.code.lower()}&customer={shown['known_as']}"
        answer = device.read(path)
        return answer["allow"], answer["reason"]

    assert asked(new) == (True, "entitled")
    assert asked(old) == (False, "other_asset")


def test_a_fault_of_the_old_asset_says_nothing_of_the_new_one(world: World, customer: Customer) -> None:
    """
    It is reported after the transfer, for an instant before it: the session goes on.
    """
    partner = world.partner()
    old, new = Device(partner, world, 1), Device(partner, world, 2)
    session = customer.start(old.code)
    world.later(minutes=10)
    done(move(customer, session, new.code))
    world.later(minutes=10)

    assert old.told(old.reading(signal="faulty", ago=12)) == ["accepted"]
    world.settle()

    assert customer.read(f"{SESSIONS}/{session}")["session"]["state"] == "active"


def test_a_paused_session_stays_paused(customer: Customer, codes: list[str]) -> None:
    session = start(customer, codes[0])
    done(customer.post(f"{SESSIONS}/{session}/pause"))

    assert done(move(customer, session, codes[1]))["state"] == "paused"


def test_what_nobody_can_go_on_with(world: World, partner: Partner, customer: Customer, codes: list[str]) -> None:
    """
    A taken asset, one that is looked after, one of another product or partner, none at all; and nothing has changed.
    """
    session, free = start(customer, codes[0]), car(partner)
    start(world.customer(), codes[1])
    done(partner.post(f"/partner/v1/assets/{free.lower()}/take-outs", {"reason": "tyres"}))

    refused(move(customer, session, codes[1]), 409, "asset_in_use")
    refused(move(customer, session, free), 409, "asset_taken_out")
    refused(move(customer, session, partner.bike()), 409, "other_product", "/code")
    refused(move(customer, session, car(world.partner())), 409, "other_product", "/code")
    refused(move(customer, session, "NOWHERE"), 404, "unknown_code")
    refused(move(customer, session, codes[1], "ugly"), 422, "body_invalid", "/reason")

    assert customer.read(f"{SESSIONS}/{session}")["session"]["asset"] == codes[0].lower()
    assert taken(partner, codes[0]) == [session]


def test_who_moves_to_what_somebody_has_booked_is_told_until_when_and_by_then_may_not(
    world: World, vans: Partner, customer: Customer
) -> None:
    first, later, soon = new_van(vans), new_van(vans), new_van(vans)
    other = world.customer()
    booked = book(other, at(world, 2), at(world, 4), code=later)
    book(other, at(world, 0.2), at(world, 1), code=soon)
    session = start(customer, first)

    refused(move(customer, session, soon), 409, "asset_booked")
    moved = done(move(customer, session, later))

    assert moved["asset"] == booked["asset"]
    assert moved["booked_from"] == (world.system.now() + timedelta(hours=1, minutes=45)).strftime(
        "%Y-%m-%dT%H:%M:%S.%fZ"
    )
    assert done(move(customer, session, first))["booked_from"] is None


def test_only_the_holder_of_an_open_session_moves_it(
    world: World, partner: Partner, customer: Customer, codes: list[str]
) -> None:
    session, member = start(customer, codes[0]), world.customer()
    share(customer, session, member)

    refused(move(member, session, codes[1]), 403, "holder_only")
    refused(move(world.customer(), session, codes[1]), 404, "unknown_session")
    done(move(customer, session, codes[1]))
    assert member.read(f"{SESSIONS}/{session}")["session"]["asset"] == codes[1].lower()
    customer.end(session)
    refused(move(customer, session, codes[0]), 409, "already_ended")
    assert [taken(partner, code) for code in codes] == [[], []]


def test_two_who_move_to_the_same_asset_at_once_are_one(world: World, partner: Partner) -> None:
    for _ in range(3):
        free, pair = car(partner), [(each, start(each, car(partner))) for each in (world.customer(), world.customer())]

        answers = at_once(*(lambda each=each, own=own, free=free: move(each, own, free) for each, own in pair))

        assert sorted(reply.status for reply in answers) == [200, 409]
        assert len(taken(partner, free)) == 1


def two_scooters(world: World) -> tuple[Partner, list[str]]:
    scooters = world.partner("Scooters")
    policy = {"use_signals": ["moving", "unlocked"], "return_signals": ["docked"]}
    done(scooters.put("/partner/v1/products/scooter", {**CITY_BIKE, "name": "S", "category": "s", "policy": policy}))
    done(scooters.post("/partner/v1/products/scooter/tariffs", BY_NEED))
    codes = [scooters.bike() + "S" for _ in range(2)]
    for number, code in enumerate(codes):
        asset = {"product_id": "scooter", "code": code, "device_id": f"dev-{number}"}
        done(scooters.put(f"/partner/v1/assets/{code.lower()}", asset))
    return scooters, codes


@pytest.mark.parametrize("which", [0, 1])
def test_what_a_partner_says_of_the_thing_that_was_left_does_not_end_the_ride_on_the_other(
    world: World, customer: Customer, which: int
) -> None:
    """The mechanic of the stand docks the first scooter two minutes after its rider went on with the second."""
    scooters, codes = two_scooters(world)
    session = start(customer, codes[0])
    done(move(customer, session, codes[1], "faulty"))
    world.later(minutes=2)
    event = said(world, session, "docked")
    event["data"]["asset"] = codes[which].lower()
    (answer,) = scooters.report(event)
    world.settle()
    assert answer["outcome"] == "accepted"
    assert [each["session_id"] for each in customer.read(SESSIONS)] == ([session] if which == 0 else [])


def test_an_event_names_an_asset_of_its_partners(world: World, customer: Customer) -> None:
    scooters, codes = two_scooters(world)
    session = start(customer, codes[0])
    event = said(world, session, "docked")
    event["data"]["asset"] = "nowhere"
    (answer,) = scooters.report(event)
    assert (answer["outcome"], answer["refused"]["pointer"]) == ("refused", "/data/asset")
    change = {"data": {"signal": "idle", "asset": codes[0].lower()}, "change_id": "c-1", "reason": "wrong"}
    (answer,) = scooters.report(said(world, session, "moving"))
    refused(scooters.post(f"/partner/v1/events/{answer['reference']}/amend", change), 422, "bad_event", "/data/asset")
