"""EventBridge for the local run: calls handlers as business time passes the instants of their schedules."""

import calendar
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from chalice.app import ScheduledEventConfig

from infra.local.apps import ACCOUNT, REGION, LoadedApp
from infra.local.event_sources import Event, invoker

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_AT = re.compile(r"at\((.*)\)")
_DAY = timedelta(days=1)
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: (number + 1) % 7 + 1 for number, name in enumerate(calendar.day_abbr)}


class UnknownScheduleError(ValueError):
    """The local run cannot play this schedule."""


@dataclass(frozen=True)
class Cron:
    """AWS's six fields, in UTC: minutes, hours, days of the month, months, days of the week, years."""

    fields: tuple[frozenset[int], ...]

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Read `cron(5 * * * ? *)`. `L`, `W` and `#` are `UnknownScheduleError`."""
        found = _CRON.fullmatch(text)
        if found is None:
            raise UnknownScheduleError(text)
        bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
        names: tuple[dict[str, int], ...] = ({}, {}, {}, _MONTHS, _DAYS, {})
        return cls(
            tuple(
                _values(field, *bound, known) for field, bound, known in zip(found.groups(), bounds, names, strict=True)
            )
        )

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Its instants after the one, up to and including the other. Days on which it never fires cost one look."""
        minutes, hours, *_ = map(sorted, self.fields)
        day = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        while day <= until:
            if self._fires_on(day):
                times = (day.replace(hour=hour, minute=minute) for hour in hours for minute in minutes)
                yield from (instant for instant in times if after < instant <= until)
            day += _DAY

    def _fires_on(self, day: datetime) -> bool:
        found = (day.day, day.month, day.isoweekday() % 7 + 1, day.year)
        return all(value in allowed for value, allowed in zip(found, self.fields[2:], strict=True))


@dataclass(frozen=True)
class Rate:
    """Every so often, counted from when the local run began."""

    begun: datetime
    every: timedelta

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Its instants after the one, up to and including the other."""
        passed = max(0, (after - self.begun) // self.every)
        instant = self.begun + (passed + 1) * self.every
        while instant <= until:
            yield instant
            instant += self.every


@dataclass(frozen=True, order=True)
class Due:
    """A handler that is to be called at an instant; of a schedule that fires once, its name and what it says."""

    when: datetime
    handler: str
    once: str = ""
    payload: str = ""


class Timers:
    """The schedules of one app: those of its code, and those in EventBridge Scheduler's group, which fire once.

    The group is listed again once `written` has counted another call that changes it.
    """

    def __init__(
        self,
        loaded: LoadedApp,
        begun: datetime,
        scheduler: Any = None,  # noqa: ANN401 -- boto3 publishes no types
        group: str = "",
        written: Callable[[], int] | None = None,
    ) -> None:
        self._loaded = loaded
        self._scheduler, self._group = scheduler, group
        self._written = written or count().__next__
        self._listed_at = -1
        self._known: dict[str, Due] = {}
        self._schedules = [
            (config.name, _schedule(config.schedule_expression, begun))
            for config in loaded.app.event_sources
            if isinstance(config, ScheduledEventConfig)
        ]

    def due(self, after: datetime, until: datetime) -> list[Due]:
        """What the app's own schedules call when, in order of time."""
        return sorted(Due(when, name) for name, schedule in self._schedules for when in schedule.between(after, until))

    def once_due(self, until: datetime) -> Due | None:
        """The first of the schedules that fire once and are due by then."""
        if self._scheduler is None:
            return None
        written = self._written()
        if written != self._listed_at:
            pages = self._scheduler.get_paginator("list_schedules").paginate(GroupName=self._group)
            names = [each["Name"] for page in pages for each in page["Schedules"]]
            self._known = {name: self._known.get(name) or self._read(name) for name in names}
            self._listed_at = written
        return min((each for each in self._known.values() if each.when <= until), default=None)

    def _read(self, name: str) -> Due:
        found = self._scheduler.get_schedule(GroupName=self._group, Name=name)
        at = _AT.fullmatch(found["ScheduleExpression"])
        if at is None:
            raise UnknownScheduleError(found["ScheduleExpression"])
        handler = found["Target"]["Arn"].rpartition("-")[2]
        return Due(datetime.fromisoformat(at[1]).replace(tzinfo=UTC), handler, name, found["Target"]["Input"])

    def fire(self, due: Due) -> None:
        """Call a handler with what EventBridge sends. What it raises is the caller's to see."""
        event = json.loads(due.payload) if due.once else _event(due.handler, due.when)
        invoker(self._loaded, due.handler)(event)

    def done(self, due: Due) -> None:
        """A schedule that fires once is gone when it has, however it went."""
        if due.once:
            self._scheduler.delete_schedule(GroupName=self._group, Name=due.once)


def _event(handler: str, when: datetime) -> Event:
    return {
        "version": "0",
        "id": f"{handler}-{int(when.timestamp())}",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/adgang-local-{handler}"],
        "detail": {},
    }


def _schedule(expression: Any, begun: datetime) -> Cron | Rate:  # noqa: ANN401 -- text, or Chalice's Rate and Cron
    text = expression if isinstance(expression, str) else expression.to_string()
    found = _RATE.fullmatch(text)
    if found is None:
        return Cron.parse(text)
    return Rate(begun, timedelta(**{f"{found[2]}s": int(found[1])}))


def _values(field: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    return frozenset(value for part in field.split(",") for value in _part(part, low, high, names))


def _part(part: str, low: int, high: int, names: dict[str, int]) -> range:
    span, _, step = part.partition("/")
    if span in ("*", "?"):
        first, last = low, high
    else:
        begin, dash, end = span.partition("-")
        first = _number(begin, names)
        last = _number(end, names) if dash else (high if step else first)
    return range(first, last + 1, _number(step, {}) if step else 1)


def _number(text: str, names: dict[str, int]) -> int:
    if text.title() in names:
        return names[text.title()]
    if not text.isdigit():
        raise UnknownScheduleError(text)
    return int(text)
