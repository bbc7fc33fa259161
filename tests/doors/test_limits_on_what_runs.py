"""A limit that is set while something runs: in force for that too, in the same call, and nobody is stranded."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.doors.asking import BY_KM, LIMITS, SESSIONS, accepted, begin, limit, next_morning, stated, thing, things
from tests.doors.callers import done, refused
from tests.doors.test_accounts import MEMBERS, invited, joined, me, opened
from tests.doors.test_limits_of_customers import codes
from tests.doors.test_sharing import share
from tests.doors.world import Customer, Partner, World

SEES_USE = {"use_signals": ["moving"], "silence_s": 300, "grace_s": 0}
WISHES = "/mobile/v1/me/wishes"


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """Ten cents a minute in use."""
    return things(world, {})


@pytest.fixture(autouse=True)
def morning(world: World) -> None:
    next_morning(world)


def one(session: str) -> str:
    return f"{SESSIONS}/{session}"


def stops_at(customer: Customer, session: str) -> Any:  # noqa: ANN401 -- JSON
    return next(each["stops_at"] for each in customer.read(SESSIONS) if each["session_id"] == session)


def minutes_until(world: World, instant: str) -> int:
    return round((datetime.fromisoformat(instant) - world.system.now()).total_seconds() / 60)


def costs(customer: Customer, session: str) -> str:
    return str(customer.read(f"{one(session)}/receipt")["amount"]["amount"])


def test_what_runs_ends_at_a_budget_that_is_set_while_it_runs(world: World, customer: Customer, cars: Partner) -> None:
    """
    20 minutes are 2.00; of 5.00, 3.00 are left: half an hour.
    """
    session = begin(customer, thing(cars))["session_id"]
    world.later(minutes=20)

    shown = limit(customer, day={"amount": "5.00"})
    (ends,) = shown["ends"]
    assert (ends["session_id"], ends["most"]["amount"], ends["under_way_first"]) == (session, "5.00", False)
    assert minutes_until(world, ends["at"]) == 30
    assert shown["day"]["passed"] is False
    world.settle()
    assert stops_at(customer, session) == ends["at"]
    assert customer.read(LIMITS) == shown
    assert codes(customer) == ["limit_ends_session"]
    world.later(minutes=40)
    assert customer.read(SESSIONS) == []
    assert (costs(customer, session), customer.read(one(session))["session"]["ended_at"]) == ("5.00", ends["at"])


def test_several_go_on_until_together_they_have_reached_the_budget(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    3.00 by the first and 1.00 by the second; 4.00 are left of 8.00, ten cents a minute each: 20 minutes.
    """
    first = begin(customer, thing(cars))["session_id"]
    world.later(minutes=20)
    second = begin(customer, thing(cars))["session_id"]
    world.later(minutes=10)

    ends = limit(customer, month={"amount": f"{stated(world, customer) + 4}"})["ends"]
    assert {each["session_id"] for each in ends} == {first, second}
    assert {minutes_until(world, each["at"]) for each in ends} == {20}
    world.later(minutes=60)
    assert (costs(customer, first), costs(customer, second)) == ("5.00", "3.00")


def test_a_raised_limit_releases_what_it_stopped_and_leaves_what_its_customer_has_said(
    world: World, customer: Customer, cars: Partner
) -> None:
    free, timed, priced = (begin(customer, thing(cars))["session_id"] for _ in range(3))
    done(customer.put(f"{one(timed)}/stop", {"after_s": 7200}))
    done(customer.put(f"{one(priced)}/stop", {"cost": "9.00"}))
    world.settle()
    said = {each: stops_at(customer, each) for each in (free, timed, priced)}
    assert len(limit(customer, day={"amount": "6.00"})["ends"]) == 3
    world.settle()
    assert {minutes_until(world, stops_at(customer, each)) for each in said} == {20}

    limit(customer, day={"amount": "12.00"})
    world.settle()
    assert {minutes_until(world, stops_at(customer, each)) for each in said} == {40}
    assert limit(customer)["ends"] == []
    world.settle()

    assert {each: stops_at(customer, each) for each in said} == said
    assert set(codes(customer)) == {"limit_ends_session", "limit_lifted"}
    for each in said:
        assert next(row for row in customer.read(SESSIONS) if row["session_id"] == each)["ends_at_cost"] is None


def test_a_stop_that_is_wished_away_under_a_limit_leaves_the_limits_own(
    world: World, customer: Customer, cars: Partner
) -> None:
    session = begin(customer, thing(cars))["session_id"]
    world.later(minutes=20)
    (ends,) = limit(customer, day={"amount": "1.00"})["ends"]
    world.settle()
    for act in (
        lambda: customer.put(f"{one(session)}/stop", {"after_s": 60}),
        lambda: customer.delete(f"{one(session)}/stop"),
    ):
        last = done(act())
    assert last["stops_at"] == ends["at"]


def test_what_shows_no_use_has_half_an_hour_where_the_budget_is_passed_already(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    20 minutes are 2.00, and 1.00 is allowed.
    """
    session = begin(customer, thing(cars))["session_id"]
    world.later(minutes=20)

    shown = limit(customer, day={"amount": "1.00"})
    (ends,) = shown["ends"]
    assert shown["day"]["passed"] is True
    assert (minutes_until(world, ends["at"]), ends["under_way_first"]) == (30, True)
    world.later(minutes=40)
    assert customer.read(SESSIONS) == []
    assert customer.read(one(session))["session"]["ended_at"] == ends["at"]


def test_whoever_is_under_way_arrives_first_where_the_budget_is_passed_already(
    world: World, customer: Customer
) -> None:
    moving = things(world, SEES_USE)
    session = begin(customer, thing(moving))["session_id"]
    world.later(minutes=20)
    limit(customer, day={"amount": "0.10"})
    for _ in range(2):
        world.later(minutes=29)
        moving.report(world.event(session, signal="moving"))
        world.later(minutes=1)
        assert len(customer.read(SESSIONS)) == 1
    world.later(minutes=31)
    assert customer.read(SESSIONS) == []


def test_what_time_does_not_tell_goes_on_while_the_most_that_it_can_come_to_has_room(
    world: World, customer: Customer
) -> None:
    """
    100 km an hour at 0.50: three begun hours are 150.00, four 200.00.
    """
    begin(customer, thing(things(world, {}, BY_KM)), km="10")
    (ends,) = limit(customer, day={"amount": "160.00"})["ends"]
    assert minutes_until(world, ends["at"]) == 180


def test_a_product_that_is_limited_ends_and_another_goes_on(world: World, customer: Customer, cars: Partner) -> None:
    other = things(world, {})
    own, others = (begin(customer, thing(each))["session_id"] for each in (cars, other))
    world.later(minutes=10)

    budget = {f"{cars.partner_id}:car": {"day": {"amount": "3.00"}}}
    (ends,) = done(customer.put(WISHES, {"budgets": budget}))["ends"]
    assert (ends["session_id"], minutes_until(world, ends["at"])) == (own, 20)
    world.settle()
    assert stops_at(customer, others) is None
    assert done(customer.put(WISHES, {}))["ends"] == []
    world.settle()
    assert stops_at(customer, own) is None


def test_a_members_own_limit_ends_what_they_have_running_and_they_are_told(world: World, cars: Partner) -> None:
    aino, eero = world.customer(card=None), world.customer(card=None)
    home = opened(aino)
    world.save_card(home, "pm_card_visa")
    eeros = joined(eero, invited(home, "member", name="Eero"))
    hers, his = (begin(each, thing(cars))["session_id"] for each in (home, eeros))
    world.later(minutes=20)

    who = {"role": "member", "name": "Eero"}
    shown = done(home.put(f"{MEMBERS}/{me(eero)}", {**who, "day": "3.00"}))
    (ends,) = shown["ends"]
    assert (ends["session_id"], minutes_until(world, ends["at"]), shown["passed"]) == (his, 10, [])
    world.settle()
    assert (stops_at(eeros, his), stops_at(home, hers)) == (ends["at"], None)
    (told,) = [each for each in eero.read("/mobile/v1/notices")["items"] if each["code"] == "limit_set"]
    assert (told["facts"]["day"], told["facts"]["account"]) == ("3.00 EUR", "Home")
    assert [each["code"] for each in eeros.read("/mobile/v1/notices")["items"]].count("limit_ends_session") == 1

    below = done(home.put(f"{MEMBERS}/{me(eero)}", {**who, "day": "1.00"}))
    assert (below["passed"], minutes_until(world, below["ends"][0]["at"])) == (["day"], 30)
    assert done(home.put(f"{MEMBERS}/{me(eero)}", who))["ends"] == []
    world.settle()
    assert stops_at(eeros, his) is None


def test_what_is_paused_ends_at_the_budget_when_it_goes_on(world: World, customer: Customer, cars: Partner) -> None:
    """
    10 minutes are 1.00; kept ten minutes for 0.20, in use for 1.80 more: the account may spend 3.00.
    """
    session = begin(customer, thing(cars))["session_id"]
    world.later(minutes=10)
    done(customer.post(f"{one(session)}/pause"))
    limit(customer, day={"amount": "3.00"})
    world.later(minutes=10)
    resumed = done(customer.post(f"{one(session)}/resume"))
    assert minutes_until(world, resumed["stops_at"]) == 18


def test_nothing_starts_on_what_was_looked_at_before_what_runs_was_released(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    A quote between the raised limit and the worker that releases what runs saw less running than may run after it.
    """
    session = begin(customer, thing(cars))["session_id"]
    limit(customer, day={"amount": "2.00"})
    world.settle()
    limit(customer, day={"amount": "20.00"})
    body = accepted(customer, thing(cars), in_use="60")
    world.settle()
    refused(customer.post(SESSIONS, body), 409, "limits_moved")
    assert minutes_until(world, stops_at(customer, session)) == 200


def test_a_worker_that_comes_late_ends_it_as_of_when_the_limit_was_set(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    20 minutes are 2.00; of the limits that were set meanwhile the last one counts.
    """
    first = begin(customer, thing(cars))["session_id"]
    world.late(minutes=20)
    (ends,) = limit(customer, day={"amount": "30.00"})["ends"]
    assert minutes_until(world, ends["at"]) == 280
    limit(customer, day={"amount": "5.00"})
    (ends,) = limit(customer, day={"amount": "5.00"})["ends"]
    world.system.clock.advance_to(world.system.now() + timedelta(hours=2))
    world.settle()
    assert (costs(customer, first), customer.read(one(first))["session"]["ended_at"]) == ("5.00", ends["at"])


def test_what_was_started_under_a_limit_before_its_worker_came_keeps_its_own_part(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    The first may use 2.00, and the second 10.00 of 12.00: that leaves the first its 2.00.
    """
    limit(customer, day={"amount": "2.00"})
    first = begin(customer, thing(cars))["session_id"]
    world.settle()
    limit(customer, day={"amount": "12.00"})
    second = begin(customer, thing(cars))
    assert second["ends_at_cost"]["amount"] == "10.00"
    world.settle()
    assert minutes_until(world, stops_at(customer, first)) == 20
    assert minutes_until(world, stops_at(customer, second["session_id"])) == 100


def test_who_takes_part_in_a_session_pays_no_more_than_the_limit_that_they_set_leaves(
    world: World, customer: Customer, cars: Partner
) -> None:
    """
    20 minutes are 1.00 for each; the member may spend 1.50, and of the 6.00 of an hour 4.50 are the holder's.
    """
    session, member = begin(customer, thing(cars))["session_id"], world.customer()
    share(customer, session, member)
    world.later(minutes=20)
    assert limit(member, day={"amount": "1.50"})["ends"] == []
    world.later(minutes=40)
    customer.end(session)
    assert (costs(member, session), costs(customer, session)) == ("1.50", "4.50")
