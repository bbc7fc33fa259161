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
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from itertools import accumulate
from math import gcd
from operator import itemgetter, sub
from typing import Any, cast

from chalicelib.metering.model import Dimensions, Event, Key

DIGEST_BYTES = 15
HeldId = str | bytes
HeldKey = tuple[str, HeldId]
Row = tuple[int, str, HeldId, str, int | None, str | None, Dimensions]
_UUID_LETTERS = 36
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
_UNITS = (1_000_000, 1_000)
_WIDTHS = ((1 << 8, "B"), (1 << 16, "H"), (1 << 32, "I"), (1 << 64, "Q"))
_TEXT, _UUIDS = 0, 1
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LENGTH = struct.Struct("<I")
_SHORT = struct.Struct("<H")
_LONG = 0xFFFF
"""In the place of a length of two bytes: the length follows in four."""
_BYTE = 1 << 8
_COMMON = (
    b'"cleaned","charging","kwh","km","metres","minutes","use_seconds","heartbeat","faulty","docked","idle","moving",'
    b'"locked","unlocked","latest","register","interval","unique","count","sum","min","h","s",'
    b'[[],[],[null],[[]],"B","H","I",0,0,0,null,[],[1,"https://bikes/'
)
"""What zlib knows before it begins. Part of the format: never changed, only followed by another one."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Events in order of time, then source, then id, each attribute in a column of its own.

    `times` are microseconds since 1970, `values` whole numbers of `10 ** -scale`. A UUID is held as its sixteen bytes.
    Nothing ever changes a column.
    """

    sources: Sequence[str] = ()
    ids: Sequence[HeldId] = ()
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
        return zip(self.sources, map(text_of, self.ids), strict=True)

    def held_keys(self) -> Iterator[HeldKey]:
        """The same, as they are held."""
        return zip(self.sources, self.ids, strict=True)

    def event(self, number: int, subject: str) -> Event:
        """One of them."""
        value = self.values[number]
        return Event(
            self.sources[number],
            text_of(self.ids[number]),
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


@lru_cache(maxsize=4_096)
def held(event_id: str) -> HeldId:
    """An id as it is held."""
    if len(event_id) == _UUID_LETTERS and _UUID.fullmatch(event_id):
        return bytes.fromhex(event_id.replace("-", ""))
    return event_id


def text_of(held_id: HeldId) -> str:
    """The id that is held."""
    if isinstance(held_id, str):
        return held_id
    text = held_id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


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
    scale = max([columns.scale, *(decimals_of(event.value) for event in given if event.value is not None)])
    new = _sorted([_row(event, scale) for event in given])
    if not new:
        return columns
    there = columns.values
    if scale != columns.scale:
        more = 10 ** (scale - columns.scale)
        there = [None if value is None else value * more for value in there]
    if not columns.times or new[0][0] > columns.times[-1]:
        return _appended(columns, new, there, scale)
    rows: list[Row] = list(
        zip(
            columns.times,
            columns.sources,
            columns.ids,
            columns.names,
            there,
            columns.places,
            columns.dimensions,
            strict=True,
        )
    )
    return _appended(EMPTY, _sorted([*rows, *new]), (), scale)


def _row(event: Event, scale: int) -> Row:
    return (
        micros(event.time),
        event.source,
        held(event.event_id),
        event.name,
        None if event.value is None else scaled(event.value, scale),
        event.place_id,
        event.dimensions,
    )


def _sorted(rows: list[Row]) -> list[Row]:
    if len({type(row[2]) for row in rows}) == 1:
        rows.sort(key=itemgetter(0, 1, 2))
    else:
        rows.sort(key=_order)
    return rows


def _order(row: Row) -> tuple[int, str, str]:
    return row[0], row[1], text_of(row[2])


def _appended(columns: Columns, rows: Sequence[Row], there: Sequence[int | None], scale: int) -> Columns:
    """With rows that come behind all others."""
    times, sources, ids, names, values, places, dimensions = zip(*rows, strict=True)
    return Columns(
        [*columns.sources, *sources],
        [*columns.ids, *ids],
        [*columns.times, *times],
        [*columns.names, *names],
        [*there, *values],
        scale,
        [*columns.places, *places],
        [*columns.dimensions, *dimensions],
    )


def decimals_of(value: Decimal) -> int:
    """How many decimals it needs."""
    if value == value.to_integral_value():
        return 0
    return -int(value.normalize(_EXACT).as_tuple().exponent)


def scaled(value: Decimal, scale: int) -> int:
    """As a whole number of so many decimals."""
    return int(value.scaleb(scale, _EXACT))


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
    text = _text(header).encode()
    size = _SHORT.pack(len(text)) if len(text) < _LONG else _SHORT.pack(_LONG) + _LENGTH.pack(len(text))
    return b"".join([size, text, *blobs])


def unpack(packed: bytes) -> Columns:
    """The columns of a block."""
    (size,), start = _SHORT.unpack_from(packed), _SHORT.size
    if not size:
        return EMPTY
    if size == _LONG:
        (size,), start = _LENGTH.unpack_from(packed, start), start + _LENGTH.size
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


def _code_of(distinct: Sequence[object]) -> str:
    """How wide a column of positions among so many values is."""
    return "B" if len(distinct) <= _BYTE else "H"


def _indexed(values: Sequence[Hashable], blobs: list[bytes]) -> list[Hashable]:
    if values.count(values[0]) == len(values):
        return [values[0]]
    distinct = list(dict.fromkeys(values))
    position = {value: number for number, value in enumerate(distinct)}
    code = _code_of(distinct)
    blobs.append(struct.pack(f"<{len(values)}{code}", *map(position.__getitem__, values)))
    return distinct


def _packed_ids(ids: Sequence[HeldId], blobs: list[bytes]) -> list[object]:
    if str not in set(map(type, ids)):
        blobs.append(b"".join(cast("Sequence[bytes]", ids)))
        return [_UUIDS]
    return [_TEXT, *map(text_of, ids)]


def _packed_times(times: Sequence[int], blobs: list[bytes]) -> tuple[int, int, str]:
    steps = [0, *map(sub, times[1:], times)]
    shared = gcd(*steps)
    unit = next((unit for unit in _UNITS if not shared % unit), 1)
    if unit > 1:
        steps = [step // unit for step in steps]
    return times[0], unit, _numbers(steps, blobs)


def _packed_values(values: Sequence[int | None], blobs: list[bytes]) -> list[object]:
    """Its code, whether some are none, and, where no array holds them, the numbers themselves."""
    nones = values.count(None)
    if nones == len(values):
        return [None]
    numbers = [value or 0 for value in values]
    code = _numbers(numbers, blobs)
    if nones:
        blobs.append(bytes(value is None for value in values))
    return [code, nones > 0] if code else [code, nones > 0, numbers]


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
        code = _code_of(distinct)
        return [distinct[number] for number in self._array(code)]

    def ids(self, given: list[Any]) -> Sequence[HeldId]:
        """The ids."""
        if given[0] == _TEXT:
            return [held(each) for each in given[1:]]
        start, self._at = self._at, self._at + 16 * self._count
        return [self._packed[at : at + 16] for at in range(start, self._at, 16)]

    def times(self, base: int, unit: int, code: str) -> Sequence[int]:
        """The times."""
        steps: Sequence[int] = self._array(code)
        if unit > 1:
            steps = [step * unit for step in steps]
        return list(accumulate(steps[1:], initial=base))

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
