"""No tariff is published by which sessions would be charged otherwise than it says."""

from typing import Any

import pytest

from chalicelib.catalogue.chargeable import not_chargeable, not_chargeable_by_plan
from chalicelib.rating import tariff_from_document
from tests.unit.rating.made import tariff

FLAT = {"id": "price", "kind": "flat", "amount": "0.50"}
TIERS = [{"up_to": "10", "unit_amount": "0.50"}, {"unit_amount": "0.25"}]


def faults(*prices: dict[str, Any], **members: Any) -> list[str]:  # noqa: ANN401 -- members of a JSON document
    document = {
        "tariff_id": "made",
        "version": 1,
        "currency": "EUR",
        "zone": "Europe/Helsinki",
        "tax_inclusive": True,
        "meters": [
            {"name": "km", "unit": "km", "most_per_hour": "150"},
            {"name": "paid", "unit": "EUR", "most_per_hour": "1000"},
        ],
        "prices": [{"id": f"p{index}", **price} for index, price in enumerate(prices)],
    }
    found = not_chargeable(tariff_from_document({**document, **members}))
    assert all(fault["reason"] == "cannot_be_charged_yet" for fault in found)
    return [fault["pointer"] for fault in found]


def limit(period: str) -> list[dict[str, Any]]:
    return [{"id": "limit", "period": period, "amount": "9.00", "over": ["price"]}]


def test_every_rule_that_sessions_show_can_be_published() -> None:
    prices = [
        FLAT,
        {"kind": "unit", "meter": "km", "unit_amount": "1"},
        {"kind": "package", "meter": "km", "size": "5", "per_package": "1"},
        {"kind": "graduated", "meter": "km", "tiers": TIERS, "period": "day"},
        {"kind": "volume", "meter": "km", "tiers": TIERS, "period": "month"},
        {"kind": "percentage", "meter": "paid", "rate": "0.025"},
        {"kind": "graduated_percentage", "meter": "paid", "tiers": TIERS},
        {"kind": "threshold", "meter": "km", "above": "5", "amount": "1"},
        {"kind": "need", "per": "h", "in_use": "3"},
        {"kind": "flat", "amount": "20", "once_per": "month"},
    ]
    members = {
        "minimums": [{**limit("use")[0], "id": "least"}],
        "allowances": [{"id": "free", "period": "day", "uses": 1, "over": ["price", "least"]}],
        "valid_from": "2021-05-01T00:00:00Z",
        "valid_until": "2021-06-01T00:00:00Z",
    }

    assert faults(*prices[1:], {**FLAT}, **members) == []


@pytest.mark.parametrize("period", ["use", "day", "week", "month", "ever"])
def test_caps_of_every_period_can_be_published(period: str) -> None:
    assert faults(FLAT, caps=limit(period)) == []


@pytest.mark.parametrize(
    "price",
    [
        {"kind": "capacity", "meter": "km", "unit_amount": "5"},
        {"kind": "recurring", "amount": "31", "per": "month"},
        {"kind": "once", "amount": "31"},
    ],
)
def test_prices_for_what_no_session_shows_cannot_be_published_yet(price: dict[str, Any]) -> None:
    assert faults(FLAT, price) == ["/prices/1/kind"]


FEE = {"kind": "recurring", "amount": "31", "per": "month", "charge_class": "ordered"}
PASS = {"kind": "once", "amount": "20", "charge_class": "ordered"}


@pytest.mark.parametrize(
    ("price", "wanted", "reasons"),
    [
        (FEE, "recurring", {}),
        (PASS, "once", {}),
        (FEE, "once", {"/prices/0/kind": "not_one_of: once"}),
        (PASS, "recurring", {"/prices/0/kind": "not_one_of: recurring"}),
        ({**FEE, "charge_class": "use"}, "recurring", {"/prices/0/charge_class": "not_one_of: ordered"}),
    ],
)
def test_a_plan_costs_a_fee_that_recurs_and_a_pass_is_paid_once(
    price: dict[str, Any], wanted: str, reasons: dict[str, str]
) -> None:
    found = not_chargeable_by_plan(tariff(price), is_pass=wanted == "once")

    assert {each["pointer"]: each["reason"] for each in found} == reasons


def test_the_fee_of_a_plan_has_a_months_minimum_where_it_counts_by_the_month() -> None:
    least = {"id": "least", "period": "month", "amount": "40.00", "over": ["price", "members_use"]}
    for price, pointers in ((FEE, []), ({**FEE, "per": "day"}, ["/minimums"])):
        found = not_chargeable_by_plan(tariff(price, minimums=[least]))
        assert [each["pointer"] for each in found] == pointers
    (of_each_use,) = not_chargeable_by_plan(tariff(FEE, minimums=[{**least, "period": "use", "over": ["price"]}]))
    assert of_each_use["pointer"] == "/minimums"


def test_the_fee_of_a_plan_has_no_other_terms_beside_its_prices() -> None:
    found = not_chargeable_by_plan(tariff(FEE, caps=limit("month"), regret={"seconds": 60, "times": 1}))

    assert [each["pointer"] for each in found] == ["/caps", "/regret"]


def test_a_minimum_of_a_month_waits_for_agreements() -> None:
    assert faults(FLAT, minimums=[{**limit("month")[0], "id": "least"}]) == ["/minimums/0/period"]


VOLUME = {"kind": "volume", "meter": "km", "tiers": TIERS, "period": "week", "id": "price"}


@pytest.mark.parametrize(
    ("members", "pointers"),
    [
        ({}, []),
        ({"caps": limit("week")}, []),
        ({"caps": limit("ever")}, []),
        ({"caps": limit("month")}, ["/prices/0/period"]),  # a week may lie in two months
        ({"caps": limit("day")}, ["/prices/0/period"]),
        ({"regret": {"seconds": 120, "times": 2}}, ["/prices/0/period"]),
        ({"allowances": [{"id": "free", "period": "week", "uses": 1, "over": ["price"]}]}, ["/prices/0/period"]),
    ],
)
def test_by_volume_over_a_period_nothing_else_may_take_off_what_it_could_give_back_again(
    members: dict[str, Any], pointers: list[str]
) -> None:
    assert faults(VOLUME, **members) == pointers
    assert faults({**VOLUME, "period": "use"}, **members) == []


def test_a_fare_is_worked_out_month_by_month() -> None:
    weekly = tariff_from_document(
        {
            "tariff_id": "made",
            "version": 1,
            "currency": "EUR",
            "zone": "Europe/Helsinki",
            "tax_inclusive": True,
            "prices": [{**FLAT, "once_per": "ever"}, {**FLAT, "id": "other"}],
            "caps": [*limit("day"), {**limit("week")[0], "id": "w"}],
        }
    )

    assert not_chargeable(weekly) == []
    assert [fault["pointer"] for fault in not_chargeable(weekly, is_fare=True)] == [
        "/prices/0/once_per",
        "/caps/1/period",
    ]


def test_what_is_ordered_is_priced_as_ordered_by_the_unit_or_package_and_in_its_own_unit() -> None:
    meters = [{"name": "reserved", "unit": "min"}, {"name": "no_show", "unit": "min"}]
    rules: list[dict[str, Any]] = [
        {"kind": "unit", "charge_class": "ordered", "meter": "reserved", "unit_amount": "1"},
        {"kind": "unit", "charge_class": "use", "meter": "no_show", "unit_amount": "1"},
    ]
    assert faults(*rules, meters=meters) == ["/prices/1/charge_class", "/prices/1/meter"]
    graduated = {"kind": "graduated", "charge_class": "ordered", "meter": "reserved", "tiers": TIERS}
    assert faults(graduated, meters=meters) == ["/prices/0/kind"]
