"""Revenue by the time of need: what is accrued, deferred and paid ahead, tied to the journal."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.finance.monitor_model import Row
from chalicelib.finance.recognition import Recognition, ties_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating import RatedLine
from tests.unit.finance.monitored import JUNE, MAY, Account, Nothing, Ride, Shared, after, month_of, read

BIKE = "par-1:bike"
AT = datetime(2021, 5, 3, tzinfo=UTC)


def rows(earlier: Nothing, month: Month, *accounts: Account) -> tuple[dict[tuple[str, str], Row], Nothing]:
    monitors = read(accounts, month, earlier)
    return {(row.by, row.key): row for row in monitors.rows("recognition")}, after(monitors)


def test_what_is_not_billed_yet_is_accrued_and_earned_when_it_was_needed() -> None:
    """
    Ben's month is parked: of 8.00 and 4.00 that were needed in May 4.00 are not booked.
    """
    found, _ = rows(
        Nothing(), MAY, Account("aino", (Ride(cents=1000),)), Account("ben", (Ride(cents=500),), settled=False)
    )

    assert found["product", BIKE].figures == {
        "need": 1200,
        "booked": 800,
        "accrued": 400,
        "earlier": 0,
        "revenue": 800,
        "pass_opening": 0,
        "pass_closing": 0,
        "recognised": 1200,
    }
    assert found["billing", ""].figures == {"posted": 1000, "invoiced": 1000, "carried": 0}


def entry(number: int, kind: str, source: str, *postings: tuple[str, int]) -> JournalEntry:
    made = tuple(Posting(name, Money(minor, "EUR"), source) for name, minor in postings)
    return JournalEntry(f"{kind}:{number}", kind, "aino", MAY, AT, made)


AHEAD = [
    entry(1, "wallet", "pi_1", ("stripe-clearing", 2000), ("wallet:aino", -2000)),
    entry(2, "gift", "gift:1", ("stripe-clearing", 500), ("wallet:gifts", -500)),
    entry(3, "wallet", "gift:1", ("wallet:gifts", 500), ("wallet:ben", -500)),
    entry(4, "wallet", "invoice:aino:2021-05:1", ("wallet:aino", 1300), ("receivable:aino", -1300)),
    entry(5, "wallet", "wallet-payout:aino:1", ("wallet:aino", 200), ("receivable:aino", -200)),
]


def test_what_is_paid_ahead_opens_with_what_was_left_and_ties_to_the_journal() -> None:
    book = Recognition(MAY, Shared().rates)
    for each in AHEAD:
        book.entry(each)
    before = {("wallet", "wallet", "EUR"): {"closing": 100}}
    found = {row.key: row for row in book.rows(before)}

    assert found["wallet"].figures == {
        "opening": 100,
        "came_in": 2500,
        "used": -1300,
        "paid_back": -200,
        "closing": 1100,
    }
    assert found["gift"].figures == {"opening": 0, "came_in": 500, "used": -500, "paid_back": 0, "closing": 0}
    in_journal = {("EUR", "wallet"): -1000}
    assert [tie.difference for tie in ties_of(list(found.values()), in_journal)] == [0, 0]
    assert [tie.difference for tie in ties_of(list(found.values()), {("EUR", "wallet"): -999})] == [0, 1]


def with_pass(week: str) -> Recognition:
    """A week's pass for 7.00 with 1.40 of tax in it, and a ride of 3.00 with 0.60."""
    each, _ = month_of(Account("aino", (Ride(cents=300),)), MAY, Shared())
    facts = {"once_per": "week", "period": week}
    line = RatedLine("aino-0", "week", "charge", "use", Decimal(1), "", None, Money(700, "EUR"), "pass", facts)
    book = Recognition(MAY, Shared().rates)
    book.account(replace(each, statement=replace(each.statement, lines=(*each.statement.lines, line))))
    return book


@pytest.mark.parametrize(
    ("week", "deferred"),
    [("2021-W21", 0), ("2021-W22", 480)],  # Monday of week 22 is the 31st: six of its days are in June, at 0.80 each
)
def test_a_weeks_pass_is_earned_day_by_day(week: str, deferred: int) -> None:
    (found,) = [row for row in with_pass(week).rows({}) if row.by == "product"]

    assert (found.figures["need"], found.figures["pass_closing"]) == (800, deferred)
    assert found.figures["recognised"] == 800 - deferred


def test_what_was_deferred_is_earned_in_the_month_after_also_if_nothing_is_used_then() -> None:
    (may,) = [row for row in with_pass("2021-W22").rows({}) if row.by == "product"]
    june = Recognition(JUNE, Shared().rates)
    (found,) = list(june.rows({may.place: may.figures}))

    assert (found.figures["need"], found.figures["pass_opening"], found.figures["recognised"]) == (0, 480, 480)
