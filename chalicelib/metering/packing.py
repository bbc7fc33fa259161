"""The codec of events: columns of like values, which compress well and are read without making an object of each event.

A packed block is a JSON header (its length first, two bytes more than that where it needs them) and one array a column.
The same events give the same bytes, and the digest of a block is over these bytes, not over what zlib makes of them:
another build of zlib may compress otherwise.
"""

import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from itertools import pairwise
from typing import Any

from chalicelib.metering.model import Dimensions, Event, Key

DIGEST_BYTES = 15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
_UNITS = (1_000_000, 1_000)
_WIDTHS = ((1 << 8, "B"), (1 << 16, "H"), (1 << 32, "I"), (1 << 64, "Q"))
_TEXT, _UUIDS = 0, 1
_LENGTH = struct.Struct("<I")
_COMMON = (
    b'"cleaned","charging","kwh","km","metres","minutes","use_seconds","heartbeat","faulty","docked","idle","moving",'
    b'"locked","unlocked","latest","register","interval","unique","count","sum","min","h","s",'
    b'[[],[],[null],[[]],"B","H","I",0,0,0,null,[],[1,"https://bikes/'
)
"""What zlib knows before it begins. Part of the format: never changed, only followed by another one."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Events in order of time, then source, then id, each attribute in a column of its own.

    `times` are microseconds since 1970, `values` whole numbers of `10 ** -scale`. Nothing ever changes a column.
    """

    sources: Sequence[str] = ()
    ids: Sequence[str] = ()
    times: Sequence[int] = ()
    names: Sequence[str] = ()
    values: Sequence[int | None] = ()
    scale: int = 0
    places: Sequence[str | None] = ()
    dimensions: Sequence[Dimensions] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def keys(self) -> Iterator[Key]:
        """What makes each one event, in order."""
        return zip(self.sources, self.ids, strict=True)

    def event(self, number: int, subject: str) -> Event:
        """One of them."""
        value = self.values[number]
        return Event(
            self.sources[number],
            self.ids[number],
            subject,
            instant_of(self.times[number]),
            self.names[number],
            None if value is None else Decimal(value).scaleb(-self.scale, _EXACT),
            self.places[number],
            self.dimensions[number],
        )

    def events(self, subject: str) -> list[Event]:
        """All of them, in order."""
        return [self.event(number, subject) for number in range(len(self.ids))]


EMPTY = Columns()


def micros(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(number: int) -> datetime:
    """The instant of so many microseconds."""
    return _EPOCH + timedelta(microseconds=number)


def columns_of(events: Iterable[Event]) -> Columns:
    """Columns of events."""
    return merged(EMPTY, events)


def merged(columns: Columns, events: Iterable[Event]) -> Columns:
    """The columns with more events, in order again."""
    given = list(events)
    scale = max([columns.scale, *(_scale(event.value) for event in given if event.value is not None)])
    more = 10 ** (scale - columns.scale)
    rows = [
        *zip(
            columns.times,
            columns.sources,
            columns.ids,
            columns.names,
            [None if value is None else value * more for value in columns.values],
            columns.places,
            columns.dimensions,
            strict=True,
        ),
        *(
            (
                micros(event.time),
                event.source,
                event.event_id,
                event.name,
                None if event.value is None else int(event.value.scaleb(scale, _EXACT)),
                event.place_id,
                event.dimensions,
            )
            for event in given
        ),
    ]
    return _of_rows(rows, scale)


def joined(parts: Iterable[Columns]) -> Columns:
    """The columns of all parts, in order."""
    whole = EMPTY
    for part in parts:
        whole = merged(whole, part.events("")) if len(whole) else part
    return whole


def _of_rows(rows: list[tuple[int, str, str, str, int | None, str | None, Dimensions]], scale: int) -> Columns:
    if not rows:
        return EMPTY
    rows.sort(key=lambda row: row[:3])
    times, sources, ids, names, values, places, dimensions = zip(*rows, strict=True)
    return Columns(sources, ids, times, names, values, scale, places, dimensions)


def _scale(value: Decimal) -> int:
    """How many decimals it needs."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, str):
        raise TypeError("not a finite number")
    if exponent >= 0:
        return 0
    reduced = value.normalize(_EXACT).as_tuple().exponent
    return max(0, -int(reduced))


def pack(columns: Columns) -> bytes:
    """The bytes of a block."""
    if not len(columns):
        return _LENGTH.pack(0)[:2]
    blobs: list[bytes] = []
    sources = _indexed(columns.sources, blobs)
    names = _indexed(columns.names, blobs)
    places = _indexed(columns.places, blobs)
    dimensions = _indexed(columns.dimensions, blobs)
    ids = _packed_ids(columns.ids, blobs)
    base, unit, steps = _packed_times(columns.times, blobs)
    values = _packed_values(columns.values, blobs)
    header = [len(columns), sources, names, places, dimensions, ids, base, unit, steps, columns.scale, values]
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    size = struct.pack("<H", len(text)) if len(text) < 0xFFFF else b"\xff\xff" + _LENGTH.pack(len(text))  # noqa: PLR2004 -- the longest that two bytes say
    return b"".join([size, text, *blobs])


def unpack(packed: bytes) -> Columns:
    """The columns of a block."""
    (size,), start = struct.unpack_from("<H", packed), 2
    if not size:
        return EMPTY
    if size == 0xFFFF:  # noqa: PLR2004 -- as written by pack
        (size,), start = _LENGTH.unpack_from(packed, 2), 6
    header = json.loads(packed[start : start + size])
    count, sources, names, places, dimensions, ids, base, unit, steps, scale, values = header
    reader = _Reader(packed, start + size, count)
    return Columns(
        sources=reader.indexed(sources),
        names=reader.indexed(names),
        places=reader.indexed(places),
        dimensions=reader.indexed([tuple((name, value) for name, value in each) for each in dimensions]),
        ids=reader.ids(ids),
        times=reader.times(base, unit, steps),
        values=reader.values(values),
        scale=scale,
    )


def digest_of(packed: bytes) -> bytes:
    """What a block is called: 120 bits of SHA-256 over its bytes."""
    return hashlib.sha256(packed).digest()[:DIGEST_BYTES]


def squeeze(packed: bytes) -> bytes:
    """Compressed, beginning from words that are common in what we keep."""
    squeezing = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zdict=_COMMON)
    return squeezing.compress(packed) + squeezing.flush()


def unsqueeze(squeezed: bytes) -> bytes:
    """What was squeezed."""
    return zlib.decompressobj(-15, zdict=_COMMON).decompress(squeezed)


def _numbers(numbers: Sequence[int], blobs: list[bytes]) -> str:
    """Whole numbers, not negative, in the narrowest array that holds them; what none holds is refused with ''."""
    most = max(numbers)
    for bound, code in _WIDTHS:
        if most < bound:
            blobs.append(struct.pack(f"<{len(numbers)}{code}", *numbers))
            return code
    return ""


def _indexed(values: Sequence[object], blobs: list[bytes]) -> list[object]:
    distinct = list(dict.fromkeys(values))
    if len(distinct) > 1:
        position = {value: number for number, value in enumerate(distinct)}
        code = "B" if len(distinct) <= 256 else "H"  # noqa: PLR2004 -- what a byte tells apart
        blobs.append(struct.pack(f"<{len(values)}{code}", *map(position.__getitem__, values)))
    return distinct


def _packed_ids(ids: Sequence[str], blobs: list[bytes]) -> list[object]:
    if all(map(_UUID.fullmatch, ids)):
        blobs.append(bytes.fromhex("".join(ids).replace("-", "")))
        return [_UUIDS]
    return [_TEXT, *ids]


def _packed_times(times: Sequence[int], blobs: list[bytes]) -> tuple[int, int, str]:
    steps = [0, *(after - before for before, after in pairwise(times))]
    unit = next((unit for unit in _UNITS if not any(step % unit for step in steps)), 1)
    return times[0], unit, _numbers([step // unit for step in steps], blobs)


def _packed_values(values: Sequence[int | None], blobs: list[bytes]) -> list[object]:
    """Its code, whether some are none, and, where no array holds them, the numbers themselves."""
    absent = bytes(value is None for value in values)
    if all(absent):
        return [None]
    code = _numbers([value or 0 for value in values], blobs)
    if any(absent):
        blobs.append(absent)
    return [code, any(absent)] if code else [code, any(absent), [value or 0 for value in values]]


class _Reader:
    """Reads the arrays behind a header, in the order in which they were written."""

    def __init__(self, packed: bytes, start: int, count: int) -> None:
        self._packed, self._at, self._count = packed, start, count

    def _array(self, code: str) -> tuple[int, ...]:
        shape = f"<{self._count}{code}"
        found = struct.unpack_from(shape, self._packed, self._at)
        self._at += struct.calcsize(shape)
        return found

    def indexed(self, distinct: list[Any]) -> Sequence[Any]:
        """A column of few distinct values."""
        if len(distinct) == 1:
            return distinct * self._count
        code = "B" if len(distinct) <= 256 else "H"  # noqa: PLR2004 -- as written
        return [distinct[number] for number in self._array(code)]

    def ids(self, given: list[object]) -> Sequence[str]:
        """The ids."""
        if given[0] == _TEXT:
            return [str(each) for each in given[1:]]
        start, self._at = self._at, self._at + 16 * self._count
        text = self._packed[start : self._at].hex()
        return [
            f"{text[at : at + 8]}-{text[at + 8 : at + 12]}-{text[at + 12 : at + 16]}-{text[at + 16 : at + 20]}-"
            f"{text[at + 20 : at + 32]}"
            for at in range(0, 32 * self._count, 32)
        ]

    def times(self, base: int, unit: int, code: str) -> Sequence[int]:
        """The times."""
        now, found = base, []
        for step in self._array(code):
            now += step * unit
            found.append(now)
        return found

    def values(self, given: list[object]) -> Sequence[int | None]:
        """The values."""
        if given[0] is None:
            return [None] * self._count
        numbers: Sequence[int] = given[2] if given[0] == "" else self._array(str(given[0]))  # type: ignore[assignment]
        if not given[1]:
            return numbers
        start, self._at = self._at, self._at + self._count
        absent = self._packed[start : self._at]
        return [None if none else number for number, none in zip(numbers, absent, strict=True)]
