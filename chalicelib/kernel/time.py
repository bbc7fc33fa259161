"""Instants, half-open intervals, calendar months and days in a time zone."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import repeat
from operator import sub
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.kernel.errors import Invalid

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_LONGEST = len("2021-05-31T20:32:38.123456789Z")
_SHAPE = b"0000-00-00T00:00:00.000000Z"
_ALIKE = {len("2021-05-31T20:32:38Z"), *range(len("2021-05-31T20:32:38.1Z"), len(_SHAPE) + 1)}
_DIGIT_TO_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_YEARS = range(2, 9999)
"""Those whose months begin and end within what a `datetime` can say, in every zone."""


SECONDS_IN = MappingProxyType({"s": 1, "min": 60, "h": 3600})
"""The units in which a meter counts time, and how many seconds each has."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = tuple(f"{second:02}." for second in range(60))
_QUARTER = 900
_DAY = 86_400
_ONE_DAY = timedelta(days=1)
_WHOLE_QUARTERS = 94_694_400
"""From 1973 on every zone is off UTC by whole quarters of an hour, so that each quarter lies within one local day."""


class NotAnInstant(Invalid):
    """An instant is an RFC 3339 date and time with its offset, as in 2021-05-31T20:32:38Z, of the years 2 to 9998."""


class NotAMonth(Invalid):
    """A month is written as in 2021-05."""


class UnknownZone(Invalid):
    """The time zone is not in the IANA database."""


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone by name, as in Europe/Helsinki."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZone(zone=name[:60]) from error


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant as UTC, whole microseconds; anything else is `NotAnInstant`."""
    marks = text[4:20:3]  # every third letter of 2021-05-31T20:32:38.000Z from the fifth on
    in_utc = marks == "--T::Z" or (marks == "--T::." and text[-1] == "Z" and text[20:-1].isdecimal())
    if not (in_utc and len(text) <= _LONGEST) and not _INSTANT.fullmatch(text):
        raise NotAnInstant(value=text[:40])
    try:
        found = datetime.fromisoformat(text) if in_utc else datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotAnInstant(value=text[:40]) from error
    if found.year not in _YEARS:
        raise NotAnInstant(value=text[:40])
    return found


def parse_instants(texts: Sequence[str]) -> list[datetime]:
    """The same of many; those that are written alike, in UTC, are read at once."""
    lengths = {*map(len, texts)}
    if len(lengths) == 1 and lengths <= _ALIKE:
        shape = _SHAPE[: lengths.pop() - 1] + b"Z"
        if "".join(texts).encode().translate(_DIGIT_TO_ZERO) == shape * len(texts):
            with suppress(ValueError):
                found = list(map(datetime.fromisoformat, texts))
                if min(found).year in _YEARS and max(found).year in _YEARS:
                    return found
    return list(map(parse_instant, texts))


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with fixed width, so that text order is time order: 2021-05-31T20:32:38.000000Z."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    minute, micros = _minute_text(utc.toordinal(), utc.hour, utc.minute), utc.microsecond
    return f"{minute}{_SECONDS[utc.second]}{micros:06}Z" if micros else f"{minute}{_SECONDS[utc.second]}000000Z"


def micros(instant: datetime) -> int:
    """Microseconds since 1970."""
    since = instant - _EPOCH
    return (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds


def all_micros(instants: Sequence[datetime]) -> list[int]:
    """The same of many. Those that are within a day are counted from the first, in small numbers."""
    if not instants:
        return []
    first = min(instants)
    if max(instants) - first >= _ONE_DAY:
        return list(map(micros, instants))
    begun = micros(first)
    return [begun + (since.seconds * 1_000_000 + since.microseconds) for since in map(sub, instants, repeat(first))]


def instant_of(number: int) -> datetime:
    """The instant of so many microseconds."""
    return _EPOCH + timedelta(0, *divmod(number, 1_000_000))


@lru_cache(maxsize=4_096)
def _minute_text(day: int, hour: int, minute: int) -> str:
    """Up to the minute. Instants that are written together are near one another."""
    return f"{date.fromordinal(day).isoformat()}T{hour:02}:{minute:02}:"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The time from `start` up to, not including, `end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise Invalid(reason="an interval ends at or after its start")

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    def holds(self, instant: datetime) -> bool:
        """Whether the instant lies in it; its end does not."""
        return self.start <= instant < self.end


class Month(NamedTuple):
    """A calendar month; where it begins depends on the zone that looks at it."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `2021-05`."""
        return _month(text)

    @classmethod
    def of(cls, instant: datetime, zone_name: str) -> "Month":
        """The month in which the instant lies, seen from the zone."""
        local = instant.astimezone(zone(zone_name))
        return cls(local.year, local.month)

    @property
    def next(self) -> "Month":
        """The month after."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        """The month before."""
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    def interval(self, zone_name: str) -> Interval:
        """From its first local midnight to the next month's, clock changes included."""
        return _interval(self.year, self.number, zone_name)

    def __str__(self) -> str:
        return _month_text(self)


@lru_cache(maxsize=256)
def _month_text(month: tuple[int, int]) -> str:
    return "{:04d}-{:02d}".format(*month)


@lru_cache(maxsize=256)
def _month(text: str) -> Month:
    match = _MONTH.fullmatch(text)
    if match is None or int(match[1]) not in _YEARS:
        raise NotAMonth(value=text[:20])
    return Month(int(match[1]), int(match[2]))


@lru_cache(maxsize=256)
def _interval(year: int, number: int, zone_name: str) -> Interval:
    """Most of what is asked for is of a few months."""
    after = Month(year, number).next
    return Interval(midnight(date(year, number, 1), zone_name), midnight(date(after.year, after.number, 1), zone_name))


def midnight(day: date, zone_name: str) -> datetime:
    """The instant, in UTC, at which the local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)).astimezone(UTC)


def local_day(instant: datetime, zone_name: str) -> date:
    """The calendar day of the instant in the zone."""
    return instant.astimezone(zone(zone_name)).date()


def local_day_text(instant: datetime, zone_name: str) -> str:
    """The calendar day of the instant in the zone, as in 2021-05-31."""
    seconds = int((instant - _EPOCH).total_seconds())
    if seconds < _WHOLE_QUARTERS:
        return local_day(instant, zone_name).isoformat()
    return _day_of_quarter(seconds // _QUARTER, zone_name)


@lru_cache(maxsize=16_384)
def _day_of_quarter(quarter: int, zone_name: str) -> str:
    return local_day(datetime.fromtimestamp(quarter * _QUARTER, UTC), zone_name).isoformat()
