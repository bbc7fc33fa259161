"""What a meter says of hours, days and months adds up to what it says of the whole."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.time import Month
from chalicelib.metering.head import Head
from chalicelib.metering.meters import Kind, Meter, quantity_of
from chalicelib.metering.model import Event
from chalicelib.metering.reading import charted, earlier, owned, standing
from chalicelib.metering.service import ingest
from chalicelib.metering.spreading import spread
from chalicelib.metering.usage import Usage, usages_of
from tests.unit.memory import Commits
from tests.unit.metering.rides import HELSINKI, JUNE, MAY, RIDE, START, HeadsInMemory, SubjectsInMemory, event

NOW = START + timedelta(hours=4)
ADDING = (Kind.SUM, Kind.COUNT, Kind.REGISTER, Kind.INTERVAL, Kind.TIME_WEIGHTED)


def meter(kind: Kind) -> Meter:
    """Of metres, or of time in hours: a third of one has no end."""
    return Meter("metres", kind, "m", 1, per="h" if kind in {Kind.INTERVAL, Kind.TIME_WEIGHTED} else None)


def reported(kind: Kind, *said: tuple[int, str]) -> HeadsInMemory:
    """Minute and value; midnight, and the month's end, are at the 60th."""
    heads = HeadsInMemory()
    heads.defined["par-1"] = {"metres": meter(kind)}
    ingest(
        [event(number, minute, value, "metres") for number, (minute, value) in enumerate(said)],
        partner_id="par-1",
        zone=HELSINKI,
        heads=heads,
        subjects=SubjectsInMemory(RIDE),
        now=NOW,
        commit=Commits(),
    )
    return heads


def head_in(heads: HeadsInMemory, month: Month) -> Head:
    return owned("ride-1", month, "par-1", heads=heads, subjects=SubjectsInMemory(RIDE))


def shown(heads: HeadsInMemory, month: Month, now: datetime = NOW) -> Decimal | None:
    amounts = standing(head_in(heads, month), now, HELSINKI, heads=heads).amounts
    return amounts.get(("metres", ()))


def hours(heads: HeadsInMemory, month: Month, kind: Kind) -> dict[int, Decimal]:
    """By the hour since the start."""
    head = head_in(heads, month)
    (usage,) = usages_of([head], heads=heads)
    rows = charted(usage, earlier(head, HELSINKI, heads=heads), meter(kind), HELSINKI, NOW, by_day=False)
    assert all(end - begin == timedelta(hours=1) for begin, end, _ in rows)
    return {(begin - START) // timedelta(hours=1): amount for begin, _, amount in rows}


def test_an_interval_over_a_months_edge_is_cut_there() -> None:
    """
    It runs from 40 minutes before midnight until 30 after it.
    """
    heads = reported(Kind.INTERVAL, (20, "1"), (90, "0"))

    assert (shown(heads, MAY), shown(heads, JUNE)) == (Decimal("0.666666666667"), Decimal("0.5"))
    assert hours(heads, MAY, Kind.INTERVAL) == {0: Decimal("0.666666666667")}
    assert hours(heads, JUNE, Kind.INTERVAL) == {1: Decimal("0.5")}


def test_an_interval_that_runs_is_shown_in_a_month_in_which_nothing_was_reported() -> None:
    heads = reported(Kind.INTERVAL, (30, "1"))

    assert (shown(heads, MAY), shown(heads, JUNE)) == (Decimal("0.5"), Decimal(3))
    assert hours(heads, JUNE, Kind.INTERVAL) == {1: Decimal(1), 2: Decimal(1), 3: Decimal(1)}


def test_a_value_holds_over_a_months_edge_until_the_next_one() -> None:
    heads = reported(Kind.TIME_WEIGHTED, (0, "10"), (90, "0"))

    assert (shown(heads, MAY), shown(heads, JUNE)) == (Decimal(10), Decimal(5))


def test_what_a_register_shows_more_after_a_months_edge_is_of_the_month_after() -> None:
    heads = reported(Kind.REGISTER, (10, "100"), (50, "103"), (70, "110"), (130, "111"))

    assert (shown(heads, MAY), shown(heads, JUNE)) == (Decimal(3), Decimal(8))
    assert hours(heads, JUNE, Kind.REGISTER) == {1: Decimal(7), 2: Decimal(1)}


@pytest.mark.parametrize(("kind", "value"), [(Kind.REGISTER, "100"), (Kind.INTERVAL, "0")])
def test_what_was_reported_in_a_month_stands_in_its_totals_if_it_comes_to_nothing(kind: Kind, value: str) -> None:
    """
    A register's only reading, and a stop of what does not run.
    """
    heads = reported(kind, (10, value))

    assert (shown(heads, MAY), shown(heads, JUNE)) == (Decimal(0), None)
    assert hours(heads, MAY, kind) == {}


def test_a_register_that_is_read_once_an_hour_shows_each_hours_use() -> None:
    heads = reported(Kind.REGISTER, (61, "5"), (121, "9"), (181, "20"))

    assert hours(heads, JUNE, Kind.REGISTER) == {2: Decimal(4), 3: Decimal(11)}


@pytest.mark.parametrize(("kind", "expected"), [(Kind.MAX, {1: 7, 2: 3}), (Kind.LATEST, {1: 4, 2: 3})])
def test_the_largest_and_the_latest_are_those_of_the_hour(kind: Kind, expected: dict[int, int]) -> None:
    heads = reported(kind, (61, "7"), (100, "4"), (130, "3"))

    assert hours(heads, JUNE, kind) == expected


def test_counters_that_dimensions_tell_apart_are_followed_each_by_itself() -> None:
    """
    Two counters of one thing, read in turn: neither is a reset of the other.
    """
    of = Meter("metres", Kind.REGISTER, "m", 1, billable=("gear",))
    said = [(0, 100, "a"), (1, 5, "b"), (2, 101, "a"), (3, 7, "b")]
    found = [event(number, number, value, "metres", d_gear=gear) for number, value, gear in said]

    assert quantity_of(of, found, NOW) == 3


@given(
    st.sampled_from(ADDING),
    st.lists(
        st.tuples(st.integers(0, 239), st.integers(0, 9)), min_size=1, max_size=12, unique_by=lambda pair: pair[0]
    ),
    st.lists(st.integers(1, 239), max_size=6, unique=True),
)
def test_however_time_is_cut_the_parts_add_up_to_the_whole(
    kind: Kind, said: list[tuple[int, int]], minutes: list[int]
) -> None:
    on_or_off = kind is Kind.INTERVAL
    found: list[Event] = [
        event(number, minute, value % 2 if on_or_off else value, "metres")
        for number, (minute, value) in enumerate(said)
    ]
    cuts = [START + timedelta(minutes=each) for each in (0, *sorted(minutes), 240)]
    parts = spread(meter(kind), found, cuts, NOW)

    assert len(parts) == len(cuts) - 1
    assert sum((each for each in parts if each is not None), Decimal(0)) == quantity_of(meter(kind), found, NOW)


def test_the_day_on_which_clocks_go_back_has_twenty_five_hours() -> None:
    """
    The last Sunday of October, hour by hour; the hours before and after it are other days'.
    """
    midnight = datetime(2021, 10, 30, 21, tzinfo=UTC)
    found = [event(n, 0, 1, "metres").but(time=midnight + timedelta(hours=n)) for n in range(-1, 26)]
    head = Head("ride-1", Month(2021, 10), about=RIDE)
    rows = charted(Usage(head, tuple(found)), [], meter(Kind.SUM), HELSINKI, NOW, by_day=True)

    assert [(end - begin, amount) for begin, end, amount in rows] == [
        (timedelta(hours=24), 1),
        (timedelta(hours=25), 25),
    ]
