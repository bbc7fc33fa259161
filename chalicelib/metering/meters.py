"""Meters: what a partner measures, and how many events become one quantity.

A quantity is a function of the set of events alone: whatever order they came in, however often, and however late, the
same events say the same. Where that function can be kept up event by event (sum, count, max, min, latest) its state
stands on the head; the other kinds are computed from the events.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from chalicelib.kernel.quantity import MAX_DECIMALS, plain
from chalicelib.kernel.time import SECONDS_IN, instant_of, micros
from chalicelib.metering.errors import BadMeter, Implausible
from chalicelib.metering.lines import reporter_of
from chalicelib.metering.model import AHEAD, MOST_DIMENSIONS, Dimensions, Event, Subject

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FINEST = Decimal(1).scaleb(-MAX_DECIMALS)
_WIDE = Context(prec=60)
_AHEAD = AHEAD // timedelta(microseconds=1)
_LONGEST_UNIT = 16
Stamp = tuple[int, str, str]
"""When, by whom, under which id: the order in which events happened, the same for everybody who looks."""
Series = tuple[str, Dimensions]
"""A meter's name with the values of its billable dimensions."""


class Kind(StrEnum):
    """How events of a meter become one quantity."""

    SUM = "sum"
    COUNT = "count"
    MAX = "max"
    MIN = "min"
    LATEST = "latest"
    UNIQUE = "unique"
    TIME_WEIGHTED = "time_weighted"
    REGISTER = "register"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Meter:
    """What is measured. An event's value is within `least` and `most`.

    `billable` names the dimensions by which totals are kept apart; those that are `described` are kept with the events
    only. `unique_by` is the dimension whose values a unique count tells apart. `rolls_over_at` is where a register
    begins at zero again. A time-weighted sum and an interval are counted in `per`, a unit of time.
    """

    name: str
    kind: Kind = Kind.SUM
    unit: str = ""
    version: int = 0
    billable: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unique_by: str | None = None
    rolls_over_at: Decimal | None = None
    per: str | None = None
    described: tuple[str, ...] = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """All that an event may have."""
        return (*self.billable, *self.described)

    @property
    def goes_on(self) -> bool:
        """Whether what was said in one month says something of the next."""
        return self.kind in _OF_ONE_THING

    def check(self) -> "Meter":
        """The meter itself, or `BadMeter` with the field at fault."""
        if not _NAME.fullmatch(self.name):
            raise BadMeter(pointer="/name", reason="small letters, digits and underscores, a letter first")
        if not 0 < len(self.unit) <= _LONGEST_UNIT:
            raise BadMeter(pointer="/unit", reason=f"1 to {_LONGEST_UNIT} characters")
        if not all(map(_NAME.fullmatch, self.dimensions)) or len(set(self.dimensions)) > MOST_DIMENSIONS:
            raise BadMeter(pointer="/dimensions", reason=f"at most {MOST_DIMENSIONS}, named as meters are")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise BadMeter(pointer="/most", reason="not below least")
        if (self.unique_by in self.dimensions) != (self.kind is Kind.UNIQUE):
            raise BadMeter(pointer="/unique_by", reason="a dimension, of a unique count and of nothing else")
        if self.kind in _OF_TIME and self.per not in SECONDS_IN:
            raise BadMeter(pointer="/per", reason="one of " + ", ".join(SECONDS_IN))
        if self.kind not in _OF_TIME and self.per is not None:
            raise BadMeter(pointer="/per", reason="of a time-weighted sum or an interval")
        if self.rolls_over_at is not None and (self.kind is not Kind.REGISTER or self.rolls_over_at <= 0):
            raise BadMeter(pointer="/rolls_over_at", reason="of a register, and above zero")
        return self

    def check_value(self, event: Event) -> None:
        """Refuse a value that is outside of what the partner holds for plausible, or that the kind cannot count."""
        value = event.value or Decimal(0)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise Implausible(pointer="/data/value", reason="outside the meter's bounds", value=plain(value))
        if self.kind is Kind.INTERVAL and value not in (0, 1):
            raise Implausible(pointer="/data/value", reason="1 for a start, 0 for a stop", value=plain(value))
        if self.rolls_over_at is not None and value >= self.rolls_over_at:
            raise Implausible(pointer="/data/value", reason="not below where the register rolls over")
        if any(name not in self.dimensions for name, _ in event.dimensions):
            raise Implausible(pointer="/data/dimensions", reason="the meter has no such dimension")
        if self.unique_by is not None and self.unique_by not in dict(event.dimensions):
            raise Implausible(pointer="/data/dimensions", reason=f"{self.unique_by} is what is counted")

    def series(self, event: Event) -> Series:
        """Which total the event belongs to."""
        return self.series_of(event.dimensions)

    def series_of(self, dimensions: Dimensions) -> Series:
        """Which total an event of such dimensions belongs to."""
        if not self.billable:
            return self.name, ()
        return self.name, tuple(pair for pair in dimensions if pair[0] in self.billable)


def surely_plausible(  # noqa: PLR0917 -- what an event is checked against
    events: Sequence[Event],
    names: Collection[str],
    about: Subject,
    meters: Mapping[str, Meter],
    earliest: int,
    latest: int,
) -> bool:
    """Whether `check_plausible` and `check_value` take all of the events, as far as it is quickly said of all at once.

    `names` are theirs, `meters` those that are defined, `earliest` and `latest` microseconds since 1970. If it is not
    said, each event is still to be looked at.
    """
    times = [event.at for event in events]
    first = min(times)
    if first < earliest or max(times) > latest or first + _AHEAD < micros(about.started_at):
        return False
    for name in names:
        meter, unit = meters.get(name), about.meters.get(name)
        if meter is None and unit is not None and unit not in SECONDS_IN:
            continue  # nothing bounds its values
        own = [event for event in events if event.name == name and event.value is not None]
        if own and (unit is None or not _within(own, meter, about.most_until(instant_of(first)).get(name))):
            return False
    return True


def _within(events: Sequence[Event], meter: Meter | None, most: Decimal | None) -> bool:
    """Whether the values, which are of one meter, surely are within its bounds, and within what time there was."""
    values = [_value(event) for event in events]
    largest = max(values)
    if meter is None:
        return most is None or largest <= most
    if meter.kind is Kind.INTERVAL or meter.unique_by is not None:
        return False
    if meter.least is not None and min(values) < meter.least:
        return False
    if any(bound is not None and largest > bound for bound in (most, meter.most)):
        return False
    if meter.rolls_over_at is not None and largest >= meter.rolls_over_at:
        return False
    return {name for event in events for name, _ in event.dimensions} <= {*meter.dimensions}


class Total(NamedTuple):
    """What one series has come to. `stamp` is that of the event which says it, where only one does."""

    value: Decimal
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget of a meter in a month: no more than `most` if it is `hard`; else it is only told when it is reached."""

    most: Decimal
    hard: bool

    def reached(self, before: Decimal, after: Decimal) -> list[int]:
        """Which of its parts in percent were reached on the way."""
        return [part for part in TOLD_AT if before * 100 < self.most * part <= after * 100]


TOLD_AT = (50, 80, 100)
LIMITED = (Kind.SUM, Kind.COUNT)
"""The kinds that a limit can bound: what they say only grows."""
_OF_TIME = (Kind.TIME_WEIGHTED, Kind.INTERVAL)
Step = Callable[[Total | None, Event], Total]


def stamp_of(event: Event) -> Stamp:
    """Its place in the order of time."""
    return event.at, event.source, event.event_id


def _value(event: Event) -> Decimal:
    return Decimal(0) if event.value is None else event.value


def _sum(total: Total | None, event: Event) -> Total:
    return Total(_value(event) if total is None else _WIDE.add(total.value, _value(event)))


def _count(total: Total | None, _event: Event) -> Total:
    return Total(Decimal(1) if total is None else total.value + 1)


def _max(total: Total | None, event: Event) -> Total:
    return Total(_value(event)) if total is None or _value(event) > total.value else total


def _min(total: Total | None, event: Event) -> Total:
    return Total(_value(event)) if total is None or _value(event) < total.value else total


def _latest(total: Total | None, event: Event) -> Total:
    if total is None or total.stamp is None or stamp_of(event) > total.stamp:
        return Total(_value(event), stamp_of(event))
    return total


STEPS: Mapping[Kind, Step] = MappingProxyType(
    {Kind.SUM: _sum, Kind.COUNT: _count, Kind.MAX: _max, Kind.MIN: _min, Kind.LATEST: _latest}
)
"""The kinds whose total is kept up event by event."""


def measured(meter: Meter, events: Iterable[Event], until: datetime) -> dict[Series, Decimal]:
    """By series, what the events say; an interval that is still open, and a value that still holds, go on `until`."""
    apart: dict[Series, list[Event]] = defaultdict(list)
    for event in events:
        if event.name == meter.name and event.value is not None:
            apart[meter.series(event)].append(event)
    return {series: _measured(meter, sorted(own, key=stamp_of), until) for series, own in apart.items()}


def quantity_of(meter: Meter, events: Iterable[Event], until: datetime) -> Decimal | None:
    """What all events of the meter say, whatever their dimensions, or None if there are none."""
    own = [event for event in events if event.name == meter.name and event.value is not None]
    return _measured(meter, sorted(own, key=stamp_of), until) if own else None


def _measured(meter: Meter, events: Sequence[Event], until: datetime) -> Decimal:
    """Of events in order of time."""
    step = STEPS.get(meter.kind)
    if step is not None:
        total = None
        for event in events:
            total = step(total, event)
        return total.value if total else Decimal(0)
    if meter.kind is Kind.UNIQUE:
        return Decimal(len({dict(event.dimensions).get(meter.unique_by or "") for event in events}))
    return in_whole(meter, _sum_of(pieces_of(meter, events, until)))


class Piece(NamedTuple):
    """What a meter says of an instant: so much; or of a time, in microseconds since 1970: so much in each of them."""

    start: int
    end: int
    value: Decimal

    @property
    def amount(self) -> Decimal:
        """Of all of it."""
        return self.value if self.start == self.end else _WIDE.multiply(self.value, Decimal(self.end - self.start))


def pieces_of(meter: Meter, events: Sequence[Event], until: datetime) -> Iterator[Piece]:
    """What the events of a meter whose amounts add up say, series by series, and whoever reports of a thing by itself.

    What was amended or filled in says something of the thing in whose place it counts.
    """
    if meter.kind not in _OF_ONE_THING:
        for event in events:
            yield Piece(event.at, event.at, _value(event) if meter.kind is Kind.SUM else Decimal(1))
        return
    apart: dict[tuple[str, Series], list[Event]] = defaultdict(list)
    for event in events:
        apart[reporter_of(event), meter.series(event)].append(event)
    for own in apart.values():
        own.sort(key=attrgetter("at", "event_id"))
        yield from _OF_ONE_THING[meter.kind](meter, own, micros(until))


def in_whole(meter: Meter, amount: Decimal) -> Decimal:
    """A sum of pieces in the meter's unit, rounded once."""
    if meter.kind in _OF_TIME:
        amount = _WIDE.divide(amount, Decimal(SECONDS_IN[meter.per or "s"] * 1_000_000))
    return amount.quantize(_FINEST, ROUND_HALF_UP, _WIDE).normalize(_WIDE) + 0


def _sum_of(pieces: Iterable[Piece]) -> Decimal:
    total = Decimal(0)
    for piece in pieces:
        total = _WIDE.add(total, piece.amount)
    return total


def _register(meter: Meter, events: Sequence[Event], _until: int) -> Iterator[Piece]:
    """From the first reading on. A counter that falls has rolled over if that is the shorter way, else it was reset."""
    for one, other in pairwise(events):
        before, after, at = _value(one), _value(other), other.at
        over = (meter.rolls_over_at or Decimal(0)) - before + after
        if after >= before:
            used = after - before
        elif meter.rolls_over_at is not None and over * 2 <= meter.rolls_over_at:
            used = over
        else:
            used = after
        yield Piece(at, at, used)


def _interval(_meter: Meter, events: Sequence[Event], until: int) -> Iterator[Piece]:
    """From each start to the next stop; a start while it runs, and a stop while it does not, change nothing."""
    running = None
    for event in events:
        at = event.at
        if event.value and running is None:
            running = at
        elif not event.value and running is not None:
            yield from _during(running, at, Decimal(1))
            running = None
    if running is not None:
        yield from _during(running, until, Decimal(1))


def _time_weighted(_meter: Meter, events: Sequence[Event], until: int) -> Iterator[Piece]:
    """Each value holds until the next one."""
    ends = [event.at for event in events[1:]] + [max(until, events[-1].at)]
    for event, end in zip(events, ends, strict=True):
        yield from _during(event.at, end, _value(event))


def _during(start: int, end: int, value: Decimal) -> Iterator[Piece]:
    if start < end:
        yield Piece(start, end, value)


_OF_ONE_THING: Mapping[Kind, Callable[[Meter, Sequence[Event], int], Iterator[Piece]]] = MappingProxyType(
    {Kind.REGISTER: _register, Kind.INTERVAL: _interval, Kind.TIME_WEIGHTED: _time_weighted}
)
"""The kinds that follow one thing: of each source, and of each value of its billable dimensions, by itself."""
