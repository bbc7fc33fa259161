"""What is earned over the whole life of a session or a pass is what the journal has of it in the end."""

from decimal import Decimal
from typing import Any

import pytest

from tests.doors.callers import done
from tests.doors.subscribing import publish, publish_terms, subscribe
from tests.doors.test_exported_files import rows as exported
from tests.doors.test_fairness import FOUR, SESSIONS, offer
from tests.doors.test_month_ends import BEGUN, SLOWLY
from tests.doors.test_over_months import WITH_CEILING, at, invoiced, story
from tests.doors.test_withdrawals import SELLER, withdraw
from tests.doors.world import World

Rows = dict[str, dict[str, Any]]
SIXTY: dict[str, Any] = {"kind": "pass", "asleep_after_days": None, "lasts": {"days": 60}}
ONCE = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "60.00"}
WEEKLY = {"id": "week", "kind": "flat", "amount": "7.00", "once_per": "week", "charge_class": "use"}
FARE: dict[str, Any] = {"currency": "EUR", "tax_inclusive": True, "prices": [WEEKLY]}
FARE |= {"meters": [{"name": "use_seconds", "unit": "s", "most_per_hour": "3600"}]}
MONTHS = ("2021-05", "2021-06", "2021-07")


def shown(world: World, path: str) -> Rows:
    found = world.finance.read(f"/finance/v1/{path}")
    return {row["key"]: {name: each["now"] for name, each in row["figures"].items()} for row in found["items"]}


def earned(world: World, key: str, months: int = 3) -> Rows:
    return {month: shown(world, f"recognition/{month}?by=product").get(key, {}) for month in MONTHS[:months]}


def figures(found: Rows, name: str) -> list[str]:
    return [each.get(name, "0.00") for each in found.values()]


def total(found: Rows, name: str) -> Decimal:
    return sum(map(Decimal, figures(found, name)), Decimal(0))


def test_each_month_earns_what_was_needed_in_it_of_a_session_that_goes_on() -> None:
    """
    From 30 May to 1 July: 13.32 in May, 259.20 in June, 9.36 in July. Where it is cut it has no end yet.
    """
    with story(BEGUN) as (world, partner, customer):
        session = customer.start(offer(partner, "slow", SLOWLY))
        world.until(at("2021-06-01T02:00"))
        (row,) = exported(world, "2021-05", "sessions.csv.gz")
        assert row["ended_at"] == ""
        world.until(at("2021-07-01T23:00"))
        customer.end(session)
        world.until(at("2021-08-01T12:00"))
        found = earned(world, f"{partner.partner_id}:slow")

        assert figures(found, "recognised") == ["13.32", "259.20", "9.36"] == figures(found, "revenue")
        assert figures(found, "earlier") == ["0.00"] * 3


def test_a_session_that_two_share_over_a_months_end_is_one_session_in_the_later_month_too() -> None:
    with story(BEGUN) as (world, partner, customer):
        session = customer.start(offer(partner, "slow", SLOWLY))
        invited = done(customer.post(f"{SESSIONS}/{session}/sharing", {}))
        done(world.customer().post("/mobile/v1/shared-sessions", {"invitation": invited["invitation"]}))
        world.until(at("2021-06-03T08:00"))
        customer.end(session)
        world.until(at("2021-07-01T12:00"))
        key = f"{partner.partner_id}:slow"
        may, june = (shown(world, f"behaviour/{month}?by=product")[key] for month in MONTHS[:2])

        assert (may["sessions"], june["sessions"]) == (1, 1)
        assert june["in_use_s"] <= 3 * 86_400


def test_a_session_is_counted_in_no_month_after_that_in_which_it_ended() -> None:
    """
    A long one from 30 May to 3 June, and a short ride of 30 May of which something is told on 2 July.
    """
    with story(BEGUN) as (world, partner, customer):
        long = customer.start(offer(partner, "slow", SLOWLY))
        world.later(minutes=1)
        short = world.ride(customer, partner.bike(), partner, 1700)
        world.until(at("2021-06-03T08:00"))
        customer.end(long)
        world.until(at("2021-07-02T08:00"))
        partner.report(world.used(short, 250, time="2021-05-30T08:20:00Z"))
        world.until(at("2021-08-01T12:00"))

        assert shown(world, "behaviour/2021-07?by=all").get("", {}).get("sessions", 0) == 0


@pytest.mark.parametrize("versions", [0, 1])
def test_no_more_is_earned_of_a_pass_that_is_ended_in_a_later_month_than_was_kept_of_it(versions: int) -> None:
    """
    Sixty days for 60.00 from 11 May; on 5 June it is ended and 35.00 paid back. A version of May that is asked for
    afterwards still says what had been needed, and was deferred, by then.
    """
    with story("2021-05-11T08:00") as (world, _, customer):
        publish_terms(world)
        publish(world, "sixty", fee={"currency": "EUR", "prices": [ONCE]}, **SIXTY)
        path = subscribe(customer, "sixty")
        world.until(at("2021-06-05T08:00"))
        done(customer.post(f"{path}/end", {}))
        world.until(at("2021-06-10T08:00"))
        for _ in range(versions):
            done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
            world.settle()
        world.until(at("2021-08-01T12:00"))
        found = earned(world, "operator:plan+sixty")

        assert figures(found, "pass_closing") == ["39.00", "0.00", "0.00"]
        assert figures(found, "recognised") == ["21.00", "4.00", "0.00"]
        assert total(found, "revenue") == Decimal(25)


@pytest.mark.parametrize("versions", [0, 1])
def test_nothing_is_earned_of_a_pass_that_is_withdrawn_from_in_the_next_month(versions: int) -> None:
    """
    Sixty days for 60.00 from 28 May; withdrawn from on 3 June, and nothing had been asked for at once. June takes back
    what May had earned of it, and defers nothing; so it does behind a version of May that is asked for by then.
    """
    with story("2021-05-28T08:00") as (world, _, customer):
        done(world.finance.put("/finance/v1/sellers/fi", SELLER))
        publish_terms(world)
        publish(world, "sixty", fee={"currency": "EUR", "prices": [ONCE]}, **SIXTY)
        path = subscribe(customer, "sixty")
        world.until(at("2021-06-03T08:00"))
        withdraw(customer, path)
        world.until(at("2021-06-10T08:00"))
        for _ in range(versions):
            done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
            world.settle()
        world.until(at("2021-08-01T12:00"))
        found = earned(world, "operator:plan+sixty")

        assert figures(found, "need") == ["60.00", "-60.00", "0.00"]
        assert figures(found, "pass_closing") == ["56.00", "0.00", "0.00"]
        assert figures(found, "recognised") == ["4.00", "-4.00", "0.00"]
        assert total(found, "revenue") == 0


@pytest.mark.parametrize(("before", "deferred"), [("10.00", "0.00"), ("9.00", "0.86")])
def test_no_more_is_deferred_of_a_weeks_pass_than_a_ceiling_left_of_it(before: str, deferred: str) -> None:
    """
    A ride took 10.00, or 9.00, of a ceiling of 10.00; the pass of the week from 31 May on is what is left.
    """
    with story("2021-05-10T08:00") as (world, partner, customer):
        drill = offer(partner, "drill", {**FOUR, "amount": before}, product=WITH_CEILING)
        world.ride(customer, drill, partner, 60)
        world.until(at("2021-05-31T08:00"))
        done(partner.post("/partner/v1/products/drill/tariffs", FARE))
        world.ride(customer, drill, partner, 60)
        world.until(at("2021-07-01T12:00"))
        assert invoiced(customer) == Decimal("10.00")

        found = earned(world, f"{partner.partner_id}:drill", 2)
        assert found["2021-05"]["pass_closing"] == deferred


@pytest.mark.parametrize("rides", [0, 1])
def test_a_month_in_which_all_that_was_bought_is_a_weeks_pass_for_nothing_is_exported(rides: int) -> None:
    """
    In May a ride takes all of the ceiling; on 28 June, a Monday, the week's pass is taken off wholly.
    """
    with story("2021-05-10T08:00") as (world, partner, customer):
        drill = offer(partner, "drill", {**FOUR, "amount": "10.00"}, product=WITH_CEILING)
        world.ride(customer, drill, partner, 60)
        world.until(at("2021-06-28T08:00"))
        done(partner.post("/partner/v1/products/drill/tariffs", FARE))
        world.ride(customer, drill, partner, 60)
        for _ in range(rides):
            world.ride(customer, partner.bike(), partner, 2000)
        world.until(at("2021-07-02T12:00"))

        found = earned(world, f"{partner.partner_id}:drill", 2)
        assert found["2021-06"]["recognised"] == "0.00"
