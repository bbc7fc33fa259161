"""A session that goes on is charged at each month's end, and the months add up to what it would have cost uncut."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.doors.callers import done
from tests.doors.test_exported_files import rows
from tests.doors.test_fairness import FOUR, SESSIONS, cap, cost, offer, total
from tests.doors.test_meters import session_of_many_reports
from tests.doors.test_over_months import at, invoiced, proven, story
from tests.doors.test_rated import rated
from tests.doors.world import Customer, Partner, World

Json = Any
SLOWLY: Json = {"id": "ride", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.0001"}
BEGUN = "2021-05-30T08:00"
CLOSED = "2021-06-01T02:00", "2021-07-01T02:00", "2021-08-01T02:00"


def test_what_goes_on_has_the_tax_and_the_share_of_the_month_in_which_it_was_first_charged() -> None:
    """
    From June on there is a tax of 25 % and a share of 70 %: neither is in what a session of May adds in June, as the
    record of the decision says (0061), and one of June has both.
    """
    with story("2021-05-28T08:00") as (world, partner, customer):
        done(world.finance.put("/finance/v1/tax-rates/2021-06", {"rates": [{"percent": "25"}]}))
        done(world.finance.put(f"/finance/v1/partners/{partner.partner_id}/share/2021-06", {"percent": "70"}))
        code = offer(partner, "slow", SLOWLY)
        customer.start(code)
        world.until(at("2021-06-02T08:00"))
        world.ride(world.customer(), partner.bike(), partner, 2000)
        world.until(at(CLOSED[1]))

        documents = rows(world, "2021-06", "documents.csv.gz")
        found = sorted((each["gross"], each["rate"], each["tax"]) for each in documents)
        assert found == [("1.50", "0.25", "0.30"), ("259.20", "0", "0.00")]
        shares = rows(world, "2021-06", "partners.csv.gz")
        assert sorted((each["product"], each["share"]) for each in shares) == [("city-bike", "0.84"), ("slow", "0.00")]


def test_a_session_over_two_months_ends_is_billed_in_three_months_to_the_cent() -> None:
    """
    From 11:00 on 30 May in Helsinki: 37 hours in May, 30 days of June, two hours in July.
    """
    with story(BEGUN) as (world, partner, customer):
        code = offer(partner, "slow", SLOWLY)
        session = customer.start(code)
        world.until(at(CLOSED[0]))
        assert (total(customer), invoiced(customer)) == ("13.32", Decimal("13.32"))
        assert customer.read(f"{SESSIONS}/{session}/receipt")["amount"]["amount"] == "13.32"

        world.until(at(CLOSED[1]))
        assert invoiced(customer) == Decimal("272.52")

        world.until(at("2021-07-01T23:00"))
        assert customer.end(session)["amount"]["amount"] == "281.88" == cost(customer, session)
        world.until(at(CLOSED[2]))
        assert invoiced(customer) == Decimal("281.88")
        assert proven(customer)["2021-05"] == 28188


def test_rides_of_the_session_after_a_cut_still_share_its_cap() -> None:
    """
    A month's cap of 6.00 over May, in which both rides began: what the long one costs later brings nothing more.
    """
    with story(BEGUN) as (world, partner, customer):
        code = offer(partner, "capped", FOUR, caps=cap("month", "6.00"))
        world.ride(customer, code, partner, 60)
        session = customer.start(code)
        world.until(at(CLOSED[0]))
        assert invoiced(customer) == Decimal("6.00")

        customer.end(session)
        world.until(at(CLOSED[1]))
        assert invoiced(customer) == Decimal("6.00")


def test_what_is_reported_late_of_the_first_month_is_charged_with_the_next_record() -> None:
    with story(BEGUN) as (world, partner, customer):
        code = offer(partner, "slow", SLOWLY)
        session = customer.start(code)
        world.until(at(CLOSED[0]))
        assert partner.report(world.used(session, 36_000, time="2021-05-31T20:00:00Z"))[0]["outcome"] == "accepted"
        world.settle()
        assert invoiced(customer) == Decimal("13.32")

        customer.end(session)
        world.until(at(CLOSED[1]))
        assert cost(customer, session) == "3.60"
        assert (total(customer), invoiced(customer)) == ("3.60", Decimal("13.32"))


def test_a_session_that_was_cut_is_rated_from_all_its_usage_but_for_what_is_told_late_of_the_month() -> None:
    """
    In June it is used, then something of May is told, and then it ends: only between these is something not rated.
    """
    with story(BEGUN) as (world, partner, customer):
        session = customer.start(partner.bike())
        world.until(at("2021-05-31T12:00"))
        partner.report(world.used(session, 60))
        world.until(at("2021-06-01T12:00"))
        partner.report(world.used(session, 600))
        world.settle()
        assert rated(world)[1] == {}

        partner.report(world.used(session, 7200, time="2021-05-30T19:00:00Z"))
        world.settle()
        sums, found = rated(world)
        assert found == {session: ("session_goes_on", sums[2])}

        customer.end(session)
        world.settle()
        assert rated(world)[1] == {}


@pytest.mark.parametrize("closed_again", [False, True])
def test_a_cut_is_made_once_however_often_the_month_is_closed(*, closed_again: bool) -> None:
    with story(BEGUN) as (world, partner, customer):
        session = customer.start(offer(partner, "slow", SLOWLY))
        world.until(at(CLOSED[0]))
        if closed_again:
            world.until(at("2021-06-03T02:00"))

        entries = customer.read(f"/mobile/v1/sessions/{session}/timeline")["entries"]
        assert [each["what"] for each in entries if each["kind"] == "charge"] == ["sealed"]
        (open_one,) = customer.read(SESSIONS)
        assert (open_one["session_id"], open_one["state"]) == (session, "active")


@pytest.mark.parametrize(("begun", "ended"), [(BEGUN, "2021-05-31T22:00"), ("2021-05-31T08:00", "2021-06-01T22:00")])
def test_a_ride_that_is_over_at_the_close_or_lasts_no_day_yet_belongs_to_the_month_of_its_end(
    begun: str, ended: str
) -> None:
    """
    38 hours each; the close of May comes at 03:00 in Helsinki.
    """
    with story(begun) as (world, partner, customer):
        session = customer.start(offer(partner, "slow", SLOWLY))
        world.until(at(ended))
        customer.end(session)
        world.settle()
        world.until(at("2021-06-02T02:00"))
        assert invoiced(customer) == Decimal(0)

        world.until(at(CLOSED[1]))
        assert (total(customer), total(customer, "2021-06")) == ("0.00", "13.68")
        assert invoiced(customer) == Decimal("13.68")


def test_what_ended_last_month_and_is_told_after_its_close_is_billed_now() -> None:
    """
    A sign of return from 30 May comes on 2 June: until then the bicycle was cut at the end of May.
    """
    with story(BEGUN) as (world, partner, customer):
        code = offer(partner, "docked", SLOWLY, product={"policy": {"return_signals": ["docked"]}})
        session = customer.start(code)
        world.until(at("2021-06-02T08:00"))
        done(partner.send([world.event(session, signal="docked", time="2021-05-30T09:00:00Z")]))
        world.settle()
        world.until(at(CLOSED[1]))

        assert (cost(customer, session), total(customer)) == ("0.36", "0.36")


def test_who_joins_after_a_cut_pays_their_part_of_the_whole_with_the_months_that_follow() -> None:
    """
    The holder paid May alone; in June two share evenly what both months come to, and May gives back.
    """
    with story(BEGUN) as (world, partner, customer):
        session = customer.start(offer(partner, "slow", SLOWLY))
        world.until(at(CLOSED[0]))
        friend = world.customer()
        invited = done(customer.post(f"{SESSIONS}/{session}/sharing", {}))
        done(friend.post("/mobile/v1/shared-sessions", {"invitation": invited["invitation"]}))
        world.until(at(CLOSED[1]))
        assert (invoiced(customer), invoiced(friend)) == (Decimal("136.26"), Decimal("136.26"))

        world.until(at("2021-07-01T23:00"))
        customer.end(session)
        world.until(at(CLOSED[2]))
        assert (invoiced(customer), invoiced(friend)) == (Decimal("140.94"), Decimal("140.94"))


def test_the_month_of_a_machine_that_reported_a_lot_on_each_of_its_meters_is_billed(
    world: World, partner: Partner, customer: Customer
) -> None:
    world.until(datetime(2021, 5, 28, 9, tzinfo=UTC))
    session_of_many_reports(world, customer)
    world.ride(customer, partner.bike(), partner, 2400)
    world.until(datetime(2021, 6, 2, 12, tzinfo=UTC))
    assert len(customer.read("/mobile/v1/invoices")["items"]) == 1
