"""Events, what they may be about, and which of them cannot be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN, format_instant
from chalicelib.metering.errors import BadEvent, Implausible, TooEarly, TooLate
from chalicelib.metering.making import in_the_making
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


@dataclass(frozen=True, slots=True)
class Event:
    """A usage event (`name` is a meter, `value` how much) or a signal (`name` is the signal, `value` is None)."""

    source: str
    event_id: str
    subject: str
    time: datetime
    name: str
    value: Decimal | None = None
    place_id: str | None = None
    dimensions: Dimensions = ()

    def __post_init__(self) -> None:
        for field_name, text in (("source", self.source), ("id", self.event_id), ("subject", self.subject)):
            if not 0 < len(text) <= _ID_LIMIT:
                raise BadEvent(pointer=f"/{field_name}", reason="1 to 256 characters")
        if self.place_id is not None and len(self.place_id) > _ID_LIMIT:
            raise BadEvent(pointer="/data/place", reason="at most 256 characters")
        if self.value is not None and self.value < 0:
            raise BadEvent(pointer="/data/value", reason="not negative")
        if self.dimensions:
            _check_dimensions(self.dimensions)

    @property
    def key(self) -> Key:
        """What makes it one event: who sent it and the sender's id."""
        return self.source, self.event_id

    @property
    def is_signal(self) -> bool:
        """Whether it is a signal and counts nothing."""
        return self.value is None


_Making = in_the_making(Event)
_new = _Making.__new__


def reported(
    *,
    source: str,
    event_id: str,
    subject: str,
    time: datetime,
    name: str,
    value: Decimal | None,
    place_id: str | None,
    dimensions: Dimensions,
) -> Event:
    """The same as `Event(...)`, checks included, for where there are thousands."""
    made = _new(_Making)
    made.source = source
    made.event_id = event_id
    made.subject = subject
    made.time = time
    made.name = name
    made.value = value
    made.place_id = place_id
    made.dimensions = dimensions
    made.__class__ = Event
    # only where one of its checks may find something
    signed = value is not None and value.is_signed()
    letters = len(source) + len(event_id) + len(subject)
    if signed or place_id or dimensions or letters > _ID_LIMIT or not (source and event_id and subject):
        made.__post_init__()
    event: Event = made
    return event


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one event, and the refusal where there is one."""

    event: Event
    outcome: Outcome
    refusal: Refusal | None = None


_MakingAnswer = in_the_making(Answer)
_new_answer = _MakingAnswer.__new__


def answers_of(events: Iterable[Event], outcome: Outcome) -> list[Answer]:
    """The same answer to each of many."""
    answers = []
    for event in events:
        made = _new_answer(_MakingAnswer)
        made.event = event
        made.outcome = outcome
        made.refusal = None
        made.__class__ = Answer
        answers.append(made)
    return answers


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
