"""The newest events of a head as they are stored, read into columns only when somebody looks at them.

Of the thousand heads of a wide batch, most are asked whether they hold some ids, and are given a few later events. Both
are done on the bytes: an id is looked for in them, and what is new goes behind each array, as `pack` would write it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from math import gcd
from operator import sub
from typing import NamedTuple, cast

from chalicelib.kernel.time import instant_of
from chalicelib.metering.columns import Columns, at_scale, joined
from chalicelib.metering.held_ids import UUID_BYTES, HeldId, text_of, texts_of
from chalicelib.metering.making import in_the_making
from chalicelib.metering.model import Dimensions, Event, Key, as_reported
from chalicelib.metering.packing import LONG, SHORT, WIDTHS, array_of, pack, pairs, unpack

_WITH_UUIDS = re.compile(r'\[([0-9]+),(.+),\[1\],([0-9]+),([0-9]+),"([BHI])",([0-9]+),\["([BHI])",false\]\]')
"""The header of events that all have UUIDs and values; whether they are alike, what stands before the ids tells."""
_FEW = 4
Common = tuple[str, str, str | None, Dimensions]
_BOUNDS = {code: bound for bound, code in WIDTHS}
_COLUMNS = ("sources", "ids", "times", "names", "values", "places", "dimensions")


class _Block(NamedTuple):
    """A packed block of events that are alike: what its header says, and its arrays."""

    number: int
    words: str
    base: int
    unit: int
    step: str
    scale: int
    value: str
    ids: bytes
    steps: bytes
    values: bytes

    def packed(self) -> bytes:
        """As `pack` gives it."""
        number, words, base, unit, step, scale, value, *arrays = self
        header = f'[{number},{words},[1],{base},{unit},"{step}",{scale},["{value}",false]]'.encode()
        return b"".join([SHORT.pack(len(header)), header, *arrays])


class Stored(Columns):
    """Columns that are read when the first of them is asked for."""

    __slots__ = ("block",)
    block: _Block

    def __getattr__(self, name: str) -> object:
        if name not in _COLUMNS:
            raise AttributeError(name)
        found = unpack(self.block.packed())
        for each in _COLUMNS:
            object.__setattr__(self, each, getattr(found, each))
        return getattr(found, name)

    def __eq__(self, other: object) -> bool:
        return unpack(self.block.packed()) == (unpack(other.block.packed()) if isinstance(other, Stored) else other)

    __hash__ = Columns.__hash__

    def __len__(self) -> int:
        return self.block.number

    @property
    def uuid_bytes(self) -> int:
        """All of them are UUIDs."""
        return len(self.block.ids)

    def keys(self) -> Iterator[Key]:
        """What makes each one event, in order."""
        return zip(repeat(_told(self.block.words)[0], self.block.number), texts_of(list(self._places())), strict=True)

    def event(self, number: int, subject: str) -> Event:
        """One of them, without reading the others."""
        block = self.block
        source, name, place_id, dimensions = _told(block.words)
        values = array_of(1, block.value)
        (value,) = values.unpack_from(block.values, number * values.size)
        event_id = text_of(block.ids[number * UUID_BYTES : (number + 1) * UUID_BYTES])
        at = block.base + block.unit * sum(array_of(number + 1, block.step).unpack_from(block.steps))
        amount = self.amount(value)
        return as_reported((source, event_id, subject, instant_of(at), name, amount, place_id, dimensions, at))

    def places_of(self, keys: Sequence[Key], ids: Sequence[HeldId]) -> Mapping[Key, int]:
        """Where those of the keys are that are there. A few are looked for by themselves, many all at once."""
        place_of = self._place_of if len(ids) <= _FEW else self._places().get
        found = [(key, place) for key, each in zip(keys, ids, strict=True) if (place := place_of(each)) is not None]
        if not found:
            return {}
        source = _told(self.block.words)[0]
        return {key: place for key, place in found if key[0] == source}

    def _place_of(self, held_id: HeldId) -> int | None:
        if isinstance(held_id, str):
            return None
        at = self.block.ids.find(held_id)
        while at % UUID_BYTES and at >= 0:  # within two others, by chance
            at = self.block.ids.find(held_id, at + 1)
        return at // UUID_BYTES if at >= 0 else None

    def _places(self) -> Mapping[HeldId, int]:
        ids = self.block.ids
        return {ids[number * UUID_BYTES : (number + 1) * UUID_BYTES]: number for number in range(self.block.number)}

    def followed_by(self, new: Columns) -> "Stored | None":
        """With later events that are alike and fit into arrays as wide; None where it is not as simple as that."""
        number, words, base, unit, step, scale, value, ids, steps, values = self.block
        count = len(new.ids)
        if not _are_alike(new, count, _told(words)):
            return None
        last = base + unit * sum(array_of(number, step).unpack(steps))
        gaps = list(map(sub, new.times, [last, *new.times]))
        if gaps[0] <= 0 or gcd(*gaps) % unit or max(gaps) >= _BOUNDS[step] * unit:
            return None
        if new.scale > scale or None in new.values:
            return None
        more = cast("Sequence[int]", at_scale(new, scale))
        if max(more) >= _BOUNDS[value]:
            return None
        ids = b"".join([ids, *cast("Sequence[bytes]", new.ids)])
        steps += array_of(count, step).pack(*[gap // unit for gap in gaps])
        values += array_of(count, value).pack(*more)
        return _stored(_Block(number + count, words, base, unit, step, scale, value, ids, steps, values))


def _are_alike(new: Columns, count: int, told: Common) -> bool:
    source, name, place_id, dimensions = told
    return (
        new.sources.count(source) == count
        and new.names.count(name) == count
        and new.places.count(place_id) == count
        and new.dimensions.count(dimensions) == count
        and bool(new.uuid_bytes)
    )


_Making = in_the_making(Stored)
_new = _Making.__new__


def _stored(block: _Block) -> Stored:
    made = _new(_Making)
    made.scale = block.scale
    made.block = block
    made.__class__ = Stored
    stored: Stored = made
    return stored


def stored(packed: bytes) -> Columns:
    """The columns of a block: read at once only if its events are not alike."""
    (size,) = SHORT.unpack_from(packed)
    start = SHORT.size + size
    header = _WITH_UUIDS.fullmatch(packed[SHORT.size : start].decode()) if size < LONG else None
    if header is None or _in_common(header[2]) is None:
        return unpack(packed)
    count, words, base, unit, step, scale, value = header.groups()
    number = int(count)
    steps = start + UUID_BYTES * number
    values = steps + array_of(number, step).size
    arrays = packed[start:steps], packed[steps:values], packed[values:]
    return _stored(_Block(number, words, int(base), int(unit), step, int(scale), value, *arrays))


def packed_of(columns: Columns) -> bytes:
    """What `pack` gives of the columns, without packing anew what is stored."""
    return columns.block.packed() if isinstance(columns, Stored) else pack(columns)


def extended(columns: Columns, new: Columns) -> Columns:
    """All events of both, in order."""
    longer = columns.followed_by(new) if isinstance(columns, Stored) and len(new) else None
    return joined(columns, new) if longer is None else longer


def _told(words: str) -> Common:
    """Source, name, place and dimensions of events that are alike, as all of a block are."""
    common = _in_common(words)
    if common is None:
        raise LookupError("a block is of events that are alike")
    return common


@lru_cache(maxsize=1_024)
def _in_common(words: str) -> Common | None:
    """What events have in common, if all of it is."""
    columns = json.loads(f"[{words}]")
    if any(len(distinct) > 1 for distinct in columns):
        return None
    (source,), (name,), (place_id,), (dimensions,) = columns
    return source, name, place_id, pairs(dimensions)
