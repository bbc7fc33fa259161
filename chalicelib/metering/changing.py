"""Void, amend, fill anew: one transaction over the months of one subject, recorded, and it can be taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.kernel.ids import digest
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Interval, Month, format_instant
from chalicelib.metering.changes import (
    Change,
    ChangeKind,
    brought_by,
    effective,
    revert_mark,
    totals_of,
    void_mark,
    voided_by,
)
from chalicelib.metering.errors import (
    ChangeTaken,
    EventVoided,
    HeadChanged,
    Implausible,
    OtherMonth,
    SubjectBusy,
    UnknownChange,
    UnknownEvent,
    UnknownSubject,
    UsageErased,
)
from chalicelib.metering.fold import fold, settled
from chalicelib.metering.head import Head
from chalicelib.metering.limits import reached
from chalicelib.metering.meters import Kind
from chalicelib.metering.model import FURTHEST_BACK, Event, Outcome, Subject, check_plausible
from chalicelib.metering.service import Taking
from chalicelib.metering.usage import Usage, nodes_of, usages_of

MOST_EVENTS = 1_000
_TRIES = 6
Marks = Sequence[Event]


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that somebody asks for, under a name of theirs."""

    change_id: str
    partner_id: str
    subject: str
    reason: str


def void(asked: Asked, month: Month, key: tuple[str, str], taking: Taking) -> Change:
    """One event does not count any more."""

    def marks(usages: Mapping[Month, Usage]) -> tuple[Marks, Marks]:
        return [_counting(usages[month], key)], []

    return _change(asked, ChangeKind.VOID, [month], marks, taking=taking, what=[list(key)])


def amend(asked: Asked, month: Month, key: tuple[str, str], instead: Event, taking: Taking) -> Change:
    """Another event counts in the place of one; it lies in the same month."""
    if Month.of(instead.time, taking.zone) != month:
        raise OtherMonth(pointer="/event/time", month=str(month))

    def marks(usages: Mapping[Month, Usage]) -> tuple[Marks, Marks]:
        return [_counting(usages[month], key)], [instead]

    return _change(asked, ChangeKind.AMEND, [month], marks, taking=taking, what=[list(key), _row(instead)])


def backfill(asked: Asked, stretch: Interval, events: Sequence[Event], taking: Taking) -> Change:
    """In a stretch of time the given events count, and none that was reported for the same meters before."""
    months = sorted({Month.of(stretch.start, taking.zone), Month.of(stretch.end, taking.zone)})
    if len(months) > 1:
        between = months[0].next
        while between < months[-1]:
            months.insert(-1, between)
            between = between.next
    names = {event.name for event in events}
    if not all(stretch.holds(event.time) for event in events):
        raise Implausible(pointer="/events", reason="all events lie between from and to")

    def marks(usages: Mapping[Month, Usage]) -> tuple[Marks, Marks]:
        there = [each for usage in usages.values() for each in usage.events]
        return [each for each in there if stretch.holds(each.time) and each.name in names], events

    what = [format_instant(stretch.start), format_instant(stretch.end), [_row(each) for each in events]]
    return _change(asked, ChangeKind.BACKFILL, months, marks, taking=taking, what=what)


def revert(partner_id: str, change_id: str, taking: Taking) -> Change:
    """Nothing of the change holds any more. Taken back again it stays so."""
    for _ in range(_TRIES):
        change = taking.heads.change(partner_id, change_id)
        if change is None:
            raise UnknownChange(change_id=change_id[:64])
        if change.reverted_at is not None:
            return change
        months = [Month.parse(each) for each in change.months]
        usages = usages_for(change.subject, months, taking)
        marked = {
            month: [revert_mark(change_id, change.subject, _within(usage, month, taking.zone))]
            for month, usage in usages.items()
        }
        done = replace(change, reverted_at=taking.now)
        try:
            return _store(done, usages, marked, taking, first=False)
        except HeadChanged:
            continue
    raise SubjectBusy(change_id=change_id[:64])


def _within(usage: Usage, month: Month, zone: str) -> datetime:
    return usage.everything[0].time if usage.everything else month.interval(zone).start


def _change(
    asked: Asked,
    kind: ChangeKind,
    months: Sequence[Month],
    marks: Callable[[Mapping[Month, Usage]], tuple[Marks, Marks]],
    *,
    taking: Taking,
    what: Sequence[object],
) -> Change:
    fingerprint = digest([asked.partner_id, asked.subject, str(kind), list(what)])
    for _ in range(_TRIES):
        before = taking.heads.change(asked.partner_id, asked.change_id)
        if before is not None:
            if before.digest != fingerprint:
                raise ChangeTaken(change_id=asked.change_id)
            return before
        usages = usages_for(asked.subject, months, taking, asked.partner_id)
        voided, added = marks(usages)
        marked: dict[Month, list[Event]] = {month: [] for month in months}
        for each in voided:
            marked[Month.of(each.time, taking.zone)].append(void_mark(asked.change_id, each))
        for each in added:
            marked[Month.of(each.time, taking.zone)].append(brought_by(asked.change_id, each))
        change = Change(
            change_id=asked.change_id,
            partner_id=asked.partner_id,
            subject=asked.subject,
            kind=kind,
            reason=asked.reason,
            made_at=taking.now,
            voided=len(voided),
            added=len(added),
            months=tuple(str(month) for month, rows in marked.items() if rows),
            digest=fingerprint,
        )
        try:
            return _store(change, usages, marked, taking, first=True)
        except HeadChanged:
            continue
    raise SubjectBusy(change_id=asked.change_id)


def usages_for(
    subject: str, months: Sequence[Month], taking: Taking, partner_id: str | None = None
) -> dict[Month, Usage]:
    """The months with all their events; each head knows its subject."""
    found = usages_of(list(taking.heads.many([(subject, month) for month in months]).values()), heads=taking.heads)
    about = next((each.head.about for each in found if each.head.about), None)
    about = about or taking.subjects.known([subject]).get(subject)
    if about is None or partner_id not in (None, about.partner_id):
        raise UnknownSubject(pointer="/subject", subject=subject[:64])
    if any(each.head.erased for each in found):
        raise UsageErased(subject=subject[:64])
    meters = next((each.head.meters for each in found if each.head.about), None)
    if meters is None:
        defined = taking.heads.meters(about.partner_id)
        meters = {name: defined[name] for name in about.meters if name in defined}
    return {
        each.head.month: each if each.head.about else replace(each, head=replace(each.head, about=about, meters=meters))
        for each in found
    }


def _counting(usage: Usage, key: tuple[str, str]) -> Event:
    found = next((each for each in usage.everything if each.key == key), None)
    if found is None:
        raise UnknownEvent(subject=usage.head.subject[:64])
    by = voided_by(found, usage.everything)
    if by is not None:
        raise EventVoided(change_id=by)
    return found


def _store(
    change: Change,
    usages: Mapping[Month, Usage],
    marked: Mapping[Month, Sequence[Event]],
    taking: Taking,
    *,
    first: bool,
) -> Change:
    """Heads and record in one transaction; of an ended session the charge is looked at again by the same one."""
    heads, about, writes = taking.heads, _about(usages), []
    changed = {month: _with_marks(usages[month], rows, taking) for month, rows in marked.items() if rows}
    _check_totals(about, [changed.get(month, usage.head) for month, usage in usages.items()], taking.now)
    for month, head in changed.items():
        before = usages[month].head
        new = settled(head, nodes_of([before], heads=heads), first=not before.count)
        heads.prepare([new])
        told = [heads.telling(new.head, each, taking.now) for each in reached(before, head)]
        writes += [heads.saving(new), *told]
    writes += [heads.unchanged(usage.head) for month, usage in usages.items() if month not in changed]
    writes += heads.changing(change, first=first)
    if about.ended_at is not None:
        writes += taking.subjects.hearing(about)
    return taking.commit(writes, change)


def _about(usages: Mapping[Month, Usage]) -> Subject:
    return next(usage.head.about for usage in usages.values() if usage.head.about)


def _with_marks(usage: Usage, rows: Sequence[Event], taking: Taking) -> Head:
    """The head with the marks, its totals made anew of what counts then."""
    for event in rows:
        if event.value is not None:
            _check(event, usage.head, taking.now)
    after, answers = fold(replace(usage.head, limits={}), rows)
    refused = next((each for each in answers if each.outcome is not Outcome.ACCEPTED), None)
    if refused is not None:
        raise refused.refusal or ChangeTaken(change_id=rows[0].source[:64])
    totals = totals_of(effective([*usage.everything, *rows]), usage.head.meter)
    return replace(after, totals=totals, limits=usage.head.limits)


def _check(event: Event, head: Head, now: datetime) -> None:
    if head.about is None:
        raise LookupError("a head that is worked on knows its subject")
    meter = head.meters.get(event.name)
    of_time = meter is None or meter.kind is Kind.SUM
    check_plausible(event, head.about, now, of_time=of_time, behind=FURTHEST_BACK)
    if meter is not None:
        meter.check_value(event)


def _check_totals(about: Subject, heads: Sequence[Head], now: datetime) -> None:
    """What all months say together stays within what the session can have had."""
    for name, most in about.most(now).items():
        total = sum(head.total(name) or 0 for head in heads)
        if total > most and heads[0].meter(name).kind is Kind.SUM:
            reason = "more in all than the session can have had"
            raise Implausible(pointer="/events", reason=reason, total=plain(most.__class__(total)))


def _row(event: Event) -> list[object]:
    value = None if event.value is None else plain(event.value)
    dimensions = [list(pair) for pair in event.dimensions]
    return [event.source, event.event_id, format_instant(event.time), event.name, value, event.place_id, dimensions]
