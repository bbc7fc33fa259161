"""Caps, ceilings and corrections over the ends of months, each story in a system of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.billing.model import Parked
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.time import Month
from chalicelib.metering.store import HeadStore, PynamoItems
from chalicelib.storage.writes import Transaction
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done, refused
from tests.doors.test_fairness import FOUR, cap, cost, offer, tariff, total
from tests.doors.world import Customer, Partner, World

Json = Any
BY_SECOND = {"id": "ride", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.001"}
OWNING = {"purchase_price": "10.00", "worth_after": "2.00", "life_days": 365, "upkeep_per_year": "1.00"}
WITH_CEILING: Json = {"owning": OWNING, "ceiling": {}}
LATE_IN_MAY = "2021-05-31T11:00:00+00:00"
Story = tuple[World, Partner, Customer]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@contextmanager
def story(start: str) -> Iterator[Story]:
    with System.start(seed="months", start_at=at(start)) as system:
        world = World(system)
        yield world, world.partner(), world.customer()


def invoiced(customer: Customer) -> Decimal:
    return sum((Decimal(each["total"]["amount"]) for each in customer.read("/mobile/v1/invoices")["items"]), Decimal(0))


def ridden(told: Story, code: str, seconds: int, hours: int = 3) -> str:
    """A ride that takes its hours and has measured so many seconds."""
    world, partner, customer = told
    session = customer.start(code)
    world.later(hours=hours)
    if seconds:
        partner.report(world.used(session, seconds))
    customer.end(session)
    world.settle()
    return session


def proven(customer: Customer) -> dict[str, int]:
    """By month, the total of its newest proof."""
    heads = customer.read("/mobile/v1/proofs")["items"]
    proofs = [customer.read(f"/mobile/v1/proofs/{head['number']}") for head in heads]
    return {proof["about"]["month"]: proof["totals"].get("EUR", 0) for proof in proofs}


def test_a_weeks_cap_over_a_months_end_counts_what_the_months_included_ride_left() -> None:
    """
    One ride a month is included; May's was on the 3rd. The week from 31 May to 6 June costs 4.00 at most.
    """
    allowance = {"id": "one", "period": "month", "uses": 1, "over": ["ride"]}
    with story("2021-05-03T08:00") as (world, partner, customer):
        code = offer(partner, "weekly", FOUR, allowances=[allowance], caps=cap("week", "4.00"))
        rides = [world.ride(customer, code, partner, 60)]
        for day in ("2021-05-31T08:00", "2021-06-01T08:00", "2021-06-01T10:00"):
            world.until(at(day))
            rides.append(world.ride(customer, code, partner, 60))
        world.until(at("2021-07-02T08:00"))

        assert [cost(customer, each) for each in rides] == ["0.00", "4.00", "0.00", "0.00"]
        assert invoiced(customer) == Decimal("4.00")


def test_a_months_cap_goes_by_the_clock_of_the_product_west_of_the_operators() -> None:
    """
    22:00 on 31 May in New York is June in Helsinki already; the ride is one of May's there, and May's cap is full.
    """
    with story("2021-05-20T12:00") as (world, partner, customer):
        york = {"zone": "America/New_York"}
        code = offer(partner, "york", FOUR, product=york, zone="America/New_York", caps=cap("month", "4.00"))
        world.ride(customer, code, partner, 600)
        world.until(at("2021-06-01T02:00"))
        second = world.ride(customer, code, partner, 600)

        assert (cost(customer, second), total(customer, "2021-06")) == ("0.00", "0.00")


def test_a_correction_after_the_close_reaches_the_later_month_that_shared_its_week() -> None:
    """
    Under a week's cap of 10.00: 2.00 on 31 May and 8.00 in June. When May turns out to be 8.00, June's become 2.00.
    """
    with story("2021-05-31T08:00") as told:
        world, partner, customer = told
        code = offer(partner, "shared", {**BY_SECOND, "unit_amount": "0.002"}, caps=cap("week", "10.00"))
        session = ridden(told, code, 1000)
        world.until(at("2021-06-01T08:00"))
        world.ride(customer, code, partner, 4000)
        world.until(at("2021-07-02T08:00"))
        partner.report(world.used(session, 3000, time=LATE_IN_MAY))
        world.settle()
        world.until(at("2021-08-02T08:00"))

        assert (total(customer), total(customer, "2021-06")) == ("8.00", "2.00")
        assert invoiced(customer) == Decimal("10.00")
        assert proven(customer) == {"2021-05": 800, "2021-06": 200, "2021-07": 0}


def test_what_a_month_that_is_opened_again_takes_of_a_shared_week_the_open_one_gives_back() -> None:
    """
    As above, but May is opened again: it takes 6.00 more by itself, and July gives back June's.
    """
    with story("2021-05-31T08:00") as told:
        world, partner, customer = told
        code = offer(partner, "shared", {**BY_SECOND, "unit_amount": "0.002"}, caps=cap("week", "10.00"))
        session = ridden(told, code, 1000)
        world.until(at("2021-06-01T08:00"))
        world.ride(customer, code, partner, 4000)
        world.until(at("2021-07-02T08:00"))
        partner.report(world.used(session, 3000, time=LATE_IN_MAY))
        world.settle()
        done(world.finance.post("/finance/v1/closes/2021-05/reopening", {"note": "told late"}))
        world.settle()
        assert invoiced(customer) == Decimal("16.00")
        world.until(at("2021-08-02T08:00"))

        assert (total(customer), total(customer, "2021-06")) == ("8.00", "2.00")
        assert (invoiced(customer), credited(customer)) == (Decimal("16.00"), [("2021-07", "6.00")])


def test_what_a_released_month_takes_of_a_ceiling_the_open_one_gives_back() -> None:
    """
    6.00 in May and 6.00 in June under 10.00. May was parked, so June was billed whole; released in July, May is 6.00.
    """
    with story("2021-05-31T08:00") as told:
        world, partner, customer = told
        code = offer(partner, "drill", BY_SECOND, product=WITH_CEILING)
        ridden(told, code, 6000)
        account = customer.read("/mobile/v1/me")["account_id"]
        found = Parked(account, Month(2021, 5), "many_times_the_usual", {}, world.system.now())
        Transaction()(BillingStore().parking(found), None)
        world.until(at("2021-06-10T08:00"))
        world.ride(customer, code, partner, 6000)
        world.until(at("2021-07-02T08:00"))
        done(world.operator.post(f"/finance/v1/parked/{account}/2021-05/release", {"note": "it is right"}))
        world.settle()
        assert invoiced(customer) == Decimal("12.00")
        world.until(at("2021-08-02T08:00"))

        assert (invoiced(customer), credited(customer)) == (Decimal("12.00"), [("2021-07", "2.00")])


def credited(customer: Customer) -> list[tuple[str, str]]:
    notes = customer.read("/mobile/v1/credit-notes")["items"]
    return [(each["month"], each["total"]["amount"]) for each in notes]


@pytest.mark.parametrize("corrected_on", ["2021-06-10T07:00", "2021-07-02T08:00"])
def test_a_correction_keeps_under_the_ceiling_before_the_next_close_and_after_it(
    corrected_on: str,
) -> None:
    """
    6.00 in May and 6.00 in June under 10.00. May turns out to be 8.00; then June is 2.00.
    """
    with story("2021-05-31T08:00") as told:
        world, partner, customer = told
        code = offer(partner, "drill", BY_SECOND, product=WITH_CEILING)
        session = ridden(told, code, 6000)
        for day in sorted({"2021-06-10T08:00", corrected_on}):
            world.until(at(day))
            if day == corrected_on:
                partner.report(world.used(session, 2000, time=LATE_IN_MAY))
                world.settle()
            else:
                world.ride(customer, code, partner, 6000)
        world.until(at("2021-08-02T08:00"))

        assert (total(customer), total(customer, "2021-06")) == ("8.00", "2.00")
        assert invoiced(customer) == Decimal("10.00")


def test_what_a_correction_gives_back_leaves_room_under_the_ceiling() -> None:
    """
    By the clock May reached 10.00; in June it turns out to be 2.00, and 6.00 more are ridden.
    """
    with story("2021-05-31T08:00") as told:
        world, partner, customer = told
        code = offer(partner, "drill", BY_SECOND, product=WITH_CEILING)
        session = ridden(told, code, 0)
        world.until(at("2021-06-10T08:00"))
        partner.report(world.used(session, 2000, time=LATE_IN_MAY))
        world.settle()
        world.ride(customer, code, partner, 6000)
        world.until(at("2021-07-02T08:00"))

        assert (total(customer), total(customer, "2021-06")) == ("2.00", "6.00")
        assert proven(customer) == {"2021-05": 200, "2021-06": 600}


def test_what_a_partner_states_later_changes_no_month_that_has_begun() -> None:
    """
    In June the ceiling is taken away, and a fare is to hold since ever: May stays under its ceiling of 10.00.
    """
    with story("2021-05-31T08:00") as told:
        world, partner, customer = told
        code = offer(partner, "drill", BY_SECOND, product=WITH_CEILING)
        session = ridden(told, code, 20_000, hours=6)
        world.until(at("2021-06-02T08:00"))
        done(partner.put("/partner/v1/products/drill", {**CITY_BIKE, "name": "drill"}))
        for since in (None, "2021-05-01T00:00:00Z"):
            fare = tariff({**FOUR, "amount": "1.00"}, valid_from=since)
            problem = refused(partner.post("/partner/v1/products/drill/fares/x/tariffs", fare), 422, "invalid_tariff")
            assert problem["errors"] == [{"pointer": "/valid_from", "reason": "before_its_publishing"}]
        ridden(told, code, 5000)
        partner.report(world.used(session, 1000, time=LATE_IN_MAY))
        world.settle()
        assert (total(customer), total(customer, "2021-06")) == ("10.00", "0.00")
        world.until(at("2021-07-02T08:00"))
        ridden(told, code, 5000)

        assert invoiced(customer) == Decimal("10.00")
        assert total(customer, "2021-07") == "5.00"


def test_passes_count_under_a_ceiling_as_rides_do() -> None:
    """
    A pass of 5.00 and two rides of 6.00 under 10.00, in one month or in two.
    """
    season = {"id": "pass", "kind": "flat", "amount": "5.00", "once_per": "ever", "charge_class": "ordered"}
    for second in ("2021-05-31T12:00", "2021-06-05T12:00"):
        with story("2021-05-31T08:00") as (world, partner, customer):
            code = offer(partner, "season", season, {**FOUR, "amount": "6.00"}, product=WITH_CEILING)
            world.ride(customer, code, partner, 600)
            world.until(at(second))
            world.ride(customer, code, partner, 600)
            world.until(at("2021-07-02T08:00"))

            assert invoiced(customer) == Decimal("10.00")


def test_a_thing_that_was_at_home_for_three_years_is_given_back_and_its_oldest_months_are_sealed_too() -> None:
    """
    Its end marks the newest months; what is older is marked by the worker, a part at a time.
    """
    with story("2019-03-01T10:00:00+00:00") as (world, partner, customer):
        session = customer.start(partner.bike())
        partner.report(world.used(session, 60))
        started = world.system.now()
        world.system.clock.advance_to(started + timedelta(days=3 * 365))
        customer.end(session)
        world.settle()
        heads = HeadStore(PynamoItems(pause=lambda _attempt: None)).all_of(session)
        assert len(heads) == 36
        assert all(each.sealed for each in heads)
        assert customer.read(f"/mobile/v1/access-sessions/{session}/receipt")["quantities"]["use_seconds"] == "60"
