"""Track and trace: everything that happened with a session, in order, for its customer, its partner and finance."""

from typing import Any

from tests.doors.asking import stored
from tests.doors.callers import done, refused
from tests.doors.test_acts import start
from tests.doors.test_sharing import car, share
from tests.doors.vans import BOOKINGS, at, book, new_van, priced, take_up
from tests.doors.world import Customer, Partner, World


def ridden(world: World, customer: Customer, partner: Partner, code: str) -> str:
    """Ten minutes, with a pause in between, a late report, and its month closed and paid."""
    session = customer.start(code)
    partner.report(world.event(session, signal="unlocked", place="harbour"))
    world.later(minutes=5)
    done(customer.post(f"/mobile/v1/access-sessions/{session}/pause"))
    world.later(minutes=2)
    done(customer.post(f"/mobile/v1/access-sessions/{session}/resume"))
    world.later(minutes=3)
    partner.report(world.used(session, 480))
    customer.end(session)
    world.settle()
    return session


def told(timeline: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["kind"], each["what"]) for each in timeline["entries"]]


def test_a_session_is_traced_from_start_to_payment(
    world: World, customer: Customer, partner: Partner, code: str
) -> None:
    session = ridden(world, customer, partner, code)
    world.later(minutes=30)
    ended_at = customer.read(f"/mobile/v1/access-sessions/{session}")["session"]["ended_at"]
    partner.report(world.used(session, 30, time=ended_at))
    world.settle()
    world.until(world.system.now().replace(month=6, day=2, hour=12))

    mine = customer.read(f"/mobile/v1/sessions/{session}/timeline")

    assert told(mine) == [
        ("act", "start"),
        ("signal", "unlocked"),
        ("need", "in_use"),
        ("act", "pause"),
        ("need", "kept"),
        ("act", "resume"),
        ("need", "in_use"),
        ("act", "end"),
        ("usage", "use_seconds"),
        ("usage", "use_seconds"),
        ("charge", "sealed"),
        ("charge", "corrected"),
        ("payment", "invoiced"),
        ("payment", "paid"),
    ]
    by = {(each["kind"], each["what"]): each for each in mine["entries"]}
    assert by["signal", "unlocked"]["facts"]["place"] == "harbour"
    assert by["charge", "corrected"]["amount"]["amount"] == "0.50"
    assert by["payment", "invoiced"]["amount"]["amount"] == "0.50"
    assert [each["at"] for each in mine["entries"]] == sorted(each["at"] for each in mine["entries"])
    assert world.finance.read(f"/finance/v1/sessions/{session}/timeline") == mine


def test_a_partner_sees_its_own_sessions_and_nothing_of_who_pays(
    world: World, customer: Customer, partner: Partner, code: str
) -> None:
    session = ridden(world, customer, partner, code)
    theirs = partner.read(f"/partner/v1/sessions/{session}/timeline")

    assert ("charge", "sealed") in told(theirs)
    assert {kind for kind, _ in told(theirs)} == {"act", "signal", "usage", "need", "charge"}
    me = customer.read("/mobile/v1/me")
    assert me["account_id"] not in str(theirs)
    assert me["customer_id"] not in str(theirs)
    refused(world.partner().get(f"/partner/v1/sessions/{session}/timeline"), 404, "unknown_session")
    refused(world.customer().get(f"/mobile/v1/sessions/{session}/timeline"), 404, "unknown_session")
    refused(world.operator.get(f"/finance/v1/sessions/{session}/timeline"), 403, "right_missing")
    refused(world.finance.get("/finance/v1/sessions/ses_none/timeline"), 404, "unknown_session")


def test_a_reservation_that_came_to_nothing_has_a_timeline_and_no_need(
    world: World, customer: Customer, code: str
) -> None:
    quote = customer.quote(code)["quote"]
    held = done(customer.post("/mobile/v1/reservations", {"code": code, "quote": quote}))["session_id"]
    world.later(minutes=20)

    assert told(customer.read(f"/mobile/v1/sessions/{held}/timeline")) == [("act", "reserved"), ("act", "expired")]


def test_where_a_thing_was_is_told_for_as_long_as_its_product_says(
    world: World, customer: Customer, partner: Partner, code: str
) -> None:
    """
    Thirty days, by default.
    """
    session = ridden(world, customer, partner, code)
    world.later(days=31)

    shown = customer.read(f"/mobile/v1/sessions/{session}/timeline")
    (unlocked,) = (each for each in shown["entries"] if each["what"] == "unlocked")
    assert set(unlocked["facts"]) == {"id"}


def test_the_place_that_an_event_says_is_a_position_and_in_nothing_that_is_kept_longer(
    world: World, customer: Customer, partner: Partner, code: str
) -> None:
    session = customer.start(code)
    partner.report(world.event(session, signal="unlocked", place="secret-garden"))
    world.settle()

    kept = {(item["pk"]["S"].partition("#")[0], "expires" in item) for item in naming(world, "secret-garden")}
    assert kept == {("position", True)}
    assert "place" not in partner.read(f"/partner/v1/usage/{session}/events")["events"][0]


def naming(world: World, text: str) -> list[Any]:
    return [item for items in stored(world).values() for item in items if text in str(item)]


def acts(customer: Customer, session: str) -> list[str]:
    entries = customer.read(f"/mobile/v1/sessions/{session}/timeline")["entries"]
    return [each["what"] for each in entries if each["kind"] == "act"]


RESERVATIONS = "/mobile/v1/reservations"


def test_what_was_reserved_at_a_price_and_then_started_shows_the_reservation_in_its_timeline(
    world: World, customer: Customer, vans: Partner
) -> None:
    van = new_van(vans)
    quote = done(customer.post("/mobile/v1/quotes", {"code": van, "need": {}}, key=None))["quote"]
    session = done(customer.post(RESERVATIONS, {"code": van, "quote": quote}))["session_id"]
    world.later(minutes=30)
    done(customer.post(f"{RESERVATIONS}/{session}/start", {"code": van}))
    world.later(minutes=10)
    customer.end(session)
    assert acts(customer, session) == ["reserved", "start", "end"]


def test_what_was_booked_and_changed_at_a_price_shows_both_in_the_timeline_of_its_session(
    world: World, customer: Customer, vans: Partner
) -> None:
    van = new_van(vans)
    booked = book(customer, at(world, 0.5), at(world, 1), code=van)
    quoted = priced(customer, at(world, 1), at(world, 2), booking=booked["booking_id"])
    done(customer.put(f"{BOOKINGS}/{booked['booking_id']}", {"quote": quoted["quote"]}))
    world.later(hours=1)
    session = done(take_up(customer, booked, van))["session_id"]
    customer.end(session)
    assert acts(customer, session) == ["booked", "changed", "start", "end"]


def test_who_joined_and_who_left_a_ride_is_in_its_timeline(world: World, customer: Customer, partner: Partner) -> None:
    session, member = start(customer, car(partner)), world.customer()
    share(customer, session, member)
    world.later(minutes=10)
    done(member.post(f"/mobile/v1/shared-sessions/{session}/leave"))
    customer.end(session)
    assert acts(customer, session) == ["start", "joined", "left", "end"]
    assert member.read("/mobile/v1/me")["account_id"] not in str(
        customer.read(f"/mobile/v1/sessions/{session}/timeline")
    )


def test_who_takes_part_in_a_ride_can_trace_it(world: World, partner: Partner, customer: Customer) -> None:
    session, member = start(customer, car(partner)), world.customer()
    share(customer, session, member)
    customer.end(session)
    assert acts(member, session) == ["start", "joined", "end"]
