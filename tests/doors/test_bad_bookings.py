"""Bookings that are somebody else's, come too late, or make no sense; and what a partner may know."""

from tests.doors.callers import done, refused
from tests.doors.vans import BOOKINGS, SESSIONS, asked, at, book, priced, show, take_up
from tests.doors.world import Customer, Partner, World


def test_a_partner_sees_the_bookings_of_its_assets_page_by_page_and_no_customer(
    world: World, customer: Customer, vans: Partner, van: str
) -> None:
    made = [book(customer, at(world, hours), at(world, hours + 1), code=van) for hours in (200, 202, 204)]
    first = vans.read(f"/partner/v1/bookings?asset={van.lower()}&limit=2")
    second = vans.read(f"/partner/v1/bookings?asset={van.lower()}&limit=2&after={first['next']}".replace("#", "%23"))
    shown = [*first["items"], *second["items"]]

    assert [each["booking_id"] for each in shown] == [each["booking_id"] for each in reversed(made)]
    assert {each["customer"] for each in shown} == {each["known_as"] for each in made}
    assert len({each["customer"] for each in shown}) == 3
    text = str(shown)
    me = customer.read("/mobile/v1/me")
    assert me["customer_id"] not in text
    assert me["account_id"] not in text
    assert world.partner("Others").read("/partner/v1/bookings")["items"] == []


def test_a_booking_is_its_customers_alone(world: World, customer: Customer, van: str) -> None:
    booked, other = book(customer, at(world, 5), at(world, 7), code=van), world.customer()
    one = f"{BOOKINGS}/{booked['booking_id']}"
    quote = priced(customer, at(world, 6), at(world, 8), booking=booked["booking_id"])["quote"]

    refused(other.get(one), 404, "unknown_booking")
    refused(other.post(f"{one}/cancel"), 404, "unknown_booking")
    refused(other.post(f"{one}/start", {"code": van}), 404, "unknown_booking")
    refused(asked(other, at(world, 6), at(world, 8), booking=booked["booking_id"]), 404, "unknown_booking")
    refused(other.put(one, {"quote": quote}), 403, "quote_for_another")
    refused(other.post(BOOKINGS, {"quote": quote}), 403, "quote_for_another")
    assert show(customer, booked) == booked


def test_a_stretch_that_cannot_be_booked_is_refused(world: World, customer: Customer, van: str) -> None:
    for start, end, pointer, code in (
        (-1, 1, "/from", "stretch_past"),
        (5, 5, "/until", "stretch_empty"),
        (5, 4, "/until", "stretch_empty"),
        (5, 30, "/until", "stretch_too_long"),
        (15 * 24, 15 * 24 + 1, "/from", "stretch_too_far_ahead"),
    ):
        refused(asked(customer, at(world, start), at(world, end), code=van), 422, code, pointer)


def test_what_makes_no_sense_is_refused_and_changes_nothing(
    world: World, customer: Customer, vans: Partner, van: str
) -> None:
    start, end = at(world, 5), at(world, 7)
    quote = priced(customer, start, end, code=van)["quote"]
    ride = customer.quote(vans.bike())["quote"]
    bike = vans.bike()
    refused(customer.post(BOOKINGS, {"quote": quote[:-4] + "AAAA"}), 422, "quote_forged")
    refused(customer.post(BOOKINGS, {"quote": ride}), 422, "quote_forged")
    refused(customer.post(SESSIONS, {"code": van, "quote": quote}), 422, "quote_forged")
    refused(asked(customer, start, end, code=bike), 409, "not_bookable")
    refused(asked(customer, start, end, code="NONE-1"), 404, "unknown_code")
    refused(asked(customer, start, end), 422, "body_invalid", "/code")
    refused(asked(customer, start, end, code=van, near="60,24"), 422, "body_invalid", "/code")
    refused(asked(customer, "tomorrow", end, code=van), 422, "not_an_instant", "/from")
    refused(asked(customer, start, end, code=van, need={"reserved": "5"}), 422, "invalid_use", "/need/reserved")
    refused(asked(customer, start, end, code=van, need={"cancellation": "1"}), 422, "invalid_use", "/need/cancellation")
    refused(customer.post(f"{BOOKINGS}/none/cancel"), 404, "unknown_booking")
    world.later(minutes=11)
    refused(customer.post(BOOKINGS, {"quote": quote}), 409, "quote_stale")
    assert customer.read(BOOKINGS)["items"] == []


def test_a_booking_that_has_begun_is_not_changed_and_one_that_was_changed_meanwhile_is_looked_at_again(
    world: World, customer: Customer, van: str
) -> None:
    booked = book(customer, at(world, 1), at(world, 3), code=van)
    one = f"{BOOKINGS}/{booked['booking_id']}"
    quotes = [priced(customer, at(world, 2), at(world, end), booking=booked["booking_id"]) for end in (3, 4)]
    done(customer.put(one, {"quote": quotes[0]["quote"]}))
    refused(customer.put(one, {"quote": quotes[1]["quote"]}), 409, "booking_changed")
    refused(customer.post(BOOKINGS, {"quote": quotes[1]["quote"]}), 409, "booking_changed")

    world.later(hours=2)
    refused(asked(customer, at(world, 2), at(world, 3), booking=booked["booking_id"]), 409, "booking_begun")
    world.later(minutes=29)
    done(take_up(customer, booked, van))
    refused(customer.post(f"{one}/cancel"), 409, "booking_done")


def test_who_cannot_pay_books_nothing(world: World, van: str) -> None:
    visitor = world.customer(card=None)
    quote = priced(visitor, at(world, 5), at(world, 7), code=van)["quote"]
    refused(visitor.post(BOOKINGS, {"quote": quote}), 402, "payment_not_in_order")
    assert visitor.read(BOOKINGS)["items"] == []
