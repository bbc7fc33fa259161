"""Opening hours: by weekday, in a place's own time, over midnight too, with days that go by hours of their own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from chalicelib.catalogue.checking import check, check_count
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.kernel.time import Interval, local_day, zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY = re.compile(r"(\d{4}-)?(\d\d)-(\d\d)")
_LEAP_YEAR = "2020-"
_DAY_MINUTES = 24 * 60
_MOST_SPANS = 6
_MOST_EXCEPTIONS = 100
_LABEL_LETTERS = 100
_LOOKS_AHEAD = 400
"""So many days are looked at for the next opening: hours that repeat do so within a year."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from one minute of the day to another; one beyond 1,440 is of the next day."""

    opens: int
    closes: int

    @classmethod
    def parse(cls, text: str, field: str) -> "Span":
        """Read `08:00-20:00`; `20:00-03:00` goes over midnight, and `00:00-24:00` is the whole day."""
        found = _SPAN.fullmatch(text)
        hours, minutes, to_hours, to_minutes = map(int, found.groups()) if found else (0, 0, 0, 0)
        opens, closes = hours * 60 + minutes, to_hours * 60 + to_minutes
        if found is None or closes > _DAY_MINUTES or opens == closes:
            raise BadCatalogueEntry(pointer=f"/{field}", reason="spans as in 08:00-20:00 or 20:00-03:00")
        return cls(opens, closes if closes > opens else closes + _DAY_MINUTES)

    def __str__(self) -> str:
        closes = self.closes if self.closes <= _DAY_MINUTES else self.closes - _DAY_MINUTES
        return f"{self.opens // 60:02d}:{self.opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date, or with no year a date of every year, that goes by hours of its own; no spans: closed."""

    on: str
    spans: tuple[Span, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        check("on", holds=_is_day(self.on), reason="a date as in 2021-12-24, or 12-24 for every year")
        check("name", holds=len(self.name) <= _LABEL_LETTERS, reason=f"at most {_LABEL_LETTERS} characters")
        _check_spans("spans", self.spans)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """By weekday, `mon` to `sun`; one that is not named is closed. A date's own hours go before its weekday's.

    A span belongs to the day on which it begins, so what goes over midnight holds into a closed day.
    """

    weekly: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    special: tuple[SpecialDay, ...] = ()

    def __post_init__(self) -> None:
        for weekday, spans in self.weekly.items():
            check("hours", holds=weekday in WEEKDAYS, reason="mon, tue, wed, thu, fri, sat, sun")
            _check_spans(f"hours/{weekday}", spans)
        check_count("hours/special", self.special, _MOST_EXCEPTIONS)
        days = {each.on for each in self.special}
        check("hours/special", holds=len(days) == len(self.special), reason="each day once")

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on the day."""
        special = {each.on: each.spans for each in self.special}
        written = day.isoformat()
        for name in (written, written[5:]):
            if name in special:
                return special[name]
        return self.weekly.get(WEEKDAYS[day.weekday()], ())


def _is_day(text: str) -> bool:
    found = _DAY.fullmatch(text)
    if found is None:
        return False
    try:
        date.fromisoformat(text if found[1] else _LEAP_YEAR + text)
    except ValueError:
        return False
    return True


def _check_spans(field: str, spans: tuple[Span, ...]) -> None:
    check_count(field, spans, _MOST_SPANS)
    apart = all(here.closes <= there.opens for here, there in pairwise(sorted(spans)))
    check(field, holds=apart, reason="spans that do not overlap")


def open_spans(hours: OpeningHours, zone_name: str, day: date) -> Iterator[Interval]:
    """The spans of a local day as instants, in order. A time that the clocks skip is meant as if they did not.

    Of a time that comes twice an opening means the first and a closing the last.
    """
    for span in sorted(hours.on(day)):
        opens, closes = _instant(day, span.opens, zone_name), _last_instant(day, span.closes, zone_name)
        if opens < closes:
            yield Interval(opens, closes)


def is_open_by(hours: OpeningHours, zone_name: str, at: datetime) -> bool:
    """Whether a span holds the instant; yesterday's may reach into today."""
    today = local_day(at, zone_name)
    days = (today - timedelta(days=1), today)
    return any(each.holds(at) for day in days for each in open_spans(hours, zone_name, day))


def next_opening_by(hours: OpeningHours, zone_name: str, at: datetime) -> datetime | None:
    """The first instant from `at` on at which it is open; None if there is none within 400 days."""
    today = local_day(at, zone_name)
    if is_open_by(hours, zone_name, at):
        return at
    for ahead in range(-1, _LOOKS_AHEAD):
        for each in open_spans(hours, zone_name, today + timedelta(days=ahead)):
            if each.start >= at:
                return each.start
    return None


def _instant(day: date, minute: int, zone_name: str, *, fold: int = 0) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=zone(zone_name), fold=fold) + timedelta(minutes=minute)
    return local.replace(fold=fold).astimezone(UTC)


def _last_instant(day: date, minute: int, zone_name: str) -> datetime:
    return max(_instant(day, minute, zone_name), _instant(day, minute, zone_name, fold=1))
