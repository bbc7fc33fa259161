"""What a partner may know of a subject: totals as they stand, hours and days, the replay, and where an event is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month, local_day, midnight
from chalicelib.metering.changes import is_mark, voided_by
from chalicelib.metering.columns import Given
from chalicelib.metering.errors import BadEvent, UnknownEvent, UnknownSubject
from chalicelib.metering.head import Head
from chalicelib.metering.meters import STEPS, Meter, Series
from chalicelib.metering.model import Event, Key, Subject
from chalicelib.metering.ports import Heads, Log, Subjects, Where
from chalicelib.metering.spreading import spread, spread_by_series
from chalicelib.metering.usage import Usage, in_pages, nodes_of, usages_of

_HOUR = timedelta(hours=1)
Refused = Callable[[Log, Event], Refusal | None]
"""Why an event of a log does not count, if it is refused."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject's month as it stands: the head, and the amount of each series."""

    head: Head
    amounts: Mapping[Series, Decimal]


class Place(StrEnum):
    """Where an event is."""

    COUNTED = "counted"
    VOIDED = "voided"
    QUEUED = "queued"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Found:
    """An event, where it is, and the change that says that it does not count, or the refusal, if there is one."""

    event: Event
    place: Place
    change_id: str | None = None
    refusal: Refusal | None = None


def owned(subject: str, month: Month, partner_id: str, *, heads: Heads, subjects: Subjects) -> Head:
    """The head, if the subject is the partner's; or `UnknownSubject`, which another partner's is too."""
    head = heads.find(subject, month)
    about: Subject | None = head.about or subjects.known([subject]).get(subject)
    if about is None or about.partner_id != partner_id:
        raise UnknownSubject(subject=subject[:64])
    if head.about is not None:
        return head
    defined = heads.meters(partner_id)
    return replace(head, about=about, meters={name: defined[name] for name in about.meters if name in defined})


def standing(head: Head, now: datetime, zone: str, *, heads: Heads) -> Standing:
    """The totals of the head, one item; only meters whose total no head can hold are computed from all events."""
    amounts = {series: total.value for series, total in head.totals.items()}
    if head.erased is None and any(meter.kind not in STEPS for meter in head.meters.values()):
        known = [*earlier(head, zone, heads=heads), *usages_of([head], heads=heads)]
        amounts |= computed(head, [event for usage in known for event in usage.events], zone, now)
    return Standing(head, amounts)


def computed(head: Head, events: Sequence[Event], zone: str, now: datetime) -> dict[Series, Decimal]:
    """What the meters whose total no head can hold say of the month, by all events up to its end.

    What goes on over a month's edge is cut there, and what a register shows more belongs to the time at which it shows
    it, so months add up to what the subject is charged. A series of which something was reported in the month is never
    left out: a register's first reading, or a stop of what does not run, comes to 0.
    """
    month = head.month.interval(zone)
    until = (head.about and head.about.ended_at) or now
    found: dict[Series, Decimal] = {}
    for meter in (each for each in head.meters.values() if each.kind not in STEPS):
        own = [event for event in events if event.name == meter.name and event.value is not None]
        found |= {meter.series(event): Decimal(0) for event in own if month.holds(event.time)}
        amounts = spread_by_series(meter, own, [month.start, month.end], until)
        found |= {series: amount for series, (amount,) in amounts.items() if amount is not None}
    return found


def earlier(head: Head, zone: str, *, heads: Heads) -> list[Usage]:
    """What was said before the month, and may go on in it, as far back as events may come."""
    goes_on = any(meter.goes_on for meter in head.meters.values())
    if not goes_on or head.about is None or Month.of(head.about.started_at, zone) >= head.month:
        return []
    first = Month(head.month.year - 1, head.month.number).previous
    found = [each for each in heads.all_of(head.subject) if first <= each.month < head.month and not each.erased]
    return usages_of(found, heads=heads)


def metered(head: Head, meter: str) -> Meter:
    """How the subject's meter is counted, if it has that."""
    if head.about is None or meter not in head.about.meters:
        raise BadEvent(pointer="/meter", reason="the session's tariff has no such meter", meter=meter[:64])
    return head.meter(meter)


def charted(
    usage: Usage, before: Sequence[Usage], meter: Meter, zone: str, now: datetime, *, by_day: bool
) -> list[tuple[datetime, datetime, Decimal]]:
    """For each hour or local day of the month of which something is said: from, to, and how much of it lies there.

    `before` are the months before, which may go on in this one.
    """
    head, month = usage.head, usage.head.month.interval(zone)
    cuts = [month.start]
    while cuts[-1] < month.end:
        cuts.append(min(_end(cuts[-1], zone, by_day=by_day), month.end))
    events = [event for each in (*before, usage) for event in each.events]
    amounts = spread(meter, events, cuts, (head.about and head.about.ended_at) or now)
    return [(begin, end, each) for (begin, end), each in zip(pairwise(cuts), amounts, strict=True) if each is not None]


def _end(begin: datetime, zone: str, *, by_day: bool) -> datetime:
    """Of the local day, or of the hour."""
    if by_day:
        return midnight(local_day(begin + timedelta(hours=36), zone), zone)
    return begin.replace(minute=0, second=0, microsecond=0) + _HOUR


def replayed(head: Head, *, heads: Heads) -> Usage:
    """All events of the month in order of time, with those that do not count any more."""
    return usages_of([head], heads=heads)[0]


def located(subject: str, month: Month, key: Key, refused: Refused, *, heads: Heads) -> Found:
    """Where an event is, or `UnknownEvent`. One that waited, or waits, to be counted may be refused by the worker."""
    (usage,) = usages_of([heads.find(subject, month)], heads=heads)
    event = next((each for each in usage.everything if each.key == key and not is_mark(each)), None)
    if event is not None:
        by = voided_by(usage.everything)(event)
        return Found(event, Place.VOIDED if by else Place.COUNTED, by)
    for log in heads.logs(subject, month):
        waiting = next((each for each in log.events if each.key == key), None)
        if waiting is not None:
            refusal = refused(log, waiting)
            return Found(waiting, Place.REFUSED if refusal else Place.QUEUED, refusal=refusal)
    raise UnknownEvent(subject=subject[:64])


def already_counted(wanted: Mapping[Where, Sequence[Event]], *, heads: Heads) -> set[tuple[str, Key]]:
    """Of events that may be there, those that are: subject and key of each. Their payload is not looked at."""
    found = heads.many(list(wanted)) if wanted else {}
    given = [(head, Given.of(wanted[where])) for where, head in found.items()]
    older = in_pages(
        [(head, (each.keys, each.ids)) for head, each in given],
        nodes_of(list(found.values()), heads=heads),
        heads=heads,
    )
    there: set[tuple[str, Key]] = set()
    for head, each in given:
        known = {*head.tail.keys(), *older.get((head.subject, head.month), ())}
        there |= {(head.subject, key) for key in each.keys if key in known}
    return there
