"""Price kinds, each with its bounds worked by hand."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.rating import rate
from tests.unit.rating.made import MAY, due, minors, tariff, use


@pytest.mark.parametrize(("km", "minor"), [("0", 0), ("2", 0), ("2.5", 15), ("102", 3000)])
def test_a_unit_price_is_due_for_what_lies_beyond_the_included_units(km: str, minor: int) -> None:
    price = {"kind": "unit", "meter": "km", "unit_amount": "0.30", "included": "2"}

    assert due(rate([use(tariff(price), km=km)])) == minor


@pytest.mark.parametrize(
    ("paid", "minor", "code"),
    [
        ("10", 0, "within_included"),  # within the free amount nothing is due, not even the minimum
        ("10.01", 60, "percentage_at_least"),
        ("30", 80, "percentage"),  # 0.30 + 2.5 % of 20.00
        ("1000", 500, "percentage_at_most"),
    ],
)
def test_a_share_of_an_amount_lies_between_its_minimum_and_its_maximum(paid: str, minor: int, code: str) -> None:
    price = {"kind": "percentage", "meter": "paid", "rate": "0.025", "fixed": "0.30", "free": "10"}
    bounds = {"minimum": "0.60", "maximum": "5"}

    (line,) = rate([use(tariff({**price, **bounds}), paid=paid)])

    assert (line.amount.minor, line.code) == (minor, code)


def test_a_graduated_share_takes_each_part_of_the_amount_at_its_own_rate() -> None:
    """
    Of 150.00 the first 100.00 pay 3 % and 0.25, the other 50.00 pay 1 %.
    """
    tiers = [{"up_to": "100", "unit_amount": "0.03", "flat_amount": "0.25"}, {"up_to": None, "unit_amount": "0.01"}]
    price = {"kind": "graduated_percentage", "meter": "paid", "tiers": tiers}

    assert minors(rate([use(tariff(price), paid="150")])) == [25, 300, 50]
    assert rate([use(tariff(price))]) == ()


def test_capacity_charges_the_maximum_of_the_month_once() -> None:
    """
    7, 11 and 9 kW: the month's maximum is 11, reached by the second.
    """
    price = {"kind": "capacity", "meter": "kw", "unit_amount": "2.50"}
    peaks = tariff(price)
    uses = [use(peaks, f"use-{n}", MAY + timedelta(days=n), kw=kw) for n, kw in enumerate(["7", "11", "9"])]

    assert minors(rate(uses)) == [1750, 1000]


def test_a_day_pass_is_due_once_a_day_and_a_season_pass_once() -> None:
    day = tariff({"kind": "flat", "charge_class": "ordered", "amount": "5", "once_per": "day"})
    season = tariff({"kind": "flat", "charge_class": "ordered", "amount": "35", "once_per": "ever"})
    at = [MAY, MAY + timedelta(hours=2), MAY + timedelta(days=1), MAY + timedelta(days=70)]

    assert minors(rate([use(day, f"use-{n}", when) for n, when in enumerate(at)])) == [500, 500, 500]
    assert minors(rate([use(season, f"use-{n}", when) for n, when in enumerate(at)])) == [3500]


@pytest.mark.parametrize(("km", "lines"), [("1", [30, 470]), ("20", [600]), ("0", [500])])
def test_a_minimum_per_session_is_made_up_by_a_line_of_its_own(km: str, lines: list[int]) -> None:
    price = {"kind": "unit", "meter": "km", "unit_amount": "0.30"}
    minimum = [{"id": "least", "period": "use", "amount": "5.00", "over": ["price"]}]

    assert minors(rate([use(tariff(price, minimums=minimum), km=km)])) == lines


def test_a_lines_facts_and_evidence_are_those_of_its_own_meter() -> None:
    prices: tuple[dict[str, Any], ...] = (
        {"kind": "unit", "meter": "km", "unit_amount": "0.30"},
        {"kind": "threshold", "meter": "use_seconds", "above": "60", "amount": "1"},
    )

    lines = rate([use(tariff(*prices), km="1", use_seconds="61")])

    assert [line.evidence for line in lines] == [("use-1-km",), ("use-1-use_seconds",)]


def test_ordered_and_owed_charges_are_classes_of_their_own() -> None:
    delivery = tariff({"kind": "flat", "charge_class": "ordered", "amount": "4"})
    fine = tariff({"kind": "flat", "charge_class": "owed", "amount": "60"}, tariff_id="fine")

    assert [line.charge_class for line in rate([use(delivery, "a"), use(fine, "b")])] == ["ordered", "owed"]
