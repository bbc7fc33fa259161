"""The codec of events: columns of like values, which compress well and are read without making an object of each event.

A packed block is a JSON header (its length first, two bytes more than that where it needs them) and one array a column.
The same events give the same bytes, and the digest of a block is over these bytes, not over what zlib makes of them:
another build of zlib may compress otherwise.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Hashable, Sequence
from functools import lru_cache
from itertools import accumulate
from math import gcd
from operator import sub
from typing import Any, cast

from chalicelib.metering.columns import EMPTY, Columns, made_of
from chalicelib.metering.held_ids import HeldId, held, text_of
from chalicelib.metering.model import Dimensions

DIGEST_BYTES = 15
_UNITS = (1_000_000, 1_000)
WIDTHS = ((1 << 8, "B"), (1 << 16, "H"), (1 << 32, "I"), (1 << 64, "Q"))
_TEXT, _UUIDS = 0, 1
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_read = json.JSONDecoder().raw_decode
_LENGTH = struct.Struct("<I")
SHORT = struct.Struct("<H")
LONG = 0xFFFF
"""In the place of a length of two bytes: the length follows in four."""
_BYTE = 1 << 8
_AS_IT_IS = struct.Struct("<BHH")
"""Before a block that is not compressed: that it is one, not the last, its length, and that with all bits turned."""
_FEWEST_APART, _MOST_APART = 256, 0xFFFF
_SMALL = 3_500
"""All of this is within a window of four kilobytes."""
_MEMORY = 7
"""As zlib says it. With more it compresses a head of a kilobyte to the same bytes, and takes ten times as long."""
_COMMON = (
    b'"cleaned","charging","kwh","km","metres","minutes","use_seconds","heartbeat","faulty","docked","idle","moving",'
    b'"locked","unlocked","latest","register","interval","unique","count","sum","min","h","s",'
    b'[[],[],[null],[[]],"B","H","I",0,0,0,null,[],[1,"https://bikes/'
)
"""What zlib knows before it begins. Part of the format: never changed, only followed by another one."""


def pack(columns: Columns) -> bytes:
    """The bytes of a block."""
    count = len(columns.ids)
    if not count:
        return _LENGTH.pack(0)[:2]
    if count == 1 and (packed := _of_one(columns)):
        return packed
    blobs: list[bytes] = []
    words = _words(columns, count, blobs)
    ids = _packed_ids(columns.ids, blobs)
    base, unit, steps = _packed_times(columns.times, blobs)
    values = _packed_values(columns.values, blobs)
    header = f'[{count},{words},{ids},{base},{unit},"{steps}",{columns.scale},{values}]'.encode()
    return b"".join([_size_of(header), header, *blobs])


def _of_one(columns: Columns) -> bytes:
    """The same of one event with a UUID and a value that an array holds, as most subjects of a wide batch have."""
    (held_id,), (value,) = columns.ids, columns.values
    if isinstance(held_id, str) or value is None or not (code := _width_of(value)):
        return b""
    words = _alike(columns.sources[0], columns.names[0], columns.places[0], columns.dimensions[0])
    header = f'[1,{words},[{_UUIDS}],{columns.times[0]},{_UNITS[0]},"B",{columns.scale},["{code}",false]]'.encode()
    return b"".join([_size_of(header), header, held_id, b"\0", array_of(1, code).pack(value)])


def _words(columns: Columns, count: int, blobs: list[bytes]) -> str:
    """Sources, names, places and dimensions."""
    told = (columns.sources, columns.names, columns.places, columns.dimensions)
    source, name, place_id, dimensions = firsts = [each[0] for each in told]
    if count == 1 or all(each.count(first) == count for each, first in zip(told, firsts, strict=True)):
        return _alike(source, name, place_id, dimensions)
    return ",".join([_indexed(each, blobs) for each in told])


@lru_cache(maxsize=1_024)
def _alike(*of_each: Hashable) -> str:
    """Of events that have them all in common, as most of a subject have."""
    return ",".join([_text([each]) for each in of_each])


def _size_of(header: bytes) -> bytes:
    return SHORT.pack(len(header)) if len(header) < LONG else SHORT.pack(LONG) + _LENGTH.pack(len(header))


def unpack(packed: bytes) -> Columns:
    """The columns of a block."""
    (size,), start = SHORT.unpack_from(packed), SHORT.size
    if not size:
        return EMPTY
    if size == LONG:
        (size,), start = _LENGTH.unpack_from(packed, start), start + _LENGTH.size
    header, _ = _read(packed[start : start + size].decode(), 0)
    count, sources, names, places, dimensions, ids, base, unit, steps, scale, values = header
    reader = _Reader(packed, start + size, count)
    return made_of(
        sources=reader.indexed(sources),
        names=reader.indexed(names),
        places=reader.indexed(places),
        dimensions=reader.indexed([pairs(each) for each in dimensions]),
        ids=reader.ids(ids),
        times=reader.times(base, unit, steps),
        values=reader.values(values),
        scale=scale,
    )


def pairs(given: Sequence[Sequence[str]]) -> Dimensions:
    """Dimensions as they are written."""
    return tuple((name, value) for name, value in given) if given else ()


def digest_of(packed: bytes) -> bytes:
    """What a block is called: 120 bits of SHA-256 over its bytes."""
    return hashlib.sha256(packed).digest()[:DIGEST_BYTES]


def squeeze(packed: bytes, random: bytes = b"") -> bytes:
    """Compressed, beginning from words that are common in what we keep.

    A part that is as good as random, if one is named, stays as it is: as a block of its own within the compressed.
    """
    at = packed.find(random) if _FEWEST_APART <= len(random) <= _MOST_APART else -1
    if at < 0:
        squeezing = zlib.compressobj(6, zlib.DEFLATED, -15, _MEMORY, zdict=_COMMON)
        return squeezing.compress(packed) + squeezing.flush()
    window = -15 if len(packed) - len(random) > _SMALL else -12
    squeezing = zlib.compressobj(6, zlib.DEFLATED, window, _MEMORY, zdict=_COMMON)
    before = squeezing.compress(packed[:at]) + squeezing.flush(zlib.Z_FULL_FLUSH)  # what follows refers to nothing here
    after = squeezing.compress(packed[at + len(random) :]) + squeezing.flush()
    return b"".join([before, _AS_IT_IS.pack(0, len(random), len(random) ^ _MOST_APART), random, after])


def unsqueeze(squeezed: bytes) -> bytes:
    """What was squeezed."""
    return zlib.decompressobj(-15, zdict=_COMMON).decompress(squeezed)


@lru_cache(maxsize=4_096)
def array_of(count: int, code: str) -> struct.Struct:
    """Of a page's or a head's length; the standard library's own cache holds a hundred of these."""
    return struct.Struct(f"<{count}{code}")


def _numbers(numbers: Sequence[int], blobs: list[bytes]) -> str:
    """Whole numbers, not negative, in the narrowest array that holds them; what none holds is refused with ''."""
    code = _width_of(max(numbers))
    if code:
        blobs.append(array_of(len(numbers), code).pack(*numbers))
    return code


def _width_of(most: int) -> str:
    """The narrowest that holds it; none where it is too large."""
    for bound, code in WIDTHS:
        if most < bound:
            return code
    return ""


def _code_of(distinct: Sequence[object]) -> str:
    """How wide a column of positions among so many values is."""
    return "B" if len(distinct) <= _BYTE else "H"


@lru_cache(maxsize=1_024)
def _one(value: Hashable) -> str:
    """The list of one value, which most columns of a subject are."""
    return _text([value])


def _indexed(values: Sequence[Hashable], blobs: list[bytes]) -> str:
    """The distinct values as text, behind which stands which of them each is."""
    first = values[0]
    if values.count(first) == len(values):
        return _one(first)
    distinct = list(dict.fromkeys(values))
    position = {value: number for number, value in enumerate(distinct)}
    blobs.append(array_of(len(values), _code_of(distinct)).pack(*map(position.__getitem__, values)))
    return _text(distinct)


def _packed_ids(ids: Sequence[HeldId], blobs: list[bytes]) -> str:
    if str not in set(map(type, ids)):
        blobs.append(b"".join(cast("Sequence[bytes]", ids)))
        return f"[{_UUIDS}]"
    return _text([_TEXT, *map(text_of, ids)])


def _packed_times(times: Sequence[int], blobs: list[bytes]) -> tuple[int, int, str]:
    if len(times) == 1:
        blobs.append(b"\0")
        return times[0], _UNITS[0], "B"
    steps = [0, *map(sub, times[1:], times)]
    unit, shared = 1, gcd(*steps)
    for larger in _UNITS:
        if not shared % larger:
            unit, steps = larger, [step // larger for step in steps]
            break
    return times[0], unit, _numbers(steps, blobs)


def _packed_values(values: Sequence[int | None], blobs: list[bytes]) -> str:
    """Their code, whether some are none, and, where no array holds them, the numbers themselves."""
    nones = values.count(None)
    if nones == len(values):
        return "[null]"
    numbers = [value or 0 for value in values] if nones else cast("Sequence[int]", values)
    code = _numbers(numbers, blobs)
    if nones:
        blobs.append(bytes(value is None for value in values))
    if code:
        return f'["{code}",{"true" if nones else "false"}]'
    return _text([code, nones > 0, numbers])


class _Reader:
    """Reads the arrays behind a header, in the order in which they were written."""

    def __init__(self, packed: bytes, start: int, count: int) -> None:
        self._packed, self._at, self._count = packed, start, count

    def _array(self, code: str) -> tuple[int, ...]:
        shape = array_of(self._count, code)
        found = shape.unpack_from(self._packed, self._at)
        self._at += shape.size
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
