"""Events, the head that counts them, and the pure step from one head to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.ids import digest
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, format_instant
from chalicelib.metering.errors import BadEvent, Implausible, SubjectFull, TooEarly, TooLate

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(days=35)
MOST_EVENTS = 2_000
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


def fold(head: Head, events: Sequence[Event]) -> tuple[Head, list[Answer]]:
    """Count the events that are new; the head's version rises by one if any is.

    An event sent again is a duplicate; the same key with another payload is a conflict, and the first one stays.
    """
    known = {each.key: each.fingerprint for each in head.events}
    totals, kept, answers = dict(head.totals), list(head.events), []
    for event in events:
        seen = known.get(event.key)
        if seen is not None:
            outcome = Outcome.DUPLICATE if seen == event.fingerprint else Outcome.CONFLICT
            answers.append(Answer(event, outcome))
        elif len(kept) >= MOST_EVENTS:
            answers.append(Answer(event, Outcome.REFUSED, SubjectFull(most=MOST_EVENTS)))
        else:
            known[event.key] = event.fingerprint
            kept.append(event)
            if event.value is not None:
                totals[event.name] = totals.get(event.name, Decimal(0)) + event.value
            answers.append(Answer(event, Outcome.ACCEPTED))
    if len(kept) == len(head.events):
        return head, answers
    return replace(head, version=head.version + 1, totals=totals, events=tuple(kept)), answers


def check_plausible(event: Event, subject: Subject, now: datetime) -> None:
    """Refuse what cannot be: a time far off, a meter that the tariff lacks, more seconds than the session had.

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
    if subject.meters[event.name] == "s":
        most = event.time - subject.started_at + AHEAD
        if event.value > Decimal(int(most.total_seconds())):
            raise Implausible(
                pointer="/data/value", reason="more seconds than the session had", value=plain(event.value)
            )
