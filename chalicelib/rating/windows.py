"""Windows of the week and the rates per need state that hold in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import NOTHING
from chalicelib.rating.reading import Fields
from chalicelib.rating.wall import start_of_day

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
_HOUR_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices per unit of time by need state. What is released or faulty has none: it costs nothing."""

    in_use: Decimal
    kept: Decimal = NOTHING
    grace: Decimal = NOTHING

    def of(self, state: str) -> Decimal:
        """The price of a state."""
        if state == "in_use":
            return self.in_use
        if state == "kept":
            return self.kept
        return self.grace if state == "grace" else NOTHING

    def document(self) -> dict[str, object]:
        """The prices as JSON-ready values."""
        return {"in_use": plain(self.in_use), "kept": plain(self.kept), "grace": plain(self.grace)}


@dataclass(frozen=True, slots=True)
class Window:
    """Rates that hold on some weekdays from one minute of the local day up to another.

    One that ends at or before its start goes on over midnight: on fri from 22:00 to 06:00 is until Saturday morning.
    """

    days: tuple[Weekday, ...]
    start: int
    end: int
    rates: Rates

    def on(self, weekday: int) -> Iterator[tuple[int, int]]:
        """The minutes of a day of the week, Monday being 0, in which it holds."""
        over_midnight = self.end <= self.start
        if over_midnight and WEEKDAYS[weekday - 1] in self.days and self.end:
            yield 0, self.end
        if WEEKDAYS[weekday] in self.days:
            yield self.start, DAY_MINUTES if over_midnight else self.end

    def document(self) -> dict[str, object]:
        """The window as JSON-ready values."""
        return {"days": list(self.days), "from": _text(self.start), "to": _text(self.end), **self.rates.document()}


def in_windows(
    windows: Sequence[Window], start: datetime, end: datetime
) -> Iterator[tuple[int | None, datetime, datetime]]:
    """A span of one local day cut by the windows: the number of each piece's window, or None outside them all."""
    weekday = start.weekday()
    midnight = start_of_day(start)
    at = start
    todays = sorted((*span, number) for number, window in enumerate(windows) for span in window.on(weekday))
    for begins, ends, number in todays:
        opens = midnight + timedelta(minutes=begins)
        closes = min(end, midnight + timedelta(minutes=ends))
        if closes <= at or opens >= end:
            continue
        if opens > at:
            yield None, at, opens
            at = opens
        yield number, at, closes
        at = closes
    if at < end:
        yield None, at, end


def read_rates(fields: Fields) -> Rates:
    """Read the rates: keeping and grace never cost more than using."""
    rates = Rates(fields.price("in_use"), fields.price("kept", default="0"), fields.price("grace", default="0"))
    if rates.kept > rates.in_use:
        fields.fault("kept", "above_in_use")
    if rates.grace > rates.in_use:
        fields.fault("grace", "above_in_use")
    return rates


def read_windows(fields: Fields) -> tuple[Window, ...]:
    """Read the windows; two that share a minute would charge it twice."""
    windows: list[Window] = []
    for row in fields.items("windows", default=()):
        window = _window(row)
        if any(_overlap(window, other) for other in windows):
            row.fault("from", "overlap")
        windows.append(window)
    return tuple(windows)


def _window(row: Fields) -> Window:
    days = tuple(day for day in WEEKDAYS if day in row.names("days"))
    stated = row.values.get("days")
    if isinstance(stated, list | tuple) and stated and len(days) != len(stated):
        row.fault("days", f"not_one_of: {', '.join(WEEKDAYS)}")
    window = Window(days, _minute(row, "from"), _minute(row, "to"), read_rates(row))
    if window.start == DAY_MINUTES:
        row.fault("from", "not_a_time_of_day")
    elif window.end == window.start and {"from", "to"} <= row.values.keys():
        row.fault("to", "same_as_its_start")
    row.no_others()
    return window


def _overlap(one: Window, other: Window) -> bool:
    return any(
        start < other_end and other_start < end
        for weekday in range(len(WEEKDAYS))
        for start, end in one.on(weekday)
        for other_start, other_end in other.on(weekday)
    )


def _minute(row: Fields, name: str) -> int:
    value = row.take(name)
    if isinstance(value, str):
        hours, colon, minutes = value.partition(":")
        if colon and all(len(part) == len("00") and part.isascii() and part.isdigit() for part in (hours, minutes)):
            minute = int(hours) * _HOUR_MINUTES + int(minutes)
            if int(minutes) < _HOUR_MINUTES and minute <= DAY_MINUTES:
                return minute
    return row.wrong(name, value, "not_a_time_of_day", 0)


def _text(minute: int) -> str:
    return f"{minute // _HOUR_MINUTES:02d}:{minute % _HOUR_MINUTES:02d}"
