"""The trial balance through the door: what stood in the books at an instant still stands there when asked later."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from tests.doors.callers import refused
from tests.doors.world import Customer, Partner, World

TRIAL = "/finance/v1/trial-balance"
CLOSED = datetime(2021, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def closed(world: World, partner: Partner) -> Customer:
    """Rides of two customers in May, one whose card declines; then May is closed."""
    rider, other = world.customer(), world.customer("pm_card_chargeCustomerFail")
    for each in (rider, other):
        world.ride(each, partner.bike(), partner, 2000)
    world.until(CLOSED)
    return rider


def rows(shown: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {row["ledger_account"]: (row["debit"], row["credit"]) for row in shown["rows"]}


@pytest.mark.usefixtures("closed")
def test_it_shows_what_is_owed_earned_and_paid_with_one_row_for_all_customers(world: World, partner: Partner) -> None:
    shown = world.finance.read(TRIAL)

    assert rows(shown) == {
        "receivable": ("1.50", None),
        f"revenue:{partner.partner_id}:city-bike": (None, "3.00"),
        "stripe-clearing": ("1.50", None),
    }
    assert {each["account_class"]: each["amount"] for each in shown["classes"]} == {"asset": "3.00", "income": "-3.00"}
    assert (shown["off_minor"], shown["entries"]) == ({}, 3)
    month = world.finance.read("/finance/v1/journal/2021-05")["rows"]
    assert [(row["ledger_account"], row["account_class"], row["amount"]) for row in month] == [
        ("receivable", "asset", "3.00"),
        (f"revenue:{partner.partner_id}:city-bike", "income", "-3.00"),
    ]


@pytest.mark.usefixtures("closed")
def test_a_months_postings_come_in_pages_that_balance_and_together_are_all_of_it(world: World) -> None:
    """
    Another month's entries come in between: a page reads no more than it was asked for.
    """
    path = "/finance/v1/journal/2021-05"
    whole, found, after = world.finance.read(path), Counter[str](), ""
    assert (whole["entries"], whole["next"]) == (2, None)
    for _ in range(2):
        page = world.finance.read(f"{path}?limit=1{after}")
        assert (page["entries"], page["off_minor"]) == (1, {})
        found.update({row["ledger_account"]: Decimal(row["amount"]) for row in page["rows"]})
        after = f"&after={quote(page['next'])}"

    assert world.finance.read(f"{path}?limit=1{after}") == {**whole, "entries": 0, "rows": []}
    assert found == {row["ledger_account"]: Decimal(row["amount"]) for row in whole["rows"]}
    refused(world.finance.get(f"{path}?limit=5001"), 422, "query_invalid", "/limit")


@pytest.mark.usefixtures("closed")
def test_as_of_an_instant_before_it_shows_what_stood_then_also_after_another_month_is_closed(world: World) -> None:
    assert rows(world.finance.read(f"{TRIAL}?at=2021-05-31T00:00:00Z")) == {}
    then = world.finance.read(f"{TRIAL}?at=2021-06-01T12:00:00Z")
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))

    again = world.finance.read(f"{TRIAL}?at=2021-06-01T12:00:00Z")
    assert again == then
    now = world.finance.read(TRIAL)
    fee = {"stripe-clearing": ("1.20", None), "stripe-fees": ("0.30", None)}  # booked by the day's comparison
    assert (rows(now), now["entries"], now["entries_read"]) == (rows(then) | fee, 4, 0)


@pytest.mark.parametrize(
    "at", ["yesterday", "2021-06-01", "2021-06-01T12:00:00", "0001-01-01T00:00:00Z", "2031-01-01T00:00:00Z"]
)
def test_an_instant_that_is_none_is_refused_and_pointed_at(world: World, at: str) -> None:
    reply = world.finance.get(f"{TRIAL}?at={at}")

    refused(reply, 422, reply.json["code"], "/at")
