"""From one head to the next: which events are new, what they add, and what of them moves into pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from chalicelib.kernel.quantity import plain
from chalicelib.metering.columns import EMPTY, Columns, held, merged
from chalicelib.metering.errors import Implausible, OverLimit, SubjectFull
from chalicelib.metering.head import Head, NodeRef, PageRef, pack_head, pack_refs, page_ref, unpack_refs
from chalicelib.metering.meters import LIMITED, STEPS, Kind, Series, Total
from chalicelib.metering.model import Answer, Event, Key, Outcome
from chalicelib.metering.packing import digest_of, pack, squeeze

MOST_EVENTS = 1_000_000
"""Of one subject in one month."""
MOST_TOTAL = Decimal("1e13")
"""Of a meter in one month; far from where sums of quantities would stop being exact."""
MOST_SERIES = 200
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
_ITEM_BYTES = len("pksubject#skhead#2021-05formatversionstate") + 2 + 4
PAGE, NODE = "page", "node"
_ZERO = Decimal(0)
NOTHING_SEEN: Mapping[Key, Event] = MappingProxyType({})
NO_BOUNDS: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Block:
    """A page or a node: written once, under its digest, and never changed."""

    kind: str
    digest: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Settled:
    """A head that is small enough to be written, its bytes, and what is to be written before it."""

    head: Head
    state: bytes
    blocks: tuple[Block, ...] = ()
    first: bool = False
    """Whether these are the subject's first events of the month."""


def unseen(head: Head, events: Sequence[Event]) -> list[Key]:
    """The keys that are not among the newest events; if they are anywhere, then in a page."""
    if not head.pages and not head.nodes:
        return []
    known = set(head.tail.held_keys())
    keys = dict.fromkeys(event.key for event in events)
    return [(source, event_id) for source, event_id in keys if (source, held(event_id)) not in known]


def fold(
    head: Head,
    events: Sequence[Event],
    most: Mapping[str, Decimal] = NO_BOUNDS,
    seen: Mapping[Key, Event] = NOTHING_SEEN,
) -> tuple[Head, list[Answer]]:
    """Count the events that are new; the head's version rises by one if any is.

    An event sent again is a duplicate; the same key with another payload is a conflict, and the first one stays. One
    that would bring its meter's total above `most` is refused. `seen` are the events of pages that were looked for.
    """
    if head.limits and len(events) > 1:
        return _fold_in_order(head, events, most, seen)
    at = {key: number for number, key in enumerate(head.tail.held_keys())}
    new: dict[Key, Event] = {}
    totals, answers, before = dict(head.totals), list[Answer](), head.count
    for event in events:
        key = event.key
        known = new.get(key) or seen.get(key)
        if known is None and (place := at.get((event.source, held(event.event_id)))) is not None:
            known = head.tail.event(place, head.subject)
        if known is not None:
            outcome = Outcome.DUPLICATE if known == event else Outcome.CONFLICT
            answers.append(Answer(event, outcome))
            continue
        refusal = _count(head, totals, event, most) if before + len(new) < MOST_EVENTS else _full(before)
        if refusal is None:
            new[key] = event
            answers.append(Answer(event, Outcome.ACCEPTED))
        else:
            answers.append(Answer(event, Outcome.REFUSED, refusal))
    if not new:
        return head, answers
    tail = merged(head.tail, new.values())
    after = Head(  # quicker than dataclasses.replace
        head.subject,
        head.month,
        head.version + 1,
        head.about,
        head.meters,
        totals,
        tail,
        head.pages,
        head.nodes,
        head.erased,
        head.limits,
    )
    return after, answers


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


def _count(
    head: Head, totals: dict[Series, Total], event: Event, most: Mapping[str, Decimal]
) -> Implausible | OverLimit | SubjectFull | None:
    """Add the event to its total, or say why not."""
    if event.value is None:
        return None
    meter = head.meter(event.name)
    step = STEPS.get(meter.kind)
    if step is None:
        return None
    series = meter.series(event)
    before = totals.get(series)
    if before is None and len(totals) >= MOST_SERIES:
        return SubjectFull(most=MOST_SERIES, pointer="/data/dimensions", reason="as many dimensions as are told apart")
    after = step(before, event)
    if meter.kind in LIMITED:
        whole = after.value
        if meter.billable:
            whole += sum((each.value for key, each in totals.items() if key[0] == meter.name and key != series), _ZERO)
        if meter.kind is Kind.SUM and whole > most.get(event.name, MOST_TOTAL):
            return _too_much(whole)
        limit = head.limits.get(event.name)
        if limit is not None and limit.hard and whole > limit.most:
            return OverLimit(pointer="/data/value", meter=event.name, most=plain(limit.most), total=plain(whole))
    totals[series] = after
    return None


def _too_much(total: Decimal) -> Implausible:
    reason = "more in all than the session can have had"
    return Implausible(pointer="/data/value", reason=reason, total=plain(total))


def settled(head: Head, nodes: Mapping[bytes, Sequence[PageRef]], *, first: bool = False) -> Settled:
    """Move what does not fit into a head into pages and nodes. `nodes` are those that the head names."""
    blocks: list[Block] = []
    if len(head.tail) <= _SURELY_TOO_MANY:
        state = pack_head(head, _room(head))
        if _fits(head, state):
            return Settled(head, state, (), first)
        if head.pages and len(head.tail) < FEWEST_IN_PAGE:
            head = _with_node(head, nodes, blocks)
            state = pack_head(head, _room(head))
            if _fits(head, state):
                return Settled(head, state, tuple(blocks), first)
    head = _with_pages(head, blocks)
    state = pack_head(head, _room(head))
    if head.pages and not _fits(head, state):
        head = _with_node(head, {**nodes, **_nodes_among(blocks)}, blocks)
        state = pack_head(head, _room(head))
    named = {each.digest for each in head.nodes}
    return Settled(head, state, tuple(each for each in blocks if each.kind == PAGE or each.digest in named), first)


def _room(head: Head) -> int:
    """For the packed state, in an item of one write unit."""
    return HEAD_BYTES - item_bytes(head.subject, b"")


def _fits(head: Head, state: bytes) -> bool:
    return item_bytes(head.subject, state) <= HEAD_BYTES


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
    packed = pack(columns)
    body = squeeze(packed)
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
