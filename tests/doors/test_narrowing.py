"""When payments fail for longer: what is at rest is paused until it is paid, and nobody is stopped under way."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.doors.asking import BY_MINUTE, accepted, begin, thing, things
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"
SEES_USE = {"use_signals": ["moving"], "silence_s": 300, "grace_s": 0}


@pytest.fixture(scope="module")
def kept(world: World) -> Partner:
    """Cars that show when they move, and are their customer's while they stand."""
    return things(world, SEES_USE)


@pytest.fixture(scope="module")
def left(world: World) -> Partner:
    """Cars that others may take as soon as they stand."""
    return things(world, {**SEES_USE, "unused": "released"})


@pytest.fixture(scope="module")
def unseen(world: World) -> Partner:
    """Cars that say nothing."""
    return things(world, {}, BY_MINUTE)


@pytest.fixture
def customer(world: World, kept: Partner) -> Customer:
    """On the day on which a payment of theirs has failed; the card is repaired by nobody."""
    rider = world.customer("pm_card_visa")
    session = begin(rider, thing(kept), in_use="60")
    world.later(hours=2)
    rider.end(session["session_id"])
    (card,) = rider.read("/mobile/v1/me/payment-methods")["methods"]
    world.stripe.change_card(card["method_id"], declines="lost_card")
    return rider


def fails(world: World) -> None:
    """The month is closed; from then on the payment has failed."""
    now = world.system.now()
    first = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 12, tzinfo=now.tzinfo)
    world.until(first)


def moves(world: World, partner: Partner, session: str) -> None:
    partner.report(world.event(session, signal="moving"))
    world.settle()


def state(customer: Customer, session: str) -> Any:  # noqa: ANN401 -- JSON
    return next(each["state"] for each in customer.read(SESSIONS) if each["session_id"] == session)


def codes(customer: Customer) -> list[str]:
    found = [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]
    return [each for each in found if each.startswith("unpaid")]


def late_on_the_last_day(world: World) -> None:
    now = world.system.now()
    first = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=now.tzinfo)
    world.until(first - timedelta(hours=8))


def test_what_stands_is_paused_and_goes_on_once_it_is_paid(world: World, customer: Customer, kept: Partner) -> None:
    late_on_the_last_day(world)
    session = begin(customer, thing(kept), in_use="60")["session_id"]
    fails(world)
    assert state(customer, session) == "active"  # from now on nothing new starts, and what runs goes on
    world.later(days=3)

    assert (state(customer, session), codes(customer)) == ("paused", ["unpaid_session_paused"])
    refused(customer.post(f"{SESSIONS}/{session}/resume"), 402, "payment_not_in_order")
    world.save_card(customer, "pm_card_mastercard")
    done(customer.post(f"{SESSIONS}/{session}/resume"))
    assert state(customer, session) == "active"
    customer.end(session)


def test_whoever_is_under_way_arrives_first(world: World, customer: Customer, kept: Partner) -> None:
    late_on_the_last_day(world)
    session = begin(customer, thing(kept), in_use="60")["session_id"]
    fails(world)
    (failed,) = [each for each in customer.read("/mobile/v1/notices")["items"] if each["code"] == "payment_failed"]
    world.until(datetime.fromisoformat(failed["told_at"]) + timedelta(days=3, minutes=-2))
    moves(world, kept, session)
    world.later(minutes=4)
    assert state(customer, session) == "active"
    world.later(minutes=30)
    assert state(customer, session) == "paused"


def test_what_others_may_take_ends_where_it_stands(world: World, customer: Customer, left: Partner) -> None:
    late_on_the_last_day(world)
    begin(customer, thing(left), in_use="60")
    fails(world)
    world.later(days=4)

    assert codes(customer) == ["unpaid_session_ended"]
    assert customer.read(SESSIONS) == []


def test_what_shows_no_use_is_told_of_each_day_and_goes_on(world: World, customer: Customer, unseen: Partner) -> None:
    late_on_the_last_day(world)
    session = begin(customer, thing(unseen), in_use="60")["session_id"]
    fails(world)
    world.later(days=6)

    assert state(customer, session) == "active"
    assert set(codes(customer)) == {"unpaid_give_back"}
    assert len(codes(customer)) == 4  # on the fourth, and each day since
    customer.end(session)


def test_who_has_paid_meanwhile_is_left_alone(world: World, customer: Customer, kept: Partner) -> None:
    late_on_the_last_day(world)
    session = begin(customer, thing(kept), in_use="60")["session_id"]
    fails(world)
    world.save_card(customer, "pm_card_mastercard")
    world.later(days=4)

    assert (state(customer, session), codes(customer)) == ("active", [])
    assert accepted(customer, thing(kept), in_use="60")
    customer.end(session)
