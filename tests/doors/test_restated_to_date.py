"""A month that is restated after the next one was closed: what later months say of it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.doors.callers import done
from tests.doors.world import Partner, World

FINANCE = "/finance/v1"


@pytest.fixture(scope="module")
def account(world: World, partner: Partner) -> str:
    """May 0.50 and June 0.50 are closed; in July May is found to have been 1.00 more, and restated. July 0.50."""
    rider = world.customer()
    session = world.ride(rider, partner.bike(), partner, 1700)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    world.ride(rider, partner.bike(), partner, 60)
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    event = world.used(session, 250, time="2021-05-10T09:20:00Z")
    stretch = {"subject": session, "from": "2021-05-10T09:20:00Z", "to": "2021-05-10T09:21:00Z", "events": [event]}
    done(partner.post("/partner/v1/backfills", {"change_id": "b", "reason": "found", **stretch}))
    world.later(hours=1)
    done(world.finance.post(f"{FINANCE}/closes/2021-05/reopening", {"note": "the bike had no network"}))
    world.settle()
    world.ride(rider, partner.bike(), partner, 60)
    world.until(datetime(2021, 8, 1, 12, tzinfo=UTC))
    return str(rider.read("/mobile/v1/me")["account_id"])


def figures(world: World, account: str, view: str) -> dict[str, Any]:
    """The customer's figures in a view of a month."""
    shown = world.finance.read(f"{FINANCE}/{view}?by=customer")
    return next(each["figures"] for each in shown["items"] if each["key"] == account)


def test_the_margin_to_date_is_that_of_all_months_as_they_say_it_now(world: World, account: str) -> None:
    """
    June was written before May was restated, so July takes up what was posted to May since then.
    """
    months = [figures(world, account, f"customer-values/2021-0{month}") for month in (5, 6, 7)]
    margins = [Decimal(each["margin"]["now"]) for each in months]

    assert margins == [Decimal("1.50"), Decimal("0.23"), Decimal("-0.05")]
    assert months[2]["posted_late"]["now"] == "1.00"
    assert Decimal(months[2]["margin_to_date"]["now"]) == sum(margins)


def test_the_month_beside_is_as_it_was_when_an_export_was_written(world: World, account: str) -> None:
    """
    What is written never changes; a version that is asked for after the restatement has the restated month beside it.
    """
    at_first = figures(world, account, "profit/2021-06")["revenue"]
    done(world.finance.post(f"{FINANCE}/exports", {"month": "2021-06"}))
    world.settle()

    assert at_first == {"now": "0.50", "before": "0.50"}
    assert figures(world, account, "profit/2021-06")["revenue"] == {"now": "0.50", "before": "1.50"}
