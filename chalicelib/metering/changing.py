"""Void, amend, fill anew: one transaction over the months of one subject, recorded, and it can be taken back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.ids import digest
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Interval, Month, format_instant
from chalicelib.metering.changes import (
    Change,
    ChangeKind,
    brought_by,
    change_of,
    effective,
    is_mark,
    revert_mark,
    reverted_in,
    totals_of,
    void_mark,
    voided_by,
)
from chalicelib.metering.errors import (
    BadEvent,
    ChangeTaken,
    EventBeside,
    EventVoided,
    HeadChanged,
    Implausible,
    OtherMonth,
    SubjectBusy,
    TooEarly,
    TooLate,
    UnknownChange,
    UnknownEvent,
    UnknownSubject,
    UsageErased,
)
from chalicelib.metering.fold import fold, settled
from chalicelib.metering.head import Head
from chalicelib.metering.limits import reached
from chalicelib.metering.lines import line_of
from chalicelib.metering.meters import Kind, Limit, Meter
from chalicelib.metering.model import AHEAD, ALWAYS, FURTHEST_BACK, Event, Key, Outcome, Subject, check_plausible
from chalicelib.metering.ports import Where
from chalicelib.metering.service import Taking, carried
from chalicelib.metering.usage import Usage, months_between, nodes_of, usages_of

MOST_EVENTS = 1_000
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that somebody asks for, under a name of theirs."""

    change_id: str
    partner_id: str
    subject: str
    reason: str


class Effect(NamedTuple):
    """What a change does: how many events it takes out, which are marked for it, and which it brings."""

    voided: int
    marked: Sequence[Event]
    added: Sequence[Event] = ()


Effects = Callable[[Mapping[Month, Usage]], Effect]


def void(asked: Asked, month: Month, key: Key, taking: Taking) -> Change:
    """One event does not count any more, nor what it was an amendment of."""

    def effect(usages: Mapping[Month, Usage]) -> Effect:
        return Effect(1, _line(usages[month], key))

    return _change(asked, ChangeKind.VOID, [month], effect, taking=taking, what=[list(key)])


def amend(asked: Asked, month: Month, key: Key, instead: Event, taking: Taking) -> Change:
    """Another event counts in the place of one; it lies in the same month."""
    if Month.of(instead.time, taking.zone) != month:
        raise OtherMonth(pointer="/time", month=str(month))

    def effect(usages: Mapping[Month, Usage]) -> Effect:
        return Effect(1, _line(usages[month], key), [instead])

    return _change(asked, ChangeKind.AMEND, [month], effect, taking=taking, what=[list(key), _row(instead)])


def backfill(asked: Asked, stretch: Interval, events: Sequence[Event], taking: Taking) -> Change:
    """In a stretch of time the given events count, and none that was reported for the same meters before."""
    _check_stretch(stretch, events, taking)
    names = {event.name for event in events}
    months = [Month.of(stretch.start, taking.zone)]
    while months[-1] < Month.of(stretch.end, taking.zone):
        months.append(months[-1].next)

    def effect(usages: Mapping[Month, Usage]) -> Effect:
        """Also what does not count just now is marked: it may be that by a change that is taken back later."""
        there = {month: _alive(usage) for month, usage in usages.items()}
        marked = [each for own in there.values() for each in own if stretch.holds(each.time) and each.name in names]
        _check_new(events, [each for own in there.values() for each in own if each not in marked], taking.zone)
        counting = {each.key for usage in usages.values() for each in usage.events}
        return Effect(sum(each.key in counting for each in marked), marked, events)

    what = [format_instant(stretch.start), format_instant(stretch.end), [_row(each) for each in events]]
    return _change(asked, ChangeKind.BACKFILL, months, effect, taking=taking, what=what)


def _check_stretch(stretch: Interval, events: Sequence[Event], taking: Taking) -> None:
    """It reaches no further back than events may, and no further ahead than clocks are; each event lies in it, once."""
    if stretch.start < taking.now - FURTHEST_BACK:
        raise TooLate(pointer="/from", time=format_instant(stretch.start), reason="at most 400 days ago")
    if stretch.end > taking.now + AHEAD:
        raise TooEarly(pointer="/to", time=format_instant(stretch.end))
    known = set[tuple[Month, Key]]()
    for number, event in enumerate(events):
        if not stretch.holds(event.time):
            raise Implausible(pointer=f"/events/{number}/time", reason="all events lie between from and to")
        key = Month.of(event.time, taking.zone), event.key
        if key in known:
            raise BadEvent(pointer=f"/events/{number}/id", reason="the same source and id twice")
        known.add(key)


def _check_new(events: Sequence[Event], others: Iterable[Event], zone: str) -> None:
    """What stays beside the stretch is nothing that it brings."""
    lines = {(Month.of(each.time, zone), line_of(each)) for each in others}
    for number, event in enumerate(events):
        if (Month.of(event.time, zone), line_of(event)) in lines:
            raise EventBeside(pointer=f"/events/{number}/id")


def _alive(usage: Usage) -> list[Event]:
    """All that was reported or brought, without what a change brought that was taken back."""
    reverted = reverted_in(usage.everything)
    return [each for each in usage.everything if not is_mark(each) and change_of(each) not in reverted]


def _line(usage: Usage, key: Key) -> list[Event]:
    """The event, which counts, with all that it was an amendment of: none of them counts again if that is reverted."""
    found = next((each for each in usage.everything if each.key == key and not is_mark(each)), None)
    if found is None:
        raise UnknownEvent(subject=usage.head.subject[:64])
    by = voided_by(usage.everything)(found)
    if by is not None:
        raise EventVoided(change_id=by)
    return [each for each in _alive(usage) if line_of(each) == line_of(found)]


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
    effects: Effects,
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
        effect = effects(usages)
        marked: dict[Month, list[Event]] = {month: [] for month in months}
        for each in effect.marked:
            marked[Month.of(each.time, taking.zone)].append(void_mark(asked.change_id, each))
        for number, each in enumerate(effect.added):
            month = Month.of(each.time, taking.zone)
            _check(each, usages[month].head, taking.now, f"/events/{number}" if kind is ChangeKind.BACKFILL else "")
            marked[month].append(brought_by(asked.change_id, each))
        change = Change(
            change_id=asked.change_id,
            partner_id=asked.partner_id,
            subject=asked.subject,
            kind=kind,
            reason=asked.reason,
            made_at=taking.now,
            voided=effect.voided,
            added=len(effect.added),
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
    new = {(subject, each.head.month): about for each in found if not each.head.version}
    limits = carried(new, taking) if new else {}
    return {
        each.head.month: each if each.head.about else replace(each, head=_introduced(each.head, about, meters, limits))
        for each in found
    }


def _introduced(
    head: Head, about: Subject, meters: Mapping[str, Meter], limits: Mapping[Where, Mapping[str, Limit]]
) -> Head:
    return replace(head, about=about, meters=meters, limits=limits.get((head.subject, head.month), head.limits))


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
    changed = {month: _with_marks(usages[month], rows) for month, rows in marked.items() if rows}
    others = _other_months(about, usages, taking)
    _check_totals(about, [*(changed.get(month, usage.head) for month, usage in usages.items()), *others], taking.now)
    for month, head in changed.items():
        before = usages[month].head
        new = settled(head, nodes_of([before], heads=heads), first=not before.count)
        heads.prepare([new])
        told = [heads.telling(new.head, each, taking.now) for each in reached(before, head)]
        writes += [heads.saving(new), *told]
    writes += [heads.unchanged(usage.head) for month, usage in usages.items() if month not in changed]
    writes += map(heads.unchanged, others)
    writes += heads.changing(change, first=first)
    if about.ended_at is not None:
        writes += taking.subjects.hearing(about)
    return taking.commit(writes, change)


def _about(usages: Mapping[Month, Usage]) -> Subject:
    return next(usage.head.about for usage in usages.values() if usage.head.about)


def _other_months(about: Subject, usages: Mapping[Month, Usage], taking: Taking) -> list[Head]:
    """What is measured in time, or so much an hour, is bounded by what all months of a session say together.

    Whether one that has ended was erased, the head of the month of its end says.
    """
    if about.started_at == ALWAYS:
        return []
    bounded = bool(about.most(taking.now))
    months = {*months_between(about.started_at, taking.now + AHEAD, taking.zone)} if bounded else set[Month]()
    if about.ended_at is not None:
        months.add(Month.of(about.ended_at, taking.zone))
    wanted = [(about.subject, month) for month in sorted(months) if month not in usages]
    found = list(taking.heads.many(wanted).values()) if wanted else []
    if any(each.erased for each in found):
        raise UsageErased(subject=about.subject[:64])
    return found


def _with_marks(usage: Usage, rows: Sequence[Event]) -> Head:
    """The head with the marks, its totals made anew of what counts then."""
    after, answers = fold(replace(usage.head, limits={}), rows)
    refused = next((each for each in answers if each.outcome is not Outcome.ACCEPTED), None)
    if refused is not None:
        raise refused.refusal or ChangeTaken(change_id=rows[0].source[:64])
    totals = totals_of(effective([*usage.everything, *rows]), usage.head.meter)
    return replace(after, totals=totals, limits=usage.head.limits)


def _check(event: Event, head: Head, now: datetime, at: str) -> None:
    """A refusal points at the event `at` its place in the body."""
    if head.about is None:
        raise LookupError("a head that is worked on knows its subject")
    meter = head.meters.get(event.name)
    of_time = meter is None or meter.kind is Kind.SUM
    try:
        check_plausible(event, head.about, now, of_time=of_time, behind=FURTHEST_BACK)
        if meter is not None and event.value is not None:
            meter.check_value(event)
    except Refusal as refusal:
        refusal.facts["pointer"] = f"{at}{refusal.facts.get('pointer', '')}"
        raise


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
