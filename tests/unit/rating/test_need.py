"""Time by need state and by what the clock on the wall shows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.time import midnight
from chalicelib.rating import InvalidUse, Need, Use, rate
from chalicelib.rating.wall import wall_spans
from tests.unit.rating.made import MAY, due, tariff, use

STATES = {"kind": "need", "per": "h", "in_use": "6", "kept": "1.20", "grace": "0"}
NIGHT = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "06:00"}
WEEKEND = {"days": ["sat", "sun"], "from": "06:00", "to": "24:00"}


def windowed(**members: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a JSON document
    windows = [{**NIGHT, "in_use": "1"}, {**WEEKEND, "in_use": "3"}]
    return {**STATES, "windows": windows, **members}


@pytest.mark.parametrize(
    ("state", "minor"), [("in_use", 600), ("kept", 120), ("released", 0), ("faulty", 0), ("grace", 0)]
)
def test_an_hour_costs_what_its_need_state_says(state: str, minor: int) -> None:
    assert due(rate([use(tariff(STATES), needs=[(60, state)])])) == minor


def test_time_that_is_not_charged_has_a_line_that_says_so() -> None:
    lines = rate([use(tariff(STATES), needs=[(30, "in_use"), (15, "faulty"), (30, "in_use"), (60, "released")])])

    assert [(line.facts["state"], line.code, line.amount.minor, str(line.quantity)) for line in lines] == [
        ("in_use", "time_in_state", 600, "3600"),
        ("released", "state_not_charged", 0, "3600"),
        ("faulty", "state_not_charged", 0, "900"),
    ]
    assert lines[0].evidence == ("use-1-in_use",)


def test_a_use_without_shown_need_costs_nothing() -> None:
    assert rate([use(tariff(STATES), minutes=600)]) == ()


def test_windows_follow_the_local_clock() -> None:
    """
    Friday 23:00 to Saturday 07:00 in Helsinki: an hour at 6.00, six at 1.00, an hour of the weekend at 3.00.
    """
    friday = datetime(2021, 5, 7, 20, 0, tzinfo=UTC)

    lines = rate([use(tariff(windowed()), at=friday, needs=[(480, "in_use")])])

    assert [(line.facts["window"], line.amount.minor) for line in lines] == [("", 600), ("0", 600), ("1", 300)]


def test_a_window_may_go_on_over_midnight() -> None:
    """
    Sunday 21:00 to Monday 07:00: an hour before, eight in the night that Sunday begins, an hour after.
    """
    night = {"days": ["sun"], "from": "22:00", "to": "06:00", "in_use": "1"}
    sunday = datetime(2021, 5, 9, 18, 0, tzinfo=UTC)
    priced = tariff({**STATES, "windows": [night]})

    lines = rate([use(priced, at=sunday, needs=[(600, "in_use")])])
    monday = rate([use(priced, at=sunday + timedelta(days=1), needs=[(600, "in_use")])])

    assert [(line.facts["window"], line.amount.minor) for line in lines] == [("", 1200), ("0", 800)]
    assert [line.facts["window"] for line in monday] == [""]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2021, 3, 28, tzinfo=UTC), 5), (datetime(2021, 10, 31, tzinfo=UTC), 7), (MAY, 6)],
)
def test_a_night_is_as_long_as_the_clock_change_makes_it(day: datetime, hours: int) -> None:
    """
    From local midnight to six: five hours when clocks go forward, seven when they go back.
    """
    start = midnight(day.date(), "Europe/Helsinki")

    lines = rate([use(tariff(windowed()), at=start, needs=[(hours * 60, "in_use")])])

    assert [(line.facts["window"], line.amount.minor) for line in lines] == [("0", hours * 100)]


@given(
    st.datetimes(datetime(2021, 1, 1), datetime(2022, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- bounds
    st.integers(1, 5000),
    st.sampled_from(["Europe/Helsinki", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tokyo"]),
)
def test_every_second_is_in_exactly_one_span_of_the_wall(start: datetime, minutes: int, zone: str) -> None:
    spans = list(wall_spans(start, start + timedelta(minutes=minutes), zone))

    assert sum((end - begin for begin, end in spans), timedelta()) == timedelta(minutes=minutes)
    assert all(end > begin and (end - timedelta(microseconds=1)).date() == begin.date() for begin, end in spans)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12))
def test_cutting_the_same_need_into_pieces_changes_no_cent(pieces: list[int]) -> None:
    priced = tariff(windowed(in_use="0.333333", kept="0"))

    cut = rate([use(priced, needs=[(length, "in_use") for length in pieces])])
    whole = rate([use(priced, needs=[(sum(pieces), "in_use")])])

    assert [(line.amount, line.quantity) for line in cut] == [(line.amount, line.quantity) for line in whole]


@given(st.lists(st.tuples(st.integers(1, 300), st.booleans()), min_size=1, max_size=10))
def test_keeping_never_costs_more_than_using(stretches: list[tuple[int, bool]]) -> None:
    priced = tariff(windowed(kept="6"))
    kept = use(priced, needs=[(length, "kept" if is_kept else "in_use") for length, is_kept in stretches])
    used = use(priced, needs=[(length, "in_use") for length, _ in stretches])

    assert due(rate([kept])) <= due(rate([used]))


def _use_with(*needs: Need) -> Use:
    return Use("use-1", tariff(STATES), MAY, MAY + timedelta(hours=2), open=False, quantities={}, needs=needs)


def _need(start: int, end: int, state: Any = "in_use") -> Need:  # noqa: ANN401 -- also states that do not exist
    return Need(MAY + timedelta(minutes=start), MAY + timedelta(minutes=end), state)


@pytest.mark.parametrize(
    "needs",
    [
        [_need(0, 60, "parked")],
        [_need(0, 60), _need(59, 90)],  # would bill a minute twice
        [_need(30, 60), _need(0, 30)],
        [_need(-1, 60)],
        [_need(0, 121)],
        [_need(60, 0)],
    ],
)
def test_needs_that_would_make_a_wrong_sum_are_refused(needs: list[Need]) -> None:
    with pytest.raises(InvalidUse):
        _use_with(*needs)


def test_needs_may_touch() -> None:
    assert due(rate([_use_with(_need(0, 60), _need(60, 120))])) == 1200
    assert Decimal(rate([_use_with(*(_need(a, b) for a, b in pairwise(range(0, 121, 10))))])[0].quantity) == 7200
