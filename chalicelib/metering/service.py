"""Take in events; tell what is known of a subject."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
        folded = _fold_in(given, month, known[subject], heads=heads, subjects=subjects, now=now, commit=commit)
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
    heads: Heads,
    subjects: Subjects,
    now: datetime,
    commit: Commit,
) -> list[Answer]:
    """One read and one conditional write; when another writer was faster, again from the read."""
    for _ in range(_TRIES):
        head = heads.find(subject.subject, month)
        after, answers = fold(head, events, subject.most(now))
        if after is head:
            return answers
        try:
            return commit([heads.saving(after), *subjects.hearing(subject)], answers)
        except HeadChanged:
            subject = subjects.known([subject.subject])[subject.subject]
    busy = SubjectBusy(subject=subject.subject[:64])
    return [Answer(event, Outcome.REFUSED, busy) for event in events]


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
