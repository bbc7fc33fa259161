"""Worked examples from published price lists: what their own publishers, or riders, say it comes to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.rating import rate
from tests.unit.rating.made import due, minors, tariff, use

MORNING = datetime(2017, 7, 3, 6, 0, tzinfo=UTC)
HALF_HOURS = {"kind": "package", "meter": "use_seconds", "included": "1800", "size": "1800", "per_package": "1"}


def passes(amount: str, once_per: str) -> dict[str, Any]:
    return {"kind": "flat", "charge_class": "ordered", "amount": amount, "once_per": once_per}


def test_helsinki_2017_five_hours_cost_nine_euros_beside_the_pass() -> None:
    """
    Season pass 25 EUR, week 10, day 5; a ride's first 30 minutes included, 1 EUR per further 30: "if you use the bike
    for the maximum amount of five hours, you will pay only nine euros".
    Source: https://www.hsl.fi/en/hsl/news/uutinen/2017/01/no-changes-to-the-prices-of-city-bike-season-passes-user-charges-simplified
    """
    season = tariff(passes("25", "ever"), HALF_HOURS)
    week = tariff(passes("10", "week"), HALF_HOURS)
    rides = [MORNING, MORNING + timedelta(days=1), MORNING + timedelta(days=30)]

    lines = rate([use(season, f"use-{n}", at, use_seconds="18000") for n, at in enumerate(rides)])

    assert minors(lines) == [2500, 900, 900, 900]
    assert due(rate([use(week, f"use-{n}", at, use_seconds="1800") for n, at in enumerate(rides)])) == 2000


def test_helsinki_2022_more_than_five_hours_add_eighty_euros() -> None:
    """
    Season pass 35 EUR, 1 EUR per 30 minutes beyond the first, 80 EUR late fee beyond five hours.
    Source: https://whimapp.com/helsinki/en/campaign/citybike/
    """
    late = {"kind": "threshold", "charge_class": "ordered", "meter": "use_seconds", "above": "18000", "amount": "80"}

    lines = rate([use(tariff(passes("35", "ever"), HALF_HOURS, late), use_seconds="18001")])

    assert minors(lines) == [3500, 1000, 8000]


def test_trentino_car_sharing_an_hour_and_ten_kilometres_cost_six_euros() -> None:
    """
    A small car: 2.00 EUR an hour and 0.40 EUR a kilometre; an hour and 10 km are 6.00 EUR.
    Source: https://www.carsharing.tn.it/it/tariffe/
    """
    small = tariff(
        {"kind": "need", "per": "h", "in_use": "2.00"}, {"kind": "unit", "meter": "km", "unit_amount": "0.40"}
    )

    assert due(rate([use(small, needs=[(60, "in_use")], km="10")])) == 600


@pytest.mark.parametrize(("hours", "minor"), [(4, 2000), (5, 2500), (12, 2500), (24, 2500)])
def test_a_shared_car_at_five_dollars_an_hour_costs_at_most_twenty_five_a_day(hours: int, minor: int) -> None:
    """
    "A booking of 5 hours, 12 hours, or 24 hours will all be charged the $25 daily rate."
    Source: https://help.ubercarshare.com/hc/en-us/articles/207507293-Calculating-hourly-and-daily-rates
    """
    capped = tariff(
        {"kind": "need", "per": "h", "in_use": "5"},
        currency="USD",
        zone="America/New_York",
        meters=[],
        caps=[{"id": "day", "period": "use", "amount": "25.00", "over": ["price"]}],
    )

    assert due(rate([use(capped, needs=[(hours * 60, "in_use")])])) == minor


def test_oyster_2008_three_buses_at_ninety_pence_the_fourth_at_thirty_the_fifth_for_nothing() -> None:
    """
    Bus fare 0.90 GBP, bus cap 3.00 GBP a day.
    Source: https://londonbanter.co.uk/london-transport/6227-oyster-bus-travel-price-capping-post73705.html
    """
    bus = tariff(
        {"kind": "flat", "amount": "0.90"},
        currency="GBP",
        zone="Europe/London",
        meters=[],
        caps=[{"id": "bus", "period": "day", "amount": "3.00", "over": ["price"]}],
    )
    lines = rate([use(bus, f"bus-{n}", MORNING + timedelta(hours=n)) for n in range(5)])

    assert [due(lines, f"bus-{n}") for n in range(5)] == [90, 90, 90, 30, 0]


def test_london_2016_three_buses_and_a_tube_cost_six_pounds_fifty() -> None:
    """
    Three buses at 1.50 and a tube at 2.40 would be 6.90; the cap of zones 1 and 2 is 6.50, 40 pence saved.
    Source: http://diamondgeezer.blogspot.com/2016/01/daily-capping.html
    """
    london: dict[str, Any] = {
        "currency": "GBP",
        "zone": "Europe/London",
        "meters": [
            {"name": "bus", "unit": "ride", "most_per_hour": "4"},
            {"name": "tube", "unit": "ride", "most_per_hour": "4"},
        ],
        "caps": [{"id": "zones-1-2", "period": "day", "amount": "6.50", "over": ["price", "p1"]}],
    }
    payg = tariff(
        {"kind": "unit", "meter": "bus", "unit_amount": "1.50"},
        {"kind": "unit", "meter": "tube", "unit_amount": "2.40"},
        **london,
    )
    buses = [use(payg, f"bus-{n}", MORNING + timedelta(hours=n), bus="1") for n in range(3)]

    lines = rate([*buses, use(payg, "tube", MORNING + timedelta(hours=4), tube="1")])

    assert (due(lines), due(lines, "tube")) == (650, 200)


def test_aws_transfer_of_fifteen_terabytes_in_a_month() -> None:
    """
    10,240 GB at 0.09 USD and 5,120 GB at 0.085: 921.60 and 435.20, together 1,356.80.
    Source: https://devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples
    """
    tiers = [
        {"up_to": "10240", "unit_amount": "0.09"},
        {"up_to": "51200", "unit_amount": "0.085"},
        {"up_to": None, "unit_amount": "0.07"},
    ]
    price = {"kind": "graduated", "meter": "gb", "period": "month", "tiers": tiers}
    transfer = tariff(
        price, currency="USD", zone="UTC", meters=[{"name": "gb", "unit": "GB", "most_per_hour": "10000"}]
    )

    daily = [use(transfer, f"day-{n:02d}", MORNING + timedelta(days=n), gb="512") for n in range(20)]
    later = use(transfer, "rest", MORNING + timedelta(days=25), gb="5120")

    assert minors(rate([use(transfer, gb="15360")])) == [92160, 43520]
    assert due(rate([*daily, later])) == 135680


def test_aws_express_storage_with_prices_of_a_millionth() -> None:
    """
    10 GB-months at 0.11 USD, a million writes at 0.00113 and nine million reads at 0.00003 per thousand, uploads at
    0.0032 and retrievals at 0.0006 per GB: 1.10 + 1.13 + 0.27 + 0.03 + 0.05 = 2.58.
    Source: https://aws.amazon.com/s3/faqs/ (S3 Express One Zone, example 1)
    """
    unit_amounts = {
        "stored": "0.11",
        "written": "0.00000113",
        "read": "0.00000003",
        "uploaded": "0.0032",
        "retrieved": "0.0006",
    }
    quantities = {
        "stored": "10",
        "written": "1000000",
        "read": "9000000",
        "uploaded": "9.536743164062",  # 10 KB x 1,000,000 in GB, to 12 decimals
        "retrieved": "85.830688476562",
    }
    express = tariff(
        *({"kind": "unit", "meter": name, "unit_amount": amount} for name, amount in unit_amounts.items()),
        currency="USD",
        zone="UTC",
        meters=[{"name": name, "unit": "each", "most_per_hour": "1000000"} for name in unit_amounts],
    )

    assert minors(rate([use(express, **quantities)])) == [110, 113, 27, 3, 5]
