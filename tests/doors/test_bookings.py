"""Bookings at the doors: price, book, change, cancel, hand out, nobody comes; and what others may do meanwhile."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import Reply, done, refused
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


@pytest.fixture(scope="module")
def vans(world: World) -> Partner:
    """A partner whose vans are booked ahead."""
    partner = world.partner("Vans")
    product = {**CITY_BIKE, "name": "Van", "category": "vans", "policy": {"free_reservation_s": 600, "booking": RULES}}
    done(partner.put("/partner/v1/products/van", product))
    done(partner.post("/partner/v1/products/van/tariffs", TARIFF))
    return partner


def new_van(vans: Partner, **also: object) -> str:
    code = vans.bike() + "V"
    done(vans.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "van", "code": code, **also}))
    return code


@pytest.fixture
def van(vans: Partner) -> str:
    return new_van(vans)


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


def test_what_is_booked_becomes_a_session_at_hand_out_at_the_price_that_was_promised(
    world: World, customer: Customer, van: str
) -> None:
    start, end = at(world, 5), at(world, 7)
    quoted = priced(customer, start, end, code=van)
    booked = done(customer.post(BOOKINGS, {"quote": quoted["quote"]}))
    world.settle()

    assert (quoted["estimate"]["amount"], quoted["worst_case_hours"]) == ("13.00", 24)
    assert {name: fee["amount"] for name, fee in quoted["fees"].items()} == {
        "cancellation": "3.00",
        "change": "2.00",
        "no_show": "7.00",
    }
    assert (booked["state"], booked["asset"]) == ("booked", van.lower())
    assert [each["booking_id"] for each in customer.read(BOOKINGS)["items"]] == [booked["booking_id"]]
    assert told(customer) == ["booked"]
    refused(take_up(customer, booked, van), 409, "booking_too_early")

    world.until(datetime.fromisoformat(start))
    session = done(take_up(customer, booked, van))
    again = done(take_up(customer, booked, van))
    world.later(hours=2)
    ended = customer.end(session["session_id"])

    assert (session["state"], session["booking"], again["session_id"]) == (
        "active",
        booked["booking_id"],
        session["session_id"],
    )
    assert session["known_as"] == booked["known_as"]
    assert show(customer, booked)["state"] == "handed_out"
    assert ended["amount"]["amount"] == "13.00"
    assert euros(ended["amount"]) <= euros(quoted["worst_case"])


def test_a_stretch_that_is_booked_is_nobody_elses_and_neither_is_the_buffer_around_it(
    world: World, customer: Customer, van: str
) -> None:
    other = world.customer()
    book(customer, at(world, 5), at(world, 7), code=van)

    for start, end in ((5, 7), (4, 5.5), (6.5, 9), (7.1, 8), (3, 4.9), (1, 20)):
        refused(asked(other, at(world, start), at(world, end), code=van), 409, "not_free")
    book(other, at(world, 7.25), at(world, 8), code=van)
    book(other, at(world, 3), at(world, 4.75), code=van)


def test_of_two_who_were_promised_the_same_stretch_the_first_has_it(world: World, customer: Customer, van: str) -> None:
    other = world.customer()
    promises = [(each, priced(each, at(world, 5), at(world, 7), code=van)["quote"]) for each in (customer, other)]
    done(customer.post(BOOKINGS, {"quote": promises[0][1]}))

    refused(other.post(BOOKINGS, {"quote": promises[1][1]}), 409, "not_free")
    assert other.read(BOOKINGS)["items"] == []


def test_a_quote_is_one_booking_however_often_it_is_taken_up(world: World, customer: Customer, van: str) -> None:
    quote = priced(customer, at(world, 5), at(world, 7), code=van)["quote"]
    booked = [done(customer.post(BOOKINGS, {"quote": quote}))["booking_id"] for _ in range(2)]

    assert booked[0] == booked[1]
    assert len(customer.read(BOOKINGS)["items"]) == 1


def test_a_booking_is_cancelled_free_in_time_and_the_stretch_is_free_again(
    world: World, customer: Customer, van: str
) -> None:
    booked = book(customer, at(world, 5), at(world, 7), code=van)
    cancelled = cancel(customer, booked)
    assert (cancelled["state"], cancelled["session_id"]) == ("cancelled", None)
    assert cancel(customer, booked) == cancelled
    book(world.customer(), at(world, 5), at(world, 7), code=van)
    refused(take_up(customer, booked, van), 409, "booking_done")
    assert customer.read("/mobile/v1/statements/2021-05")["total"]["amount"] == "0.00"


def test_late_cancellation_is_charged_as_ordered_and_nothing_else_is(
    world: World, customer: Customer, van: str
) -> None:
    quoted = priced(customer, at(world, 2), at(world, 4), code=van)
    booked = done(customer.post(BOOKINGS, {"quote": quoted["quote"]}))
    world.later(hours=1.5)
    cancelled = cancel(customer, booked)
    world.settle()

    shown = receipt(customer, cancelled["session_id"])
    lines = [(line["charge_class"], line["amount"]["amount"]) for line in shown["lines"]]
    assert lines == [("ordered", "3.00")]
    stated = customer.read("/mobile/v1/statements/2021-05")
    assert (stated["total"]["amount"], len(stated["sessions"])) == ("3.00", 1)
    assert euros(stated["total"]) <= euros(quoted["worst_case"])
    assert customer.read(SESSIONS) == []
    acts = [
        each["what"] for each in customer.read(f"/mobile/v1/sessions/{cancelled['session_id']}/timeline")["entries"]
    ]
    assert acts == ["booked", "cancelled", "sealed"]


def test_who_does_not_come_pays_what_the_tariff_says_and_is_told(world: World, customer: Customer, van: str) -> None:
    booked = book(customer, at(world, 1), at(world, 3), code=van)
    world.later(minutes=50)
    other = world.customer()
    refused(other.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None), 409, "asset_booked")
    world.later(minutes=41)

    shown = show(customer, booked)
    assert shown["state"] == "no_show"
    assert receipt(customer, shown["session_id"])["amount"]["amount"] == "7.00"
    assert "booking_no_show" in told(customer)
    refused(take_up(customer, booked, van), 409, "booking_done")
    done(other.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))
