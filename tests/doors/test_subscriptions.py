"""The life of a subscription: shown, agreed, asleep and awake, paused, changed, ended; and what others see of it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.kernel.time import format_instant
from tests.doors.asking import SESSIONS, accepted, limit, show
from tests.doors.callers import done, refused
from tests.doors.subscribing import FEE, MINE, PLAN, PLANS, members_fare, publish, publish_terms, subscribe, wish
from tests.doors.test_races import at_once
from tests.doors.world import Customer, Partner, World

MOVES = "/finance/v1/subscriptions/moves"


@pytest.fixture(scope="module")
def fares(world: World, partner: Partner) -> dict[str, str]:
    """How plans name what their members have of the partner's bikes; the plan `member` is on sale."""
    publish_terms(world)
    named = members_fare(partner)
    publish(world, "member", fares=named)
    return named


def state(customer: Customer, path: str) -> tuple[str, str]:
    shown = customer.read(path)
    return shown["state"], shown["since"]


def codes(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def moved(world: World, plan_id: str) -> dict[str, int]:
    """What acts moved in May, but nothing."""
    plans = world.finance.read(f"{MOVES}/2021-05?plan={plan_id}")["plans"]
    return {name: many for each in plans for name, many in each.items() if name != "plan_id" and many}


@pytest.mark.usefixtures("fares")
def test_what_was_agreed_is_confirmed_and_kept_as_it_was_agreed(world: World, customer: Customer) -> None:
    """
    Price and terms come first; later versions change neither the subscription nor what the customer keeps of it.
    """
    publish(world, "kept", requires=["student"], for_kinds=["person"])
    (offer,) = [each for each in customer.read(PLANS)["items"] if each["plan_id"] == "kept"]
    assert (offer["name"], offer["prices"][0]["amount"]["amount"], offer["may"]) == ("Bike member", "31.00", False)
    assert offer["requires"] == [{"requires": "student", "shown": False}]
    refused(customer.post(MINE, wish(customer, "kept")), 403, "not_shown")
    publish(world, "kept")
    refused(customer.post(MINE, wish(customer, "kept")), 409, "plan_moved", "/plan_version")
    unread = wish(customer, "kept", 2)
    refused(world.customer(card=None).post(MINE, unread), 402, "payment_not_in_order")
    unread["terms"] = {**unread["terms"], "language": "da"}  # type: ignore[dict-item]
    refused(customer.post(MINE, unread), 422, "terms_not_shown", "/terms")

    asked, key = wish(customer, "kept", 2), "subscribe-once"
    first, again = (customer.post(MINE, asked, key=key) for _ in range(2))
    assert (first.status, first.json, again.headers["idempotency-replayed"]) == (201, again.json, "true")
    path = f"{MINE}/{first.json['subscription_id']}"
    text = customer.get(f"{path}/confirmation.txt").content.decode()
    assert text.startswith("Confirmation of Bike member\n")
    assert "€31.00 a month" in text
    assert text.endswith("\nBe kind to bikes.\n")
    page = customer.get(f"{path}/confirmation.html").content.decode()
    assert "<h1>Confirmation of Bike member</h1>" in page
    assert "<p>Be kind to bikes.</p>" in page
    (kept,) = customer.read(f"{path}/confirmation")
    assert (kept["plan_version"], kept["language"], kept["sha256"]) == (2, "en", asked["terms"]["sha256"])  # type: ignore[index]
    world.settle()
    assert codes(customer) == ["subscribed"]

    publish(world, "kept", names={"en": "Gold"}, fee={"currency": "EUR", "prices": [{**FEE, "amount": "99"}]})
    refused(
        world.operator.put(f"/finance/v1/terms/{PLAN['terms_version']}", {"texts": {"en": "Pay."}}),
        409,
        "terms_published",
    )
    assert customer.get(f"{path}/confirmation.txt").content.decode() == text
    shown = customer.read(path)
    assert (shown["name"], shown["plan"]["plan_version"]) == ("Bike member", 2)
    stranger = world.customer()
    for reply in (stranger.get(path), stranger.post(f"{path}/end", {}), stranger.get(f"{path}/confirmation.txt")):
        refused(reply, 404, "unknown_subscription")
    refused(customer.get(f"{path}/confirmation.txt?number=2"), 404, "unknown_confirmation")


def test_it_sleeps_by_itself_wakes_with_a_ride_and_is_paused_to_the_second(
    world: World, partner: Partner, fares: dict[str, str]
) -> None:
    """
    Nothing is written when it falls asleep or wakes; finance finds both from what was needed.
    """
    publish(world, "sleeper", fares=fares)
    customer = world.customer()
    path, began = subscribe(customer, "sleeper"), world.system.now()
    assert state(customer, path) == ("asleep", format_instant(began))

    world.ride(customer, partner.bike(), partner, 600)
    assert state(customer, path)[0] == "active"
    day = world.system.now().replace(hour=0, minute=0, second=0) + timedelta(days=3)
    world.until(day + timedelta(days=1, hours=9))
    assert state(customer, path) == ("asleep", format_instant(day - timedelta(hours=3)))
    world.ride(customer, partner.bike(), partner, 600)
    assert state(customer, path)[0] == "active"
    (rows,) = [world.finance.read("/finance/v1/subscriptions?plan=sleeper&state=active")["items"]]
    assert [(each["state"], each["members"]) for each in rows] == [("active", 1)]
    assert world.finance.read("/finance/v1/subscriptions?plan=sleeper&state=asleep")["items"] == []
    sleep = world.finance.read(f"{MOVES}/2021-05?plan=sleeper")["sleep"]
    assert (sleep["looked_at"], sleep["asleep"], sleep["woken"], sleep["next"]) == (1, 1, 2, None)

    since = world.system.now()
    until = since + timedelta(minutes=5)
    paused = done(customer.post(f"{path}/pause", {"until": until.isoformat()}))
    assert paused["pause"] == {"since": format_instant(since), "until": format_instant(until)}
    assert state(customer, path) == ("paused", format_instant(since))
    refused(customer.post(f"{path}/pause", {}), 409, "paused_already")
    refused(customer.delete(f"{path}/pause"), 409, "no_pause_to_come")
    world.until(until)
    assert state(customer, path) == ("active", format_instant(until))
    refused(customer.post(f"{path}/wake"), 409, "not_paused")

    later = until + timedelta(days=400)
    done(customer.post(f"{path}/pause", {"from": later.isoformat()}))
    assert customer.read(path)["pause"] == {"since": format_instant(later), "until": None}
    done(customer.delete(f"{path}/pause"))
    done(customer.post(f"{path}/pause", {}))
    done(customer.post(f"{path}/wake"))
    assert moved(world, "sleeper") == {"new": 1, "paused": 1, "woken": 1}


def test_a_change_is_shown_first_made_from_a_date_and_comes_by_itself(
    world: World, partner: Partner, fares: dict[str, str]
) -> None:
    publish(world, "small", fares=fares)
    publish(world, "big", fee={"currency": "EUR", "prices": [{**FEE, "amount": "62.00"}]}, seats=1)
    customer = world.customer()
    path = subscribe(customer, "small")
    first = (world.system.now() + timedelta(days=35)).replace(day=1, hour=0, minute=0, second=0) - timedelta(hours=3)
    month = (first + timedelta(days=2)).strftime("%Y-%m")
    asked = f"plan=big&version=1&at={format_instant(first)}"
    preview = customer.read(f"{path}/change?{asked}")
    assert [preview[name]["amount"] for name in ("costs_before", "costs_after", "more")] == ["31.00", "62.00", "31.00"]
    assert preview["terms_version"] is None
    refused(customer.get(f"{path}/change?{asked}&seats=2"), 422, "too_many_seats", "/seats")

    wished = {"plan_id": "big", "plan_version": 1, "at": format_instant(first)}
    agreed = done(customer.post(f"{path}/change", wished))
    assert (agreed["plan"]["plan_id"], agreed["change"]["since"]) == ("small", format_instant(first))
    refused(customer.post(f"{path}/change", wished), 409, "change_to_come")
    done(customer.delete(f"{path}/change"))
    refused(customer.delete(f"{path}/change"), 409, "no_change_to_come")
    done(customer.post(f"{path}/change", wished))
    assert len(customer.read(f"{path}/confirmation")) == 3
    assert [each["plan_id"] for each in partner.read("/partner/v1/subscriptions?limit=200")["items"]].count(
        "small"
    ) == 1

    world.until(first + timedelta(hours=1))
    shown = customer.read(path)
    assert (shown["plan"]["plan_id"], shown["change"]) == ("big", None)
    listed = [world.finance.read(f"/finance/v1/subscriptions?plan={each}")["items"] for each in ("small", "big")]
    assert [len(each) for each in listed] == [0, 1]
    moves = {each["plan_id"]: each["changed"] for each in world.finance.read(f"{MOVES}/{month}")["plans"]}
    assert (moves.get("small", 0), moves["big"]) == (0, 1)
    assert not [each for each in partner.read("/partner/v1/subscriptions")["items"] if each["plan_id"] == "small"]


def test_seats_and_an_end_by_one_call(world: World, partner: Partner, fares: dict[str, str]) -> None:
    publish(world, "seats", fares=fares)
    customer = world.customer()
    path = subscribe(customer, "seats", seats=2, paused=True)
    assert state(customer, path)[0] == "paused"
    refused(customer.put(f"{path}/members/cus_nobody"), 404, "unknown_member", "/members/0")
    (own,) = customer.read(path)["members"]
    refused(customer.delete(f"{path}/members/{own}"), 409, "last_member")
    assert done(customer.put(f"{path}/members/{own}"))["revision"] == 1
    fewer = done(customer.post(f"{path}/change", {"plan_id": "seats", "plan_version": 1, "seats": 1}))
    assert fewer["plan"]["seats"] == 1
    seen: list[dict[str, Any]] = [
        each for each in partner.read("/partner/v1/subscriptions")["items"] if each["plan_id"] == "seats"
    ]
    (row,) = seen
    assert (row["state"], row["fares"]) == ("paused", {"city-bike": "members"})
    assert row["customer"].startswith("cus_")
    assert own not in str(row)
    other = world.partner("Others")
    assert other.read("/partner/v1/subscriptions")["items"] == []

    over = done(customer.post(f"{path}/end", {"why": "moved_away"}))
    assert done(customer.post(f"{path}/end", {})) == over
    for act, body in (("pause", {}), ("wake", None), ("change", {"plan_id": "member", "plan_version": 1})):
        refused(customer.post(f"{path}/{act}", body), 409, "subscription_ended")
    refused(customer.put(f"{path}/members/{own}"), 409, "subscription_ended")
    assert state(customer, path) == ("ended", over["ended_at"])
    assert customer.read(MINE)["items"] == []
    assert [each["state"] for each in customer.read(f"{MINE}?ended=true")["items"]] == ["ended"]
    (row,) = world.finance.read("/finance/v1/subscriptions?plan=seats&state=ended")["items"]
    assert row["ends_at"] == over["ended_at"]
    world.settle()
    assert codes(customer) == ["subscription_ended", "subscription_changed", "subscribed"]


def test_a_pass_runs_out_by_itself(world: World, partner: Partner, fares: dict[str, str]) -> None:
    once = {"id": "day", "kind": "once", "charge_class": "ordered", "amount": "8.00"}
    body = {"kind": "pass", "lasts": {"days": 1}, "asleep_after_days": None, "seats": 1}
    publish(world, "day-pass", fee={"currency": "EUR", "prices": [once]}, **body)
    customer = world.customer()
    path, began = subscribe(customer, "day-pass"), world.system.now()
    assert (customer.read(path)["ends_at"], state(customer, path)[0]) == (
        format_instant(began + timedelta(days=1)),
        "active",
    )
    refused(customer.post(f"{path}/pause", {}), 409, "pass_not_paused")

    world.until(began + timedelta(days=1))

    assert customer.read(MINE)["items"] == []
    assert state(customer, path) == ("ended", format_instant(began + timedelta(days=1)))
    publish(world, "one-ride", fares=fares, fee={"currency": "EUR", "prices": [once]}, **{**body, "lasts": {"uses": 1}})
    path = subscribe(customer, "one-ride")
    world.ride(customer, partner.bike(), partner, 60)
    shown = customer.read(path)
    assert (shown["state"], shown["uses_left"], customer.read(MINE)["items"]) == ("ended", 0, [])
    world.ride(customer, partner.bike(), partner, 60)
    faults = refused(
        world.operator.put("/finance/v1/plans/day-pass", {**PLAN, "fares": {"par:x": "y"}}), 422, "invalid_plan"
    )
    assert [each["pointer"] for each in faults["errors"]] == ["/kind"]
    faults = refused(
        world.operator.put("/finance/v1/plans/new", {**PLAN, "fares": {"par:x": "y"}}), 422, "invalid_plan"
    )
    assert faults["errors"] == [{"pointer": "/fares/par:x", "reason": "unknown_product"}]


def test_what_began_paused_is_woken_by_who_can_pay_alone(
    world: World, customer: Customer, fares: dict[str, str]
) -> None:
    """As it could only be begun by one."""
    publish(world, "paused-first", fares=fares)
    path = subscribe(customer, "paused-first", paused=True)
    (method,) = customer.read("/mobile/v1/me/payment-methods")["methods"]
    done(customer.delete(f"/mobile/v1/me/payment-methods/{method['method_id']}"))
    refused(customer.post(f"{path}/wake"), 402, "payment_not_in_order")
    assert state(customer, path)[0] == "paused"


def test_what_costs_nothing_is_woken_without_a_card(world: World, fares: dict[str, str]) -> None:
    publish(world, "gratis", fares=fares, fee=None)
    nobody_pays = world.customer(card=None)
    path = subscribe(nobody_pays, "gratis", paused=True)
    done(nobody_pays.post(f"{path}/wake"))
    assert state(nobody_pays, path)[0] == "asleep"  # nothing is needed yet


def test_what_was_reserved_on_a_pass_is_started_though_another_use_was_taken_since(
    world: World, customer: Customer, partner: Partner, fares: dict[str, str]
) -> None:
    """As long as uses are left."""
    once = {"id": "pass", "kind": "once", "charge_class": "ordered", "amount": "20.00"}
    body = {"kind": "pass", "lasts": {"uses": 2}, "asleep_after_days": None, "seats": 1, "fares": fares}
    publish(world, "two-rides", fee={"currency": "EUR", "prices": [once]}, **body)
    path = subscribe(customer, "two-rides")
    first, second = partner.bike(), partner.bike()
    accepted = {"code": first, "quote": customer.quote(first)["quote"]}
    held = done(customer.post("/mobile/v1/reservations", accepted))["session_id"]
    customer.start(second)
    done(customer.post(f"/mobile/v1/reservations/{held}/start", {"code": first}))
    world.settle()
    assert customer.read(path)["uses_left"] == 0


def test_a_plans_fare_is_had_as_long_as_what_the_plan_requires_is_good(
    world: World, customer: Customer, partner: Partner, fares: dict[str, str]
) -> None:
    """Then a quote has the product's own tariff again."""
    publish(world, "students", fares=fares, requires=["student"])
    show(world, customer, "student", student_until=(world.system.now() + timedelta(days=2)).date().isoformat())
    subscribe(customer, "students")
    code = partner.bike()
    assert customer.quote(code)["lines"][0]["amount"]["amount"] == "0.10"
    world.later(hours=72)
    assert customer.quote(code)["lines"][0]["amount"]["amount"] == "0.50"


def test_the_last_card_stays_from_the_very_second_of_subscribing(
    world: World, customer: Customer, fares: dict[str, str]
) -> None:
    """Also while a pause will end by itself; where somebody has to wake it, they are asked for a card then."""
    publish(world, "carded", fares=fares, asleep_after_days=None)
    path = subscribe(customer, "carded")
    (method,) = customer.read("/mobile/v1/me/payment-methods")["methods"]
    card = f"/mobile/v1/me/payment-methods/{method['method_id']}"
    refused(customer.delete(card), 409, "still_owed")
    done(customer.post(f"{path}/pause", {"until": (world.system.now() + timedelta(days=9)).isoformat()}))
    refused(customer.delete(card), 409, "still_owed")
    done(customer.post(f"{path}/wake"))
    done(customer.post(f"{path}/pause", {}))
    done(customer.delete(card))
    refused(customer.post(f"{path}/wake"), 402, "payment_not_in_order")


def test_nobody_has_a_plan_twice(world: World, customer: Customer, fares: dict[str, str]) -> None:
    publish(world, "only-once", fares=fares)
    path = subscribe(customer, "only-once", paused=True)
    told = refused(customer.post(MINE, wish(customer, "only-once")), 409, "already_has")
    assert path.endswith(told["facts"]["subscription_id"])
    done(customer.post(f"{path}/end", {}))
    subscribe(customer, "only-once", paused=True)


def test_plans_and_terms_are_named_in_languages_that_there_are(world: World) -> None:
    told = refused(
        world.operator.put("/finance/v1/plans/xx", {**PLAN, "names": {"en": "A", "xx": "B"}}), 422, "invalid_plan"
    )
    assert told["errors"] == [{"pointer": "/names/xx", "reason": "not_a_language"}]
    refused(world.operator.put("/finance/v1/terms/xx", {"texts": {"xx": "B"}}), 422, "invalid_terms")


def test_fees_and_passes_count_on_the_accounts_own_budgets(
    world: World, customer: Customer, partner: Partner, fares: dict[str, str]
) -> None:
    """
    A fee with what of it is to come on its month's, a pass on the day's too: 12.00 a day are gone with one pass.
    """
    once = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "12.00"}
    publish(
        world, "dear", fares=fares, fee={"currency": "EUR", "prices": [{**FEE, "per": "day"}]}, asleep_after_days=None
    )
    lasts = {"kind": "pass", "asleep_after_days": None, "lasts": {"days": 3}}
    publish(world, "gone", fee={"currency": "EUR", "prices": [once]}, **lasts)
    code = partner.bike()
    limit(customer, day={"amount": "12.00"}, month={"amount": "2000.00"})
    customer.start(code)
    limit(customer, month={"amount": "25.00"})
    subscribe(customer, "dear")
    refused(customer.post(SESSIONS, accepted(customer, partner.bike())), 409, "budget_passed")

    other = world.customer()
    limit(other, day={"amount": "12.00"})
    subscribe(other, "gone")
    refused(other.post(SESSIONS, accepted(other, partner.bike())), 409, "budget_passed")
    world.later(days=1)
    other.start(partner.bike())


def test_who_asks_twice_at_once_has_it_once(world: World, fares: dict[str, str]) -> None:
    """As a finger that taps twice does, each time with a key of its own."""
    publish(world, "tapped", fares=fares)
    for _ in range(3):
        customer = world.customer()
        answers = at_once(*[partial(customer.post, MINE, wish(customer, "tapped"))] * 3)
        assert sorted(each.status for each in answers) == [201, 409, 409]
        assert {each.json["code"] for each in answers if each.status == 409} <= {"already_has", "subscription_changed"}
        assert len(customer.read(MINE)["items"]) == 1
