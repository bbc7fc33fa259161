"""The life of a subscription: shown, agreed, asleep and awake, paused, changed, ended; and what others see of it."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kernel.time import format_instant
from tests.doors.asking import show
from tests.doors.callers import done, refused
from tests.doors.subscribing import FEE, MINE, PLAN, PLANS, members_fare, publish, publish_terms, subscribe, wish
from tests.doors.test_accounts import invited, joined, me, opened
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


def test_who_is_removed_from_an_account_leaves_their_seat_to_others(world: World, fares: dict[str, str]) -> None:
    """In each of its subscriptions."""
    publish(world, "two-seats", fares=fares, seats=2)
    aino, eero = world.customer(), world.customer()
    home = opened(aino)
    world.save_card(home, "pm_card_visa")
    joined(eero, invited(home, "member"))
    path = subscribe(home, "two-seats", seats=2, members=[me(aino), me(eero)])
    done(home.delete(f"/mobile/v1/account/members/{me(eero)}"))
    world.settle()
    assert home.read(path)["members"] == [me(aino)]


def test_a_subscription_whose_only_member_is_removed_goes_on_without_and_its_owner_is_told(
    world: World, fares: dict[str, str]
) -> None:
    """It costs as before, until somebody else is put in it, or it is ended."""
    publish(world, "one-seat", fares=fares, seats=1)
    home, eero = opened(world.customer()), world.customer()
    world.save_card(home, "pm_card_visa")
    eeros = joined(eero, invited(home, "member"))
    path = subscribe(home, "one-seat", members=[me(eero)])
    done(home.delete(f"/mobile/v1/account/members/{me(eero)}"))
    world.settle()

    assert home.read(path)["members"] == []
    (told,) = [
        each for each in home.read("/mobile/v1/notices")["items"] if each["code"] == "subscription_without_members"
    ]
    assert told["about"] == path.rpartition("/")[2]
    refused(eeros.get(path), 404, "unknown_subscription")
    mine = me(home)
    assert done(home.put(f"{path}/members/{mine}"))["members"] == [mine]
    refused(home.delete(f"{path}/members/{mine}"), 409, "last_member")


@pytest.mark.parametrize("over", ["removed from it", "removed from the account", "ended"])
def test_who_rides_while_their_part_in_a_subscription_ends_pays_what_was_promised_and_nothing_less_later(
    world: World, partner: Partner, fares: dict[str, str], over: str
) -> None:
    """The ride goes on and ends at its quote's fare; the next quote has the product's own tariff again."""
    plan_id = over.replace(" ", "-")
    publish(world, plan_id, fares=fares, seats=2)
    home, eero = opened(world.customer()), world.customer()
    world.save_card(home, "pm_card_visa")
    eeros = joined(eero, invited(home, "member"))
    path = subscribe(home, plan_id, seats=2, members=[me(home), me(eero)])
    first, code = partner.bike(), partner.bike()
    session = eeros.start(first)

    if over == "removed from it":
        done(home.delete(f"{path}/members/{me(eero)}"))
    elif over == "ended":
        done(home.post(f"{path}/end", {}))
    else:
        done(home.delete(f"/mobile/v1/account/members/{me(eero)}"))
    world.settle()

    done(eeros.post(f"/mobile/v1/access-sessions/{session}/end"))
    receipt = home.read(f"/mobile/v1/access-sessions/{session}/receipt")
    assert receipt["lines"][0]["amount"]["amount"] == "0.10"
    if over == "removed from the account":
        refused(eeros.post("/mobile/v1/quotes", {"code": code}, key=None), 403, "role_may_not")
    else:
        assert eeros.quote(code)["lines"][0]["amount"]["amount"] == "0.50"
