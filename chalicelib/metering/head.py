"""The head of a subject's month: totals, the newest events, and where the others are; and the bytes of it.

Older events are in pages, immutable and named by their digest; the head, or a node that the head names, refers to them.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from types import MappingProxyType
from typing import Any

from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, instant_of, micros
from chalicelib.metering.columns import EMPTY, Columns, shortest
from chalicelib.metering.making import in_the_making
from chalicelib.metering.meters import Kind, Limit, Meter, Series, Total
from chalicelib.metering.model import Subject
from chalicelib.metering.packing import DIGEST_BYTES, squeeze, unsqueeze
from chalicelib.metering.page_refs import PageRef, pack_refs, unpack_refs
from chalicelib.metering.stored import packed_of, stored
from chalicelib.metering.watching import Watch

_read = json.JSONDecoder().raw_decode
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_COUNTS = struct.Struct("<BIHH")
_PLAIN, _SQUEEZED = 0, 1
_HOPED = 4
"""Of what is beside UUIDs, compressing hardly ever saves a fifth: more than a quarter is not hoped for."""
_LONG = 500
"""All but the newest events is longer than that only where there are many totals or meters."""
_LENGTH = struct.Struct("<I")
_NODE = struct.Struct(f"<{DIGEST_BYTES}sBI")


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
        if not (self.pages or self.nodes):
            return len(self.tail)
        paged = sum([each.count for each in self.pages]) + sum([each.count for each in self.nodes])
        return len(self.tail) + paged

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


_Making = in_the_making(Head)
_new = _Making.__new__


def made_head(
    *,
    subject: str,
    month: Month,
    version: int,
    about: Subject | None,
    meters: Mapping[str, Meter],
    totals: Mapping[Series, Total],
    tail: Columns,
    pages: tuple[PageRef, ...],
    nodes: tuple[NodeRef, ...],
    erased: Erased | None,
    limits: Mapping[str, Limit],
) -> Head:
    """The same as `Head(...)`, for where there are thousands."""
    made = _new(_Making)
    made.subject = subject
    made.month = month
    made.version = version
    made.about = about
    made.meters = meters
    made.totals = totals
    made.tail = tail
    made.pages = pages
    made.nodes = nodes
    made.erased = erased
    made.limits = limits
    made.__class__ = Head
    head: Head = made
    return head


def no_head(subject: str, month: Month) -> Head:
    """Of a subject of which nothing was reported in the month."""
    return made_head(
        subject=subject,
        month=month,
        version=0,
        about=None,
        meters={},
        totals={},
        tail=EMPTY,
        pages=(),
        nodes=(),
        erased=None,
        limits={},
    )


def with_subject(head: Head, about: Subject, meters: Mapping[str, Meter]) -> Head:
    """The head of a subject that is known now."""
    return made_head(
        subject=head.subject,
        month=head.month,
        version=head.version,
        about=about,
        meters=meters,
        totals=head.totals,
        tail=head.tail,
        pages=head.pages,
        nodes=head.nodes,
        erased=head.erased,
        limits=head.limits,
    )


@lru_cache(maxsize=256)
def _undefined(name: str) -> Meter:
    """A meter that nobody defined."""
    return Meter(name)


def pack_head(head: Head, room: int | None = None) -> bytes:
    """What a head's item holds beside subject, month and version; compressed only where `room` asks for it.

    Random ids cannot be compressed, so the little that is gained is worth its time in a head that is nearly full only.
    """
    document = _document(head).encode()
    body = b"".join([_LENGTH.pack(len(document)), document, packed_of(head.tail)])
    nodes = [_NODE.pack(each.digest, each.level, each.count) for each in head.nodes]
    refs = b"".join([*nodes, pack_refs(head.pages)]) if head.pages or nodes else b""
    how = _PLAIN
    over = 1 if room is None else _COUNTS.size + len(body) + len(refs) - room
    if over > 0 and _may_save(over, body, len(document), head.tail):
        how, body = _SQUEEZED, squeeze(body)
    return b"".join([_COUNTS.pack(how, len(body), len(head.pages), len(head.nodes)), body, refs])


def _may_save(wanted: int, body: bytes, document: int, tail: Columns) -> bool:
    """Whether compressing may save so many bytes; where it can not, newest events go into pages unasked.

    A long document is one of many totals, which are written alike: of it a lot is saved.
    """
    return not tail.uuid_bytes or document > _LONG or wanted * _HOPED < len(body) - tail.uuid_bytes


def unpack_head(subject: str, month: Month, version: int, packed: bytes) -> Head:
    """The head of an item."""
    how, size, _, nodes = _COUNTS.unpack_from(packed)
    at = _COUNTS.size + size
    plainly = packed[_COUNTS.size : at]
    if how == _SQUEEZED:
        plainly = unsqueeze(plainly)
    (length,) = _LENGTH.unpack_from(plainly)
    after = _LENGTH.size + length
    text = plainly[_LENGTH.size : after].decode()
    (about, meters, totals, *more), _ = _read(text, 0)
    rare = more[0] if more else {}
    refs = at + nodes * _NODE.size
    return made_head(
        subject=subject,
        month=month,
        version=version,
        about=_about(subject, about),
        meters=_meters_in(_second(text)) if meters else {},
        totals=dict(map(_series_and_total, totals)),
        tail=stored(plainly[after:]),
        pages=unpack_refs(packed[refs:]) if len(packed) > refs else (),
        nodes=tuple(NodeRef(*_NODE.unpack_from(packed, start)) for start in range(at, refs, _NODE.size))
        if nodes
        else (),
        erased=Erased(*rare["erased"]) if "erased" in rare else None,
        limits={name: Limit(Decimal(most), hard) for name, (most, hard) in rare.get("limits", {}).items()}
        if rare
        else {},
    )


def _second(text: str) -> str:
    """The second of a list's values, as it is written."""
    _, end = _read(text, 1)  # behind the bracket; the second is behind a comma
    return text[end + 1 : _read(text, end + 1)[1]]


@lru_cache(maxsize=256)
def _meters_in(text: str) -> Mapping[str, Meter]:
    """The definitions of a head: a partner's subjects have them in common."""
    return MappingProxyType({name: meter_of(name, row) for name, row in _read(text, 0)[0].items()})


def _document(head: Head) -> str:
    """All but the newest events and the references, as JSON."""
    meters, totals = head.meters, head.totals
    defined = ",".join([f"{quoted(name)}:{_meter_text(meters[name])}" for name in sorted(meters)]) if meters else ""
    order = sorted(totals) if len(totals) > 1 else totals
    added = ",".join([_total_text(series, totals[series]) for series in order])
    rare = f",{_text(_rare(head))}" if head.erased or head.limits else ""
    return f"[{_facts(head.about)},{{{defined}}},[{added}]{rare}]"


def _facts(about: Subject | None) -> str:
    if about is None:
        return "null"
    units = _units_text(tuple(about.meters.items()))
    ended = micros(about.ended_at) if about.ended_at else "null"
    begun = f"[{quoted(about.partner_id)},{{{units}}},{micros(about.started_at)},{ended}"
    bounds = about.most_per_hour
    if not (bounds or about.ends_by or about.watch):
        return f"{begun}]"
    more = "," + _text({name: plain(most) for name, most in bounds.items()}) if bounds else ""
    more += "," + _text(about.ends_by) if about.ends_by else ""
    more += "," + _text(about.watch.row()) if about.watch else ""
    return f"{begun}{more}]"


@lru_cache(maxsize=256)
def _units_text(units: tuple[tuple[str, str], ...]) -> str:
    """Of the meters of a tariff, which many subjects have in common."""
    return ",".join([f"{quoted(name)}:{quoted(unit)}" for name, unit in units])


def _rare(head: Head) -> dict[str, object]:
    """What few heads have."""
    rare: dict[str, object] = {}
    if head.erased:
        rare["erased"] = [head.erased.count, head.erased.digest]
    if head.limits:
        rare["limits"] = {name: [plain(each.most), each.hard] for name, each in sorted(head.limits.items())}
    return rare


def _about(subject: str, facts: list[Any] | None) -> Subject | None:
    if facts is None:
        return None
    partner_id, meters, started_at, ended_at, *more = facts
    ended = None if ended_at is None else instant_of(ended_at)
    if not more:
        return Subject(subject, partner_id, meters, instant_of(started_at), ended)
    bounds = {name: Decimal(most) for each in more if isinstance(each, dict) for name, most in each.items()}
    lists = [each for each in more if isinstance(each, list)]
    ends_by = tuple(name for each in lists for name in each if isinstance(name, str))
    watch = next((Watch.of(each) for each in lists if isinstance(each[0], list)), None) if lists else None
    return Subject(subject, partner_id, meters, instant_of(started_at), ended, bounds, ends_by, watch)


@lru_cache(maxsize=256)
def _meter_text(meter: Meter) -> str:
    return _text(meter_row(meter))


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


def _total_text(series: Series, total: Total) -> str:
    """A total is a whole number and its decimals."""
    name, dimensions = series
    number, scale = shortest(total.value)
    if dimensions or total.stamp:
        row = [name, number, scale, [list(pair) for pair in dimensions]]
        return _text([*row, list(total.stamp)] if total.stamp else row)
    return f"[{quoted(name)},{number},{scale}]"


def _series_and_total(row: list[Any]) -> tuple[Series, Total]:
    name, number, scale = row[:3]
    value = Decimal(number).scaleb(-scale)
    if len(row) == 3:  # noqa: PLR2004 -- nothing but these
        return (name, ()), Total(value)
    dimensions, *stamps = row[3:]
    stamp = tuple(stamps[0]) if stamps else None
    return (name, tuple((each, one) for each, one in dimensions)), Total(value, stamp)
