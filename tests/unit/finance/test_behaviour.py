"""What was used, what was only out, and what it saved customers that this was not charged as use."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.finance.behaviour import Behaviour, at_disposal, saved_by_need, seconds_of
from chalicelib.finance.monitor_model import Row
from chalicelib.finance.offered import OnOffer
from chalicelib.kernel.time import Month, midnight
from tests.unit.finance.monitored import (
    APRIL,
    MAY,
    PRODUCTS,
    STATES,
    Account,
    Ride,
    Shared,
    Street,
    month_of,
    read,
    record_of,
    use_of,
)

BIKE, VAN, _ = PRODUCTS
OUT = Ride(cents=0, stretches=(("in_use", 600), ("kept", 1200), ("released", 300), ("faulty", 60), ("grace", 40)))
MONTH = 31 * 86_400


def rows(by: str, *accounts: Account) -> dict[str, Row]:
    return {row.key: row for row in read(accounts).rows("behaviour") if row.by == by}


def test_seconds_are_counted_by_state_and_what_was_not_used_is_their_sum() -> None:
    assert seconds_of(use_of("ride", OUT, MAY).needs) == {
        "in_use_s": 600,
        "kept_s": 1200,
        "released_s": 300,
        "faulty_s": 60,
        "grace_s": 40,
        "unused_s": 1600,
    }


def test_what_was_saved_is_what_all_the_time_out_would_have_cost_more() -> None:
    """
    Ten minutes cost 0.20; the 37 started minutes that it was out would have cost 0.74.
    """
    use = use_of("ride", OUT, MAY)

    assert saved_by_need(use) == 54
    assert saved_by_need(replace(use, open=True)) == 0
    assert saved_by_need(use_of("ride", Ride(stretches=(("in_use", 600),)), MAY)) == 0
    assert saved_by_need(use_of("ride", Ride(), MAY)) == 0


def test_use_stands_against_what_was_at_disposal() -> None:
    """
    Two bikes, one of which was used for ten minutes: each was at disposal all of May.
    """
    found = rows("asset", Account("aino", (OUT,)))

    assert (found["par-1/one"].figures["in_use_s"], found["par-1/one"].figures["disposal_s"]) == (600, 2 * MONTH)
    assert "in_use_s" not in found["par-1/two"].figures
    assert rows("product", Account("aino", (OUT,)))[BIKE].figures["disposal_s"] == 2 * MONTH


def test_what_any_number_may_use_at_once_is_never_at_disposal() -> None:
    seats = [OnOffer("par:song", "a", None), OnOffer("par:seat", "b", 5)]

    whole = ("EUR", "par:seat", "b"), {"disposal_s": 5 * MONTH}
    assert list(at_disposal(seats, MAY.interval("UTC"), "EUR")) == [whole]


def test_what_came_on_offer_in_the_month_was_at_disposal_since_then() -> None:
    """
    By the clock of the zone, in which the last Sunday of March has 23 hours.
    """
    march, zone = Month(2021, 3), "Europe/Helsinki"
    for day, seconds in ((date(2021, 2, 28), 31 * 86_400 - 3_600), (date(2021, 3, 28), 4 * 86_400 - 3_600)):
        thing = OnOffer("par:bike", "a", 2, midnight(day, zone))
        ((_, figures),) = at_disposal([thing], march.interval(zone), "EUR")
        assert figures == {"disposal_s": 2 * seconds}


def test_customers_are_counted_once_in_each_view_and_those_who_came_again_apart() -> None:
    """
    Aino rode twice, a bike and a van of the same partner; Ben rode a bike.
    """
    accounts = Account("aino", (Ride(), Ride(VAN))), Account("ben", (Ride(),))
    counted = {
        by: {key: row.figures for key, row in rows(by, *accounts).items()} for by in ("all", "partner", "product")
    }

    assert (counted["all"][""]["customers"], counted["all"][""]["repeat_customers"]) == (2, 1)
    assert (counted["partner"]["par-1"]["customers"], counted["partner"]["par-1"]["repeat_customers"]) == (2, 1)
    assert (counted["product"][BIKE]["customers"], counted["product"][BIKE].get("repeat_customers", 0)) == (2, 0)
    assert counted["product"][BIKE]["sessions"] == 2


def test_a_session_that_goes_on_counts_in_each_month_what_it_was_needed_in_it() -> None:
    """
    A machine is used for 40 days from the first of April on: 30 of them in April, whenever that is asked, 10 in May.
    """
    ride = Ride(stretches=(("in_use", 40 * 86_400),))
    use = use_of("machine", ride, APRIL)
    whole = record_of("aino", use, ride)
    record = replace(whole, session=replace(whole.session, cuts=(MAY.interval("UTC").start,)), revision=1)
    each, _ = month_of(Account("aino", (ride,)), APRIL, Shared())
    nothing, _ = month_of(Account("aino"), MAY, Shared())
    of_april = replace(each, records={"aino-0": record})
    of_may = replace(nothing, corrected={APRIL: [record]})

    for shown, month, days in ((of_april, APRIL, 30), (of_may, MAY, 10)):
        behaviour = Behaviour(Street(), month.interval("UTC"))
        assert behaviour.account(shown) == 1
        ((_, figures),) = behaviour.sessions.items()
        assert (figures["sessions"], figures["in_use_s"]) == (1, days * 86_400)


stretches = st.lists(st.tuples(st.sampled_from(STATES), st.integers(1, 90_000)), min_size=1, max_size=6)


@settings(max_examples=50, deadline=None)
@given(stretches=stretches)
def test_a_customer_never_pays_more_for_need_than_for_all_the_time(stretches: list[tuple[str, int]]) -> None:
    use = use_of("ride", Ride(stretches=tuple(stretches)), MAY)
    found = seconds_of(use.needs)

    assert found.get("in_use_s", 0) + found["unused_s"] == sum(seconds for _, seconds in stretches)
    assert (saved_by_need(use) > 0) <= (found["unused_s"] > 0)
