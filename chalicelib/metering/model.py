"""Events, what they may be about, and which of them cannot be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple, Self

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN, all_micros, format_instant, micros
from chalicelib.metering.errors import BadEvent, Implausible, TooEarly, TooLate
from chalicelib.metering.watching import Watch

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when there is what is no session: an asset. What is measured on it has no bound of time."""
FAULT = "faulty"
"""The signal by which a thing says that it is out of order."""
AHEAD = timedelta(minutes=5)
_HOUR = 3600
BEHIND = timedelta(days=35)
FURTHEST_BACK = timedelta(days=400)
"""For backfills, and for devices that were offline."""
Dimensions = tuple[tuple[str, str], ...]
"""Names and values, in order of name."""
Key = tuple[str, str]
"""What makes it one event within its subject and month: who sent it, and the sender's id."""
MOST_DIMENSIONS = 8
_ID_LIMIT, _WORD_LIMIT = 256, 64


class Outcome(StrEnum):
    """What became of an event. Late: it counts, and what was sealed is corrected. Queued: a worker will count it."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    LATE = "late"
    QUEUED = "queued"


class _Attributes(NamedTuple):
    source: str
    event_id: str
    subject: str
    time: datetime
    name: str
    value: Decimal | None
    place_id: str | None
    dimensions: Dimensions
    at: int


class Event(_Attributes):
    """A usage event (`name` is a meter, `value` how much) or a signal (`name` is the signal, `value` is None).

    `at` is the time in microseconds since 1970. An event is a tuple, since thousands of them go by in a second: of
    columns, `zip` makes them and takes them apart again.
    """

    __slots__ = ()

    def __new__(  # noqa: PLR0917 -- attributes
        cls,
        source: str,
        event_id: str,
        subject: str,
        time: datetime,
        name: str,
        value: Decimal | None = None,
        place_id: str | None = None,
        dimensions: Dimensions = (),
    ) -> Self:
        """An event, if its attributes are such."""
        for field_name, text in (("source", source), ("id", event_id), ("subject", subject)):
            if not 0 < len(text) <= _ID_LIMIT:
                raise BadEvent(pointer=f"/{field_name}", reason="1 to 256 characters")
        if place_id is not None and len(place_id) > _ID_LIMIT:
            raise BadEvent(pointer="/data/place", reason="at most 256 characters")
        if value is not None and value < 0:
            raise BadEvent(pointer="/data/value", reason="not negative")
        if dimensions:
            _check_dimensions(dimensions)
        return super().__new__(cls, source, event_id, subject, time, name, value, place_id, dimensions, micros(time))

    def but(self, **changes: Any) -> "Event":  # noqa: ANN401 -- of any attribute
        """The same event but for some attributes, checked as any event is."""
        return Event(*self._replace(**changes)[:8])

    @property
    def key(self) -> Key:
        """What makes it one event: who sent it and the sender's id."""
        return self.source, self.event_id

    @property
    def is_signal(self) -> bool:
        """Whether it is a signal and counts nothing."""
        return self.value is None


as_reported = partial(tuple.__new__, Event)
"""An event of its attributes, which were found to be as an event has to be: nothing is checked."""


def reported(*columns: Iterable[object]) -> Iterator[Event]:
    """The same of many, from a column for each attribute."""
    return map(as_reported, zip(*columns, strict=True))


def events_of(  # noqa: PLR0917 -- attributes
    sources: Sequence[str],
    ids: Sequence[str],
    subjects: Sequence[str],
    times: Sequence[datetime],
    names: Sequence[str],
    values: Sequence[Decimal],
    dimensions: Sequence[Dimensions],
) -> list[Event] | None:
    """Usage events, checked all at once; None where one of them is none, so that each is to be looked at."""
    lengths = {*map(len, ids)}.union(map(len, {*sources, *subjects}))
    if min(lengths) < 1 or max(lengths) > _ID_LIMIT or min(values) < 0:
        return None
    try:
        for each in set(dimensions):
            _check_dimensions(each)
    except BadEvent:
        return None
    nowhere = [None] * len(ids)
    return list(reported(sources, ids, subjects, times, names, values, nowhere, dimensions, all_micros(times)))


def _check_dimensions(dimensions: Dimensions) -> None:
    if len(dimensions) > MOST_DIMENSIONS:
        raise BadEvent(pointer="/data/dimensions", reason=f"at most {MOST_DIMENSIONS}")
    if any(not 0 < len(text) <= _WORD_LIMIT for pair in dimensions for text in pair):
        raise BadEvent(pointer="/data/dimensions", reason="names and values of 1 to 64 characters")


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event may be about: a session, whose it is, what is metered on it, since when.

    `most_per_hour` bounds meters that count no time; the worst case of the session's quote rests on it. `ends_by` names
    events that say that it is over, of which whoever knows the subject hears in the write that counts them. So it does
    of those by which it begins or ceases to rest, where there is a `watch`.
    """

    subject: str
    partner_id: str
    meters: Mapping[str, str]
    started_at: datetime
    ended_at: datetime | None
    most_per_hour: Mapping[str, Decimal] = field(default_factory=dict)
    ends_by: tuple[str, ...] = ()
    watch: Watch | None = None

    def hears(self, event: "Event") -> bool:
        """Whether the event says that the subject is over; a thing that is out of order says so too."""
        return event.name in self.ends_by or (event.name == FAULT and event.is_signal)

    def most_until(self, instant: datetime) -> dict[str, Decimal]:
        """By meter of time, the most that can have been used by then; a thing may measure five minutes too much."""
        if self.started_at == ALWAYS:
            return {}
        until = min(instant, self.ended_at or instant)
        seconds = Decimal(int((until - self.started_at + AHEAD).total_seconds()))
        return {name: seconds / SECONDS_IN[unit] for name, unit in self.meters.items() if unit in SECONDS_IN}

    def most(self, now: datetime) -> dict[str, Decimal]:
        """By meter, the most that all events together can say by now: of what is no time, so much a started hour."""
        seconds = int((min(now, self.ended_at or now) - self.started_at).total_seconds())
        hours = max(1, -(-seconds // _HOUR))
        return self.most_until(now + AHEAD) | {name: each * hours for name, each in self.most_per_hour.items()}


class Answer(NamedTuple):
    """What became of one event, and the refusal where there is one."""

    event: Event
    outcome: Outcome
    refusal: Refusal | None = None


def answers_of(events: Sequence[Event], outcome: Outcome) -> list[Answer]:
    """The same answer to each of many."""
    if len(events) == 1:
        return [Answer(events[0], outcome)]
    return list(map(_answer, zip(events, repeat(outcome), repeat(None))))


_answer = partial(tuple.__new__, Answer)


def check_plausible(
    event: Event, subject: Subject, now: datetime, *, of_time: bool = True, behind: timedelta = BEHIND
) -> None:
    """Refuse what cannot be: a time far off, a meter that the tariff lacks, more time than the session had.

    Clocks may disagree by five minutes, and so may a thing's own measure of the time that it was used; `of_time` says
    that the value is such a measure where its unit is one of time.
    """
    if event.time > now + AHEAD:
        raise TooEarly(pointer="/time", time=format_instant(event.time))
    if event.time < now - behind:
        raise TooLate(pointer="/time", time=format_instant(event.time))
    if event.time < subject.started_at - AHEAD:
        raise Implausible(pointer="/time", reason="before the session began")
    if event.value is None:
        return
    if event.name not in subject.meters:
        raise BadEvent(pointer="/data/meter", reason="the session's tariff has no such meter", meter=event.name[:64])
    timed = of_time and subject.meters[event.name] in SECONDS_IN
    if timed and event.value > subject.most_until(event.time).get(event.name, event.value):
        raise Implausible(pointer="/data/value", reason="more time than the session had", value=plain(event.value))
