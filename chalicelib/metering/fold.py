"""From one head to the next: which events are new, what they add, and what of them moves into pages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from chalicelib.metering.adding import added, count_one
from chalicelib.metering.columns import EMPTY, Columns, Given, columns_of
from chalicelib.metering.errors import SubjectFull
from chalicelib.metering.head import Head, NodeRef, made_head, pack_head
from chalicelib.metering.held_ids import UUID_BYTES, HeldId
from chalicelib.metering.meters import Series, Total
from chalicelib.metering.model import Answer, Event, Key, Outcome, answers_of
from chalicelib.metering.packing import digest_of, squeeze
from chalicelib.metering.page_refs import PageRef, pack_refs, page_ref, unpack_refs
from chalicelib.metering.stored import extended, packed_of

MOST_EVENTS = 1_000_000
"""Of one subject in one month."""
FEWEST_IN_PAGE, MOST_IN_PAGE = 25, 1_000
MOST_PAGE_BYTES = 200_000
"""Compressed; an item holds 400 KB."""
HEAD_BYTES = 1_024
"""One write unit: the whole item, names and keys included."""
_NODE_BYTES = 920
"""Of the first level: with its keys one write unit."""
_AT_ONCE = 4
"""So many nodes of a level become one of the next."""
_TOP = 5
_SURELY_TOO_MANY = 100
_LEFT = 200
"""Bytes for newest events, at least; else a head becomes larger."""
_ITEM_BYTES = len("pksubject#skhead#2021-05formatversionstate") + 2 + 4
_MOST_STATE = HEAD_BYTES - _ITEM_BYTES
"""And the subject's name."""
PAGE, NODE = "page", "node"
Asked = tuple[Sequence[Key], Sequence[HeldId]]
"""Keys of events that are looked for, and their ids as they are held."""
NOTHING_SEEN: Mapping[Key, Event] = MappingProxyType({})
NO_BOUNDS: Mapping[str, Decimal] = MappingProxyType({})


class Block(NamedTuple):
    """A page or a node: written once, under its digest, and never changed."""

    kind: str
    digest: bytes
    body: bytes


class Settled(NamedTuple):
    """A head that is small enough to be written, its bytes, and what is to be written before it."""

    head: Head
    state: bytes
    blocks: tuple[Block, ...] = ()
    first: bool = False
    """Whether these are the subject's first events of the month."""


def unseen(head: Head, given: Given) -> Asked:
    """The keys that are not among the newest events, and their ids; if they are anywhere, then in a page."""
    keys, ids = given.keys, given.ids
    known = head.tail.places_of(keys, ids) if len(head.tail) else {}
    if not known:
        return keys, ids
    left = [number for number, key in enumerate(keys) if key not in known]
    return [keys[number] for number in left], [ids[number] for number in left]


def fold(
    head: Head,
    events: Sequence[Event],
    most: Mapping[str, Decimal] = NO_BOUNDS,
    seen: Mapping[Key, Event] = NOTHING_SEEN,
) -> tuple[Head, list[Answer]]:
    """The same as `fold_given`."""
    return fold_given(head, Given.of(events), most, seen)


def fold_given(
    head: Head,
    given: Given,
    most: Mapping[str, Decimal] = NO_BOUNDS,
    seen: Mapping[Key, Event] = NOTHING_SEEN,
) -> tuple[Head, list[Answer]]:
    """Count the events that are new; the head's version rises by one if any is.

    An event sent again is a duplicate; the same key with another payload is a conflict, and the first one stays. One
    that would bring its meter's total above `most` is refused. `seen` are the events of pages that were looked for.
    """
    known = _known(head, given, seen)
    events = given.events
    if len(events) == 1 or len(set(given.ids)) == len(events) or len(set(given.keys)) == len(events):
        at_once = _fold_at_once(head, given, most, known)
        if at_once is not None:
            return at_once
    if head.limits and len(events) > 1:
        return _fold_in_order(head, events, most, seen)
    return _fold_one_by_one(head, events, most, known)


def _known(head: Head, given: Given, seen: Mapping[Key, Event]) -> Mapping[Key, Event]:
    if head.tail is EMPTY:
        return seen
    there = head.tail.places_of(given.keys, given.ids)
    if not there:
        return seen
    return {key: head.tail.event(number, head.subject) for key, number in there.items()} | dict(seen)


def _fold_at_once(
    head: Head, given: Given, most: Mapping[str, Decimal], known: Mapping[Key, Event]
) -> tuple[Head, list[Answer]] | None:
    """What folding one by one gives where no event is refused; None where one may be. No key comes twice."""
    new = given
    if known:
        new = given.among([number for number, key in enumerate(given.keys) if key not in known])
    if head.version and head.count + len(new.rows) > MOST_EVENTS:
        return None
    columns = new.columns()
    totals = added(head, columns, most)
    if totals is None:
        return None
    after = _with(head, totals, columns) if new.rows else head
    answers = answers_of(given.events, Outcome.ACCEPTED)
    for number, event in enumerate(given.events if known else ()):
        if event[:2] in known:
            answers[number] = Answer(event, _outcome(event, known[event[:2]]))
    return after, answers


def _outcome(event: Event, known: Event) -> Outcome:
    return Outcome.DUPLICATE if known == event else Outcome.CONFLICT


def _with(head: Head, totals: Mapping[Series, Total], new: Columns) -> Head:
    return made_head(  # quicker than dataclasses.replace
        subject=head.subject,
        month=head.month,
        version=head.version + 1,
        about=head.about,
        meters=head.meters,
        totals=totals,
        tail=extended(head.tail, new),
        pages=head.pages,
        nodes=head.nodes,
        erased=head.erased,
        limits=head.limits,
    )


def _fold_one_by_one(
    head: Head, events: Sequence[Event], most: Mapping[str, Decimal], known: Mapping[Key, Event]
) -> tuple[Head, list[Answer]]:
    new: dict[Key, Event] = {}
    totals, answers, before = dict(head.totals), list[Answer](), head.count
    for event in events:
        key = event.key
        first = new.get(key) or known.get(key)
        if first is not None:
            answers.append(Answer(event, _outcome(event, first)))
            continue
        refusal = count_one(head, totals, event, most) if before + len(new) < MOST_EVENTS else _full(before)
        if refusal is None:
            new[key] = event
            answers.append(Answer(event, Outcome.ACCEPTED))
        else:
            answers.append(Answer(event, Outcome.REFUSED, refusal))
    return (_with(head, totals, columns_of(new.values())) if new else head), answers


def _fold_in_order(
    head: Head, events: Sequence[Event], most: Mapping[str, Decimal], seen: Mapping[Key, Event]
) -> tuple[Head, list[Answer]]:
    """Where a limit may refuse some: in order of time, then id, whatever order they were sent in."""
    order = sorted(range(len(events)), key=lambda number: (events[number].time, events[number].event_id))
    answers: dict[int, Answer] = {}
    after, known = head, dict(seen)
    for number in order:
        after, (answers[number],) = fold(after, [events[number]], most, known)
    if after is not head:
        after = replace(after, version=head.version + 1)
    return after, [answers[number] for number in range(len(events))]


def _full(count: int) -> SubjectFull:
    return SubjectFull(most=count)


def settled(head: Head, nodes: Mapping[bytes, Sequence[PageRef]], *, first: bool = False) -> Settled:
    """Move what does not fit into a head into pages and nodes. `nodes` are those that the head names."""
    blocks: list[Block] = []
    room = _room(head)
    if not _is_surely_too_large(head.tail, room):
        state = pack_head(head, room)
        if len(state) <= room:
            return Settled(head, state, (), first)
        if head.pages and len(head.tail) < FEWEST_IN_PAGE:
            head = _with_node(head, nodes, blocks)
            state = pack_head(head, room)
            if len(state) <= room:
                return Settled(head, state, tuple(blocks), first)
        if len(head.tail) < FEWEST_IN_PAGE:
            room = _room_beside_totals(head, room)
            if len(state) <= room:
                return Settled(head, state, tuple(blocks), first)
    head = _with_pages(head, blocks)
    state = pack_head(head, room)
    if head.pages and len(state) > room:
        head = _with_node(head, {**nodes, **_nodes_among(blocks)}, blocks)
        state = pack_head(head, room)
    named = {each.digest for each in head.nodes}
    return Settled(head, state, tuple(each for each in blocks if each.kind == PAGE or each.digest in named), first)


def _is_surely_too_large(tail: Columns, room: int) -> bool:
    """Whether packing the events only tells that they do not fit. A UUID is as good as random: it is not compressed."""
    count = len(tail)
    return count > _SURELY_TOO_MANY or (count * UUID_BYTES > room and tail.uuid_bytes > room)


def _room(head: Head) -> int:
    """For the packed state, in an item of one write unit."""
    return _MOST_STATE - len(head.subject.encode())


def _room_beside_totals(head: Head, room: int) -> int:
    """Where totals alone fill a head, write units enough for newest events too: a page for each event costs more."""
    more = len(pack_head(replace(head, tail=EMPTY, pages=()), room)) + _LEFT - room
    return room + HEAD_BYTES * max(0, -(-more // HEAD_BYTES))


def item_bytes(subject: str, state: bytes) -> int:
    """The size of a head's item, as DynamoDB counts it (with a version of up to six digits)."""
    return _ITEM_BYTES + len(subject.encode()) + len(state)


def _with_pages(head: Head, blocks: list[Block]) -> Head:
    """All newest events in pages: as few and as even as can be."""
    count = len(head.tail)
    parts = -(-count // MOST_IN_PAGE) or 1
    bounds = [count * number // parts for number in range(parts + 1)]
    refs = [
        ref
        for first, last in pairwise(bounds)
        if first < last
        for ref in _pages_of(head.tail.part(first, last), blocks)
    ]
    return replace(head, tail=EMPTY, pages=(*head.pages, *refs))


def _pages_of(columns: Columns, blocks: list[Block]) -> list[PageRef]:
    """One page, or two halves where it would not fit into an item."""
    packed = packed_of(columns)
    body = squeeze(packed, columns.random)
    if len(body) > MOST_PAGE_BYTES and len(columns) > 1:
        half = len(columns) // 2
        halves = (columns.part(0, half), columns.part(half, len(columns)))
        return [ref for each in halves for ref in _pages_of(each, blocks)]
    ref = page_ref(columns, packed)
    blocks.append(Block(PAGE, ref.digest, body))
    return [ref]


def _with_node(head: Head, nodes: Mapping[bytes, Sequence[PageRef]], blocks: list[Block]) -> Head:
    """The page references of the head in a node: in the last one while that is small, and like nodes in one."""
    refs, kept, level = tuple(head.pages), list(head.nodes), 0
    if kept and kept[-1].level == 0 and _size(refs) + _size(nodes[kept[-1].digest]) <= _NODE_BYTES:
        refs = (*nodes[kept.pop().digest], *refs)
    while len(kept) >= _AT_ONCE - 1 and level < _TOP and all(each.level == level for each in kept[1 - _AT_ONCE :]):
        if level == 0 and _size(refs) <= _NODE_BYTES // 2:
            break
        if _size(refs) + sum(_size(nodes[each.digest]) for each in kept[1 - _AT_ONCE :]) > MOST_PAGE_BYTES:
            break
        others = [kept.pop() for _ in range(_AT_ONCE - 1)]
        refs = (*(ref for each in reversed(others) for ref in nodes[each.digest]), *refs)
        level += 1
    body = pack_refs(refs)
    node = NodeRef(digest_of(body), level, sum(each.count for each in refs))
    blocks.append(Block(NODE, node.digest, body))
    return replace(head, pages=(), nodes=(*kept, node))


def _size(refs: Sequence[PageRef]) -> int:
    return len(pack_refs(refs))


def _nodes_among(blocks: Sequence[Block]) -> dict[bytes, Sequence[PageRef]]:
    return {each.digest: unpack_refs(each.body) for each in blocks if each.kind == NODE}
