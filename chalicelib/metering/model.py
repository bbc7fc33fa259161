"""Events, the head that counts them, and the pure step from one head to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.ids import digest
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN, Month, format_instant
from chalicelib.metering.errors import BadEvent, Implausible, SubjectFull, TooEarly, TooLate

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(days=35)
MOST_EVENTS = 2_000
MOST_BYTES = 300_000
"""Of one head's events as they were sent: below what an item can hold, even where nothing can be compressed."""
MOST_TOTAL = Decimal("1e13")
"""Of a meter in one month; far from where sums of quantities would stop being exact."""
NO_BOUNDS: Mapping[str, Decimal] = MappingProxyType({})
_ID_LIMIT = 256


class Outcome(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"


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

    def __post_init__(self) -> None:
        for field_name, text in (("source", self.source), ("id", self.event_id), ("subject", self.subject)):
            if not 0 < len(text) <= _ID_LIMIT:
                raise BadEvent(pointer=f"/{field_name}", reason="1 to 256 characters")
        if self.place_id is not None and len(self.place_id) > _ID_LIMIT:
            raise BadEvent(pointer="/data/place", reason="at most 256 characters")
        if self.value is not None and self.value < 0:
            raise BadEvent(pointer="/data/value", reason="not negative")

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one event: who sent it and the sender's id."""
        return self.source, self.event_id

    @property
    def fingerprint(self) -> str:
        """Of the whole payload; the same key with another one is a conflict."""
        value = None if self.value is None else plain(self.value)
        return digest([self.subject, format_instant(self.time), self.name, value, self.place_id])

    @property
    def size(self) -> int:
        """About how many bytes it takes before it is compressed."""
        texts = (self.source, self.event_id, self.name, self.place_id or "", "2021-05-31T20:32:38.000000Z")
        return sum(len(text.encode()) for text in texts)

    @property
    def is_signal(self) -> bool:
        """Whether it is a signal and counts nothing."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event may be about: a session, whose it is, what is metered on it, since when."""

    subject: str
    partner_id: str
    meters: Mapping[str, str]
    started_at: datetime
    ended_at: datetime | None

    def most_until(self, instant: datetime) -> dict[str, Decimal]:
        """By meter of time, the most that can have been used by then; a thing may measure five minutes too much."""
        until = min(instant, self.ended_at or instant)
        seconds = Decimal(int((until - self.started_at + AHEAD).total_seconds()))
        return {name: seconds / SECONDS_IN[unit] for name, unit in self.meters.items() if unit in SECONDS_IN}

    def most(self, now: datetime) -> dict[str, Decimal]:
        """By meter of time, the most that all events together can say by now."""
        return self.most_until(now + AHEAD)


@dataclass(frozen=True, slots=True)
class Head:
    """All that is known of one subject in one month. `version` counts its changes and guards each of them."""

    subject: str
    month: Month
    version: int = 0
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one event, and the refusal where there is one."""

    event: Event
    outcome: Outcome
    refusal: Refusal | None = None


def fold(head: Head, events: Sequence[Event], most: Mapping[str, Decimal] = NO_BOUNDS) -> tuple[Head, list[Answer]]:
    """Count the events that are new; the head's version rises by one if any is.

    An event sent again is a duplicate; the same key with another payload is a conflict, and the first one stays. One
    that would bring its meter's total above `most` is refused.
    """
    known = {each.key: each.fingerprint for each in head.events}
    totals, kept, answers = dict(head.totals), list(head.events), []
    size = sum(each.size for each in kept)
    for event in events:
        seen = known.get(event.key)
        total = totals.get(event.name, Decimal(0)) + (event.value or 0)
        if seen is not None:
            outcome = Outcome.DUPLICATE if seen == event.fingerprint else Outcome.CONFLICT
            answers.append(Answer(event, outcome))
        elif len(kept) >= MOST_EVENTS or size + event.size > MOST_BYTES:
            answers.append(Answer(event, Outcome.REFUSED, SubjectFull(most=len(kept))))
        elif total > most.get(event.name, MOST_TOTAL):
            answers.append(Answer(event, Outcome.REFUSED, _too_much(total)))
        else:
            known[event.key] = event.fingerprint
            kept.append(event)
            size += event.size
            if event.value is not None:
                totals[event.name] = total
            answers.append(Answer(event, Outcome.ACCEPTED))
    if len(kept) == len(head.events):
        return head, answers
    return replace(head, version=head.version + 1, totals=totals, events=tuple(kept)), answers


def _too_much(total: Decimal) -> Implausible:
    reason = "more in all than the session can have had"
    return Implausible(pointer="/data/value", reason=reason, total=plain(total))


def check_plausible(event: Event, subject: Subject, now: datetime) -> None:
    """Refuse what cannot be: a time far off, a meter that the tariff lacks, more time than the session had.

    Clocks may disagree by five minutes, and so may a thing's own measure of the time that it was used.
    """
    if event.time > now + AHEAD:
        raise TooEarly(pointer="/time", time=format_instant(event.time))
    if event.time < now - BEHIND:
        raise TooLate(pointer="/time", time=format_instant(event.time))
    if event.time < subject.started_at - AHEAD:
        raise Implausible(pointer="/time", reason="before the session began")
    if event.value is None:
        return
    if event.name not in subject.meters:
        raise BadEvent(pointer="/data/meter", reason="the session's tariff has no such meter", meter=event.name[:64])
    if event.value > subject.most_until(event.time).get(event.name, event.value):
        raise Implausible(pointer="/data/value", reason="more time than the session had", value=plain(event.value))
