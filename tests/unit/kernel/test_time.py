"""Instants are UTC, intervals half-open, and a month is the one that the zone's calendar shows."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.time import (
    Interval,
    Month,
    NotAMonth,
    NotAnInstant,
    UnknownZone,
    all_micros,
    format_instant,
    instant_of,
    local_day,
    micros,
    midnight,
    parse_instant,
    parse_instants,
    zone,
)

ZONES = (
    "UTC",
    "Europe/Helsinki",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",  # once changed its clocks at midnight
    "Pacific/Apia",  # once left out a whole day
)
HELSINKI = "Europe/Helsinki"
instants = st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds
written = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds
months = st.builds(Month, st.integers(1971, 2099), st.integers(1, 12))
zones = st.sampled_from(ZONES)


@given(instants, zones)
def test_the_month_of_an_instant_is_the_month_whose_interval_holds_it(instant: datetime, name: str) -> None:
    assert Month.of(instant, name).interval(name).holds(instant)


@given(months, zones)
def test_months_follow_one_another_without_gap_or_overlap(month: Month, name: str) -> None:
    assert month.interval(name).end == month.next.interval(name).start
    assert month.next.previous == month
    assert month < month.next


@given(instants, zones)
def test_the_day_of_an_instant_begins_at_or_before_it_and_ends_after_it(instant: datetime, name: str) -> None:
    day = local_day(instant, name)

    assert midnight(day, name) <= instant < midnight(day + timedelta(days=1), name)


@pytest.mark.parametrize(
    ("month", "hours"),
    [("2021-03", 31 * 24 - 1), ("2021-10", 31 * 24 + 1), ("2021-05", 31 * 24), ("2020-02", 29 * 24)],
)
def test_a_month_in_which_the_clocks_change_is_an_hour_shorter_or_longer(month: str, hours: int) -> None:
    assert Month.parse(month).interval(HELSINKI).length == timedelta(hours=hours)


def test_the_last_night_of_may_in_helsinki() -> None:
    """
    Midnight there is nine in the evening of UTC: a ride that ends at 20:59:59Z is May's, one second later June's.
    """
    end = datetime(2021, 5, 31, 21, 0, tzinfo=UTC)

    assert Month(2021, 5).interval(HELSINKI).end == end
    assert Month.of(end - timedelta(microseconds=1), HELSINKI) == Month(2021, 5)
    assert Month.of(end, HELSINKI) == Month(2021, 6)
    assert Month.of(end, "UTC") == Month(2021, 5)


def test_a_day_without_midnight_begins_when_the_clock_jumps() -> None:
    """
    On 4 November 2018 the clocks of Sao Paulo went from midnight to one o'clock, at 03:00 UTC.
    """
    assert midnight(date(2018, 11, 4), "America/Sao_Paulo") == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_an_interval_holds_its_start_and_not_its_end() -> None:
    start = datetime(2021, 5, 31, 20, tzinfo=UTC)
    hour = Interval(start, start + timedelta(hours=1))

    assert hour.holds(hour.start)
    assert hour.holds(hour.end - timedelta(microseconds=1))
    assert not hour.holds(hour.end)
    assert not Interval(start, start).holds(start)
    with pytest.raises(Invalid):
        Interval(hour.end, hour.start)


@given(written, written)
def test_the_order_of_written_instants_is_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (format_instant(one) < format_instant(other)) == (one < other)
    assert parse_instant(format_instant(one)) == one


@pytest.mark.parametrize(
    "text",
    ["2021-05-31T23:32:38+03:00", "2021-05-31t20:32:38z", "2021-05-31T20:32:38.000Z", "2021-05-31T20:32:38.0000001Z"],
)
def test_an_instant_may_be_written_in_any_way_that_rfc_3339_knows(text: str) -> None:
    assert format_instant(parse_instant(text)) == "2021-05-31T20:32:38.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2021-05-31", "2021-05-31T20:32:38", "2021-05-31 20:32:38Z", "20210531T203238Z", "2021-W22-1"),
        *("2021-02-29T00:00:00Z", "2021-05-31T24:00:00Z", "2021-05-31T20:32:60Z", "2021-05-31T20:32:38+25:00"),
        *("0001-01-01T00:00:00+14:00", "0001-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "9998-12-31T23:59:59-01:00"),
        *("\uff12\uff10\uff12\uff11-05-31T20:32:38Z", "2021-05-31T20:32:38Z\n"),
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(NotAnInstant):
        parse_instant(text)


@pytest.mark.parametrize(
    "text", ["", "2021", "2021-13", "2021-00", "2021-5", "21-05", "2021-05-01", "0000-01", "2021-05\n"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(NotAMonth):
        Month.parse(text)


@pytest.mark.parametrize("text", ["0001-01", "9999-12", "\uff12\uff10\uff12\uff11-05"])
def test_a_month_that_no_calendar_here_can_hold_is_refused_when_it_is_read(text: str) -> None:
    """
    December 9999 ends in the year 10000, and January of the year 1 begins before it in Helsinki.
    """
    with pytest.raises(NotAMonth):
        Month.parse(text)


@given(st.integers(2, 9998), st.integers(1, 12), zones)
def test_every_month_that_is_read_has_a_beginning_and_an_end(year: int, number: int, name: str) -> None:
    month = Month.parse(f"{year:04d}-{number:02d}")

    assert timedelta(days=27) < month.interval(name).length < timedelta(days=32)
    assert str(month) == f"{year:04d}-{number:02d}"


@pytest.mark.parametrize("name", ["Nowhere/Town", "", "../etc/passwd", "/etc/localtime", "Europe"])
def test_a_zone_that_is_not_in_the_database_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone(name)


def test_an_instant_written_in_another_zone_is_the_same_instant() -> None:
    there = datetime(2021, 5, 31, 23, 32, 38, tzinfo=timezone(timedelta(hours=3)))

    assert format_instant(there) == "2021-05-31T20:32:38.000000Z"


def edited(text: str, edits: list[tuple[int, str, int]]) -> str:
    """With some letters replaced, put in and taken out."""
    found = list(text)
    for place, letter, kind in edits:
        at = place % (len(found) or 1)
        found[at : at + (kind != 1)] = [] if kind == 2 else [letter]
    return "".join(found)


letters = st.sampled_from("0123456789-+:.,TZtzW \u0663")
nearly_instants = st.builds(
    edited,
    st.sampled_from(["2021-05-31T20:32:38.123456Z", "2021-05-31T20:32:38Z", "2021-05-31T20:32:38.Z", "2021-W22-1T20Z"]),
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from("0123456789-+:.,TZtzW \u0663"), st.integers(0, 2)), max_size=4
    ),
)


@settings(max_examples=400)
@given(nearly_instants)
def test_an_instant_is_read_the_short_way_exactly_when_the_rule_would_read_it(text: str) -> None:
    """
    What Python reads is wider than RFC 3339; the rule is the pattern.
    """
    pattern = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)"
    try:
        by_the_rule = datetime.fromisoformat(text.upper()).astimezone(UTC) if re.fullmatch(pattern, text) else None
    except (ValueError, OverflowError):
        by_the_rule = None
    try:
        found = parse_instant(text)
    except NotAnInstant:
        found = None

    assert found == by_the_rule
    assert found is None or found.tzinfo is UTC


@given(instants)
def test_an_instant_is_written_as_iso_8601_has_it(instant: datetime) -> None:
    assert format_instant(instant) == instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


written = st.sampled_from(
    [
        "2021-05-31T20:32:38Z",
        "2021-05-31T20:32:39Z",
        "2021-05-31T20:32:60Z",
        "2021-02-30T20:32:38Z",
        "0001-05-31T20:32:38Z",
        "2021-05-31 20:32:38Z",
        "2021-05-31T20:32:38z",
        "2021-05-31T20:32:3\u0668Z",
        "2021-05-31T20:32:38.123Z",
        "2021-05-31T20:32:38.123456Z",
        "2021-05-31T20:32:38,123456Z",
        "2021-05-31T20:32:38.1234567Z",
        "2021-05-31T20:32:38+03:00",
        "",
    ]
)


def or_none(read: Callable[[], object]) -> object:
    try:
        return read()
    except NotAnInstant:
        return None


@given(st.lists(written, max_size=3) | written.map(lambda text: [text] * 2))
def test_many_instants_are_read_as_each_is(texts: list[str]) -> None:
    assert or_none(lambda: parse_instants(texts)) == or_none(lambda: [parse_instant(text) for text in texts])


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).map(lambda each: each.replace(tzinfo=UTC)))  # noqa: DTZ001 -- with a zone at once
def test_microseconds_say_the_instant(instant: datetime) -> None:
    assert instant_of(micros(instant)) == instant
    assert all_micros([instant]) == [micros(instant)]


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).map(lambda each: each.replace(tzinfo=UTC)),  # noqa: DTZ001 -- with a zone at once
    st.lists(st.timedeltas(timedelta(), timedelta(days=1)) | st.timedeltas(timedelta(), timedelta(days=400))),
)
def test_microseconds_of_many_are_those_of_each(first: datetime, later: list[timedelta]) -> None:
    """
    Whether all lie within a day, exactly a day apart, or further.
    """
    instants = [first + each for each in later]

    assert all_micros(instants) == [micros(each) for each in instants]
