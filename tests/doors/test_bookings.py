"""Bookings at the doors: price, book, change, cancel, hand out, nobody comes; what others may do meanwhile."""

from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.rating.proof import verify
from tests.doors.asking import stated
from tests.doors.callers import done, refused
from tests.doors.test_acts import start as walk_up
from tests.doors.vans import (
    BOOKINGS,
    SESSIONS,
    asked,
    at,
    book,
    cancel,
    euros,
    new_van,
    priced,
    receipt,
    show,
    take_up,
    told,
)
from tests.doors.world import Customer, Partner, World


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


def test_a_booking_is_changed_free_in_time_and_at_a_price_when_it_is_late(
    world: World, customer: Customer, van: str
) -> None:
    booked = book(customer, at(world, 5), at(world, 7), code=van)
    early = priced(customer, at(world, 6), at(world, 8), booking=booked["booking_id"])
    moved = done(customer.put(f"{BOOKINGS}/{booked['booking_id']}", {"quote": early["quote"]}))
    again = done(customer.put(f"{BOOKINGS}/{booked['booking_id']}", {"quote": early["quote"]}))
    assert (moved["from"][:16], moved["changes"], again) == (at(world, 6)[:16], 1, moved)
    assert early["estimate"]["amount"] == "13.00"
    book(world.customer(), at(world, 4), at(world, 5.5), code=van)

    world.later(hours=5.5)
    late = priced(customer, at(world, 2), at(world, 3), booking=booked["booking_id"])
    assert late["estimate"]["amount"] == "9.00"
    moved = done(customer.put(f"{BOOKINGS}/{booked['booking_id']}", {"quote": late["quote"]}))
    assert moved["free_until"] < world.system.now().isoformat()
    world.later(hours=2)
    session = done(take_up(customer, booked, van))["session_id"]
    world.later(hours=1)
    ended = customer.end(session)

    assert ended["amount"]["amount"] == "9.00"
    assert ("ordered", "2.00") in [(line["charge_class"], line["amount"]["amount"]) for line in ended["lines"]]
    assert euros(ended["amount"]) <= euros(late["worst_case"])
    assert told(customer).count("booking_changed") == 2


def test_who_moves_a_booking_late_cannot_cancel_it_free_of_charge_afterwards(
    world: World, customer: Customer, van: str
) -> None:
    booked = book(customer, at(world, 1.1), at(world, 2), code=van)
    world.later(minutes=30)
    late = priced(customer, at(world, 100), at(world, 101), booking=booked["booking_id"])
    done(customer.put(f"{BOOKINGS}/{booked['booking_id']}", {"quote": late["quote"]}))
    cancelled = cancel(customer, booked)

    assert receipt(customer, cancelled["session_id"])["amount"]["amount"] == "5.00"
    assert Decimal("5.00") <= euros(late["worst_case"])


def test_another_free_one_of_the_product_is_handed_out_when_its_code_is_scanned(
    world: World, customer: Customer, vans: Partner, van: str
) -> None:
    second, third = new_van(vans), new_van(vans)
    other = world.customer()
    book(other, at(world, 3), at(world, 4), code=third)
    booked = book(customer, at(world, 2), at(world, 4), code=van)
    world.later(hours=2)

    refused(take_up(customer, booked, third), 409, "not_free")
    refused(take_up(customer, booked, vans.bike()), 422, "wrong_code", "/code")
    session = done(take_up(customer, booked, second))

    assert (session["asset"], show(customer, booked)["asset"]) == (second.lower(), second.lower())
    done(other.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))
    refused(asked(other, at(world, 1), at(world, 1.5), code=second), 409, "not_free")
    customer.end(session["session_id"])
    book(other, at(world, 1), at(world, 1.5), code=second)


def test_a_walk_up_starts_before_a_booking_is_told_until_when_and_is_warned(
    world: World, customer: Customer, van: str
) -> None:
    start = at(world, 2)
    booked = book(customer, start, at(world, 4), code=van)
    walker = world.customer()
    quoted = done(walker.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))
    session = done(walker.post(SESSIONS, {"code": van, "quote": quoted["quote"]}))
    kept_from = (datetime.fromisoformat(start) - timedelta(minutes=15)).isoformat()[:16]
    assert (quoted["booked_from"][:16], session["booked_from"][:16]) == (kept_from, kept_from)

    world.later(minutes=91)
    assert told(walker) == ["asset_booked"]
    walker.end(session["session_id"])
    world.later(minutes=15)
    for path in ("/mobile/v1/quotes",):
        refused(walker.post(path, {"code": van, "need": {}}, key=None), 409, "asset_booked")
    world.later(minutes=15)
    done(take_up(customer, booked, van))


def test_a_quote_that_was_given_before_the_booking_starts_nothing_once_it_is_kept(
    world: World, customer: Customer, van: str
) -> None:
    walker = world.customer()
    book(customer, at(world, 0.3), at(world, 2), code=van)
    quote = done(walker.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))["quote"]
    world.later(minutes=5)

    for path in (SESSIONS, "/mobile/v1/reservations"):
        refused(walker.post(path, {"code": van, "quote": quote}), 409, "asset_in_use")
    assert walker.read(SESSIONS) == []


def test_a_reservation_is_over_when_a_booking_begins(world: World, customer: Customer, van: str) -> None:
    start = at(world, 0.5)
    book(customer, start, at(world, 2), code=van)
    walker = world.customer()
    quote = done(walker.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))
    held = done(walker.post("/mobile/v1/reservations", {"code": van, "quote": quote["quote"]}))
    assert held["reserved_until"] == held["booked_from"] == quote["booked_from"]


def test_nobody_pays_for_a_booking_that_could_not_be_had(world: World, customer: Customer, van: str) -> None:
    """Somebody who started before has not given it back."""
    walker = world.customer()
    walker_quote = done(walker.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))["quote"]
    done(walker.post(SESSIONS, {"code": van, "quote": walker_quote}))
    lost, given_up = (book(customer, at(world, hours), at(world, hours + 1), code=van) for hours in (1, 4))
    world.later(hours=1)
    refused(take_up(customer, lost, van), 409, "asset_in_use")
    world.later(minutes=30)
    assert (show(customer, lost)["state"], show(customer, lost)["session_id"]) == ("cancelled", None)
    assert "booking_unavailable" in told(customer)

    world.later(hours=2.5)
    cancelled = cancel(customer, given_up)
    assert cancelled["session_id"] is None
    assert customer.read("/mobile/v1/statements/2021-05")["total"]["amount"] == "0.00"


def test_whoever_has_booked_what_is_taken_out_is_told_at_once_and_pays_nothing(
    world: World, customer: Customer, vans: Partner
) -> None:
    """Neither for giving it up late, nor for not coming where it was out while they could have come."""
    van = new_van(vans)
    given_up, lost = (book(customer, at(world, hours), at(world, hours + 1), code=van) for hours in (2, 4))
    for begins, ends in ((2.5, 3), (4, 4.2)):
        out = {"reason": "new tyres", "from": at(world, begins), "until": at(world, ends)}
        done(vans.post(f"/partner/v1/assets/{van.lower()}/take-outs", out))
    world.settle()
    notices = [each for each in customer.read("/mobile/v1/notices")["items"] if each["code"] == "booking_taken_out"]
    assert {each["about"] for each in notices} == {given_up["booking_id"], lost["booking_id"]}

    world.later(hours=1.9)
    assert cancel(customer, given_up)["session_id"] is None
    world.later(hours=3)
    assert (show(customer, lost)["state"], show(customer, lost)["session_id"]) == ("cancelled", None)
    assert customer.read("/mobile/v1/statements/2021-05")["total"]["amount"] == "0.00"


def test_a_reservation_goes_on_past_its_free_time_at_the_price_of_the_tariff(
    world: World, customer: Customer, vans: Partner
) -> None:
    """
    Ten minutes are free. Handed out after half an hour twenty minutes are charged, as ordered, with the ride.
    """
    paid = []
    for what in ("start", "cancel", "expire"):
        van = new_van(vans)
        quote = done(customer.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))
        held = done(customer.post("/mobile/v1/reservations", {"code": van, "quote": quote["quote"]}))["session_id"]
        world.later(minutes=30 if what != "expire" else 71)
        shown = customer.read(f"{SESSIONS}/{held}")["amount"]
        if what == "start":
            done(customer.post(f"/mobile/v1/reservations/{held}/start", {"code": van}))
            world.later(minutes=10)
            customer.end(held)
        elif what == "cancel":
            done(customer.post(f"/mobile/v1/reservations/{held}/cancel"))
        lines = receipt(customer, held)
        assert euros(shown) <= euros(lines["amount"]) <= euros(quote["worst_case"])
        paid.append([(line["charge_class"], line["amount"]["amount"]) for line in lines["lines"]])

    assert paid == [
        [("use", "1.00"), ("use", "1.00"), ("ordered", "1.00")],
        [("ordered", "1.00")],
        [("ordered", "3.00")],
    ]
    assert customer.read("/mobile/v1/statements/2021-05")["total"]["amount"] == "7.00"
    assert customer.read("/mobile/v1/reservations") == []


def test_a_reservation_within_its_free_time_costs_nothing(world: World, customer: Customer, van: str) -> None:
    quote = done(customer.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))
    held = done(customer.post("/mobile/v1/reservations", {"code": van, "quote": quote["quote"]}))["session_id"]
    world.later(minutes=9)
    done(customer.post(f"/mobile/v1/reservations/{held}/cancel"))
    refused(customer.get(f"{SESSIONS}/{held}/receipt"), 409, "not_charged")
    assert customer.read("/mobile/v1/statements/2021-05")["total"]["amount"] == "0.00"


def test_what_is_ordered_alone_has_a_receipt_on_paper_an_invoice_and_a_proof(
    world: World, customer: Customer, van: str
) -> None:
    booked = book(customer, at(world, 0.9), at(world, 2), code=van)
    session = cancel(customer, booked)["session_id"]
    for paper in ("receipt.txt", "receipt.html"):
        assert "3,00" in customer.get(f"{SESSIONS}/{session}/{paper}").content.decode()
    world.until(world.system.now().replace(month=world.system.now().month + 1, day=1, hour=12))

    (invoice,) = customer.read("/mobile/v1/invoices")["items"]
    assert (invoice["total"]["amount"], invoice["state"]) == ("3.00", "paid")
    (made,) = customer.read("/mobile/v1/proofs")["items"]
    proof = customer.read(f"/mobile/v1/proofs/{made['number']}")
    assert verify(proof) == []


def test_who_gives_a_booking_up_after_it_was_lost_and_before_its_timer_pays_for_not_coming(
    world: World, customer: Customer, vans: Partner
) -> None:
    """Not coming costs 7.00, a late cancellation 3.00; it is lost half an hour after its start."""
    booked = book(customer, at(world, 1), at(world, 3), code=new_van(vans))
    world.until(datetime.fromisoformat(booked["from"]))
    world.late(minutes=31)
    refused(customer.post(f"{BOOKINGS}/{booked['booking_id']}/cancel"), 409, "booking_over")
    world.later(minutes=5)
    assert stated(world, customer) == Decimal("7.00")


def test_a_reservation_by_a_quote_from_before_a_booking_is_over_when_the_booking_begins_too(
    world: World, customer: Customer, van: str
) -> None:
    walker = world.customer()
    quote = done(walker.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))["quote"]
    booked = book(customer, at(world, 0.5), at(world, 2), code=van)
    world.later(minutes=2)
    done(walker.post("/mobile/v1/reservations", {"code": van, "quote": quote}))
    world.until(datetime.fromisoformat(booked["from"]))
    assert take_up(customer, booked, van).status == 200


def test_who_walks_up_is_let_in_once_its_partner_has_more_of_it_though_one_is_booked(
    world: World, customer: Customer, vans: Partner
) -> None:
    van = new_van(vans)
    booked = book(customer, at(world, 1), at(world, 2), code=van)
    done(vans.put(f"/partner/v1/assets/{van.lower()}", {"product_id": "van", "code": van, "capacity": 5}))
    world.until(datetime.fromisoformat(booked["from"]))
    assert walk_up(world.customer(), van)
