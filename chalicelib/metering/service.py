"""Take in events; tell what is known of a subject."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from chalicelib.kernel.errors import Refusal, Unavailable
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.metering.errors import HeadChanged, UnknownSubject
from chalicelib.metering.model import AHEAD, Answer, Event, Head, Outcome, Subject, check_plausible, fold
from chalicelib.metering.ports import Heads, Subjects

_TRIES = 6


class SubjectBusy(Unavailable):
    """Too many writers report on this subject just now; send it again."""


def ingest(
    events: Sequence[Event],
    *,
    partner_id: str,
    zone: str,
    heads: Heads,
    subjects: Subjects,
    now: datetime,
    commit: Commit,
) -> list[Answer]:
    """Count each event once, per subject and month in one atomic write; answer for each in the order given."""
    known = subjects.known(sorted({event.subject for event in events}))
    answers: dict[int, Answer] = {}
    groups: dict[tuple[str, Month], list[tuple[int, Event]]] = defaultdict(list)
    for number, event in enumerate(events):
        refusal = _refusal(event, known.get(event.subject), partner_id, now)
        if refusal is None:
            groups[event.subject, Month.of(event.time, zone)].append((number, event))
        else:
            answers[number] = Answer(event, Outcome.REFUSED, refusal)
    for (subject, month), group in groups.items():
        given = [event for _, event in group]
        about = known[subject]
        folded = _fold_in(given, month, about, zone=zone, heads=heads, subjects=subjects, now=now, commit=commit)
        answers |= {number: answer for (number, _), answer in zip(group, folded, strict=True)}
    return [answers[number] for number in range(len(events))]


def _refusal(event: Event, subject: Subject | None, partner_id: str, now: datetime) -> Refusal | None:
    if subject is None or subject.partner_id != partner_id:
        return UnknownSubject(pointer="/subject", subject=event.subject[:64])
    try:
        check_plausible(event, subject, now)
    except Refusal as refusal:
        return refusal
    return None


def _fold_in(
    events: Sequence[Event],
    month: Month,
    subject: Subject,
    *,
    zone: str,
    heads: Heads,
    subjects: Subjects,
    now: datetime,
    commit: Commit,
) -> list[Answer]:
    """One conditional write; when another writer was faster, again from the read.

    A session that passes a month's end has a head in each month, and what all of them say together is bounded: the
    others go into the write as conditions.
    """
    for _ in range(_TRIES):
        found = heads_between(subject.subject, subject.started_at, now + AHEAD, zone, heads=heads)
        head, others = _apart(found, month)
        after, answers = fold(head, events, _left(subject.most(now), others))
        if after is head:
            return answers
        try:
            return commit([heads.saving(after), *map(heads.unchanged, others), *subjects.hearing(subject)], answers)
        except HeadChanged:
            subject = subjects.known([subject.subject])[subject.subject]
    busy = SubjectBusy(subject=subject.subject[:64])
    return [Answer(event, Outcome.REFUSED, busy) for event in events]


def _apart(found: Sequence[Head], month: Month) -> tuple[Head, list[Head]]:
    """The head of the month, and the others."""
    return next(each for each in found if each.month == month), [each for each in found if each.month != month]


def _left(most: Mapping[str, Decimal], others: Sequence[Head]) -> dict[str, Decimal]:
    """Of the most that a meter can say in all, what other months have left."""
    return {meter: bound - (total_of(meter, others) or 0) for meter, bound in most.items()}


def heads_between(subject: str, start: datetime, end: datetime, zone: str, *, heads: Heads) -> list[Head]:
    """The subject's heads of each month in which events may lie: clocks disagree, so from a little before the start."""
    month, last = Month.of(start - AHEAD, zone), Month.of(end, zone)
    found = [heads.find(subject, month)]
    while month < last:
        month = month.next
        found.append(heads.find(subject, month))
    return found


def total_of(meter: str, found: Iterable[Head]) -> Decimal | None:
    """How much of the meter was reported, or None if nothing was."""
    totals = [head.totals[meter] for head in found if meter in head.totals]
    return sum(totals, Decimal(0)) if totals else None
