"""What a partner may know of a subject: totals as they stand, hours and days, the replay, and where an event is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from chalicelib.kernel.time import Month, local_day, midnight
from chalicelib.metering.changes import is_mark, voided_by
from chalicelib.metering.errors import UnknownEvent, UnknownSubject
from chalicelib.metering.head import Head
from chalicelib.metering.meters import STEPS, Meter, Series, measured, quantity_of
from chalicelib.metering.model import Event, Key, Subject
from chalicelib.metering.ports import Heads, Subjects, Where
from chalicelib.metering.usage import Usage, in_pages, nodes_of, usages_of

_HOUR = timedelta(hours=1)


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


@dataclass(frozen=True, slots=True)
class Found:
    """An event, where it is, and the change that says that it does not count, if one does."""

    event: Event
    place: Place
    change_id: str | None = None


def owned(subject: str, month: Month, partner_id: str, *, heads: Heads, subjects: Subjects) -> Head:
    """The head, if the subject is the partner's; or `UnknownSubject`, which another partner's is too."""
    head = heads.find(subject, month)
    about: Subject | None = head.about or subjects.known([subject]).get(subject)
    if about is None or about.partner_id != partner_id:
        raise UnknownSubject(subject=subject[:64])
    return head


def standing(head: Head, now: datetime, *, heads: Heads) -> Standing:
    """The totals of the head, one item; only meters whose total no head can hold are computed from all events."""
    amounts = {series: total.value for series, total in head.totals.items()}
    computed = [meter for meter in head.meters.values() if meter.kind not in STEPS]
    if computed and head.count:
        (usage,) = usages_of([head], heads=heads)
        for meter in computed:
            amounts |= measured(meter, usage.events, _until(head, now))
    return Standing(head, amounts)


def _until(head: Head, now: datetime) -> datetime:
    return (head.about and head.about.ended_at) or now


def replayed(head: Head, *, heads: Heads) -> Usage:
    """All events of the month in order of time, with those that do not count any more."""
    return usages_of([head], heads=heads)[0]


def charted(
    usage: Usage, meter: Meter, zone: str, now: datetime, *, by_day: bool
) -> list[tuple[datetime, datetime, Decimal]]:
    """For each hour or local day in which something was reported: from, to, and what its events say by themselves."""
    apart: dict[datetime, list[Event]] = defaultdict(list)
    for event in usage.events:
        if event.name == meter.name:
            apart[_begin(event.time, zone, by_day=by_day)].append(event)
    rows = []
    for begin in sorted(apart):
        end = _begin(begin + (timedelta(hours=36) if by_day else _HOUR), zone, by_day=by_day)
        amount = quantity_of(meter, apart[begin], min(end, max(begin, now)))
        rows.append((begin, end, amount or Decimal(0)))
    return rows


def _begin(instant: datetime, zone: str, *, by_day: bool) -> datetime:
    if by_day:
        return midnight(local_day(instant, zone), zone)
    return instant.replace(minute=0, second=0, microsecond=0)


def located(subject: str, month: Month, key: Key, *, heads: Heads) -> Found:
    """Where an event is, or `UnknownEvent`."""
    (usage,) = usages_of([heads.find(subject, month)], heads=heads)
    event = next((each for each in usage.everything if each.key == key and not is_mark(each)), None)
    if event is not None:
        by = voided_by(event, usage.everything)
        return Found(event, Place.VOIDED if by else Place.COUNTED, by)
    for log in heads.logs(subject, month):
        waiting = next((each for each in log.events if each.key == key), None)
        if waiting is not None:
            return Found(waiting, Place.QUEUED)
    raise UnknownEvent(subject=subject[:64])


def already_counted(wanted: Mapping[Where, Sequence[Event]], *, heads: Heads) -> set[tuple[str, Key]]:
    """Of events that may be there, those that are: subject and key of each. Their payload is not looked at."""
    found = heads.many(list(wanted)) if wanted else {}
    keys_of = [(head, [event.key for event in wanted[where]]) for where, head in found.items()]
    older = in_pages(keys_of, nodes_of(list(found.values()), heads=heads), heads=heads)
    there: set[tuple[str, Key]] = set()
    for head, keys in keys_of:
        known = {*head.tail.keys(), *older.get((head.subject, head.month), ())}
        there |= {(head.subject, key) for key in keys if key in known}
    return there
