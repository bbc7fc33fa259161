"""Tiers, graduated and by volume: the bounds, the flat amounts, and periods."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.rating import Running, rate, rate_on
from tests.unit.rating.made import MAY, due, minors, tariff, use

TIERS = [
    {"up_to": "10", "unit_amount": "1", "flat_amount": "5"},
    {"up_to": "20", "unit_amount": "0.80", "flat_amount": "2"},
    {"up_to": None, "unit_amount": "0.50"},
]


def tiered(kind: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a JSON document
    return {"kind": kind, "meter": "km", "tiers": TIERS, **members}


@pytest.mark.parametrize(
    ("km", "minor"),
    [
        ("0", 500),  # the first tier's flat amount is due at zero usage
        ("1", 600),
        ("10", 1500),  # the upper bound belongs to its tier
        ("10.000000000001", 1700),  # 15.00 + 2.00 as the second tier is entered
        ("20", 2500),
        ("21", 2550),
        ("100", 6500),
    ],
)
def test_graduated_tiers_price_each_unit_by_its_own_tier(km: str, minor: int) -> None:
    assert due(rate([use(tariff(tiered("graduated")), km=km)])) == minor


@pytest.mark.parametrize(
    ("km", "minor"),
    [
        ("0", 500),
        ("10", 1500),
        ("10.5", 1040),  # 10.5 x 0.80 + 2.00: less than for 10
        ("20", 1800),
        ("20.000000000001", 1000),
        ("100", 5000),
    ],
)
def test_volume_tiers_price_every_unit_by_the_tier_of_the_total(km: str, minor: int) -> None:
    assert due(rate([use(tariff(tiered("volume")), km=km)])) == minor


def test_graduated_tiers_say_which_units_fell_into_which_tier() -> None:
    lines = rate([use(tariff(tiered("graduated")), km="25")])

    assert [(line.code, line.facts["tier"], str(line.quantity), line.amount.minor) for line in lines] == [
        ("tier_flat", "1", "1", 500),
        ("tier_units", "1", "10", 1000),
        ("tier_flat", "2", "1", 200),
        ("tier_units", "2", "10", 800),
        ("tier_units", "3", "5", 250),
    ]


@pytest.mark.parametrize("kind", ["graduated", "volume"])
def test_tiers_over_a_month_count_its_uses_together(kind: str) -> None:
    """
    8, 8 and 8 km in a month cost what 24 km cost at once, flat amounts once.
    """
    monthly = tariff(tiered(kind, period="month"))
    apart = [use(monthly, f"use-{n}", MAY + timedelta(days=n), km="8") for n in range(3)]

    assert due(rate(apart)) == due(rate([use(monthly, km="24")]))


@pytest.mark.parametrize("kind", ["graduated", "volume"])
def test_tiers_over_a_month_begin_anew_in_the_next(kind: str) -> None:
    monthly = tariff(tiered(kind, period="month"))
    may, june = use(monthly, "may", km="8"), use(monthly, "june", MAY + timedelta(days=31), km="8")

    assert minors(rate([may])) == minors(rate([may, june]))[: len(rate([may]))]
    assert due(rate([may, june])) == 2 * due(rate([may]))


def test_the_use_that_reaches_a_cheaper_volume_carries_what_the_earlier_ones_become_cheaper() -> None:
    """
    10 km cost 15.00; 10.5 km cost 10.40: the half kilometre gives back 4.60.
    """
    monthly = tariff(tiered("volume", period="month"))

    lines = rate([use(monthly, "a", km="10"), use(monthly, "b", MAY + timedelta(days=1), km="0.5")])

    assert minors(lines) == [1500, -460]
    assert lines[1].facts["total_before"] == "10"


def test_a_cap_gives_back_no_more_than_was_paid_when_a_volume_becomes_cheaper() -> None:
    """
    15.00 are capped at 12.00; the total falls to 10.40, so 1.60 come back and not 4.60.
    """
    cap = [{"id": "month", "period": "month", "amount": "12.00", "over": ["price"]}]
    monthly = tariff(tiered("volume", period="month"), caps=cap)

    lines = rate([use(monthly, "a", km="10"), use(monthly, "b", MAY + timedelta(days=1), km="0.5")])

    assert (due(lines, "a"), due(lines, "b")) == (1200, -160)


def test_a_month_rated_session_after_session_is_the_month_rated_at_once() -> None:
    monthly = tariff(tiered("graduated", period="month"))
    uses = [use(monthly, f"use-{n}", MAY + timedelta(days=n), km="3.7") for n in range(12)]
    running = Running()

    pieces = [line for each in uses for line in rate_on(running, [each])]

    assert tuple(pieces) == rate(uses)


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("JPY", 1), ("EUR", 52), ("KWD", 525)],  # 0.5246913...: half up in units of 1, 0.01 and 0.001
)
def test_one_rounding_half_up_in_the_currencys_minor_unit(currency: str, minor: int) -> None:
    price = {"kind": "unit", "meter": "km", "unit_amount": "0.524691358024"}

    assert due(rate([use(tariff(price, currency=currency), km="1")])) == minor


@pytest.mark.parametrize(("amount", "minor"), [("0.005", 1), ("0.004999999999", 0), ("0.015", 2), ("0.025", 3)])
def test_half_a_cent_is_rounded_up(amount: str, minor: int) -> None:
    assert due(rate([use(tariff({"kind": "unit", "meter": "km", "unit_amount": amount}), km="1")])) == minor


def test_the_largest_quantity_at_the_finest_price_is_summed_exactly() -> None:
    price = {"kind": "unit", "meter": "km", "unit_amount": "999.999999999999"}

    assert due(rate([use(tariff(price), km="999999999999999")])) == 99999999999999800000


def test_an_open_use_costs_what_the_dearest_part_of_it_would_cost_by_volume() -> None:
    """
    10 km at 1.00 are 10.00, 11 km at 0.50 are 5.50: until the end it may still turn out to have been 10.
    """
    tiers = [{"up_to": "10", "unit_amount": "1"}, {"unit_amount": "0.50"}]
    by_volume = tariff({"kind": "volume", "meter": "km", "tiers": tiers})

    assert due(rate([use(by_volume, is_open=True, km="11")])) == 1000
    assert due(rate([use(by_volume, km="11")])) == 550
