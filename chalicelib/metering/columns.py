"""Events as columns of like values, which are kept, compared and added up without an object for each event."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache, reduce
from math import gcd
from operator import attrgetter, itemgetter
from typing import cast

from chalicelib.metering.making import in_the_making
from chalicelib.metering.model import Dimensions, Event, Key, reported

HeldId = str | bytes
Row = tuple[int, str, HeldId, str, int | None, str | None, Dimensions]
UUID_BYTES, _UUID_LETTERS = 16, 36
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID_SHAPE = b"00000000-0000-0000-0000-000000000000"
_HEX_TO_ZERO = bytes.maketrans(b"0123456789abcdef", b"0" * 16)
_PLACES = [place for place, letter in enumerate(_UUID_SHAPE) if letter == ord("0")]
_FEW, _MANY = 4, 20
"""What is done for all at once takes longer for fewer than these."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
_ZERO = Decimal(0)
_attributes = attrgetter("time", "source", "event_id", "name", "value", "place_id", "dimensions")


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

    @property
    def uuid_bytes(self) -> int:
        """The bytes of ids that are as good as random, which nothing compresses."""
        return 0 if str in set(map(type, self.ids)) else UUID_BYTES * len(self.ids)

    def keys(self) -> Iterator[Key]:
        """What makes each one event, in order."""
        return zip(self.sources, texts_of(self.ids), strict=True)

    def places_of(self, keys: Sequence[Key]) -> Mapping[Key, int]:
        """Where those of the keys are that are there."""
        ids = held_ids([event_id for _, event_id in keys])
        if set(ids).isdisjoint(self.ids):
            return {}
        at = {key: number for number, key in enumerate(zip(self.sources, self.ids, strict=True))}
        found = ((key, at.get((key[0], held_id))) for key, held_id in zip(keys, ids, strict=True))
        return {key: number for key, number in found if number is not None}

    def event(self, number: int, subject: str) -> Event:
        """One of them."""
        return self.part(number, number + 1).events(subject)[0]

    def events(self, subject: str) -> list[Event]:
        """All of them, in order."""
        amounts = {value: self.amount(value) for value in set(self.values)}
        return [
            reported(
                source=source,
                event_id=event_id,
                subject=subject,
                time=instant_of(time),
                name=name,
                value=amounts[value],
                place_id=place_id,
                dimensions=dimensions,
            )
            for source, event_id, time, name, value, place_id, dimensions in zip(
                self.sources,
                texts_of(self.ids),
                self.times,
                self.names,
                self.values,
                self.places,
                self.dimensions,
                strict=True,
            )
        ]

    def amount(self, value: int | None) -> Decimal | None:
        """The quantity of a value."""
        return None if value is None else Decimal(value).scaleb(-self.scale, _EXACT)

    def part(self, first: int, last: int) -> "Columns":
        """Those from one place up to, not including, another."""
        if first == 0 and last == len(self.ids):
            return self
        return made_of(
            sources=self.sources[first:last],
            ids=self.ids[first:last],
            times=self.times[first:last],
            names=self.names[first:last],
            values=self.values[first:last],
            scale=self.scale,
            places=self.places[first:last],
            dimensions=self.dimensions[first:last],
        )


EMPTY = Columns()
_Making = in_the_making(Columns)
_new = _Making.__new__


def made_of(
    *,
    sources: Sequence[str],
    ids: Sequence[HeldId],
    times: Sequence[int],
    names: Sequence[str],
    values: Sequence[int | None],
    scale: int,
    places: Sequence[str | None],
    dimensions: Sequence[Dimensions],
) -> Columns:
    """The same as `Columns(...)`, for where there are thousands."""
    made = _new(_Making)
    made.sources = sources
    made.ids = ids
    made.times = times
    made.names = names
    made.values = values
    made.scale = scale
    made.places = places
    made.dimensions = dimensions
    made.__class__ = Columns
    columns: Columns = made
    return columns


@lru_cache(maxsize=4_096)
def held(event_id: str) -> HeldId:
    """An id as it is held."""
    if len(event_id) == _UUID_LETTERS and _UUID.fullmatch(event_id):
        return bytes.fromhex(event_id.replace("-", ""))
    return event_id


def held_ids(event_ids: Sequence[str]) -> list[HeldId]:
    """Ids as they are held. Where all are UUIDs, as all their letters together show, they are read at once."""
    count = len(event_ids)
    if count < _FEW or len(event_ids[0]) != _UUID_LETTERS:
        return [held(each) for each in event_ids]
    joined = "".join(event_ids)
    shape = joined.encode().translate(_HEX_TO_ZERO)
    if shape != _UUID_SHAPE * count or {*map(len, event_ids)} != {_UUID_LETTERS}:
        return [held(each) for each in event_ids]
    whole = bytes.fromhex(joined.replace("-", ""))
    return [whole[at : at + UUID_BYTES] for at in range(0, UUID_BYTES * count, UUID_BYTES)]


def texts_of(held_ids_: Sequence[HeldId]) -> list[str]:
    """The ids that are held. UUIDs are written all at once: each of their letters for all of them."""
    count = len(held_ids_)
    if count < _MANY or str in set(map(type, held_ids_)):
        return list(map(text_of, held_ids_))
    digits = b"".join(cast("Sequence[bytes]", held_ids_)).hex().encode()
    letters = bytearray(_UUID_SHAPE * count)
    for digit, place in enumerate(_PLACES):
        letters[place::_UUID_LETTERS] = digits[digit :: len(_PLACES)]
    text = letters.decode()
    return [text[at : at + _UUID_LETTERS] for at in range(0, len(text), _UUID_LETTERS)]


def text_of(held_id: HeldId) -> str:
    """The id that is held."""
    if isinstance(held_id, str):
        return held_id
    text = held_id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def micros(instant: datetime) -> int:
    """Microseconds since 1970."""
    since = instant - _EPOCH
    return (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds


def instant_of(number: int) -> datetime:
    """The instant of so many microseconds."""
    return _EPOCH + timedelta(0, *divmod(number, 1_000_000))


def columns_of(events: Iterable[Event]) -> Columns:
    """Columns of events."""
    given = list(events)
    if len(given) <= 1:
        return _of_one(given[0]) if given else EMPTY
    times, sources, ids, names, values, places, dimensions = zip(*map(_attributes, given), strict=True)
    numbers, scale = whole(values)
    rows = zip(map(micros, times), sources, held_ids(ids), names, numbers, places, dimensions, strict=True)
    return _of_rows(_sorted(list(rows)), scale)


def _of_one(event: Event) -> Columns:
    """As most subjects of a wide batch have."""
    number, scale = (None, 0) if event.value is None else shortest(event.value)
    return made_of(
        sources=(event.source,),
        ids=(held(event.event_id),),
        times=(micros(event.time),),
        names=(event.name,),
        values=(number,),
        scale=scale,
        places=(event.place_id,),
        dimensions=(event.dimensions,),
    )


def merged(columns: Columns, events: Iterable[Event]) -> Columns:
    """The columns with more events, in order again."""
    return joined(columns, columns_of(events))


def joined(one: Columns, other: Columns) -> Columns:
    """All events of both, in order."""
    if not (one.times and other.times):
        return one if one.times else other
    scale = max(one.scale, other.scale)
    values, more = at_scale(one, scale), at_scale(other, scale)
    if other.times[0] <= one.times[-1]:
        return _of_rows(_sorted([*_rows(one, values), *_rows(other, more)]), scale)
    return made_of(
        sources=[*one.sources, *other.sources],
        ids=[*one.ids, *other.ids],
        times=[*one.times, *other.times],
        names=[*one.names, *other.names],
        values=[*values, *more],
        scale=scale,
        places=[*one.places, *other.places],
        dimensions=[*one.dimensions, *other.dimensions],
    )


def at_scale(columns: Columns, scale: int) -> Sequence[int | None]:
    """The values as whole numbers of more decimals."""
    if scale == columns.scale:
        return columns.values
    more = 10 ** (scale - columns.scale)
    return [None if value is None else value * more for value in columns.values]


def _rows(columns: Columns, values: Sequence[int | None]) -> Iterable[Row]:
    places, dimensions = columns.places, columns.dimensions
    return zip(columns.times, columns.sources, columns.ids, columns.names, values, places, dimensions, strict=True)


def _of_rows(rows: Sequence[Row], scale: int) -> Columns:
    times, sources, ids, names, values, places, dimensions = zip(*rows, strict=True)
    return made_of(
        sources=sources,
        ids=ids,
        times=times,
        names=names,
        values=values,
        scale=scale,
        places=places,
        dimensions=dimensions,
    )


def whole(values: Sequence[Decimal | None]) -> tuple[Sequence[int | None], int]:
    """As whole numbers of as few decimals as they need, and how many these are."""
    given = [value for value in values if value is not None]
    try:  # a sum has as many decimals as that which has most of them
        scale = max(0, -int(reduce(_EXACT.add, given, _ZERO).as_tuple().exponent))
    except (Inexact, InvalidOperation):  # too far apart to be added up
        scale = max(map(decimals_of, given))
    numbers = [int(value.scaleb(scale, _EXACT)) for value in given]
    shared, spare = gcd(*numbers), 0
    while spare < scale and not shared % 10:  # a zero that all end with is no decimal that is needed
        shared //= 10
        spare += 1
    if spare:
        numbers = [number // 10**spare for number in numbers]
    if len(given) == len(values):
        return numbers, scale - spare
    found = iter(numbers)
    return [None if value is None else next(found) for value in values], scale - spare


def _sorted(rows: list[Row]) -> list[Row]:
    if len(rows) == 1:
        return rows
    if len({type(row[2]) for row in rows}) == 1:
        rows.sort(key=itemgetter(0, 1, 2))
    else:
        rows.sort(key=_order)
    return rows


def _order(row: Row) -> tuple[int, str, str]:
    return row[0], row[1], text_of(row[2])


def shortest(value: Decimal) -> tuple[int, int]:
    """A number as a whole number of as few decimals as it needs, and how many these are."""
    text = str(value)
    if "E" in text:
        scale = decimals_of(value)
        return int(value.scaleb(scale, _EXACT)), scale
    units, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return int(units + decimals), len(decimals)


def decimals_of(value: Decimal) -> int:
    """How many decimals it needs."""
    if value == value.to_integral_value():
        return 0
    return -int(value.normalize(_EXACT).as_tuple().exponent)
