"""A thing that is followed from reading to reading is followed through what was amended or filled in, too."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.time import Interval
from chalicelib.metering.changes import brought_by
from chalicelib.metering.changing import amend, backfill, revert
from chalicelib.metering.meters import Kind, Meter
from chalicelib.metering.model import Event
from chalicelib.metering.usage import total_of, usage_between
from tests.unit.metering.rides import HELSINKI, MAY, START, event
from tests.unit.metering.test_changing import LATER, Desk, asked

FOLLOWED = (Kind.REGISTER, Kind.INTERVAL, Kind.TIME_WEIGHTED)
LONG = "https://bikes.example/" + "helsinki/" * 25
Row = tuple[int, int, str]
"""Minute, what the thing shows, and who reports it."""


def desk_of(kind: Kind, rows: Sequence[Row]) -> Desk:
    desk = Desk()
    timed = "min" if kind is not Kind.REGISTER else None
    desk.heads.defined["par-1"] = {"metres": Meter("metres", kind, "m", 1, per=timed)}
    desk.report(readings(rows))
    return desk


def readings(rows: Sequence[Row]) -> list[Event]:
    return [event(n, minute, shows, "metres", source=source) for n, (minute, shows, source) in enumerate(rows)]


def said(desk: Desk) -> Decimal | None:
    found = usage_between("ride-1", START, LATER, HELSINKI, heads=desk.heads)
    return total_of("metres", found, START + timedelta(minutes=59))


@pytest.mark.parametrize(("kind", "expected"), [(Kind.REGISTER, 80), (Kind.INTERVAL, 25), (Kind.TIME_WEIGHTED, 25)])
def test_a_reading_that_was_amended_goes_on_from_the_ones_before(kind: Kind, expected: int) -> None:
    """
    A counter that showed 200 in the end should have shown 180. A pump that was said to stop after half an hour, and
    goes on again after 54 minutes, had stopped after 20.
    """
    shows = (100, 150, 200) if kind is Kind.REGISTER else (1, 0, 1)
    desk = desk_of(kind, [(0, shows[0], "bikes"), (30, shows[1], "bikes"), (54, shows[2], "bikes")])
    if kind is Kind.REGISTER:
        amend(asked(), MAY, ("bikes", "event-2"), event(2, 54, 180, "metres"), desk.taking)
    else:
        amend(asked(), MAY, ("bikes", "event-1"), event(1, 20, 0, "metres"), desk.taking)

    assert said(desk) == expected


@pytest.mark.parametrize("source", ["bikes", LONG])
def test_a_stretch_of_a_counters_readings_that_was_filled_anew_is_between_those_beside_it(source: str) -> None:
    """
    100 before, 250 after; between them 150 and 180 are brought. The counter has gone on by 150 in all.
    """
    desk = desk_of(Kind.REGISTER, [(0, 100, source), (20, 0, source), (50, 250, source)])
    assert said(desk) == 250
    new = [event(number, 10 * number, shows, "metres", source=source) for number, shows in ((3, 150), (4, 180))]
    backfill(asked(), Interval(START + timedelta(minutes=5), START + timedelta(minutes=45)), new, desk.taking)
    assert said(desk) == 150

    revert("par-1", "change-1", desk.taking)
    assert said(desk) == 250


rows = st.lists(
    st.tuples(st.integers(0, 58), st.integers(0, 1), st.sampled_from(["bikes", "bikes", "cars", LONG])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(rows, st.sampled_from(FOLLOWED), st.data())
def test_what_was_amended_says_what_it_would_have_said_at_once(
    first: list[Row], kind: Kind, data: st.DataObject
) -> None:
    desk, shown = desk_of(kind, first), list(first)
    keys = {number: each.key for number, each in enumerate(readings(first))}
    for number in data.draw(st.lists(st.integers(0, len(first) - 1), max_size=4)):
        minute, shows = data.draw(st.tuples(st.integers(0, 58), st.integers(0, 1)))
        shown[number] = (minute, shows, shown[number][2])
        instead, change_id = readings(shown)[number], f"c{len(desk.heads.changes)}"
        amend(asked(change_id), MAY, keys[number], instead, desk.taking)
        keys[number] = brought_by(change_id, instead).key

    assert said(desk) == said(desk_of(kind, shown))
