"""The demo's price list, worked by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.rating import rate
from tests.unit.rating.city_bike import NIGHT, bill, city_bike, ride


@pytest.mark.parametrize(
    ("seconds", "amount"),
    [
        (0, "0.50"),  # the unlock is due for every ride
        (242, "0.50"),
        (1800, "0.50"),  # the first half hour is included to its last second
        (1801, "1.50"),
        (3600, "1.50"),
        (3601, "2.50"),
        (18000, "9.00"),  # 0.50 + 9 x 1.00, capped; exactly five hours are not late
        (18001, "89.00"),  # 0.50 + 10 x 1.00, capped, and 80.00 late
        (58499, "89.00"),  # 0.50 + 32 x 1.00, capped, and 80.00 late
    ],
)
def test_a_ride_costs_unlock_and_started_half_hours_up_to_the_cap_and_the_late_fee(seconds: int, amount: str) -> None:
    assert bill(rate([ride(seconds)])) == amount


def test_the_lines_of_a_long_ride_show_each_price_and_what_the_cap_took_off() -> None:
    """
    58,499 seconds: 0.50 + 32.00 under the cap of 9.00, so 23.50 comes off: 0.36 of the unlock and 23.14 of the time
    (0.3561 and 23.1439 exactly; the cent left goes to the larger remainder, the unlock's).
    """
    lines = rate([ride(58499)])

    assert [(line.price_id, line.kind, line.code, line.amount.minor) for line in lines] == [
        ("unlock", "charge", "flat_fee", 50),
        ("time", "charge", "started_packages", 3200),
        ("late", "charge", "threshold_passed", 8000),
        ("unlock", "reduction", "cap_day", -36),
        ("time", "reduction", "cap_day", -2314),
    ]
    assert lines[1].facts == {
        "used": "58499",
        "meter": "use_seconds",
        "meter_unit": "s",
        "included": "1800",
        "size": "1800",
    }
    assert lines[3].facts == {"cap": "day", "day": "2021-05-31", "limit": "9.00", "filled_before": "0.00"}


def test_every_line_names_its_evidence() -> None:
    lines = rate([ride(58499)])

    assert {line.price_id: line.evidence for line in lines} == {
        "unlock": ("ride-1-unlocked",),
        "time": ("ride-1-meter",),
        "late": ("ride-1-meter",),
    }


def test_a_use_within_what_is_included_says_so_with_a_line_of_nothing() -> None:
    line = rate([ride(242)])[1]

    assert (line.code, line.amount.minor, line.facts["used"]) == ("within_included", 0, "242")


def test_what_the_evidence_shows_is_charged_and_not_what_the_clock_shows() -> None:
    """
    One bike was out for nine hours and ridden for 242 seconds.
    """
    assert bill(rate([ride(242, lasting=timedelta(hours=9))])) == "0.50"


def test_the_cap_is_filled_in_the_order_in_which_rides_end() -> None:
    """
    The second to start ends first and pays 4.50 in full; of the other's 6.50 only 4.50 are left under the cap.
    """
    long = ride(12000, "a-long")
    short = ride(9000, "b-short", NIGHT + timedelta(minutes=5))

    lines = rate([long, short])

    assert [line.use_id for line in lines if line.code == "flat_fee"] == ["b-short", "a-long"]
    assert (bill(lines, "b-short"), bill(lines, "a-long")) == ("4.50", "4.50")


def test_rides_that_end_at_the_same_instant_fill_the_cap_by_their_ids() -> None:
    lines = rate([ride(12000, "b"), ride(12000, "a")])

    assert (bill(lines, "a"), bill(lines, "b")) == ("6.50", "2.50")


def test_an_open_ride_comes_after_those_that_have_ended() -> None:
    lines = rate([ride(7200, "open", is_open=True), ride(14400, "ended")])

    assert (bill(lines, "ended"), bill(lines, "open")) == ("7.50", "1.50")


def test_the_cap_counts_the_day_of_the_start_in_the_tariffs_zone() -> None:
    """
    20:59 UTC is 23:59 in Helsinki, 21:00 UTC is the next day there: each day has a cap of its own.
    """
    before = ride(14400, "before", NIGHT + timedelta(minutes=59))
    after = ride(14400, "after", NIGHT + timedelta(minutes=60))

    assert bill(rate([before, after])) == "15.00"


def test_versions_of_a_tariff_share_their_caps_and_other_tariffs_do_not() -> None:
    newer = replace(city_bike(), version=2)
    other = replace(city_bike(), tariff_id="scooter")

    assert bill(rate([ride(14400, "a"), ride(14400, "b", tariff=newer)])) == "9.00"
    assert bill(rate([ride(14400, "a"), ride(14400, "b", tariff=other)])) == "15.00"


def test_nothing_used_costs_nothing() -> None:
    assert rate([]) == ()
