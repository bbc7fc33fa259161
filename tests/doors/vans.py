"""Vans that are booked ahead, and what a customer does to book them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.doors.callers import Reply, done
from tests.doors.world import Customer, Partner, World

BOOKINGS, QUOTES, SESSIONS = "/mobile/v1/bookings", "/mobile/v1/booking-quotes", "/mobile/v1/access-sessions"
RULES = {"buffer_s": 900, "free_cancellation_s": 3600, "no_show_s": 1800, "longest_s": 86_400, "ahead_s": 14 * 86_400}
TARIFF = {
    "currency": "EUR",
    "tax_inclusive": True,
    "meters": [
        {"name": "reserved", "unit": "min"},
        {"name": "cancellation", "unit": "each"},
        {"name": "change", "unit": "each"},
        {"name": "no_show", "unit": "each"},
    ],
    "prices": [
        {"id": "unlock", "kind": "flat", "amount": "1.00"},
        {"id": "time", "kind": "need", "per": "h", "in_use": "6.00", "kept": "1.20"},
        {"id": "held", "kind": "unit", "charge_class": "ordered", "meter": "reserved", "unit_amount": "0.05"},
        {"id": "late", "kind": "unit", "charge_class": "ordered", "meter": "cancellation", "unit_amount": "3.00"},
        {"id": "moved", "kind": "unit", "charge_class": "ordered", "meter": "change", "unit_amount": "2.00"},
        {"id": "absent", "kind": "unit", "charge_class": "ordered", "meter": "no_show", "unit_amount": "7.00"},
    ],
}
"""Ten cents a minute in use after one euro; five cents a minute reserved; and what comes late has its price."""
PLACE = {"name": "Depot", "latitude": "60.17", "longitude": "24.94", "zone": "Europe/Helsinki"}


def new_van(vans: Partner, **also: object) -> str:
    code = vans.bike() + "V"
    done(vans.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "van", "code": code, **also}))
    return code


def at(world: World, hours: float) -> str:
    """So many hours from now."""
    return (world.system.now() + timedelta(hours=hours)).isoformat()


def asked(customer: Customer, start: str, end: str, **what: object) -> Reply:
    return customer.post(QUOTES, {"from": start, "until": end, **what}, key=None)


def priced(customer: Customer, start: str, end: str, **what: object) -> dict[str, Any]:
    return dict(done(asked(customer, start, end, **what)))


def book(customer: Customer, start: str, end: str, **what: object) -> dict[str, Any]:
    return dict(done(customer.post(BOOKINGS, {"quote": priced(customer, start, end, **what)["quote"]})))


def show(customer: Customer, booking: dict[str, Any]) -> dict[str, Any]:
    return dict(customer.read(f"{BOOKINGS}/{booking['booking_id']}"))


def cancel(customer: Customer, booking: dict[str, Any]) -> dict[str, Any]:
    return dict(done(customer.post(f"{BOOKINGS}/{booking['booking_id']}/cancel")))


def take_up(customer: Customer, booking: dict[str, Any], code: str) -> Reply:
    return customer.post(f"{BOOKINGS}/{booking['booking_id']}/start", {"code": code})


def receipt(customer: Customer, session: str) -> dict[str, Any]:
    return dict(customer.read(f"{SESSIONS}/{session}/receipt"))


def euros(amount: dict[str, str]) -> Decimal:
    return Decimal(amount["amount"])


def told(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]
