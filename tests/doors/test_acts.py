"""Reserve, pause, and have a session end by itself: what a customer does beside start and end."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

SESSIONS, RESERVATIONS = "/mobile/v1/access-sessions", "/mobile/v1/reservations"
BY_NEED = {
    "currency": "EUR",
    "tax_inclusive": True,
    "meters": [],
    "prices": [{"id": "time", "kind": "need", "per": "h", "in_use": "6.00", "kept": "1.20"}],
}
"""Ten cents a minute in use, two cents while it is kept."""


@pytest.fixture(scope="module")
def drills(world: World) -> Partner:
    """A partner with drills, priced by need."""
    partner = world.partner("Drills")
    done(partner.put("/partner/v1/products/drill", {**CITY_BIKE, "name": "Drill", "category": "tools"}))
    done(partner.post("/partner/v1/products/drill/tariffs", BY_NEED))
    return partner


@pytest.fixture
def drill(drills: Partner) -> str:
    code = drills.bike() + "D"
    done(drills.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "drill", "code": code}))
    return code


def reserve(customer: Customer, code: str) -> dict[str, Any]:
    quoted = done(customer.post("/mobile/v1/quotes", {"code": code, "need": {}}, key=None))["quote"]
    return dict(done(customer.post(RESERVATIONS, {"code": code, "quote": quoted})))


def start(customer: Customer, code: str) -> str:
    quoted = done(customer.post("/mobile/v1/quotes", {"code": code, "need": {}}, key=None))["quote"]
    return str(done(customer.post(SESSIONS, {"code": code, "quote": quoted}))["session_id"])


def act(customer: Customer, session: str, what: str) -> dict[str, Any]:
    return dict(done(customer.post(f"{SESSIONS}/{session}/{what}")))


def receipt(customer: Customer, session: str) -> tuple[str, str]:
    """When it ended, and what it cost."""
    shown = customer.read(f"{SESSIONS}/{session}/receipt")
    return shown["ended_at"], shown["amount"]["amount"]


def codes(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def test_what_is_reserved_is_nobody_elses_and_costs_nothing_until_it_starts(
    world: World, customer: Customer, drill: str
) -> None:
    held = reserve(customer, drill)
    other = world.customer()
    refused(other.post("/mobile/v1/quotes", {"code": drill, "need": {}}, key=None), 409, "asset_in_use")
    assert held["state"] == "reserved"
    assert [each["session_id"] for each in customer.read(RESERVATIONS)] == [held["session_id"]]
    assert (customer.read(SESSIONS), other.read(RESERVATIONS)) == ([], [])

    world.later(minutes=10)
    started = done(customer.post(f"{RESERVATIONS}/{held['session_id']}/start", {"code": drill}))
    world.later(minutes=10)
    customer.end(started["session_id"])

    assert (started["state"], customer.read(RESERVATIONS)) == ("active", [])
    assert receipt(customer, held["session_id"])[1] == "1.00"


def test_a_reservation_that_nobody_takes_up_expires_at_its_instant_and_the_asset_is_free(
    world: World, customer: Customer, drill: str
) -> None:
    held = reserve(customer, drill)
    world.later(minutes=16)

    refused(customer.post(f"{RESERVATIONS}/{held['session_id']}/start", {"code": drill}), 409, "reservation_over")
    assert codes(customer) == ["reservation_expired"]
    assert customer.read(RESERVATIONS) == []
    assert start(world.customer(), drill)
    assert customer.read("/mobile/v1/statements/2021-05")["sessions"] == []


def test_a_reservation_is_given_up_once(world: World, customer: Customer, drill: str) -> None:
    held = reserve(customer, drill)
    for _ in range(2):
        assert done(customer.post(f"{RESERVATIONS}/{held['session_id']}/cancel"))["state"] == "cancelled"
    assert start(world.customer(), drill)
    world.later(minutes=16)

    assert codes(customer) == []


def test_a_reservation_starts_by_its_own_asset_and_its_own_customer_alone(
    world: World, customer: Customer, drills: Partner, drill: str
) -> None:
    held = reserve(customer, drill)["session_id"]

    refused(customer.post(f"{RESERVATIONS}/{held}/start", {"code": drills.bike()}), 422, "wrong_code", "/code")
    refused(world.customer().post(f"{RESERVATIONS}/{held}/start", {"code": drill}), 404, "unknown_session")
    refused(customer.post(f"{SESSIONS}/{held}/end"), 409, "not_started")
    refused(customer.post(f"{SESSIONS}/{held}/pause"), 409, "not_started")


def test_a_pause_is_kept_and_not_used(world: World, customer: Customer, drill: str) -> None:
    """
    10 minutes in use, 30 kept, 5 in use: 1.00 + 0.60 + 0.50.
    """
    session = start(customer, drill)
    world.later(minutes=10)
    assert act(customer, session, "pause")["state"] == "paused"
    world.later(minutes=30)
    assert act(customer, session, "pause")["state"] == "paused"
    assert customer.read(f"{SESSIONS}/{session}")["amount"]["amount"] == "1.60"
    assert act(customer, session, "resume")["state"] == "active"
    world.later(minutes=5)
    customer.end(session)

    assert receipt(customer, session)[1] == "2.10"
    refused(customer.post(f"{SESSIONS}/{session}/pause"), 409, "already_ended")
    refused(customer.put(f"{SESSIONS}/{session}/stop", {"after_s": 60}), 409, "already_ended")


def test_a_session_stops_at_the_instant_that_was_wished(world: World, customer: Customer, drill: str) -> None:
    session, begun = start(customer, drill), world.system.now()
    wish = begun + timedelta(minutes=20, seconds=30)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"at": (begun + timedelta(minutes=5)).isoformat()}))
    shown = done(customer.put(f"{SESSIONS}/{session}/stop", {"at": wish.isoformat()}))
    assert shown["stops_at"]
    world.later(hours=3)

    assert receipt(customer, session) == (shown["stops_at"], "2.05")
    assert codes(customer) == ["session_stopped"]


def test_a_wish_that_is_taken_back_stops_nothing(world: World, customer: Customer, drill: str) -> None:
    session = start(customer, drill)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"after_s": 600}))
    assert done(customer.delete(f"{SESSIONS}/{session}/stop"))["stops_at"] is None
    world.later(minutes=30)

    assert [each["session_id"] for each in customer.read(SESSIONS)] == [session]


def test_a_session_stops_before_it_costs_more_than_was_wished(world: World, customer: Customer, drill: str) -> None:
    """
    10.00 are 100 minutes in use.
    """
    session, begun = start(customer, drill), world.system.now()
    done(customer.put(f"{SESSIONS}/{session}/stop", {"cost": "10.00"}))
    world.later(hours=5)

    ended_at, amount = receipt(customer, session)
    assert amount == "10.00"
    assert ended_at.startswith((begun + timedelta(minutes=100)).isoformat()[:16])


def test_what_was_paused_stops_as_much_later_as_its_cost_allows(world: World, customer: Customer, drill: str) -> None:
    """
    10 minutes in use, 50 kept, then again in use: 1.00 + 1.00 leave 3.00 of 5.00, which are 30 minutes.
    """
    session, begun = start(customer, drill), world.system.now()
    done(customer.put(f"{SESSIONS}/{session}/stop", {"cost": "5.00"}))
    world.later(minutes=10)
    act(customer, session, "pause")
    world.later(minutes=50)
    act(customer, session, "resume")
    world.later(hours=5)

    ended_at, amount = receipt(customer, session)
    assert amount == "5.00"
    assert ended_at.startswith((begun + timedelta(minutes=90)).isoformat()[:16])


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"at": "2001-01-01T00:00:00Z"}, "stop_in_the_past", "/at"),
        ({"at": "soon"}, "not_an_instant", "/at"),
        ({"at": "9998-12-31T00:00:00Z"}, "stop_too_far", "/at"),
        ({"at": "9999-12-31T23:59:59Z"}, "not_an_instant", "/at"),
        ({"cost": "-1"}, "body_invalid", "/cost"),
        ({"cost": "9999999.00"}, "never_that_much", "/cost"),
        ({}, "body_invalid", ""),
        ({"after_s": 5, "cost": "1.00"}, "body_invalid", ""),
        ({"after_s": 0}, "body_invalid", "/after_s"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(
    customer: Customer, drill: str, body: object, code: str, pointer: str
) -> None:
    session = start(customer, drill)

    refused(customer.put(f"{SESSIONS}/{session}/stop", body), 422, code, pointer)

    assert customer.read(SESSIONS)[0]["stops_at"] is None


def test_what_has_ended_or_not_begun_is_not_stopped_by_any_wish(customer: Customer, drill: str) -> None:
    ended = start(customer, drill)
    customer.end(ended)
    held = reserve(customer, drill)["session_id"]
    for body in ({"after_s": 60}, {"cost": "1.00"}):
        refused(customer.put(f"{SESSIONS}/{ended}/stop", body), 409, "already_ended")
        refused(customer.put(f"{SESSIONS}/{held}/stop", body), 409, "not_started")


def test_nobody_acts_on_anothers_session(world: World, customer: Customer, drill: str) -> None:
    session, other = start(customer, drill), world.customer()

    for what in ("pause", "resume", "end"):
        refused(other.post(f"{SESSIONS}/{session}/{what}"), 404, "unknown_session")
    refused(other.put(f"{SESSIONS}/{session}/stop", {"after_s": 60}), 404, "unknown_session")
    refused(other.delete(f"{SESSIONS}/{session}/stop"), 404, "unknown_session")


def test_a_pause_that_is_over_at_once_is_none(world: World, customer: Customer, drill: str) -> None:
    session = start(customer, drill)
    act(customer, session, "pause")
    act(customer, session, "resume")
    world.later(minutes=10)
    customer.end(session)

    assert receipt(customer, session)[1] == "1.00"


def test_who_ends_after_the_wished_instant_and_before_its_timer_pays_until_that_instant(
    world: World, customer: Customer, drill: str
) -> None:
    session = start(customer, drill)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"after_s": 3600}))
    world.late(seconds=3600 + 90)
    assert customer.end(session)["amount"]["amount"] == "6.00"


def test_who_ends_after_the_cost_was_reached_and_before_its_timer_pays_no_more_than_that(
    world: World, customer: Customer, drill: str
) -> None:
    session = start(customer, drill)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"cost": "6.00"}))
    world.late(seconds=3600 + 90)
    assert Decimal(customer.end(session)["amount"]["amount"]) <= Decimal("6.00")


def test_what_a_stop_has_ended_costs_no_more_while_it_is_shown_before_its_timer(
    world: World, customer: Customer, drill: str
) -> None:
    """Asked for by its thing, the session is over at the stop; shown to its customer, it still runs."""
    session = start(customer, drill)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"after_s": 60}))
    world.settle()
    world.system.clock.advance_to(world.system.now() + timedelta(seconds=150))
    shown: Any = customer.read(f"{SESSIONS}/{session}")
    assert shown["amount"]["amount"] == "0.10"


def test_nothing_is_done_with_what_a_stop_has_ended_before_its_timer(
    world: World, customer: Customer, drill: str
) -> None:
    session = start(customer, drill)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"after_s": 60}))
    world.late(seconds=90)
    refused(customer.post(f"{SESSIONS}/{session}/pause"), 409, "already_ended")
    refused(customer.ask("DELETE", f"{SESSIONS}/{session}/stop"), 409, "already_ended")


def test_a_stop_at_a_cost_whose_timer_is_late_ends_the_session_as_of_its_own_instant(
    world: World, customer: Customer, drill: str
) -> None:
    session = start(customer, drill)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"cost": "6.00"}))
    world.late(seconds=3600 + 90)
    world.later(seconds=1)
    assert receipt(customer, session)[1] == "6.00"
