"""What a tariff may not say: each fault with its place."""

from typing import Any

import pytest

from chalicelib.rating import InvalidTariff, tariff_document, tariff_from_document
from tests.unit.rating.made import tariff

OPEN = {"up_to": None, "unit_amount": "1"}
NEED = {"kind": "need", "per": "h", "in_use": "6"}
ALL_DAY = {"days": ["mon"], "from": "00:00", "to": "24:00", "in_use": "1"}
SUNDAY_NIGHT = {"days": ["sun"], "from": "22:00", "to": "06:00", "in_use": "1"}
MONDAY_MORNING = {"days": ["mon"], "from": "05:00", "to": "08:00", "in_use": "1"}


def faults(*prices: dict[str, Any], **members: Any) -> list[tuple[str, str]]:  # noqa: ANN401 -- JSON members
    with pytest.raises(InvalidTariff) as caught:
        tariff(*prices, **members)
    found: Any = caught.value.facts["errors"]
    return [(each["pointer"], each["reason"]) for each in found]


def tiers(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "graduated", "meter": "km", "tiers": list(rows)}


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([], ("/prices/0/tiers", "empty")),
        ([{"up_to": "10", "unit_amount": "1"}], ("/prices/0/tiers/0/up_to", "last_tier_is_not_open")),
        ([OPEN, OPEN], ("/prices/0/tiers/0/up_to", "open_tier_before_the_last")),
        (
            [{"up_to": "10", "unit_amount": "1"}, {"up_to": "5", "unit_amount": "1"}, OPEN],
            ("/prices/0/tiers/1/up_to", "not_sorted"),
        ),
        ([{"up_to": "10", "unit_amount": "1"}, {"from": "11", **OPEN}], ("/prices/0/tiers/1/from", "gap")),
        ([{"up_to": "10", "unit_amount": "1"}, {"from": "9", **OPEN}], ("/prices/0/tiers/1/from", "overlap")),
        ([{"up_to": None, "unit_amount": "-1"}], ("/prices/0/tiers/0/unit_amount", "negative")),
        (
            [{"up_to": None, "unit_amount": "0.1234567890123"}],
            ("/prices/0/tiers/0/unit_amount", "not_a_decimal_of_at_most_12_decimals"),
        ),
    ],
)
def test_a_table_of_tiers_is_sorted_whole_and_open_at_its_end(rows: list[Any], fault: tuple[str, str]) -> None:
    assert faults(tiers(*rows)) == [fault]


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"kept": "7"}, ("/prices/0/kept", "above_in_use")),
        ({"grace": "7"}, ("/prices/0/grace", "above_in_use")),
        ({"windows": [{**ALL_DAY, "kept": "2"}]}, ("/prices/0/windows/0/kept", "above_in_use")),
        ({"windows": [ALL_DAY, ALL_DAY]}, ("/prices/0/windows/1/from", "overlap")),
        ({"windows": [{**ALL_DAY, "from": "24:00"}]}, ("/prices/0/windows/0/from", "not_a_time_of_day")),
        ({"windows": [{**ALL_DAY, "to": "00:00"}]}, ("/prices/0/windows/0/to", "same_as_its_start")),
        ({"windows": [SUNDAY_NIGHT, MONDAY_MORNING]}, ("/prices/0/windows/1/from", "overlap")),
        ({"windows": [{**ALL_DAY, "to": "25:00"}]}, ("/prices/0/windows/0/to", "not_a_time_of_day")),
        ({"windows": [{**ALL_DAY, "to": "7:5"}]}, ("/prices/0/windows/0/to", "not_a_time_of_day")),
        ({"per": "day"}, ("/prices/0/per", "not_one_of: s, min, h")),
    ],
)
def test_rates_and_windows_charge_no_second_twice_and_keeping_no_more_than_using(
    members: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert fault in faults({**NEED, **members})


@pytest.mark.parametrize(
    "price", [NEED, {"kind": "package", "meter": "use_seconds", "size": "1800", "per_package": "1"}]
)
def test_no_tariff_charges_the_same_second_twice(price: dict[str, Any]) -> None:
    assert faults(price, price) == [("/prices/1", "charges_the_same_time_twice")]


def test_a_share_is_of_the_tariffs_own_currency() -> None:
    share = {"kind": "percentage", "meter": "paid", "rate": "0.02"}

    assert faults(share, currency="DKK") == [("/prices/0/meter", "currency_mismatch")]
    assert faults({**share, "minimum": "2", "maximum": "1"}) == [("/prices/0/maximum", "below_the_minimum")]


def test_a_longer_caps_period_comes_after_a_shorter_one() -> None:
    month = {"id": "month", "period": "month", "amount": "30", "over": ["price"]}
    day = {"id": "day", "period": "day", "amount": "9", "over": ["price"]}

    assert faults({"kind": "flat", "amount": "1"}, caps=[month, day]) == [
        ("/caps/1/period", "longer_period_comes_before")
    ]


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"valid_from": "today"}, ("/valid_from", "not_an_instant")),
        (
            {"valid_from": "2021-06-01T00:00:00Z", "valid_until": "2021-06-01T00:00:00Z"},
            ("/valid_until", "not_after_its_start"),
        ),
        ({"regret": {"seconds": -1, "times": 1}}, ("/regret/seconds", "not_a_whole_number")),
        ({"regret": []}, ("/regret", "not_an_object")),
        (
            {"minimums": [{"id": "price", "period": "use", "amount": "1", "over": ["price"]}]},
            ("/minimums/0/id", "is_a_price"),
        ),
        (
            {"allowances": [{"id": "a", "period": "month", "uses": 1, "over": []}]},
            ("/allowances/0/over", "not_a_list_of_names"),
        ),
    ],
)
def test_terms_are_checked_with_their_places(members: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults({"kind": "flat", "amount": "1"}, **members) == [fault]


def test_a_longer_caps_prices_hold_all_of_a_shorter_ones_or_none() -> None:
    flat = {"kind": "flat", "amount": "1"}
    day = {"id": "day", "period": "day", "amount": "9", "over": ["price", "p1"]}
    week = {"id": "week", "period": "week", "amount": "20", "over": ["price"]}

    assert faults(flat, flat, caps=[day, week]) == [("/caps/1/over", "not_nested")]


def test_what_makes_up_a_minimum_lies_under_the_caps_of_what_it_makes_up() -> None:
    """
    Otherwise a short use could cost more than a long one: the long one is capped, the minimum would not be.
    """
    minimum = {"id": "least", "period": "use", "amount": "2", "over": ["price"]}
    cap = {"id": "day", "period": "day", "amount": "9", "over": ["price"]}

    assert faults({"kind": "flat", "amount": "1"}, caps=[cap], minimums=[minimum]) == [
        ("/caps/0/over", "lacks_the_minimum: least")
    ]


def test_every_kind_of_price_survives_being_written_and_read() -> None:
    made = tariff(
        {"kind": "flat", "amount": "1.5", "once_per": "day"},
        {"kind": "unit", "meter": "km", "unit_amount": "0.123456789012", "included": "2"},
        {"kind": "package", "meter": "km", "size": "5", "per_package": "1"},
        {"kind": "graduated", "meter": "km", "period": "month", "tiers": [{"up_to": "5", "unit_amount": "1"}, OPEN]},
        {"kind": "volume", "meter": "km", "tiers": [{"up_to": "5", "flat_amount": "1"}, OPEN]},
        {"kind": "percentage", "meter": "paid", "rate": "0.02", "maximum": "3", "free": "1"},
        {"kind": "graduated_percentage", "meter": "paid", "tiers": [OPEN]},
        {**NEED, "kept": "1", "windows": [{**ALL_DAY, "kept": "0.5"}]},
        {"kind": "capacity", "meter": "kw", "unit_amount": "2", "period": "day"},
        {"kind": "threshold", "meter": "km", "above": "5", "amount": "1"},
        {"kind": "recurring", "charge_class": "ordered", "amount": "9", "per": "month", "asleep_after_days": 3},
        caps=[{"id": "day", "period": "day", "amount": "9.00", "over": ["price", "p1", "least"]}],
        minimums=[{"id": "least", "period": "use", "amount": "1.00", "over": ["p1"]}],
        allowances=[{"id": "two", "period": "month", "uses": 2, "over": ["p1", "least"]}],
        regret={"seconds": 60, "times": 2},
        valid_from="2021-01-01T00:00:00Z",
        valid_until="2022-01-01T00:00:00Z",
    )

    assert tariff_from_document(tariff_document(made)) == made


def test_a_meter_that_is_unknown_is_one_fault_and_not_time_charged_twice_besides() -> None:
    by_time = {"kind": "unit", "meter": "use_seconds", "unit_amount": "1"}

    assert faults(NEED, {**by_time, "meter": "parsecs"}) == [("/prices/1/meter", "unknown_meter")]
