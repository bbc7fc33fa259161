"""Errands before a start: what is booked, and what asks something of its customer."""

from datetime import timedelta

import pytest

from infra.local.client import RefusedError
from infra.local.demo import Demo
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF


def stretches_that_are_booked(system: System, demo: Demo) -> None:
    """One is changed and cancelled, one handed out, and for one nobody comes."""
    customer, partner, code = demo.customers[0], demo.partner, "VAN-1"
    fee = {"id": "absent", "kind": "unit", "charge_class": "ordered", "meter": "no_show", "unit_amount": "2.00"}
    meters = [*CITY_BIKE_TARIFF["meters"], {"name": "no_show", "unit": "each"}]
    tariff = {**CITY_BIKE_TARIFF, "meters": meters, "prices": [*CITY_BIKE_TARIFF["prices"], fee]}
    partner.put("/partner/v1/products/van", {**CITY_BIKE, "name": "Van", "policy": {"booking": {}}})
    partner.post("/partner/v1/products/van/tariffs", tariff)
    partner.put("/partner/v1/assets/van-1", {"product_id": "van", "code": code})

    def quoted(start: int, **what: str) -> dict[str, str]:
        begin = system.now() + timedelta(hours=start)
        stretch = {"from": begin.isoformat(), "until": (begin + timedelta(hours=1)).isoformat()}
        return {"quote": customer.call("POST", "/mobile/v1/booking-quotes", {**stretch, **what})["quote"]}

    def booked(start: int) -> str:
        return str(customer.post("/mobile/v1/bookings", quoted(start, code=code))["booking_id"])

    one = booked(5)
    customer.put(f"/mobile/v1/bookings/{one}", quoted(7, booking=one))
    customer.post(f"/mobile/v1/bookings/{one}/cancel")
    for start in (1, 3):
        one = booked(start)
    demo.clock(system.now() + timedelta(hours=3))
    session = customer.post(f"/mobile/v1/bookings/{one}/start", {"code": code})["session_id"]
    customer.post(f"/mobile/v1/access-sessions/{session}/end")
    states = [each["state"] for each in partner.get("/partner/v1/bookings")["items"]]
    assert sorted(states) == ["cancelled", "handed_out", "no_show"]
    assert sorted(each["state"] for each in customer.get("/mobile/v1/bookings")["items"]) == sorted(states)


def things_that_ask_something(system: System, demo: Demo) -> None:
    """A car asks for a licence and a consent; its customer has limits, scans and goes, and is told of an expiry."""
    customer, partner = demo.customers[0], demo.partner
    policy = {"requires": ["driving_licence:B"], "consents": ["position:1"], "hold": {"share": "0.5"}}
    partner.put("/partner/v1/products/car", {**CITY_BIKE, "name": "Car", "policy": policy})
    partner.post("/partner/v1/products/car/tariffs", CITY_BIKE_TARIFF)
    partner.put("/partner/v1/assets/car", {"product_id": "car", "code": "ERRAND-CAR"})
    scan = {"code": "ERRAND-CAR", "start": True, "worst_case_up_to": "999.00"}
    with pytest.raises(RefusedError, match="eligibility_missing"):
        customer.post("/mobile/v1/scans", scan)
    for days in (10, 30):  # told at once, and by a timer
        until = (system.now() + timedelta(days=days)).date().isoformat()
        proof = demo.local.post("/verifier/v1/proofs", {"licence": {"classes": ["B"], "until": until}})["proof"]
        customer.post("/mobile/v1/me/eligibility", {"requires": "driving_licence:B", "proof": proof})
        system.drain()
    for asked in customer.call("POST", "/mobile/v1/quotes", {"code": "ERRAND-CAR"})["asks"]:
        if asked["version"] is not None:
            customer.put(f"/mobile/v1/me/consents/{asked['what']}", {"version": asked["version"]})
    customer.put("/mobile/v1/me/limits", {"most_open": 3, "day": {"amount": "500.00"}})
    session = customer.post("/mobile/v1/scans", scan)["session"]
    system.drain()
    customer.post(f"/mobile/v1/access-sessions/{session['session_id']}/end")
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "ERRAND-CAR"})["quote"]
    held = customer.post("/mobile/v1/reservations", {"code": "ERRAND-CAR", "quote": quote})
    customer.post(f"/mobile/v1/reservations/{held['session_id']}/cancel")
    customer.put("/mobile/v1/me/limits", {})
    assert customer.get("/mobile/v1/me/consents")
    assert customer.get("/mobile/v1/me/eligibility")
    demo.clock(system.now() + timedelta(days=17))
    assert "eligibility_expires" in [each["code"] for each in customer.get("/mobile/v1/notices")["items"]]
