"""May this customer use this now? Asked by a partner or a thing, with a network and without."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from chalicelib.access.entitlement import LEASE
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.asking import thing, things
from tests.doors.callers import Caller, done, refused
from tests.doors.test_acts import start
from tests.doors.world import Customer, Partner, World
from tests.things import Thing

ASK = "/partner/v1/entitlements?asset={}&customer={}"
GRANT = "/partner/v1/entitlements/grant?asset={}&customer={}"
STREAMS = "/partner/v1/entitlements/streams"
PLAYS = {**CITY_BIKE_TARIFF, "meters": [{"name": "plays", "unit": "play", "most_per_hour": "60"}]}
PLAYS |= {"prices": [{"id": "play", "kind": "unit", "meter": "plays", "unit_amount": "0.01"}], "caps": []}


def known_as(customer: Customer) -> str:
    """What the customer's app shows to the thing."""
    (session,) = customer.read("/mobile/v1/access-sessions")
    return str(session["known_as"])


def ask(caller: Caller, code: str, name: str) -> dict[str, Any]:
    return dict(caller.read(ASK.format(code.lower(), name)))


def device(partner: Partner, code: str, device_id: str, product_id: str = "city-bike") -> Caller:
    """The asset's lock, under a key of its own."""
    done(
        partner.put(
            f"/partner/v1/assets/{code.lower()}", {"product_id": product_id, "code": code, "device_id": device_id}
        )
    )
    made = done(partner.post("/partner/v1/keys", {"label": "lock", "device_id": device_id}))
    return Caller(partner.base, made["key"])


def digital(partner: Partner, product_id: str, **policy: object) -> str:
    """A song library that any number may use at once; its code."""
    product = {**CITY_BIKE, "name": "Songs", "kind": "digital", "policy": policy}
    done(partner.put(f"/partner/v1/products/{product_id}", product))
    done(partner.post(f"/partner/v1/products/{product_id}/tariffs", PLAYS))
    code = partner.bike()
    done(
        partner.put(
            f"/partner/v1/assets/{code.lower()}", {"product_id": product_id, "code": code, "capacity": "unlimited"}
        )
    )
    return code


def standing(customer: Customer, code: str) -> str:
    """A session that goes on; what the customer is known as in it."""
    quote = done(customer.post("/mobile/v1/quotes", {"code": code}, key=None))["quote"]
    done(customer.post("/mobile/v1/access-sessions", {"code": code, "quote": quote}))
    return known_as(customer)


def test_a_customer_is_entitled_while_the_session_is_open_and_not_after_its_end(
    partner: Partner, customer: Customer, code: str
) -> None:
    session = customer.start(code)
    name = known_as(customer)

    assert ask(partner, code, name) == {
        "allow": True,
        "reason": "entitled",
        "until": None,
        "limits": {"seats": 1, "streams": None, "streams_in_use": 0},
        "session_id": session,
        "offline": "refuse",
    }
    assert partner.read(f"/partner/v1/assets/{code.lower()}/sessions")[0]["customer"] == name
    customer.end(session)

    after = ask(partner, code, name)
    assert (after["allow"], after["reason"]) == (False, "ended")


def test_a_paused_and_a_stopped_session_entitle_to_nothing(
    world: World, partner: Partner, customer: Customer, code: str
) -> None:
    session = customer.start(code)
    name, one = known_as(customer), f"/mobile/v1/access-sessions/{session}"
    done(customer.post(f"{one}/pause"))
    assert ask(partner, code, name)["reason"] == "paused"
    done(customer.post(f"{one}/resume"))
    stops_at = done(customer.put(f"{one}/stop", {"after_s": 600}))["stops_at"]
    assert (ask(partner, code, name)["allow"], ask(partner, code, name)["until"]) == (True, stops_at)

    world.later(minutes=10)

    assert ask(partner, code, name)["reason"] == "ended"


def test_a_reservation_entitles_only_once_it_is_handed_out(partner: Partner, customer: Customer, code: str) -> None:
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    held = done(customer.post("/mobile/v1/reservations", accepted))
    assert ask(partner, code, held["known_as"])["reason"] == "reserved"

    done(customer.post(f"/mobile/v1/reservations/{held['session_id']}/start", {"code": code}))

    assert ask(partner, code, held["known_as"])["allow"]


def test_a_forged_name_another_asset_and_another_partner_are_denied_and_told_nothing(
    world: World, partner: Partner, customer: Customer, code: str
) -> None:
    customer.start(code)
    name, other = known_as(customer), world.partner("Other")
    mine, theirs = partner.bike(), other.bike()
    nothing = {"until": None, "limits": None, "session_id": None, "offline": "refuse", "allow": False}

    assert ask(partner, code, "ent_" + "a" * 26) == {**nothing, "reason": "no_session"}
    for asset in (mine, theirs, "never-made"):
        assert ask(partner, asset, name) == {**nothing, "reason": "other_asset"}
    for asset in (code, theirs):
        assert ask(other, asset, name) == {**nothing, "reason": "no_session"}
    me = customer.read("/mobile/v1/me")
    for own in (me["customer_id"], me["account_id"]):
        assert ask(partner, code, own)["reason"] == "no_session"


def test_no_two_sessions_of_a_customer_can_be_joined_by_name(customer: Customer, code: str) -> None:
    names = set()
    for _ in range(2):
        session = customer.start(code)
        names.add(known_as(customer))
        customer.end(session)

    assert len(names) == 2


def test_a_device_asks_about_its_own_asset_and_about_no_other(world: World, customer: Customer) -> None:
    partner = world.partner()
    mine, another = partner.bike(), partner.bike()
    lock, stranger = device(partner, mine, "lock-mine"), device(partner, another, "lock-other")
    customer.start(mine)
    name = known_as(customer)

    assert ask(lock, mine, name)["allow"]
    assert ask(stranger, another, name)["reason"] == "other_asset"
    refused(stranger.get(ASK.format(mine.lower(), name)), 403, "device_elsewhere")
    refused(lock.get(ASK.format(another.lower(), name)), 403, "device_elsewhere")
    refused(stranger.get(GRANT.format(mine.lower(), name)), 403, "device_elsewhere")


def test_nobody_asks_without_a_key_or_without_saying_about_whom(world: World, partner: Partner, code: str) -> None:
    refused(world.nobody.get(ASK.format(code.lower(), "ent_a")), 401, "unauthenticated")
    refused(partner.get(f"/partner/v1/entitlements?asset={code.lower()}"), 422, "query_invalid", "")
    refused(partner.get(ASK.format(code.lower(), "x" * 65)), 422, "query_invalid", "/customer")


@contextmanager
def dynamodb_calls() -> Iterator[list[tuple[str, str]]]:
    """Each call of DynamoDB with its table, whoever makes it."""
    made, call = list[tuple[str, str]](), BaseClient._make_api_call

    def noted(client: BaseClient, operation: str, request: dict[str, Any]) -> object:
        if client.meta.service_model.service_name == "dynamodb":
            made.append((operation, str(request.get("TableName"))))
        return call(client, operation, request)

    with patch.object(BaseClient, "_make_api_call", noted):
        yield made


@pytest.mark.parametrize("by_device", [False, True])
def test_an_answer_costs_one_read_of_one_item_beside_the_look_up_of_the_key(
    world: World, customer: Customer, *, by_device: bool
) -> None:
    partner = world.partner()
    code = partner.bike()
    lock = device(partner, code, "lock-1")
    customer.start(code)
    name = known_as(customer)

    with dynamodb_calls() as made:
        assert ask(lock if by_device else partner, code, name)["allow"]

    assert [each for each in made if not each[1].endswith("-partners")] == [("GetItem", "adgang-local-access")]


def test_plays_are_usage_of_one_standing_session_and_need_none_each(world: World, customer: Customer) -> None:
    """
    Three customers at one library; a hundred plays on each one's entitlement are one session and one charge.
    """
    partner = world.partner("Music")
    code = digital(partner, "songs")
    for other in (world.customer(), world.customer()):
        assert ask(partner, code, standing(other, code))["allow"]
    name = standing(customer, code)
    entitled = ask(partner, code, name)
    assert entitled["limits"]["seats"] is None
    world.later(hours=30)
    plays = [world.event(entitled["session_id"], meter="plays", value="1") for _ in range(100)]

    assert {each["outcome"] for each in partner.report(*plays)} == {"accepted"}

    assert len(customer.read("/mobile/v1/access-sessions")) == 1
    assert customer.end(entitled["session_id"])["amount"]["amount"] == "1.00"


def test_no_more_seats_are_taken_than_there_are(world: World) -> None:
    partner, customers = world.partner("Software"), [world.customer() for _ in range(3)]
    code = partner.bike()
    done(partner.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "city-bike", "code": code, "capacity": 2}))
    names = [standing(each, code) for each in customers[:2]]

    assert [ask(partner, code, each)["limits"]["seats"] for each in names] == [2, 2]
    refused(customers[2].post("/mobile/v1/quotes", {"code": code}, key=None), 409, "asset_in_use")


def stream(caller: Caller, code: str, name: str, which: str) -> dict[str, Any]:
    body = {"asset": code.lower(), "customer": name, "stream": which}
    return dict(done(caller.post(STREAMS, body, key=None))["entitlement"])


def told(shown: dict[str, Any]) -> tuple[bool, str, int]:
    return shown["allow"], shown["reason"], shown["limits"]["streams_in_use"]


def test_never_more_streams_are_open_at_once_than_the_product_allows(world: World, customer: Customer) -> None:
    partner = world.partner("Films")
    code = digital(partner, "films", streams=2)
    name = standing(customer, code)
    assert told(stream(partner, code, name, "tv")) == (True, "entitled", 1)
    assert told(stream(partner, code, name, "phone")) == (True, "entitled", 2)
    assert told(stream(partner, code, name, "tv")) == (True, "entitled", 2)
    assert told(stream(partner, code, name, "car")) == (False, "streams_in_use", 2)
    closing = {"asset": code.lower(), "customer": name, "stream": "phone"}
    for _ in range(2):
        assert told(done(partner.post(f"{STREAMS}/close", closing, key=None))) == (True, "entitled", 1)
    assert told(stream(partner, code, name, "car")) == (True, "entitled", 2)

    world.later(seconds=LEASE.total_seconds())

    assert told(ask(partner, code, name)) == (True, "entitled", 0)
    assert told(stream(partner, code, name, "phone")) == (True, "entitled", 1)
    assert stream(partner, code, "ent_nobody", "tv")["reason"] == "no_session"


def test_a_thing_without_a_network_goes_by_a_grant(world: World, customer: Customer) -> None:
    partner = world.partner()
    code = partner.bike()
    lock = device(partner, code, "lock-1")
    session = customer.start(code)
    name = known_as(customer)
    keys = world.nobody.read("/partner/v1/grant-keys")["keys"]
    thing = Thing(partner.partner_id, code.lower(), keys)

    granted = lock.read(GRANT.format(code.lower(), name))

    now = world.system.now()
    assert granted["session_id"] == session
    assert thing.lets_in(granted["grant"], now)
    assert not thing.lets_in(granted["grant"], now + timedelta(minutes=16))
    assert not Thing(partner.partner_id, "another", keys).lets_in(granted["grant"], now)
    done(customer.post(f"/mobile/v1/access-sessions/{session}/pause"))
    assert refused(lock.get(GRANT.format(code.lower(), name)), 403, "not_entitled")["facts"] == {"reason": "paused"}


def test_what_was_let_in_offline_is_metered_afterwards(world: World, customer: Customer) -> None:
    """
    The product fails open: the lock in a cellar lets its customer in after four hours, and tells of it a day later.
    """
    partner = world.partner()
    done(partner.put("/partner/v1/products/cellar", {**CITY_BIKE, "policy": {"offline": "allow"}}))
    done(partner.post("/partner/v1/products/cellar/tariffs", CITY_BIKE_TARIFF))
    code = partner.bike()
    lock = device(partner, code, "lock-cellar", "cellar")
    session = customer.start(code)
    granted = lock.read(GRANT.format(code.lower(), known_as(customer)))
    assert granted["offline"] == ask(lock, code, known_as(customer))["offline"] == "allow"
    thing = Thing(partner.partner_id, code.lower(), world.nobody.read("/partner/v1/grant-keys")["keys"])
    world.later(hours=4)
    used_at = world.system.now()
    assert thing.lets_in(granted["grant"], used_at)
    world.later(hours=1)
    customer.end(session)
    before = customer.read(f"/mobile/v1/access-sessions/{session}/receipt")["quantities"].get("use_seconds", "0")
    world.later(days=1)
    reading = {"id": "offline-1", "time": used_at.isoformat(), "meter": "use_seconds", "value": "600"}

    answer = done(lock.post("/partner/v1/devices/lock-cellar/signals", {"readings": [reading]}, key=None))

    assert [each["outcome"] for each in answer["events"]] == ["late"]
    world.settle()
    receipt = customer.read(f"/mobile/v1/access-sessions/{session}/receipt")
    assert before != "600"
    assert receipt["quantities"]["use_seconds"] == "600"


def test_the_state_of_what_anybody_may_have_does_not_grow_with_each_session(world: World) -> None:
    """DynamoDB takes 400 KB for an item: at 13,000 open sessions of one piece of software nobody could start any more.

    (moto lets an update grow an item further; DynamoDB does not.) Each start and end writes all of it.
    """
    cars = things(world, {})
    code = thing(cars, capacity="unlimited")
    client = world.system.engine.client("dynamodb")
    key = {"pk": {"S": f"asset#{cars.partner_id}/{code.lower()}"}, "sk": {"S": "state"}}
    sizes = []
    for _ in range(3):
        start(world.customer(), code)
        item = client.get_item(TableName="adgang-local-access", Key=key).get("Item", {})
        sizes.append(sum(len(each) for each in item.get("sessions", {"SS": []})["SS"]))
    assert len(set(sizes)) == 1, sizes
