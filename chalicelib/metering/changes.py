"""Changes to what was reported: an event voided or amended, a stretch of time filled anew; and any of it reverted.

Nothing is removed. A change leaves marks among the events of its month, under its own name, and the events that it
brings are under its name too. Which events count is a function of the set of all of them, whatever order they came in.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.metering.errors import BadEvent
from chalicelib.metering.lines import MARK, reporter_of
from chalicelib.metering.meters import STEPS, Meter, Series, Total, stamp_of
from chalicelib.metering.model import Event, Key

_VOID, _REVERT = "~void", "~revert"


class ChangeKind(StrEnum):
    """What a change does."""

    VOID = "void"
    AMEND = "amend"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a subject's usage, as it is shown: what, why, when, and whether it was taken back."""

    change_id: str
    partner_id: str
    subject: str
    kind: ChangeKind
    reason: str
    made_at: datetime
    voided: int
    added: int
    months: tuple[str, ...]
    digest: str
    reverted_at: datetime | None = None


def is_mark(event: Event) -> bool:
    """Whether it only says something about other events."""
    return event.name in (_VOID, _REVERT)


def void_mark(change_id: str, event: Event) -> Event:
    """Says that the event does not count."""
    return Event(MARK + change_id, _stands_for(event.key), event.subject, event.time, _VOID)


def revert_mark(change_id: str, subject: str, at: datetime) -> Event:
    """Says that nothing of the change holds. `at` is any time of the month in which it stands."""
    return Event(MARK + change_id, _REVERT, subject, at, _REVERT)


def brought_by(change_id: str, event: Event) -> Event:
    """The event as one that the change brings."""
    return event.but(source=f"{MARK}{change_id}/{reporter_of(event)}")


def change_of(event: Event) -> str | None:
    """The change that brought it, or None if it was reported."""
    return event.source[len(MARK) :].partition("/")[0] if event.source.startswith(MARK) else None


def effective(events: Iterable[Event]) -> list[Event]:
    """Those that count, in order of time."""
    found = sorted(events, key=stamp_of)
    if not any(event.source.startswith(MARK) for event in found):
        return found
    reverted = reverted_in(found)
    holding = [event for event in found if change_of(event) not in reverted and event.name != _REVERT]
    voided = {event.event_id for event in holding if event.name == _VOID}
    return [event for event in holding if event.name != _VOID and _stands_for(event.key) not in voided]


def reverted_in(events: Iterable[Event]) -> set[str | None]:
    """The changes that were taken back."""
    return {change_of(each) for each in events if each.name == _REVERT}


def voided_by(events: Sequence[Event]) -> Callable[[Event], str | None]:
    """Of an event among these, the change that says that it does not count, or None if it does."""
    reverted = reverted_in(events)
    marks: dict[str, str | None] = {}
    for each in events:
        if each.name == _VOID and change_of(each) not in reverted:
            marks.setdefault(each.event_id, change_of(each))

    def by(event: Event) -> str | None:
        if change_of(event) in reverted:
            return change_of(event)
        return marks.get(_stands_for(event.key)) if marks else None

    return by


def totals_of(events: Iterable[Event], meter_of: Callable[[str], Meter]) -> dict[Series, Total]:
    """The totals that stand on a head, made anew of the events that count."""
    totals: dict[Series, Total] = {}
    for event in events:
        if event.value is not None:
            meter = meter_of(event.name)
            step = STEPS.get(meter.kind)
            if step is not None:
                series = meter.series(event)
                totals[series] = step(totals.get(series), event)
    return totals


def check_reported(event: Event) -> Event:
    """The event, unless it pretends to be one of ours."""
    if event.source.startswith(MARK):
        raise BadEvent(pointer="/source", reason=f"does not begin with {MARK}")
    return event


def _stands_for(key: Key) -> str:
    """Never the same for two keys: a source that holds what is put between source and id is preceded by its length."""
    before = f"\0{len(key[0])}\0" if "\0" in key[0] else ""
    return hashlib.sha256((before + "\0".join(key)).encode()).hexdigest()[:32]
