"""Erase a subject's events. What they came to stays, with how many there were and the digest of all of them.

The charge that was made of them is proved by its own record, which keeps the digest of what it was made from. Only
what has ended, and is charged by all of them, can be erased. Afterwards no event is taken for it: without the old ones
nobody could say whether it has come before; and its charge stays as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.kernel.ids import digest
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit
from chalicelib.metering.columns import EMPTY
from chalicelib.metering.errors import HeadChanged, NotChargedYet, StillOpen, SubjectBusy, UnknownSubject
from chalicelib.metering.fold import Settled
from chalicelib.metering.head import Erased, Head, pack_head
from chalicelib.metering.meters import Total
from chalicelib.metering.model import Event
from chalicelib.metering.ports import Heads
from chalicelib.metering.reading import computed
from chalicelib.metering.usage import Usage, usages_of

Charged = Callable[[Sequence[Usage]], bool]
"""Whether what is known of a subject is what it is charged by."""
_TRIES = 6


def erase(
    subject: str, partner_id: str, charged: Charged, zone: str, now: datetime, *, heads: Heads, commit: Commit
) -> list[Head]:
    """The heads as they stay. Asked for again, it removes what a crash may have left."""
    for _ in range(_TRIES):
        found = heads.all_of(subject)
        if not found or any(each.about is None or each.about.partner_id != partner_id for each in found):
            raise UnknownSubject(subject=subject[:64])
        if not all(each.sealed for each in found):
            raise StillOpen(subject=subject[:64])
        full = usages_of([each for each in found if each.erased is None], heads=heads)
        if full and not charged(full):
            raise NotChargedYet(subject=subject[:64])
        events = [event for usage in full for event in usage.events]
        erased = [_erased(each, events, zone, now) for each in full]
        try:
            if erased:
                commit([heads.saving(Settled(each, pack_head(each))) for each in erased], None)
        except HeadChanged:
            continue
        heads.forget(subject)
        return sorted([*erased, *(each for each in found if each.erased is not None)], key=lambda head: head.month)
    raise SubjectBusy(subject=subject[:64])


def _erased(usage: Usage, events: Sequence[Event], zone: str, now: datetime) -> Head:
    """With what the meters say that are computed from events, as long as there are some."""
    head = usage.head
    totals = {series: Total(amount) for series, amount in computed(head, events, zone, now).items()}
    left = Erased(len(usage.everything), digest([_row(event) for event in usage.everything]))
    return replace(
        head,
        version=head.version + 1,
        totals={**head.totals, **totals},
        tail=EMPTY,
        pages=(),
        nodes=(),
        erased=left,
    )


def _row(event: Event) -> list[object]:
    value = None if event.value is None else plain(event.value)
    row: list[object] = [event.source, event.event_id, format_instant(event.time), event.name, value, event.place_id]
    return [*row, [list(pair) for pair in event.dimensions]] if event.dimensions else row
