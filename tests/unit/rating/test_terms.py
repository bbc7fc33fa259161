"""Caps, included uses, regret and minimums over a period: the named steps after the price."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.rating import rate
from tests.unit.rating.made import MAY, due, minors, tariff, use

KM: dict[str, Any] = {"kind": "unit", "meter": "km", "unit_amount": "1"}
DAY = {"id": "day", "period": "day", "amount": "9.00", "over": ["price"]}
WEEK = {"id": "week", "period": "week", "amount": "20.00", "over": ["price"]}
MONTH = {"id": "month", "period": "month", "amount": "30.00", "over": ["price"]}


def test_nested_caps_each_count_what_the_shorter_one_left() -> None:
    """
    Ten days of 12 km: each day is capped at 9.00; the first week (Monday to Sunday) at 20.00, the month at 30.00.
    """
    nested = tariff(KM, caps=[DAY, WEEK, MONTH])
    uses = [use(nested, f"use-{day:02d}", MAY + timedelta(days=day), km="12") for day in range(10)]

    lines = rate(uses)

    assert [due(lines, f"use-{day:02d}") for day in range(10)] == [900, 900, 200, 0, 0, 0, 0, 900, 100, 0]
    assert [line.code for line in lines if line.use_id == "use-02"] == ["per_unit", "cap_day", "cap_week"]


def test_a_cap_per_use_holds_for_each_use_alone() -> None:
    capped = tariff(KM, caps=[{**DAY, "id": "ride", "period": "use"}])

    assert due(rate([use(capped, "a", km="12"), use(capped, "b", km="15")])) == 1800


def test_the_parts_of_a_reduction_add_up_to_it() -> None:
    """
    Three equal prices of 3.34 under a cap of 10.00: 0.02 come off, one cent each of the first two.
    """
    third = {"kind": "flat", "amount": "3.34"}
    capped = tariff(third, third, third, caps=[{**DAY, "amount": "10.00", "over": ["price", "p1", "p2"]}])

    assert minors(rate([use(capped)])) == [334, 334, 334, -1, -1]


def test_the_first_uses_of_a_month_are_included() -> None:
    allowance = [{"id": "two", "period": "month", "uses": 2, "over": ["price"]}]
    included = tariff(KM, {"kind": "flat", "amount": "0.50"}, allowances=allowance)
    at = [MAY, MAY + timedelta(days=1), MAY + timedelta(days=2), MAY + timedelta(days=31)]

    lines = rate([use(included, f"use-{n}", when, km="4") for n, when in enumerate(at)])

    assert [due(lines, f"use-{n}") for n in range(4)] == [50, 50, 450, 50]
    assert [line.facts["number"] for line in lines if line.code == "included_use"] == ["1", "2", "1"]


def test_a_use_that_costs_nothing_spends_no_included_use() -> None:
    allowance = [{"id": "one", "period": "month", "uses": 1, "over": ["price"]}]
    included = tariff(KM, allowances=allowance)

    assert due(rate([use(included, "a"), use(included, "b", MAY + timedelta(days=1), km="4")])) == 0


@pytest.mark.parametrize(("minutes", "minor"), [(2, 0), (3, 400)])
def test_a_use_regretted_at_once_costs_nothing(minutes: int, minor: int) -> None:
    regret = {"seconds": 120, "times": 3}

    assert due(rate([use(tariff(KM, regret=regret), minutes=minutes, km="4")])) == minor


def test_regret_is_granted_a_stated_number_of_times_a_month() -> None:
    regretful = tariff(KM, regret={"seconds": 120, "times": 2})
    uses = [use(regretful, f"use-{n}", MAY + timedelta(hours=n), minutes=1, km="4") for n in range(4)]

    lines = rate(uses)

    assert [due(lines, f"use-{n}") for n in range(4)] == [0, 0, 400, 400]
    assert [line.facts for line in lines if line.code == "regret"][1] == {"seconds": "120", "number": "2", "times": "2"}


def test_an_open_use_is_not_yet_regretted() -> None:
    assert due(rate([use(tariff(KM, regret={"seconds": 120, "times": 1}), minutes=1, is_open=True, km="4")])) == 400


def test_regret_forgives_use_and_never_what_was_ordered() -> None:
    helmet = {"kind": "flat", "charge_class": "ordered", "amount": "2"}

    assert due(rate([use(tariff(KM, helmet, regret={"seconds": 120, "times": 1}), minutes=1, km="4")])) == 200
