from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.kernel.money import Money
from chalicelib.rating import InvalidUse, Meter, quote, rate
from tests.unit.rating.city_bike import NIGHT, bill, city_bike, ride
from tests.unit.rating.made import MAY, due, tariff, use


def test_a_quote_states_the_need_and_the_worst_that_a_day_can_bring() -> None:
    """
    An hour is 1.50; a bike kept for 24 hours is 9.00 under the cap and 80.00 late.
    """
    quoted = quote(city_bike(), NIGHT, {"use_seconds": Decimal(3600)})

    assert (quoted.estimate, quoted.worst_case) == (Money(150, "EUR"), Money(8900, "EUR"))
    assert (quoted.hours, [line.code for line in quoted.lines]) == (24, ["flat_fee", "started_packages"])


def test_a_quote_knows_what_the_cap_has_taken_already() -> None:
    earlier = [ride(14400, "earlier", NIGHT - timedelta(hours=5))]

    quoted = quote(city_bike(), NIGHT, {"use_seconds": Decimal(3600)}, earlier)

    assert quoted.estimate == Money(150, "EUR")
    assert quoted.worst_case == Money(150 + 8000, "EUR")


def test_a_quote_counts_on_no_cap_that_an_open_ride_may_leave_to_it() -> None:
    """
    The open ride fills the cap only if it ends first; if it ends last, the new one pays its full price.
    """
    earlier = [ride(14400, "other", NIGHT - timedelta(hours=4), is_open=True)]

    assert quote(city_bike(), NIGHT, {}, earlier).worst_case == Money(8900, "EUR")


def test_a_need_beyond_a_day_is_the_worst_case_itself() -> None:
    quoted = quote(city_bike(), NIGHT, {"use_seconds": Decimal(200_000)})

    assert quoted.estimate == quoted.worst_case


@pytest.mark.parametrize("seconds", [0, 1, 1800, 1801, 17999, 18001, 58499, 86400])
def test_the_bill_is_at_most_the_running_cost_and_that_at_most_the_worst_case(seconds: int) -> None:
    worst = quote(city_bike(), NIGHT, {}).worst_case
    running = Money.of(bill(rate([ride(seconds, is_open=True)])), "EUR")

    assert Money.of(bill(rate([ride(seconds)])), "EUR") <= running <= worst


@pytest.mark.parametrize(
    ("meter", "most"),
    [
        (Meter("a", "s"), "86400"),
        (Meter("a", "min"), "1440"),
        (Meter("a", "h"), "24"),
        (Meter("a", "km", Decimal(130)), "3120"),
    ],
)
def test_a_meter_knows_the_most_that_a_day_can_bring(meter: Meter, most: str) -> None:
    assert meter.most_in(24) == Decimal(most)


def test_a_meter_without_a_bound_has_no_worst_case() -> None:
    with pytest.raises(InvalidUse):
        Meter("a", "km").most_in(24)


def test_a_quote_that_may_be_used_after_midnight_counts_on_no_cap_of_yesterday() -> None:
    """
    At 23:59 the day's cap is full; a minute later a new day begins.
    """
    full = [ride(14400, "earlier", NIGHT - timedelta(hours=5)), ride(7200, "more", NIGHT - timedelta(hours=4))]
    at = NIGHT + timedelta(minutes=59)

    assert quote(city_bike(), at, {}, full).worst_case == Money(8000, "EUR")
    assert quote(city_bike(), at, {}, full, start_by=at + timedelta(minutes=5)).worst_case == Money(8900, "EUR")


def test_the_worst_case_of_volume_tiers_is_not_at_their_largest_quantity() -> None:
    """
    10 km are 10.00, 3,600 km (the most of a day) at 0.001 are 3.60.
    """
    tiers = [{"up_to": "10", "unit_amount": "1"}, {"up_to": None, "unit_amount": "0.001"}]

    assert quote(tariff({"kind": "volume", "meter": "km", "tiers": tiers}), NIGHT, {}).worst_case.minor == 1000


def test_by_volume_over_a_period_a_quote_counts_on_no_cap_in_which_others_may_leave_room() -> None:
    """
    Yesterday 3.00 and 5.00 by volume came under the cap of 2.00. Another ride of today reaches the cheaper tier and
    gets these 2.00 back: then below today's cap there is room for 4.00, and mine costs its 3.00.
    """
    tiers = [{"up_to": "10", "unit_amount": "0.50"}, {"up_to": None, "unit_amount": "0"}]
    volume = {"kind": "volume", "meter": "km", "period": "week", "tiers": tiers}
    cap = {"id": "day", "period": "day", "amount": "2.00", "over": ["price", "p1"]}
    capped = tariff({"kind": "flat", "amount": "3"}, volume, caps=[cap])
    yesterday = [use(capped, "yesterday", MAY, km="10")]
    other, mine = (use(capped, name, MAY + timedelta(days=1), km=km) for name, km in (("a", "1"), ("mine", "0")))

    assert [due(rate([*yesterday, other, mine]), each) for each in ("yesterday", "a", "mine")] == [200, -200, 300]
    assert quote(capped, mine.started_at, {"km": Decimal(0)}, yesterday).worst_case.minor >= 300


def test_what_a_cap_had_taken_off_is_not_given_back_by_volume() -> None:
    """
    Under a cap of nothing nothing was paid, so that reaching a cheaper tier on another day gives nothing back.
    """
    tiers = [{"up_to": "10", "unit_amount": "0.50"}, {"up_to": None, "unit_amount": "0"}]
    volume = {"kind": "volume", "meter": "km", "period": "week", "tiers": tiers}
    nothing = tariff(volume, caps=[{"id": "day", "period": "day", "amount": "0", "over": ["price"]}])
    days = [use(nothing, f"day-{day}", MAY + timedelta(days=day), km="10") for day in range(2)]

    assert [due(rate(days), each.use_id) for each in days] == [0, 0]


def test_the_worst_case_of_a_months_tiers_is_that_others_have_used_the_cheap_ones() -> None:
    """
    The first 1,000 km of a month are free, further ones 1.00: a day may bring 3,600, all beyond.
    """
    tiers = [{"up_to": "1000", "unit_amount": "0"}, {"up_to": None, "unit_amount": "1"}]
    monthly = tariff({"kind": "graduated", "meter": "km", "period": "month", "tiers": tiers})

    quoted = quote(monthly, NIGHT, {"km": Decimal(10)})

    assert (quoted.estimate.minor, quoted.worst_case.minor // 100) == (0, 3600)


def test_the_worst_case_counts_on_no_included_use_and_no_regret() -> None:
    allowance = [{"id": "one", "period": "month", "uses": 1, "over": ["price"]}]
    made = tariff({"kind": "flat", "amount": "3"}, allowances=allowance, regret={"seconds": 60, "times": 1})

    quoted = quote(made, NIGHT, {})

    assert (quoted.estimate.minor, quoted.worst_case.minor) == (0, 300)


def test_a_quote_prices_need_states_by_the_hour_of_the_day() -> None:
    """
    Half an hour of use and an hour of keeping; at worst a day of use.
    """
    made = tariff({"kind": "need", "per": "h", "in_use": "6", "kept": "1"})

    quoted = quote(made, NIGHT, {"in_use": Decimal(1800), "kept": Decimal(3600)})

    assert (quoted.estimate.minor, quoted.worst_case.minor) == (400, 14400)


def test_a_need_of_a_meter_that_the_tariff_does_not_know_is_refused() -> None:
    """
    An estimate that leaves it out would be a wrong sum.
    """
    with pytest.raises(InvalidUse) as caught:
        quote(city_bike(), NIGHT, {"use_second": Decimal(60)})

    assert caught.value.facts["pointer"] == "/need/use_second"


@pytest.mark.parametrize("seconds", ["31622401", "999999999999999"])
def test_a_need_of_more_than_a_year_is_refused(seconds: str) -> None:
    with pytest.raises(InvalidUse) as caught:
        quote(city_bike(), NIGHT, {"in_use": Decimal(seconds)})

    assert caught.value.facts["pointer"] == "/need/in_use"
