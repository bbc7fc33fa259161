"""What is posted to a month after its export is in the margin to date once; and what goes on over a month without."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.finance import closing
from chalicelib.finance.closes_model import month_to_close
from chalicelib.finance.closing import close_by_timer
from chalicelib.kernel.time import Month
from tests.doors.callers import done, refused
from tests.doors.subscribing import publish, publish_terms, subscribe
from tests.doors.test_earned_over_a_life import ONCE, SIXTY, shown
from tests.doors.test_over_months import at, story
from tests.doors.test_wallet import topped_up
from tests.doors.world import World

JUNE = Month(2021, 6)


def value(world: World, month: str) -> dict[str, Any]:
    """The customer's figures, if there are any; there is one customer."""
    return next((row for key, row in shown(world, f"customer-values/{month}").items() if key), {})


def but_june(zone: str, grace: timedelta, *, now: datetime, **by: Any) -> object:  # noqa: ANN401 -- as the timer has it
    """The timer, when it did not run in July."""
    return close_by_timer(zone, grace, now=now, **by) if month_to_close(now, zone, grace) != JUNE else None


@pytest.mark.parametrize("versions", [0, 1])
def test_a_fee_that_is_posted_to_a_month_after_its_export_is_in_the_margin_to_date_once(versions: int) -> None:
    """
    A top-up on the last evening of May, behind the day's comparison with Stripe: that of 1 June finds its fee of 0.90,
    when May is exported. A version of May that is asked for in June has it in its margin; otherwise June's margin to
    date takes it up.
    """
    with story("2021-05-31T18:00") as (world, _, customer):
        topped_up(world, customer, "20.00")
        world.until(at("2021-06-10T12:00"))
        at_first = value(world, "2021-05")
        for _ in range(versions):
            done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
            world.settle()
        world.until(at("2021-08-01T12:00"))
        may, june, july = (value(world, f"2021-{number}") for number in ("05", "06", "07"))

    assert at_first == {}
    assert may.get("margin_to_date") == ("-0.90" if versions else None)
    assert (june["margin"], june["margin_to_date"], june.get("posted_late")) == (
        "0.00",
        "-0.90",
        None if versions else "-0.90",
    )
    nothing = None if versions else "0.00"  # beside what June took up
    assert (july["margin"], july["margin_to_date"], july.get("posted_late")) == ("0.00", "-0.90", nothing)


def test_behind_a_month_that_nobody_closed_the_newest_one_with_an_export_is_gone_on_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    In May a customer puts 20.00 into the wallet, rides for 0.50, and buys sixty days for 60.00 on the 11th. June, in
    which the wallet pays for May, 5.00 are put in, and fees are 1.98, is closed by nobody. July goes on from May: with
    what the wallet holds by the ledger, nine of the sixty days, and the fees.
    """
    with story("2021-05-11T08:00") as (world, partner, customer):
        publish_terms(world)
        publish(world, "sixty", fee={"currency": "EUR", "prices": [ONCE]}, **SIXTY)
        subscribe(customer, "sixty")
        topped_up(world, customer, "20.00")
        world.ride(customer, partner.bike(), partner, 60)
        world.until(at("2021-06-05T08:00"))
        topped_up(world, customer, "5.00")
        world.ride(customer, partner.bike(), partner, 60)
        monkeypatch.setattr(closing, "close_by_timer", but_june)
        world.until(at("2021-08-01T12:00"))
        refused(world.finance.get("/finance/v1/customer-values/2021-06"), 404, "month_not_exported")
        july = world.finance.read("/finance/v1/customer-values/2021-07")
        wallet, plan = (shown(world, f"recognition/2021-07?by={by}") for by in ("wallet", "product"))
        (held,) = (
            row["credit"]
            for row in world.finance.read("/finance/v1/trial-balance?at=2021-07-31T12:00:00Z")["rows"]
            if row["ledger_account"] == "wallet"
        )
        may, of_july = (value(world, month) for month in ("2021-05", "2021-07"))

    assert july["before"] == "2021-05"
    assert {each["off"] for each in july["ties"]} <= {"0.00"}
    assert wallet["wallet"]["opening"] == held
    assert plan["operator:plan+sixty"]["pass_opening"] == "9.00"
    assert (may["margin_to_date"], of_july["posted_late"], of_july["margin_to_date"]) == ("59.60", "-1.98", "57.62")
