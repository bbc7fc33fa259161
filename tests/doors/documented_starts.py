"""Calls before and about starts whose answers have to be what the mobile door's document says."""

from collections.abc import Callable
from typing import Any

from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.callers import Caller
from tests.doors.vans import at, new_van
from tests.doors.world import Customer, Partner, World

Call = Callable[..., Any]


def what_is_near(world: World, call: Call, partner: Partner) -> None:
    """A bike that says all it can, at a place with hours."""
    near = {"name": "near", "latitude": "5", "longitude": "5", "address": "", "capacity": 1, "hours": None}
    partner.put("/partner/v1/places/near", near)
    bike = {"product_id": "city-bike", "code": "NEAR-1", "place_id": "near", "capabilities": {"charge_percent": "70"}}
    partner.put("/partner/v1/assets/near", bike)
    world.settle()
    assert call("GET", "/v1/offers?near=5,5&for=60")["offers"][0]["price"]


def asks_something(world: World, call: Call, partner: Partner) -> None:
    """A product that asks for an age and a consent and holds something; limits; and a scan that starts it."""
    policy = {"requires": ["age:18"], "consents": ["position:1"], "hold": {"amount": "50.00"}}
    terms = {"version": "3", "texts": {"en": "Bring it back."}}
    partner.put("/partner/v1/products/car", {**CITY_BIKE, "policy": policy, "terms": terms})
    partner.post("/partner/v1/products/car/tariffs", CITY_BIKE_TARIFF)
    partner.put("/partner/v1/assets/asks", {"product_id": "car", "code": "ASKS-1"})
    documents = {"born": "1990-05-01", "identity_until": "2031-01-01"}
    proof = Caller(world.system.address).post("/verifier/v1/proofs", documents).json["proof"]
    purpose = f"{partner.partner_id}:position"
    budgets = {"day": {"amount": "99.00"}, "month": {"amount": "900", "hard": False}}
    call("PUT", "/v1/me/limits", {"most_open": 9, **budgets})
    assert call("GET", "/v1/me/limits")["month"]
    scan = {"code": "ASKS-1", "start": True, "worst_case_up_to": "9999.00"}
    call("POST", "/v1/scans", scan)
    call("POST", "/v1/me/eligibility", {"requires": "age:18", "proof": proof})
    assert call("GET", "/v1/me/eligibility")
    call("PUT", "/v1/me/consents/{purpose}", {"version": "1"}, purpose=purpose)
    assert call("POST", "/v1/scans", scan)["code"] == "hold_declined"
    partner.put("/partner/v1/products/car", {**CITY_BIKE, "policy": {**policy, "hold": None}, "terms": terms})
    found = call("POST", "/v1/scans", scan)
    assert found["quote"]["allowance"]["budgets"]
    call("POST", "/v1/access-sessions/{session_id}/end", session_id=found["session"]["session_id"])
    call("DELETE", "/v1/me/consents/{purpose}", purpose=purpose)
    assert len(call("GET", "/v1/me/consents/{purpose}", purpose=purpose)) == 2
    assert call("GET", "/v1/me/consents")
    call("PUT", "/v1/me/limits", {})


def book_and_start(world: World, call: Call, vans: Partner) -> None:
    """One is changed and given up, another is handed out."""
    van = new_van(vans)
    stretch = {"from": at(world, 2), "until": at(world, 3)}
    shown = stretch["from"][:19], stretch["until"][:19]
    assert call("GET", f"/v1/calendar?code={van}&from={shown[0]}Z&until={shown[1]}Z")["assets"][0]["free"]
    asked: dict[str, str] = {"code": van}
    for what in ("change", "cancel", "start"):
        quote = call("POST", "/v1/booking-quotes", {**stretch, **asked})["quote"]
        if what == "change":
            booking = call("POST", "/v1/bookings", {"quote": quote})["booking_id"]
            asked, stretch = {"booking": booking}, {"from": at(world, 1.5), "until": at(world, 2)}
        elif what == "cancel":
            call("PUT", "/v1/bookings/{booking_id}", {"quote": quote}, booking_id=booking)
            call("POST", "/v1/bookings/{booking_id}/cancel", booking_id=booking)
            asked = {"code": van}
        else:
            booking = call("POST", "/v1/bookings", {"quote": quote})["booking_id"]
            world.later(hours=1.5)
            started = call("POST", "/v1/bookings/{booking_id}/start", {"code": van}, booking_id=booking)
            call("POST", "/v1/access-sessions/{session_id}/end", session_id=started["session_id"])
    call("GET", "/v1/bookings/{booking_id}", booking_id=booking)
    assert len(call("GET", "/v1/bookings")["items"]) == 2


def waited_for(call: Call, owner: Customer, code: str) -> None:
    """In line for what somebody has, seen there, and out of it again."""
    owner.start(code)
    waiting = call("POST", "/v1/waiting", {"code": code})["waiting_id"]
    assert call("GET", "/v1/waiting")[0]["assets"]
    call("DELETE", "/v1/waiting/{waiting_id}", waiting_id=waiting)
