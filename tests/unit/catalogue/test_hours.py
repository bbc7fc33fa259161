"""Opening hours in a place's own time: several spans a day, over midnight, by date, over clock changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.hours import WEEKDAYS, OpeningHours, Span, SpecialDay
from chalicelib.catalogue.model import Place, is_open, next_opening

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
PLACE = Place("par-1", "shop", "Shop", Decimal(55), Decimal(12), zone="Europe/Copenhagen")


def spans(*texts: str) -> tuple[Span, ...]:
    return tuple(Span.parse(each, "hours/mon") for each in texts)


SHOP = replace(
    PLACE,
    hours=OpeningHours(
        {
            "mon": spans("08:00-12:00", "13:00-18:00"),
            "fri": spans("20:00-03:00"),
            "sun": spans("00:00-24:00"),
        },
        (
            SpecialDay("2021-05-17", (), "closed for stock-taking"),
            SpecialDay("12-24", spans("10:00-14:00"), "Juleaften"),
            SpecialDay("2022-12-24", ()),
        ),
    ),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "is_it"),
    [
        ("2021-05-10T07:59:59", False),
        ("2021-05-10T08:00:00", True),
        ("2021-05-10T12:00:00", False),
        ("2021-05-10T13:00:00", True),
        ("2021-05-10T18:00:00", False),
        ("2021-05-14T23:59:59", True),
        ("2021-05-15T02:59:59", True),
        ("2021-05-15T03:00:00", False),
        ("2021-05-16T00:00:00", True),
        ("2021-05-16T23:59:59", True),
        ("2021-05-17T09:00:00", False),
        ("2021-12-24T11:00:00", True),
        ("2021-12-24T21:00:00", False),
        ("2021-12-25T02:00:00", False),
        ("2022-12-24T11:00:00", False),
    ],
)
def test_a_place_is_open_within_its_hours_and_no_longer(at: str, is_it: object) -> None:
    assert is_open(SHOP, local(at)) is is_it


def test_a_place_without_hours_is_always_open_and_one_with_none_never() -> None:
    at = local("2021-05-10T04:00:00")

    assert (is_open(PLACE, at), next_opening(PLACE, at)) == (True, at)
    never = replace(PLACE, hours=OpeningHours())
    assert (is_open(never, at), next_opening(never, at)) == (False, None)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2021-05-10T09:00:00", "2021-05-10T09:00:00"),
        ("2021-05-10T12:30:00", "2021-05-10T13:00:00"),
        ("2021-05-10T18:00:00", "2021-05-14T20:00:00"),
        ("2021-05-17T00:00:00", "2021-05-21T20:00:00"),
        ("2021-12-24T15:00:00", "2021-12-26T00:00:00"),
    ],
)
def test_the_next_opening_is_now_or_when_the_next_span_begins(at: str, opens: str) -> None:
    assert next_opening(SHOP, local(at)) == local(opens)


def test_a_place_that_opens_once_a_year_is_found() -> None:
    yearly = replace(PLACE, hours=OpeningHours({}, (SpecialDay("01-06", spans("12:00-13:00")),)))

    assert next_opening(yearly, local("2021-01-06T13:00:00")) == local("2022-01-06T12:00:00")


def test_clocks_that_go_forward_or_back_leave_spans_whole() -> None:
    """
    On 28 March 2021 two o'clock is three; on 31 October it is two o'clock twice.
    """
    night = replace(PLACE, hours=OpeningHours(dict.fromkeys(WEEKDAYS, spans("01:00-02:30"))))
    minutes = {
        day: sum(is_open(night, datetime(*day, tzinfo=UTC) + timedelta(minutes=each)) for each in range(-120, 240))
        for day in ((2021, 3, 28), (2021, 10, 31), (2021, 5, 10))
    }

    assert minutes == {(2021, 3, 28): 90, (2021, 10, 31): 150, (2021, 5, 10): 90}


@pytest.mark.parametrize(
    "text", ["8:00-12:00", "08:00-24:01", "08:00-08:00", "24:00-08:00", "08:00", "", "08:00--12:00"]
)
def test_a_span_is_two_times_of_the_day(text: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        spans(text)
    assert refused.value.facts["pointer"] == "/hours/mon"


def test_a_span_is_written_as_it_was_read_and_midnight_as_the_end_of_a_day() -> None:
    texts = ("08:00-12:00", "20:00-03:00", "00:00-24:00", "23:59-00:00")

    assert [str(Span.parse(each, "x")) for each in texts] == [*texts[:3], "23:59-24:00"]


def test_hours_have_bounds() -> None:
    with pytest.raises(BadCatalogueEntry, match="at most 6"):
        OpeningHours({"mon": tuple(Span(each * 60, each * 60 + 30) for each in range(7))})
    with pytest.raises(BadCatalogueEntry, match="do not overlap"):
        OpeningHours({"mon": (Span(60, 120), Span(90, 150))})
    with pytest.raises(BadCatalogueEntry, match="each day once"):
        OpeningHours({}, (SpecialDay("12-24"), SpecialDay("12-24")))
    with pytest.raises(BadCatalogueEntry, match="at most 100"):
        OpeningHours({}, tuple(SpecialDay((date(2021, 1, 1) + timedelta(each)).isoformat()) for each in range(101)))
    for day in ("2021-02-29", "13-01", "02-30", "2021-5-1", "tomorrow"):
        with pytest.raises(BadCatalogueEntry, match="/on"):
            SpecialDay(day)
    assert SpecialDay("02-29").on == "02-29"


DAYS = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=3).map(
    lambda found: tuple(
        Span(opens, opens + length)
        for number, (opens, length) in enumerate(sorted(found))
        if number + 1 >= len(found) or opens + length <= sorted(found)[number + 1][0]
    )
)
HOURS = st.dictionaries(st.sampled_from(WEEKDAYS), DAYS)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2023, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds
ZONES = st.sampled_from(["Europe/Copenhagen", "UTC", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"])


@given(HOURS, INSTANTS, ZONES)
def test_it_opens_at_the_next_opening_and_not_before(
    weekly: dict[str, tuple[Span, ...]], at: datetime, zone: str
) -> None:
    place = replace(PLACE, zone=zone, hours=OpeningHours(weekly))
    opens = next_opening(place, at)

    if opens is None:
        assert not is_open(place, at)
        return
    assert opens >= at
    assert is_open(place, opens)
    assert is_open(place, at) == (opens == at)
    between = (at + (opens - at) * share / 16 for share in range(16))
    assert not any(is_open(place, each) for each in between if each < opens)
