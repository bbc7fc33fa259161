"""Track and trace: everything that happened with a session, in order, for its customer, its partner and finance."""

from typing import Any

from tests.doors.callers import done, refused
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
