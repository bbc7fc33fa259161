"""Limits that a customer sets: sessions at once, budgets of a day and a month; in force at once, whatever races."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.doors.asking import (
    BY_KM,
    LIMITS,
    RESERVATIONS,
    SESSIONS,
    accepted,
    begin,
    limit,
    next_morning,
    quoted,
    stated,
    stored,
    thing,
    things,
)
from tests.doors.callers import done, refused
from tests.doors.test_races import at_once
from tests.doors.world import Customer, Partner, World


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """Ten cents a minute in use."""
    return things(world, {})


@pytest.fixture(autouse=True)
def morning(world: World) -> None:
    next_morning(world)


def codes(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def budget(customer: Customer, code: str, **need: str) -> dict[str, Any]:
    """The one budget of a quote, amounts as text."""
    (found,) = quoted(customer, code, **need)["allowance"]["budgets"]
    return {name: each["amount"] if isinstance(each, dict) else each for name, each in found.items()}


def test_nothing_is_limited_until_it_is_set_and_what_is_left_out_is_not_limited_any_more(customer: Customer) -> None:
    nothing = {"most_open": None, "day": None, "month": None, "open": 0, "ends": []}
    assert customer.read(LIMITS) == nothing
    unspent = {"spent": {"amount": "0.00", "currency": "EUR"}, "passed": False}

    shown = limit(customer, most_open=2, day={"amount": "10.00"}, month={"amount": "99.50", "hard": False})
    assert shown == {
        "most_open": 2,
        "day": {"amount": {"amount": "10.00", "currency": "EUR"}, "hard": True, **unspent},
        "month": {"amount": {"amount": "99.50", "currency": "EUR"}, "hard": False, **unspent},
        "open": 0,
        "ends": [],
    }
    assert customer.read(LIMITS) == shown
    assert limit(customer) == nothing


@pytest.mark.parametrize(
    ("limits", "code", "pointer"),
    [
        ({"most_open": -1}, "bad_limit", "/most_open"),
        ({"most_open": 101}, "bad_limit", "/most_open"),
        ({"day": {"amount": "-0.01"}}, "bad_limit", "/day/amount"),
        ({"month": {"amount": "ten"}}, "not_an_amount", "/month/amount"),
        ({"year": {"amount": "1"}}, "body_invalid", "/year"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(
    world: World, customer: Customer, limits: dict[str, object], code: str, pointer: str
) -> None:
    before = stored(world)

    refused(customer.put(LIMITS, limits), 422, code, pointer)

    assert stored(world) == before


def test_no_more_sessions_are_open_than_are_allowed(world: World, customer: Customer, cars: Partner) -> None:
    limit(customer, most_open=1)
    first, body = begin(customer, thing(cars)), accepted(customer, thing(cars))
    before = stored(world)

    for path in (SESSIONS, RESERVATIONS):
        assert refused(customer.post(path, body), 409, "too_many_open")["facts"] == {"most_open": 1, "open": 1}

    assert stored(world) == before
    customer.end(first["session_id"])
    begin(customer, thing(cars))


def test_who_allows_no_session_starts_none_and_may_change_their_mind(customer: Customer, cars: Partner) -> None:
    code = thing(cars)
    limit(customer, most_open=0)
    refused(customer.post(SESSIONS, accepted(customer, code)), 409, "too_many_open")
    limit(customer, most_open=1)

    begin(customer, code)


def test_a_limit_counts_for_quotes_from_before_it_was_set(world: World, customer: Customer, cars: Partner) -> None:
    begin(customer, thing(cars))
    body = accepted(customer, thing(cars))
    limit(customer, most_open=1)
    refused(customer.post(SESSIONS, body), 409, "too_many_open")

    limit(customer, day={"amount": "1000.00"})
    before = stored(world)
    refused(customer.post(SESSIONS, body), 409, "limits_moved")
    assert stored(world) == before


def test_starts_that_race_never_pass_the_number_of_sessions(world: World, cars: Partner) -> None:
    customer = world.customer()
    limit(customer, most_open=2)
    bodies = [accepted(customer, thing(cars)) for _ in range(5)]

    answers = at_once(*(lambda body=body: customer.post(SESSIONS, body) for body in bodies))

    assert sorted(reply.status for reply in answers) == [201, 201, 409, 409, 409]
    assert {reply.json["code"] for reply in answers if reply.status == 409} == {"too_many_open"}
    assert len(customer.read(SESSIONS)) == customer.read(LIMITS)["open"] == 2


def test_starts_that_race_never_pass_a_budget(world: World, cars: Partner) -> None:
    """
    Two of 6.00 in 10.00: each fits, both do not.
    """
    customer = world.customer()
    limit(customer, day={"amount": "10.00"})
    bodies = [accepted(customer, thing(cars), in_use="3600") for _ in range(2)]

    answers = at_once(*(lambda body=body: customer.post(SESSIONS, body) for body in bodies))

    assert sorted(reply.status for reply in answers) == [201, 409]
    assert [reply.json["code"] for reply in answers if reply.status == 409] == ["limits_moved"]


def test_anothers_limits_are_not_mine(world: World, customer: Customer, cars: Partner) -> None:
    other = world.customer()
    limit(other, most_open=0, day={"amount": "0.00"})

    begin(customer, thing(cars))

    assert customer.read(LIMITS) == {"most_open": None, "day": None, "month": None, "open": 1, "ends": []}
    limit(customer)
    assert other.read(LIMITS)["most_open"] == 0


def test_a_budget_below_what_is_spent_is_set_says_so_and_lets_nothing_start(
    world: World, customer: Customer, cars: Partner
) -> None:
    """Ten minutes are 1.00; a limit of open sessions below those that are open likewise ends none of them."""
    session = begin(customer, thing(cars))["session_id"]
    world.later(minutes=10)
    done(customer.post(f"{SESSIONS}/{session}/end"))
    running, code = begin(customer, thing(cars))["session_id"], thing(cars)

    shown = limit(customer, most_open=0, day={"amount": "0.99"}, month={"amount": "1.00", "hard": False})
    assert (shown["open"], shown["day"]["spent"]["amount"]) == (1, "1.00")
    assert (shown["day"]["passed"], shown["month"]["passed"]) == (True, False)
    refused(customer.post(SESSIONS, accepted(customer, code, in_use="60")), 409, "budget_passed")
    limit(customer, most_open=0)
    refused(customer.post(SESSIONS, accepted(customer, code, in_use="60")), 409, "too_many_open")
    done(customer.post(f"{SESSIONS}/{running}/end"))
    limit(customer)


def test_a_hard_budget_refuses_what_it_has_no_room_for(world: World, customer: Customer, cars: Partner) -> None:
    limit(customer, day={"amount": "5.00"})
    code = thing(cars)
    assert budget(customer, code, in_use="3600") == {
        "period": "day",
        "amount": "5.00",
        "hard": True,
        "spent": "0.00",
        "running": "0.00",
        "left": "5.00",
        "fits": False,
        "product": None,
        "own": False,
    }
    body, before = accepted(customer, code, in_use="3600"), stored(world)

    problem = refused(customer.post(SESSIONS, body), 409, "budget_passed")

    assert problem["facts"] == {"period": "day", "estimate": "6.00 EUR", "left": "5.00 EUR"}
    refused(customer.post(RESERVATIONS, body), 409, "budget_passed")
    assert stored(world) == before


def test_a_session_under_a_hard_budget_ends_by_itself_before_it_comes_to_more(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    5.00 are fifty minutes. Then nothing is left of the day, and all of it the next day.
    """
    limit(customer, day={"amount": "5.00"})
    begun = begin(customer, thing(cars), in_use="600")
    assert begun["ends_at_cost"] == {"amount": "5.00", "currency": "EUR"}
    world.settle()
    assert customer.read(SESSIONS)[0]["stops_at"] > begun["started_at"]
    world.later(hours=3)

    receipt = customer.read(f"{SESSIONS}/{begun['session_id']}/receipt")
    assert receipt["amount"]["amount"] == "5.00"
    assert codes(customer) == ["session_stopped"]
    spent = budget(customer, thing(cars), in_use="60")
    assert (spent["spent"], spent["left"], spent["fits"]) == ("5.00", "0.00", False)
    world.later(days=1)
    assert budget(customer, thing(cars), in_use="60")["left"] == "5.00"


def test_while_a_session_may_use_all_of_a_hard_budget_none_is_started_beside_it(
    customer: Customer, cars: Partner
) -> None:
    limit(customer, day={"amount": "5.00"})
    first = begin(customer, thing(cars), in_use="600")
    beside = budget(customer, thing(cars), in_use="600")
    assert (beside["running"], beside["left"], beside["fits"]) == ("5.00", "0.00", False)
    refused(customer.post(SESSIONS, accepted(customer, thing(cars), in_use="600")), 409, "budget_passed")

    customer.end(first["session_id"])
    begin(customer, thing(cars), in_use="600")


def test_a_months_budget_counts_the_days_before_and_the_least_that_is_left_ends_the_session(
    world: World, customer: Customer, cars: Partner
) -> None:
    limit(customer, day={"amount": "4.00"}, month={"amount": "7.00"})
    comes_to = []
    for _ in range(2):
        begun = begin(customer, thing(cars), in_use="60")
        world.later(hours=6)
        comes_to.append(customer.read(f"{SESSIONS}/{begun['session_id']}/receipt")["amount"]["amount"])
        world.later(hours=18)

    assert comes_to == ["4.00", "3.00"]
    refused(customer.post(SESSIONS, accepted(customer, thing(cars), in_use="60")), 409, "budget_passed")


def test_a_customer_cannot_wish_their_hard_budget_away(world: World, customer: Customer, cars: Partner) -> None:
    """
    A wish may end it sooner; without it, or with a later one, it ends at the budget.
    """
    limit(customer, day={"amount": "5.00"})
    begun = begin(customer, thing(cars), in_use="60")
    stop = f"{SESSIONS}/{begun['session_id']}/stop"
    world.settle()
    at_budget = customer.read(SESSIONS)[0]["stops_at"]
    assert done(customer.put(stop, {"after_s": 600}))["stops_at"] < at_budget
    for wish in ({"after_s": 36_000}, {"cost": "9.00"}):
        assert done(customer.put(stop, wish))["stops_at"] == at_budget
    assert done(customer.put(stop, {"cost": "2.00"}))["stops_at"] < at_budget
    assert done(customer.delete(stop))["stops_at"] == at_budget
    world.later(hours=3)

    assert customer.read(f"{SESSIONS}/{begun['session_id']}/receipt")["amount"]["amount"] == "5.00"


def test_a_pause_leaves_the_budget_for_later_and_a_wished_instant_still_ends_the_session(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    The budget alone would have ended it after 50 minutes in use. 10 in use are 1.00, and 60 kept are 1.20.
    """
    limit(customer, day={"amount": "5.00"})
    begun = begin(customer, thing(cars), in_use="60")
    one = f"{SESSIONS}/{begun['session_id']}"
    world.later(minutes=10)
    done(customer.put(f"{one}/stop", {"after_s": 3600}))
    done(customer.post(f"{one}/pause"))
    world.later(minutes=58)
    assert len(customer.read(SESSIONS)) == 1
    world.later(minutes=3)
    assert customer.read(f"{one}/receipt")["amount"]["amount"] == "2.20"


def test_what_time_does_not_tell_needs_its_worst_case_and_ends_after_a_day(world: World, customer: Customer) -> None:
    """
    0.50 a km, 100 km an hour: 1,200.00 a day at most.
    """
    code = thing(things(world, {}, BY_KM))
    limit(customer, month={"amount": "1100.00"})
    refused(customer.post(SESSIONS, accepted(customer, code, km="10")), 409, "budget_passed")
    limit(customer, month={"amount": "1300.00"})
    begun = begin(customer, code, km="10")
    world.later(hours=30)

    assert customer.read(SESSIONS) == []
    ended = customer.read(f"{SESSIONS}/{begun['session_id']}")["session"]["ended_at"]
    assert ended[:16] == (world.system.now() - timedelta(hours=6)).isoformat()[:16]


def test_a_soft_budget_refuses_nothing_ends_nothing_and_is_told(
    world: World, customer: Customer, cars: Partner
) -> None:
    limit(customer, day={"amount": "5.00", "hard": False})
    begun = begin(customer, thing(cars), in_use="3600")
    assert begun["ends_at_cost"] is None
    world.later(hours=2)

    assert codes(customer) == ["budget_passed_day"]
    assert [each["session_id"] for each in customer.read(SESSIONS)] == [begun["session_id"]]


def test_a_reservation_starts_under_the_limits_of_its_start(world: World, customer: Customer, cars: Partner) -> None:
    held = []
    for _ in range(2):
        code = thing(cars)
        held.append((code, done(customer.post(RESERVATIONS, accepted(customer, code, in_use="600")))["session_id"]))
    limit(customer, most_open=1, day={"amount": "0.50"})
    (code, first), (other, second) = held
    start = f"{RESERVATIONS}/{{}}/start"
    before = stored(world)
    refused(customer.post(start.format(first), {"code": code}), 409, "budget_passed")
    assert stored(world) == before

    limit(customer, most_open=1, day={"amount": "20.00"})
    assert done(customer.post(start.format(first), {"code": code}))["ends_at_cost"]["amount"] == "20.00"
    limit(customer, most_open=1)
    refused(customer.post(start.format(second), {"code": other}), 409, "too_many_open")


def test_an_end_that_is_repeated_counts_once(customer: Customer, cars: Partner) -> None:
    first, second = begin(customer, thing(cars)), begin(customer, thing(cars))
    for _ in range(2):
        customer.post(f"{SESSIONS}/{first['session_id']}/end", key="the-end")

    assert customer.read(LIMITS)["open"] == 1
    customer.end(second["session_id"])
    assert customer.read(LIMITS)["open"] == 0


def test_a_hard_budget_holds_though_the_timer_is_late(world: World, customer: Customer, cars: Partner) -> None:
    limit(customer, day={"amount": "6.00"})
    session = begin(customer, thing(cars))["session_id"]
    world.late(seconds=3600 + 90)
    customer.end(session)
    assert stated(world, customer) <= Decimal("6.00")
