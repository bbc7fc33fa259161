"""What is known of a subject: its heads, and all its events."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice

from chalicelib.kernel.time import Month
from chalicelib.metering.changes import effective
from chalicelib.metering.fold import NODE, PAGE, Asked
from chalicelib.metering.head import Head
from chalicelib.metering.lines import MARK
from chalicelib.metering.meters import Meter, quantity_of, stamp_of
from chalicelib.metering.model import AHEAD, Event, Key
from chalicelib.metering.packing import unpack, unsqueeze
from chalicelib.metering.page_refs import PageRef, suspected, unpack_refs
from chalicelib.metering.ports import BlockKey, Heads, Where
from chalicelib.metering.stored import stored

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """A subject's month: the head, all its events, and those that count, in order of time."""

    head: Head
    everything: tuple[Event, ...]

    @property
    def events(self) -> Sequence[Event]:
        """Those that count: none that was voided, none of a change that was reverted."""
        if any(source.startswith(MARK) for source in {event.source for event in self.everything}):
            return effective(self.everything)
        return self.everything  # nothing was ever changed


def usage_between(subject: str, start: datetime, end: datetime, zone: str, *, heads: Heads) -> list[Usage]:
    """Each month in which events of the time may lie: clocks disagree, so from a little before the start."""
    found = heads.many([(subject, month) for month in months_between(start, end, zone)])
    return usages_of(sorted(found.values(), key=lambda head: head.month), heads=heads)


def usages_of(found: Sequence[Head], *, heads: Heads) -> list[Usage]:
    """Heads with all their events, pages included."""
    nodes = nodes_of(found, heads=heads)
    wanted = [
        (head.subject, head.month, PAGE, ref.digest)
        for head in found
        for ref in chain(head.pages, *(nodes[each.digest] for each in head.nodes))
    ]
    pages = heads.blocks(wanted) if wanted else {}
    paged: dict[tuple[str, Month], list[Event]] = defaultdict(list)
    for (subject, month, _, _), body in pages.items():
        paged[subject, month] += unpack(unsqueeze(body)).events(subject)
    return [Usage(head, _in_order(head, paged.get((head.subject, head.month)) if paged else None)) for head in found]


def _in_order(head: Head, paged: list[Event] | None) -> tuple[Event, ...]:
    """The events of pages and the newest, which are in order among themselves."""
    newest = head.tail.events(head.subject)
    return tuple(sorted([*paged, *newest], key=stamp_of)) if paged else tuple(newest)


def replayed(month: Month, *, heads: Heads) -> Iterator[Usage]:
    """All subjects of a month with all their events, some hundreds at a time, so that little is held at once."""
    subjects = heads.subjects_of(month)
    for found in heads.each_of(iter(lambda: list(islice(subjects, _AT_ONCE)), []), month):
        yield from usages_of(found, heads=heads)


def in_pages(
    wanted: Sequence[tuple[Head, Asked]], nodes: Mapping[bytes, Sequence[PageRef]], *, heads: Heads
) -> Mapping[Where, Mapping[Key, Event]]:
    """By head, those of the events that are in its pages: a page is read if one of its prints is that of an event."""
    asked_of: dict[BlockKey, Asked] = {}
    for head, (keys, ids) in wanted:
        if keys:
            refs = chain(head.pages, *(nodes[node.digest] for node in head.nodes))
            for ref, which in suspected(refs, keys):
                block = (head.subject, head.month, PAGE, ref.digest)
                asked_of[block] = [keys[each] for each in which], [ids[each] for each in which]
    found: dict[Where, dict[Key, Event]] = {}
    for block, body in (heads.blocks(list(asked_of)) if asked_of else {}).items():
        subject, month, _, _ = block
        columns = stored(unsqueeze(body))
        there = columns.places_of(*asked_of[block])
        own = found.setdefault((subject, month), {})
        own.update({key: columns.event(place, subject) for key, place in there.items()})
    return found


def nodes_of(found: Sequence[Head], *, heads: Heads) -> Mapping[bytes, Sequence[PageRef]]:
    """The page references of all nodes that the heads name."""
    wanted = [(head.subject, head.month, NODE, node.digest) for head in found for node in head.nodes]
    if not wanted:
        return {}
    return {digest: unpack_refs(body) for (_, _, _, digest), body in heads.blocks(wanted).items()}


def months_between(start: datetime, end: datetime, zone: str) -> Iterator[Month]:
    """Each month in which an event may lie that is about the time from `start` to `end`."""
    month, last = Month.of(start - AHEAD, zone), Month.of(end, zone)
    yield month
    while month < last:
        month = month.next
        yield month


def total_of(meter: str, usages: Iterable[Usage], until: datetime) -> Decimal | None:
    """How much of the meter was reported, or None if nothing was; computed from the events, whatever kind it is of."""
    found = list(usages)
    defined = (each.head.meters[meter] for each in found if meter in each.head.meters)
    return quantity_of(next(defined, Meter(meter)), chain.from_iterable(each.events for each in found), until)
