"""What owning things costs, month by month: no cent of a life and of a year is lost, and none is there twice."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.finance.offered import Days, OnOffer, Owned
from chalicelib.finance.profit import standing_costs
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from tests.unit.finance.monitored import Street

BIKE = Owned(Money(55_000, "EUR"), 1_825, Money(9_000, "EUR"))
DAY = timedelta(days=1)
owned = st.builds(
    lambda loses, life, upkeep: Owned(Money(loses, "EUR"), life, Money(upkeep, "EUR")),
    st.integers(0, 10_000_000),
    st.integers(1, 4_000),
    st.integers(0, 1_000_000),
)
days = st.dates(date(2019, 1, 1), date(2032, 12, 31))


def months(first: date, last: date) -> list[Days]:
    """All from that of the first day to that of the last."""
    month, found = Month(first.year, first.month), list[Days]()
    while month <= (last.year, last.month):
        found.append(Days.of(month))
        month = month.next
    return found


def test_a_bike_of_550_loses_that_in_its_five_years_and_nothing_after_them() -> None:
    """
    By months of 28 to 31 days, from the tenth of the first one on; a day of it is 30.14 cents.
    """
    since = date(2021, 5, 10)
    lost = [BIKE.lost(since, each).minor for each in months(date(2021, 1, 1), date(2027, 12, 1))]

    assert lost[:6] == [0, 0, 0, 0, 663, 904]
    assert sum(lost) == 55_000
    assert (lost[-20], lost[-19:]) == (241, [0] * 19)


def test_a_years_upkeep_is_what_was_stated_in_every_year_since_a_thing_is_in_service() -> None:
    for year in (2020, 2021):
        whole = [BIKE.upkeep(date.min, each).minor for each in months(date(year, 1, 1), date(year, 12, 1))]
        assert sum(whole) == 9_000
    begun = [BIKE.upkeep(date(2021, 12, 31), each).minor for each in months(date(2021, 11, 1), date(2022, 1, 1))]
    assert begun == [0, 25, 764]


@given(owned=owned, since=days, before=st.integers(0, 900), after=st.integers(0, 900))
def test_a_life_adds_up_to_price_less_worth_after_however_its_months_fall(
    owned: Owned, since: date, before: int, after: int
) -> None:
    over = since + owned.life_days * DAY
    lost = [owned.lost(since, each).minor for each in months(since - before * DAY, over + after * DAY)]

    assert sum(lost) == owned.loses.minor
    assert min(lost) >= 0


@given(owned=owned, since=days, cuts=st.lists(days, min_size=2, max_size=8))
def test_stretches_add_up_wherever_they_are_cut(owned: Owned, since: date, cuts: list[date]) -> None:
    cuts.sort()
    parts = [owned.lost(since, Days(*each)).minor for each in pairwise(cuts)]

    assert sum(parts) == owned.lost(since, Days(cuts[0], cuts[-1])).minor


@given(owned=owned, since=days, year=st.integers(2019, 2032), cuts=st.sets(st.integers(2, 12)))
def test_a_calendar_years_upkeep_adds_up_wherever_it_is_cut(
    owned: Owned, since: date, year: int, cuts: set[int]
) -> None:
    """
    To all of it, where the thing was in service since before the year.
    """
    ends = [date(year, 1, 1), *(date(year, month, 1) for month in sorted(cuts)), date(year + 1, 1, 1)]
    parts = [owned.upkeep(since, Days(*each)).minor for each in pairwise(ends)]

    assert sum(parts) == owned.upkeep(since, Days(ends[0], ends[-1])).minor
    assert min(parts) >= 0
    assert since.year >= year or sum(parts) == owned.upkeep_per_year.minor


def test_things_cost_from_the_day_on_which_each_is_in_service() -> None:
    """
    In May: one since before it, one since its last day, one from June on. One of which nobody knows since when has had
    its life, and is kept up.
    """
    known = (date(2021, 4, 1), date(2021, 5, 31), date(2021, 6, 1), date.min)
    things = [OnOffer("par-1:bike", f"bike-{number}", 1, None, day) for number, day in enumerate(known)]
    cells = list(standing_costs(things, Days.of(Month(2021, 5)), Street()))

    assert [minor for _, figure, minor in cells if figure == "depreciation"] == [-934, -30, 0, 0]
    assert [minor for _, figure, minor in cells if figure == "upkeep"] == [-764, -24, 0, -764]
