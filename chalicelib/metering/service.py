"""Take in events: each counts once, however it comes.

A round reads the heads of all subjects of a batch at once, looks for events that are already there, folds, writes new
pages, then each head on condition of the version that was read. Nobody sees a page before its head names it, so a crash
in between leaves nothing but a page that no head names. What another writer was faster on goes into the next round.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import SECONDS_IN, Month
from chalicelib.kernel.writes import Commit
from chalicelib.metering.errors import HeadChanged, SubjectBusy, UnknownSubject, UsageErased
from chalicelib.metering.fold import PAGE, Settled, fold, settled, unseen
from chalicelib.metering.head import Head, PageRef, suspected
from chalicelib.metering.limits import Reached, reached
from chalicelib.metering.meters import Kind, Limit, Meter
from chalicelib.metering.model import AHEAD, ALWAYS, BEHIND, Answer, Event, Key, Outcome, Subject, check_plausible
from chalicelib.metering.packing import unpack, unsqueeze
from chalicelib.metering.ports import BlockKey, Heads, Log, Subjects, Where
from chalicelib.metering.usage import months_between, nodes_of

ROUNDS = 5
Pause = Callable[[int], None]
"""Waits before the next round; jitter and clock are the caller's."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Group:
    """The events of a batch that share a head, with their places in the batch."""

    subject: str
    month: Month
    rows: tuple[tuple[int, Event], ...]

    @property
    def where(self) -> Where:
        """Which head."""
        return self.subject, self.month


@dataclass(frozen=True, slots=True)
class Work:
    """A group with what was read for it: the head, which carries its subject, and the heads of other months."""

    group: Group
    head: Head
    others: tuple[Head, ...]

    @property
    def about(self) -> Subject:
        """What the events are about."""
        if self.head.about is None:
            raise LookupError("a head that is worked on knows its subject")
        return self.head.about


@dataclass(frozen=True, slots=True)
class Folded:
    """A group's head as it is to be, and its answers, which hold once that is stored."""

    work: Work
    settled: Settled | None
    answers: Mapping[int, Answer]
    reached: tuple[Reached, ...] = ()


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
    behind: timedelta = BEHIND,
) -> list[Answer]:
    """Count each event once; answer for each in the order given. What stays contended is saved for a worker."""
    taking = Taking(zone, heads, subjects, now, commit, pause, behind)
    answers: dict[int, Answer] = {}
    left = grouped(events, zone)
    for attempt in range(ROUNDS):
        if attempt:
            pause(attempt)
        left = one_round(left, answers, taking, partner_id)
        if not left:
            break
    for group in left:
        answers |= _spill(group, taking)
    return [answers[number] for number in range(len(events))]


def grouped(events: Iterable[Event], zone: str) -> list[Group]:
    """By subject and month of the event's time in the operator's zone."""
    rows: dict[Where, list[tuple[int, Event]]] = defaultdict(list)
    hours: dict[tuple[int, int, int, int], Month] = {}
    for number, event in enumerate(events):
        time = event.time
        hour = (time.year, time.month, time.day, time.hour)
        month = hours.get(hour)
        if month is None:
            month = hours[hour] = Month.of(time, zone)
        rows[event.subject, month].append((number, event))
    return [Group(subject, month, tuple(own)) for (subject, month), own in rows.items()]


def one_round(
    groups: Sequence[Group], answers: dict[int, Answer], taking: Taking, partner_id: str | None
) -> list[Group]:
    """Answer what can be answered; the groups on whose head another writer was faster are left."""
    works = _read(groups, answers, taking, partner_id)
    folded = _folded(works, taking)
    changed = [each for each in folded if each.settled is not None]
    taking.heads.prepare([each.settled for each in changed if each.settled])
    stored = _store(changed, taking)
    left = []
    for each in folded:
        if each.settled is None or stored[each.work.group.where]:
            answers |= each.answers
        else:
            left.append(each.work.group)
    return left


def _read(groups: Sequence[Group], answers: dict[int, Answer], taking: Taking, partner_id: str | None) -> list[Work]:
    """The heads, and what is not written on them yet: whose subject it is, and how its meters are counted."""
    found = taking.heads.many([group.where for group in groups])
    strange = sorted({subject for (subject, _), head in found.items() if head.about is None})
    known = taking.subjects.known(strange) if strange else {}
    owners = {about.partner_id for about in known.values() if partner_id in (None, about.partner_id)}
    defined = {owner: taking.heads.meters(owner) for owner in sorted(owners)}
    carried = _carried(found, known, taking)
    works = []
    for group in groups:
        head = _introduced(found[group.where], known.get(group.subject), defined)
        if group.where in carried and not head.limits:
            head = replace(head, limits=carried[group.where])
        if head.about is None or partner_id not in (None, head.about.partner_id):
            refusal = UnknownSubject(pointer="/subject", subject=group.subject[:64])
            answers |= {number: Answer(event, Outcome.REFUSED, refusal) for number, event in group.rows}
            continue
        if head.erased is not None:
            gone = UsageErased(pointer="/subject", subject=group.subject[:64])
            answers |= {number: Answer(event, Outcome.REFUSED, gone) for number, event in group.rows}
            continue
        rows = _plausible(group, head, answers, taking)
        if rows:
            works.append((group if len(rows) == len(group.rows) else replace(group, rows=rows), head))
    return _with_others(works, taking)


def _carried(
    found: Mapping[Where, Head], known: Mapping[str, Subject], taking: Taking
) -> dict[Where, Mapping[str, Limit]]:
    """A month that is new for a subject begins with the limits of the one before."""
    before = {
        (subject, month): (subject, month.previous)
        for (subject, month), head in found.items()
        if head.version == 0 and subject in known and Month.of(known[subject].started_at, taking.zone) < month
    }
    earlier = taking.heads.many(list(before.values())) if before else {}
    return {where: earlier[one].limits for where, one in before.items() if earlier[one].limits}


def _introduced(head: Head, about: Subject | None, defined: Mapping[str, Mapping[str, Meter]]) -> Head:
    """A head that knows its subject."""
    if head.about is not None or about is None:
        return head
    meters = defined.get(about.partner_id, {})
    return replace(head, about=about, meters={name: meters[name] for name in about.meters if name in meters})


def _plausible(group: Group, head: Head, answers: dict[int, Answer], taking: Taking) -> tuple[tuple[int, Event], ...]:
    """Without the events that cannot be, which are answered."""
    rows = []
    for number, event in group.rows:
        try:
            _check(event, head, taking)
        except Refusal as refusal:
            answers[number] = Answer(event, Outcome.REFUSED, refusal)
        else:
            rows.append((number, event))
    return tuple(rows)


def _check(event: Event, head: Head, taking: Taking) -> None:
    if head.about is None:
        raise LookupError("a head that is worked on knows its subject")
    meter = head.meters.get(event.name)
    of_time = meter is None or meter.kind is Kind.SUM
    check_plausible(event, head.about, taking.now, of_time=of_time, behind=taking.behind)
    if meter is not None and event.value is not None:
        meter.check_value(event)


def _with_others(works: Sequence[tuple[Group, Head]], taking: Taking) -> list[Work]:
    """A subject that passes a month's end has a head in each month, and what all of them say together is bounded."""
    wanted: dict[Where, list[Where]] = {}
    for group, head in works:
        about = head.about
        if about is None or about.started_at == ALWAYS:
            continue
        if any(SECONDS_IN.get(about.meters.get(event.name, "")) for _, event in group.rows):
            months = months_between(about.started_at, taking.now + AHEAD, taking.zone)
            wanted[group.where] = [(group.subject, month) for month in months if month != group.month]
    others = sorted({where for each in wanted.values() for where in each}, key=str)
    found = taking.heads.many(others) if others else {}
    return [Work(group, head, tuple(found[where] for where in wanted.get(group.where, ()))) for group, head in works]


def _folded(works: Sequence[Work], taking: Taking) -> list[Folded]:
    """Each group folded into its head, in memory."""
    missing = {work.group.where: unseen(work.head, [event for _, event in work.group.rows]) for work in works}
    nodes = nodes_of([work.head for work in works if missing[work.group.where]], heads=taking.heads)
    seen = _seen(works, missing, nodes, taking.heads)
    return [_fold_in(work, seen[work.group.where], nodes, taking.now) for work in works]


def _seen(
    works: Sequence[Work],
    missing: Mapping[Where, Sequence[Key]],
    nodes: Mapping[bytes, Sequence[PageRef]],
    heads: Heads,
) -> Mapping[Where, Mapping[Key, Event]]:
    """Those of the events that are in pages: a page is read if one of the prints in it is that of an event."""
    wanted: list[BlockKey] = []
    for work in works:
        subject, month = work.group.where
        keys = missing[subject, month]
        if keys:
            refs = [*work.head.pages, *(ref for node in work.head.nodes for ref in nodes[node.digest])]
            wanted += [(subject, month, PAGE, ref.digest) for ref in suspected(refs, keys)]
    found: dict[Where, dict[Key, Event]] = {work.group.where: {} for work in works}
    for (subject, month, _, _), body in (heads.blocks(wanted) if wanted else {}).items():
        columns = unpack(unsqueeze(body))
        keys_there = {key: number for number, key in enumerate(columns.keys())}
        found[subject, month] |= {
            key: columns.event(keys_there[key], subject) for key in missing[subject, month] if key in keys_there
        }
    return found


def _fold_in(work: Work, seen: Mapping[Key, Event], nodes: Mapping[bytes, Sequence[PageRef]], now: datetime) -> Folded:
    most = {}
    about = work.about
    names = (event.name for _, event in work.group.rows)
    if any(name in about.most_per_hour or about.meters.get(name) in SECONDS_IN for name in names):
        most = {meter: bound - _elsewhere(meter, work.others) for meter, bound in about.most(now).items()}
    after, answers = fold(work.head, [event for _, event in work.group.rows], most, seen)
    numbered = {number: answer for (number, _), answer in zip(work.group.rows, answers, strict=True)}
    if after is work.head:
        return Folded(work, None, numbered)
    if work.head.sealed:
        numbered = {number: _late(answer) for number, answer in numbered.items()}
    told = reached(work.head, after) if after.limits else ()
    return Folded(work, settled(after, nodes, first=not work.head.count), numbered, told)


def _late(answer: Answer) -> Answer:
    return replace(answer, outcome=Outcome.LATE) if answer.outcome is Outcome.ACCEPTED else answer


def _elsewhere(meter: str, others: Sequence[Head]) -> Decimal:
    return sum((head.total(meter) or Decimal(0) for head in others), Decimal(0))


def _store(changed: Sequence[Folded], taking: Taking) -> dict[Where, bool]:
    """One conditional write each; with what else has to hold or to be said, where there is any, a transaction."""
    alone = [each for each in changed if not (each.work.head.sealed or each.work.others or each.reached)]
    stored = taking.heads.put([each.settled for each in alone if each.settled])
    done = {each.work.group.where: ok for each, ok in zip(alone, stored, strict=True)}
    for each in changed:
        if each.work.group.where not in done:
            done[each.work.group.where] = _store_with(each, taking)
    return done


def _store_with(each: Folded, taking: Taking) -> bool:
    if each.settled is None:
        return True
    heads, about = taking.heads, each.work.about
    hearing = taking.subjects.hearing(about) if each.work.head.sealed else ()
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
        busy = SubjectBusy(subject=group.subject[:64])
        return {number: Answer(event, Outcome.REFUSED, busy) for number, event in group.rows}
    log = Log(group.subject, group.month, tuple(event for _, event in group.rows), taking.now)
    taking.commit(taking.heads.spill(log, taking.now), None)
    return {number: Answer(event, Outcome.QUEUED) for number, event in group.rows}


def count_spilled(log: Log, taking: Taking) -> list[Answer]:
    """Count what was saved; or `SubjectBusy`, to be tried again. `taking.now` is when the events came."""
    rows = tuple(enumerate(log.events))
    left, answers = [Group(log.subject, log.month, rows)], dict[int, Answer]()
    for attempt in range(ROUNDS):
        if attempt:
            taking.pause(attempt)
        left = one_round(left, answers, taking, None)
        if not left:
            return [answers[number] for number, _ in rows]
    raise SubjectBusy(subject=log.subject[:64])
