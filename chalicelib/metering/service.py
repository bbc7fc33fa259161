"""Take in events: each counts once, however it comes.

A round reads the heads of all subjects of a batch at once, looks for events that are already there, folds, writes new
pages, then each head on condition of the version that was read. Nobody sees a page before its head names it, so a crash
in between leaves nothing but a page that no head names. What another writer was faster on goes into the next round.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import SECONDS_IN, Month, micros
from chalicelib.kernel.writes import Commit
from chalicelib.metering.columns import Given
from chalicelib.metering.errors import HeadChanged, SubjectBusy, UnknownSubject, UsageErased
from chalicelib.metering.fold import NO_BOUNDS, NOTHING_SEEN, Settled, fold_given, settled, unseen
from chalicelib.metering.grouping import Group, grouped
from chalicelib.metering.head import Head, with_subject
from chalicelib.metering.limits import Reached, reached
from chalicelib.metering.meters import Kind, Limit, Meter, surely_plausible
from chalicelib.metering.model import (
    AHEAD,
    ALWAYS,
    BEHIND,
    FAULT,
    FURTHEST_BACK,
    Answer,
    Event,
    Key,
    Outcome,
    Subject,
    check_plausible,
)
from chalicelib.metering.page_refs import PageRef
from chalicelib.metering.ports import Heads, Log, Subjects, Where
from chalicelib.metering.usage import in_pages, months_between, nodes_of

ROUNDS = 5
_LOOKED_BACK = 13
"""As many months as events may come for."""
Pause = Callable[[int], None]
"""Waits before the next round; jitter and clock are the caller's."""


@dataclass(frozen=True)
class Taking:
    """What taking in needs from outside."""

    zone: str
    heads: Heads
    subjects: Subjects
    now: datetime
    commit: Commit
    pause: Pause
    behind: timedelta = BEHIND
    """How old an event may be."""

    @cached_property
    def within(self) -> tuple[int, int]:
        """Between which times events may lie, in microseconds since 1970."""
        return micros(self.now - self.behind), micros(self.now + AHEAD)


class Work(NamedTuple):
    """A group with what was read for it: the head, which carries its subject, and the heads of other months."""

    group: Group
    head: Head
    others: tuple[Head, ...]
    bounded: bool
    """Whether what all months of the subject say together is bounded."""

    @property
    def about(self) -> Subject:
        """What the events are about."""
        if self.head.about is None:
            raise LookupError("a head that is worked on knows its subject")
        return self.head.about


class Folded(NamedTuple):
    """A group's head as it is to be, and its answers, which hold once that is stored."""

    work: Work
    settled: Settled | None
    answers: Sequence[Answer]
    reached: tuple[Reached, ...] = ()
    heard: bool = False
    """Whether whoever knows the subject is told of it at once: it has ended, or something says that it is over."""


def ingest(
    events: Sequence[Event],
    *,
    partner_id: str,
    zone: str,
    heads: Heads,
    subjects: Subjects,
    now: datetime,
    commit: Commit,
    pause: Pause = lambda _attempt: None,
) -> list[Answer]:
    """The same as `take_in`, from its parts."""
    return take_in(events, partner_id, Taking(zone, heads, subjects, now, commit, pause))


def take_in(events: Sequence[Event], partner_id: str, taking: Taking) -> list[Answer]:
    """Count each event once; answer for each in the order given. What stays contended is saved for a worker."""
    answers: dict[int, Answer] = {}
    left = grouped(events, taking.zone) if events else []
    for attempt in range(ROUNDS):
        if attempt:
            taking.pause(attempt)
        left = one_round(left, answers, taking, partner_id)
        if not left:
            break
    for group in left:
        answers |= _spill(group, taking)
    return [answers[number] for number in range(len(events))]


def one_round(
    groups: Sequence[Group], answers: dict[int, Answer], taking: Taking, partner_id: str | None
) -> list[Group]:
    """Answer what can be answered; the groups on whose head another writer was faster are left."""
    works = _read(groups, answers, taking, partner_id)
    folded = _folded(works, taking)
    taking.heads.prepare([each.settled for each in folded if each.settled])
    left = []
    for each, stored in zip(folded, _store(folded, taking), strict=True):
        group = each.work.group
        if stored:
            answers.update(zip(group.numbers, each.answers, strict=True))
        else:
            left.append(group)
    return left


def _read(groups: Sequence[Group], answers: dict[int, Answer], taking: Taking, partner_id: str | None) -> list[Work]:
    """The heads, and what is not written on them yet: whose subject it is, and how its meters are counted."""
    found = taking.heads.many([group.where for group in groups])
    strange = sorted({subject for (subject, _), head in found.items() if head.about is None})
    known = taking.subjects.known(strange) if strange else {}
    owners = {about.partner_id for about in known.values() if partner_id in (None, about.partner_id)}
    defined = {owner: taking.heads.meters(owner) for owner in sorted(owners)}
    new = {where: known[where[0]] for where, head in found.items() if head.version == 0 and where[0] in known}
    limits = carried(new, taking) if new else {}
    works = []
    for group in groups:
        head = found[group.where]
        if head.about is None:
            head = _introduced(head, known.get(group.subject), defined)
        if limits and group.where in limits:
            head = replace(head, limits=limits[group.where])
        if head.about is None or partner_id not in (None, head.about.partner_id):
            answers |= group.answered(Outcome.REFUSED, UnknownSubject(pointer="/subject", subject=group.subject[:64]))
            continue
        if head.erased is not None:
            answers |= group.answered(Outcome.REFUSED, UsageErased(pointer="/subject", subject=group.subject[:64]))
            continue
        plausible = _plausible(group, head, answers, taking)
        if plausible.events:
            works.append((plausible, head))
    return _with_others(works, answers, taking)


def carried(new: Mapping[Where, Subject], taking: Taking) -> dict[Where, Mapping[str, Limit]]:
    """A month that is new for a subject begins with the limits of the last one in which it had a head."""
    before: dict[Where, list[Where]] = {}
    began = {month: month.interval(taking.zone).start for month in {month for _, month in new}}
    for (subject, month), about in new.items():
        if about.started_at >= began[month]:
            continue
        first, each = Month.of(about.started_at, taking.zone), month
        while first < each and len(before.get((subject, month), ())) < _LOOKED_BACK:
            each = each.previous
            before.setdefault((subject, month), []).append((subject, each))
    found = dict(taking.heads.many([months[0] for months in before.values()])) if before else {}
    further = [each for months in before.values() if not found[months[0]].version for each in months[1:]]
    if further:
        found |= taking.heads.many(further)
    last = {
        where: next((found[each] for each in months if found[each].version), None) for where, months in before.items()
    }
    return {where: head.limits for where, head in last.items() if head is not None and head.limits}


def _introduced(head: Head, about: Subject | None, defined: Mapping[str, Mapping[str, Meter]]) -> Head:
    """A head that knows its subject."""
    if about is None:
        return head
    meters = defined.get(about.partner_id, {})
    own = {name: meters[name] for name in about.meters if name in meters} if meters else {}
    return with_subject(head, about, own)


def _plausible(group: Group, head: Head, answers: dict[int, Answer], taking: Taking) -> Group:
    """Without the events that cannot be, which are answered."""
    about = head.about
    if about is not None and surely_plausible(group.events, group.names, about, head.meters, *taking.within):
        return group
    kept = []
    for at, (number, event) in enumerate(zip(group.numbers, group.events, strict=True)):
        try:
            _check(event, head, taking)
        except Refusal as refusal:
            answers[number] = Answer(event, Outcome.REFUSED, refusal)
        else:
            kept.append(at)
    given = group.given.among(kept)
    return Group(group.where, [group.numbers[at] for at in kept], given, given.names)


def _check(event: Event, head: Head, taking: Taking) -> None:
    if head.about is None:
        raise LookupError("a head that is worked on knows its subject")
    meter = head.meters.get(event.name)
    of_time = meter is None or meter.kind is Kind.SUM
    check_plausible(event, head.about, taking.now, of_time=of_time, behind=taking.behind)
    if meter is not None and event.value is not None:
        meter.check_value(event)


def _with_others(works: Sequence[tuple[Group, Head]], answers: dict[int, Answer], taking: Taking) -> list[Work]:
    """A subject that passes a month's end has a head in each month, and what all of them say together is bounded.

    Whether one that has ended was erased, the head of the month of its end says, also to a month that has none.
    """
    wanted: dict[Where, list[Where]] = {}
    bounded = [_is_bounded(group, head) for group, head in works]
    for (group, head), counts in zip(works, bounded, strict=True):
        months = _other_months(head, taking, whole=counts)
        if months:
            wanted[group.where] = [(group.subject, month) for month in sorted(months)]
    others = sorted({where for each in wanted.values() for where in each}, key=str)
    found = taking.heads.many(others) if others else {}
    done = []
    for (group, head), counts in zip(works, bounded, strict=True):
        beside = tuple([found[where] for where in wanted.get(group.where, ())]) if wanted else ()
        if any(each.erased for each in beside):
            answers |= group.answered(Outcome.REFUSED, UsageErased(pointer="/subject", subject=group.subject[:64]))
        else:
            done.append(Work(group, head, beside, counts))
    return done


def _other_months(head: Head, taking: Taking, *, whole: bool) -> set[Month]:
    """The months of the subject, if the whole of it counts, and that of its end, if nothing was known of this month."""
    about = head.about
    if about is None or not (whole or (about.ended_at and not head.version)):
        return set()
    months = {*months_between(about.started_at, taking.now + AHEAD, taking.zone)} if whole else set[Month]()
    if about.ended_at is not None and not head.version:
        months.add(Month.of(about.ended_at, taking.zone))
    return months - {head.month}


def _is_bounded(group: Group, head: Head) -> bool:
    about = head.about
    if about is None or about.started_at == ALWAYS:
        return False
    units, bounds = about.meters, about.most_per_hour
    return any(units.get(name) in SECONDS_IN or name in bounds for name in group.names)


def _folded(works: Sequence[Work], taking: Taking) -> list[Folded]:
    """Each group folded into its head, in memory."""
    missing = [(work.head, unseen(work.head, work.group.given)) for work in works if work.head.pages or work.head.nodes]
    nodes = nodes_of([head for head, (keys, _) in missing if keys], heads=taking.heads)
    seen = in_pages(missing, nodes, heads=taking.heads)
    return [
        _fold_in(work, seen.get(work.group.where, NOTHING_SEEN) if seen else NOTHING_SEEN, nodes, taking.now)
        for work in works
    ]


def _fold_in(work: Work, seen: Mapping[Key, Event], nodes: Mapping[bytes, Sequence[PageRef]], now: datetime) -> Folded:
    group, head, about = work.group, work.head, work.about
    bounds = NO_BOUNDS
    if work.bounded:
        bounds = {meter: bound - _elsewhere(meter, work.others) for meter, bound in about.most(now).items()}
    after, answers = fold_given(head, group.given, bounds, seen)
    if after is head:
        return Folded(work, None, answers)
    if head.sealed:
        answers = list(map(_late, answers))
    told = reached(head, after) if after.limits else ()
    heard = head.sealed or _is_over(group, about, answers) or _is_turned(head, about, answers)
    return Folded(work, settled(after, nodes, first=not (head.version and head.count)), answers, told, heard)


def _is_over(group: Group, about: Subject, answers: Sequence[Answer]) -> bool:
    """Whether a new event says that the subject is over; of a thousand events few have another name."""
    ends = FAULT in group.names or not group.names.isdisjoint(about.ends_by)
    return ends and any(about.hears(each.event) for each in answers if each.outcome is Outcome.ACCEPTED)


def _is_turned(head: Head, about: Subject, answers: Sequence[Answer]) -> bool:
    """Whether by a new event the subject begins or ceases to rest, as far as the newest events show."""
    if about.watch is None:
        return False
    tail = head.tail
    known = [
        (at, name, value is None or value > 0)
        for at, name, value in zip(tail.times, tail.names, tail.values, strict=True)
    ]
    new = (each.event for each in answers if each.outcome is Outcome.ACCEPTED)
    return about.watch.turns(known, [(each.at, each.name, each.value is None or each.value > 0) for each in new])


def _late(answer: Answer) -> Answer:
    return answer._replace(outcome=Outcome.LATE) if answer.outcome is Outcome.ACCEPTED else answer


def _elsewhere(meter: str, others: Sequence[Head]) -> Decimal:
    return sum((head.total(meter) or Decimal(0) for head in others), Decimal(0))


def _store(folded: Sequence[Folded], taking: Taking) -> list[bool]:
    """One conditional write each; with what else has to hold or to be said, where there is any, a transaction.

    For each, whether its answers hold: they do at once where nothing has changed.
    """
    changed = [number for number, each in enumerate(folded) if each.settled]
    alone = [number for number in changed if _is_alone(folded[number])]
    stored = taking.heads.put([settled for number in alone if (settled := folded[number].settled)])
    done = dict(zip(alone, stored, strict=True))
    for number in changed:
        if number not in done:
            done[number] = _store_with(folded[number], taking)
    return [done.get(number, True) for number in range(len(folded))]


def _is_alone(each: Folded) -> bool:
    return not (each.work.others or each.reached or each.heard)


def _store_with(each: Folded, taking: Taking) -> bool:
    if each.settled is None:
        return True
    heads, about = taking.heads, each.work.about
    hearing = taking.subjects.hearing(about) if each.heard else ()
    told = [heads.telling(each.settled.head, one, taking.now) for one in each.reached]
    writes = [heads.saving(each.settled), *map(heads.unchanged, each.work.others), *hearing, *told]
    try:
        return taking.commit(writes, True)
    except HeadChanged:
        return False


def _spill(group: Group, taking: Taking) -> dict[int, Answer]:
    """Saved to be counted by a worker, and the worker told of it; never where a limit has to be kept at once."""
    limits = taking.heads.find(*group.where).limits
    if any(each.hard for each in limits.values()):
        return group.answered(Outcome.REFUSED, SubjectBusy(subject=group.subject[:64]))
    log = Log(*group.where, tuple(group.events), taking.now)
    taking.commit(taking.heads.spill(log, taking.now), None)
    return group.answered(Outcome.QUEUED)


def foreseen(log: Log, event: Event, taking: Taking) -> Refusal | None:
    """Why an event of a log, which is not among those that count, will not or did not: as things stand."""
    given, answers = Given.of([event]), dict[int, Answer]()
    then = replace(taking, now=log.received_at, behind=FURTHEST_BACK)
    works = _read([Group((log.subject, log.month), [0], given, given.names)], answers, then, None)
    said = [*answers.values(), *(answer for each in _folded(works, then) for answer in each.answers)]
    return said[0].refusal


def count_spilled(log: Log, taking: Taking) -> list[Answer]:
    """Count what was saved; or `SubjectBusy`, to be tried again. `taking.now` is when the events came."""
    given = Given.of(log.events)
    whole = Group((log.subject, log.month), range(len(log.events)), given, given.names)
    left, answers = [whole], dict[int, Answer]()
    for attempt in range(ROUNDS):
        if attempt:
            taking.pause(attempt)
        left = one_round(left, answers, taking, None)
        if not left:
            return [answers[number] for number in whole.numbers]
    raise SubjectBusy(subject=log.subject[:64])
