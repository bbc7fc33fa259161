"""Fees of the agreement: months, days, sleep, and the month's minimum."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.time import midnight
from chalicelib.rating import Need, Tariff, Use, rate
from chalicelib.rating.sleep import awake_days, falls_asleep_on, is_asleep
from tests.unit.rating.made import MAY, due, minors, tariff, use

ZONE = "Europe/Helsinki"
MONTHLY: dict[str, Any] = {"kind": "recurring", "charge_class": "ordered", "amount": "31", "per": "month"}


def agreement(plan: Tariff, first: date, end: date, needed: tuple[date, ...] = (), name: str = "plan") -> Use:
    """The agreement from the first day up to, not including, the end; an hour of need on each of the days."""
    needs = tuple(
        Need(midnight(day, ZONE) + timedelta(hours=8), midnight(day, ZONE) + timedelta(hours=9), "in_use")
        for day in needed
    )
    return Use(name, plan, midnight(first, ZONE), midnight(end, ZONE), False, {}, {}, needs, "agreement")


@pytest.mark.parametrize(
    ("first", "end", "minor"),
    [
        (date(2021, 5, 1), date(2021, 6, 1), 3100),
        (date(2021, 5, 31), date(2021, 6, 1), 100),
        (date(2021, 2, 1), date(2021, 3, 1), 3100),
        (date(2021, 2, 1), date(2021, 2, 2), 111),  # a 28th of 31.00 is 1.1071...
        (date(2020, 2, 1), date(2020, 2, 29), 2993),  # 28 of 29 days
        (date(2021, 3, 28), date(2021, 3, 29), 100),  # a day of 23 hours is a day
        (date(2021, 5, 16), date(2021, 6, 16), 1600 + 1550),
        (date(2021, 5, 16), date(2021, 5, 16), 0),
    ],
)
def test_a_months_fee_is_pro_rata_by_day(first: date, end: date, minor: int) -> None:
    assert due(rate([agreement(tariff(MONTHLY), first, end)])) == minor


def test_a_fee_per_day_counts_days() -> None:
    daily = tariff({**MONTHLY, "amount": "0.333", "per": "day"})

    assert minors(rate([agreement(daily, date(2021, 5, 1), date(2021, 5, 4))])) == [100]


def test_no_day_is_charged_twice_when_the_version_changes_in_its_middle() -> None:
    plan = tariff(MONTHLY)
    noon = datetime(2021, 5, 16, 9, tzinfo=UTC)
    before = replace(agreement(plan, date(2021, 5, 1), date(2021, 6, 1), name="a"), ended_at=noon)
    after = replace(agreement(plan, date(2021, 5, 1), date(2021, 6, 1), name="b"), started_at=noon)

    assert due(rate([before, after])) == 3100


@given(st.lists(st.integers(1, 30), max_size=6))
def test_a_month_in_pieces_costs_what_the_month_costs(cuts: list[int]) -> None:
    plan = tariff({**MONTHLY, "amount": "9.99"})
    days = [date(2021, 5, 1), *(date(2021, 5, 1) + timedelta(days=cut) for cut in sorted(set(cuts))), date(2021, 6, 1)]

    pieces = [agreement(plan, a, b, name=f"{a}") for a, b in pairwise(days)]

    assert due(rate(pieces)) == 999


def test_a_fee_that_sleeps_counts_only_days_with_need_and_says_what_sleep_saved() -> None:
    """
    Need on the 3rd and the 20th of May; asleep on all 29 other days.
    """
    plan = tariff({**MONTHLY, "asleep_after_days": 0})

    (line,) = rate([agreement(plan, date(2021, 5, 1), date(2021, 6, 1), (date(2021, 5, 3), date(2021, 5, 20)))])

    assert (line.amount.minor, str(line.quantity)) == (200, "2")
    assert (line.facts["days_asleep"], line.facts["saved"]) == ("29", "29.00")


def test_an_agreement_falls_asleep_after_days_without_need_and_wakes_with_the_next() -> None:
    """
    Need on the 3rd and the 20th, asleep after 5 days: awake from the 3rd to the 8th and from the 20th to the 25th.
    """
    plan = tariff({**MONTHLY, "asleep_after_days": 5})

    lines = rate([agreement(plan, date(2021, 5, 1), date(2021, 6, 1), (date(2021, 5, 3), date(2021, 5, 20)))])

    assert due(lines) == 1200


def test_the_need_of_the_month_before_keeps_an_agreement_awake() -> None:
    plan = tariff({**MONTHLY, "asleep_after_days": 5})
    may = replace(agreement(plan, date(2021, 5, 1), date(2021, 6, 1)), last_need_on=date(2021, 4, 29))

    assert due(rate([may])) == 400


def test_an_agreement_that_nobody_needs_costs_nothing() -> None:
    plan = tariff({**MONTHLY, "asleep_after_days": 0})

    assert due(rate([agreement(plan, date(2021, 5, 1), date(2021, 6, 1))])) == 0


def test_a_months_minimum_is_made_up_on_the_agreements_line() -> None:
    """
    Two uses of 4.00 in a month with a minimum of 10.00: 2.00 are made up when the month closes.
    """
    minimum = [{"id": "least", "period": "month", "amount": "10.00", "over": ["price"]}]
    plan = tariff({"kind": "unit", "meter": "km", "unit_amount": "1"}, minimums=minimum)
    uses = [use(plan, "a", MAY, km="4"), use(plan, "b", MAY + timedelta(days=3), km="4")]

    lines = rate([*uses, agreement(plan, date(2021, 5, 1), date(2021, 6, 1))])

    assert minors(lines) == [400, 400, 200]
    assert lines[-1].facts == {"minimum": "10.00", "charged": "8.00", "period": "2021-05"}


def test_sessions_pay_no_recurring_fee_and_agreements_no_unlock() -> None:
    plan = tariff({"kind": "flat", "amount": "1"}, MONTHLY)

    lines = rate([use(plan, "ride"), agreement(plan, date(2021, 5, 1), date(2021, 6, 1))])

    assert [(line.use_id, line.code) for line in lines] == [("ride", "flat_fee"), ("plan", "recurring_fee")]


@pytest.mark.parametrize(("after_days", "asleep_from"), [(0, date(2021, 5, 4)), (5, date(2021, 5, 9))])
def test_an_agreement_sleeps_from_a_known_day_on(after_days: int, asleep_from: date) -> None:
    last = date(2021, 5, 3)

    assert falls_asleep_on(last, after_days) == asleep_from
    assert not is_asleep(asleep_from - timedelta(days=1), last, after_days)
    assert is_asleep(asleep_from, last, after_days)


def test_what_was_never_needed_sleeps() -> None:
    assert is_asleep(date(2021, 5, 3), None, 30)


@given(st.sets(st.integers(0, 60)), st.integers(0, 20))
def test_the_days_charged_are_those_on_which_the_agreement_does_not_sleep(needed: set[int], after_days: int) -> None:
    days = [date(2021, 5, 1) + timedelta(days=number) for number in range(61)]
    with_need = {days[number] for number in needed}

    awake = awake_days(days, with_need, after_days)

    for day in days:
        last = max((each for each in with_need if each <= day), default=None)
        assert (day in awake) is not is_asleep(day, last, after_days)
