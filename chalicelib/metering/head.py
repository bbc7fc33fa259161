"""The head of a subject's month: totals, the newest events, and where the others are; and the bytes of it.

Older events are in pages, immutable and named by their digest. For each page the head, or a node that the head names,
holds three bytes an event, its print: an event whose print is in no page is new, and one whose print is there is looked
for in that page, so nothing rests on a print alone.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month
from chalicelib.metering.columns import EMPTY, Columns, decimals_of, instant_of, micros, scaled
from chalicelib.metering.meters import Kind, Limit, Meter, Series, Total
from chalicelib.metering.model import Key, Subject
from chalicelib.metering.packing import DIGEST_BYTES, digest_of, pack, squeeze, unpack, unsqueeze

_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
PRINT_BYTES = 3
_COUNTS = struct.Struct("<BIHH")
_PLAIN, _SQUEEZED = 0, 1
_LENGTH = struct.Struct("<I")
_PAGE = struct.Struct(f"<{DIGEST_BYTES}sH")
_NODE = struct.Struct(f"<{DIGEST_BYTES}sBI")


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page by its digest, how many events it has, and their prints."""

    digest: bytes
    count: int
    prints: bytes


@dataclass(frozen=True, slots=True)
class NodeRef:
    """A list of page references that is an item of its own. `level` says about how large it is."""

    digest: bytes
    level: int
    count: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What is left of events that were erased: how many there were, and the digest of all of them."""

    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """All that is known of one subject in one month. `version` counts its changes and guards each of them.

    `about` is the subject as it was when the head was made, or when it was sealed; `meters` are the definitions under
    which its events are counted, so that a later version of a definition begins with the next month.
    """

    subject: str
    month: Month
    version: int = 0
    about: Subject | None = None
    meters: Mapping[str, Meter] = field(default_factory=dict)
    totals: Mapping[Series, Total] = field(default_factory=dict)
    tail: Columns = EMPTY
    pages: tuple[PageRef, ...] = ()
    nodes: tuple[NodeRef, ...] = ()
    erased: Erased | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many events there are, or were before they were erased."""
        if self.erased is not None:
            return self.erased.count
        return len(self.tail) + sum(each.count for each in self.pages) + sum(each.count for each in self.nodes)

    @property
    def sealed(self) -> bool:
        """Whether what it says was billed already: what comes now is evidence for a correction."""
        return self.about is not None and self.about.ended_at is not None

    def meter(self, name: str) -> Meter:
        """How a meter is counted; one that nobody defined is a sum."""
        return self.meters.get(name) or _undefined(name)

    def total(self, name: str) -> Decimal | None:
        """The sum of a meter over all its dimensions, or None if nothing was reported."""
        found = [total.value for (meter, _), total in self.totals.items() if meter == name]
        return sum(found, Decimal(0)) if found else None


@lru_cache(maxsize=256)
def _undefined(name: str) -> Meter:
    """A meter that nobody defined."""
    return Meter(name)


def print_of(key: Key) -> bytes:
    """Three bytes that stand for an event's source and id."""
    return (zlib.crc32("\0".join(key).encode()) & 0xFFFFFF).to_bytes(PRINT_BYTES, "big")


def page_ref(columns: Columns, packed: bytes) -> PageRef:
    """What is kept of a page outside of it."""
    return PageRef(digest_of(packed), len(columns), b"".join(map(print_of, columns.keys())))


def suspected(pages: Iterable[PageRef], keys: Iterable[Key]) -> list[PageRef]:
    """The pages in which one of the keys may be."""
    refs = list(pages)
    everywhere = b"".join(page.prints for page in refs)
    prints = [each for each in map(print_of, keys) if each in everywhere]
    return [page for page in refs if any(each in page.prints for each in prints)] if prints else []


def pack_refs(pages: Sequence[PageRef]) -> bytes:
    """The bytes of a node."""
    return b"".join(_PAGE.pack(each.digest, each.count) + each.prints for each in pages)


def unpack_refs(packed: bytes) -> tuple[PageRef, ...]:
    """The page references of a node."""
    found, at = [], 0
    while at < len(packed):
        digest, count = _PAGE.unpack_from(packed, at)
        at += _PAGE.size
        found.append(PageRef(digest, count, packed[at : at + PRINT_BYTES * count]))
        at += PRINT_BYTES * count
    return tuple(found)


def pack_head(head: Head, room: int | None = None) -> bytes:
    """What a head's item holds beside subject, month and version; compressed only where `room` asks for it.

    Random ids cannot be compressed, so the little that is gained is worth its time in a head that is nearly full only.
    """
    document = _text(_document(head)).encode()
    body = b"".join([_LENGTH.pack(len(document)), document, pack(head.tail)])
    refs = b"".join([*(_NODE.pack(each.digest, each.level, each.count) for each in head.nodes), pack_refs(head.pages)])
    how = _PLAIN
    if room is None or _COUNTS.size + len(body) + len(refs) > room:
        how, body = _SQUEEZED, squeeze(body)
    return b"".join([_COUNTS.pack(how, len(body), len(head.pages), len(head.nodes)), body, refs])


def unpack_head(subject: str, month: Month, version: int, packed: bytes) -> Head:
    """The head of an item."""
    how, size, _, nodes = _COUNTS.unpack_from(packed)
    at = _COUNTS.size + size
    plainly = packed[_COUNTS.size : at]
    if how == _SQUEEZED:
        plainly = unsqueeze(plainly)
    (length,) = _LENGTH.unpack_from(plainly)
    after = _LENGTH.size + length
    about, meters, totals, *more = json.loads(plainly[_LENGTH.size : after])
    rare = more[0] if more else {}
    rest = at + nodes * _NODE.size
    return Head(
        subject=subject,
        month=month,
        version=version,
        about=_about(subject, about),
        meters={name: meter_of(name, row) for name, row in meters.items()},
        totals={_series(row): _total(row) for row in totals},
        tail=unpack(plainly[after:]),
        pages=unpack_refs(packed[rest:]),
        nodes=tuple(NodeRef(*_NODE.unpack_from(packed, start)) for start in range(at, rest, _NODE.size)),
        erased=Erased(*rare["erased"]) if "erased" in rare else None,
        limits={name: Limit(Decimal(most), hard) for name, (most, hard) in rare.get("limits", {}).items()},
    )


def _document(head: Head) -> list[object]:
    about = head.about
    facts = about and [
        about.partner_id,
        dict(about.meters),
        micros(about.started_at),
        about.ended_at and micros(about.ended_at),
        *([{name: plain(most) for name, most in about.most_per_hour.items()}] if about.most_per_hour else []),
    ]
    return [
        facts,
        {name: meter_row(each) for name, each in sorted(head.meters.items())},
        [_total_row(series, head.totals[series]) for series in sorted(head.totals)],
        *([rare] if (rare := _rare(head)) else []),
    ]


def _rare(head: Head) -> dict[str, object]:
    """What few heads have."""
    rare: dict[str, object] = {}
    if head.erased:
        rare["erased"] = [head.erased.count, head.erased.digest]
    if head.limits:
        rare["limits"] = {name: [plain(each.most), each.hard] for name, each in sorted(head.limits.items())}
    return rare


def _about(subject: str, facts: list[object] | None) -> Subject | None:
    match facts:
        case [str(partner_id), dict(meters), int(started_at), ended_at, *more]:
            ended = instant_of(ended_at) if isinstance(ended_at, int) else None
            bounds = {name: Decimal(most) for each in more if isinstance(each, dict) for name, most in each.items()}
            return Subject(subject, partner_id, meters, instant_of(started_at), ended, bounds)
    return None


def meter_row(meter: Meter) -> list[object]:
    """A definition as it is kept, beside its name."""
    bounds = [None if each is None else plain(each) for each in (meter.least, meter.most, meter.rolls_over_at)]
    row: list[object] = [str(meter.kind), meter.unit, meter.version, list(meter.billable), *bounds]
    row += [meter.unique_by, meter.per, list(meter.described)]
    while row[-1] in (None, []):
        row.pop()
    return row


def meter_of(name: str, row: Sequence[Any]) -> Meter:
    """The definition that was kept."""
    filled = [*row, *[None] * (10 - len(row))]
    kind, unit, version, billable, least, most, rolls_over_at, unique_by, per, described = filled
    return Meter(
        name=name,
        kind=Kind(str(kind)),
        unit=str(unit),
        version=int(str(version)),
        billable=tuple(str(each) for each in billable or ()),
        least=None if least is None else Decimal(str(least)),
        most=None if most is None else Decimal(str(most)),
        unique_by=None if unique_by is None else str(unique_by),
        rolls_over_at=None if rolls_over_at is None else Decimal(str(rolls_over_at)),
        per=None if per is None else str(per),
        described=tuple(str(each) for each in described or ()),
    )


def _total_row(series: Series, total: Total) -> list[object]:
    """A total is a whole number and its decimals."""
    name, dimensions = series
    scale = decimals_of(total.value)
    row: list[object] = [name, scaled(total.value, scale), scale]
    if dimensions or total.stamp:
        row.append([list(pair) for pair in dimensions])
    if total.stamp:
        row.append(list(total.stamp))
    return row


def _series(row: list[object]) -> Series:
    match row:
        case [name, _, _, list(given), *_]:
            return str(name), tuple((each, value) for each, value in given)
    return str(row[0]), ()


def _total(row: list[object]) -> Total:
    value = Decimal(str(row[1])).scaleb(-int(str(row[2])))
    match row:
        case [_, _, _, _, [int(at), str(source), str(event_id)]]:
            return Total(value, (at, source, event_id))
    return Total(value)
