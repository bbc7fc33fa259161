"""Events as columns of like values, which are kept, compared and added up without an object for each event."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce
from itertools import repeat
from math import gcd
from operator import itemgetter
from typing import NamedTuple, cast

from chalicelib.kernel.time import instant_of
from chalicelib.metering.held_ids import UUID_BYTES, HeldId, held_ids, text_of, texts_of
from chalicelib.metering.making import in_the_making
from chalicelib.metering.model import Dimensions, Event, Key, reported

Row = tuple[int, str, HeldId, str, int | None, str | None, Dimensions]
_ENOUGH = 40
"""As many ids tell whether they are random."""
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
_ZERO, _ONE = Decimal(0), Decimal(1)


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

    @property
    def random(self) -> bytes:
        """The ids one behind the other, if they look random at both ends, so that nothing compresses them."""
        some = self.ids[:_ENOUGH]
        seldom = len(some) * 3 // 4
        if (
            not self.uuid_bytes
            or len({each[:2] for each in some}) <= seldom
            or len({each[-2:] for each in some}) <= seldom
        ):
            return b""
        return b"".join(cast("Sequence[bytes]", self.ids))

    def keys(self) -> Iterator[Key]:
        """What makes each one event, in order."""
        return zip(self.sources, texts_of(self.ids), strict=True)

    def places_of(self, keys: Sequence[Key], ids: Sequence[HeldId]) -> Mapping[Key, int]:
        """Where those of the keys are that are there. `ids` are theirs, as they are held."""
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
        return list(
            reported(
                self.sources,
                texts_of(self.ids),
                [subject] * len(self.ids),
                map(instant_of, self.times),
                self.names,
                map(amounts.__getitem__, self.values),
                self.places,
                self.dimensions,
                self.times,
            )
        )

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


class Given(NamedTuple):
    """Events in the order in which they were sent, and what of each goes into columns; `scale` is that of all rows."""

    events: Sequence[Event]
    rows: Sequence[Row]
    scale: int

    @classmethod
    def of(cls, events: Sequence[Event]) -> "Given":
        """What was given, read all at once."""
        if not events:
            return cls((), (), 0)
        sources, ids, _, _, names, values, places, dimensions, times = zip(*events, strict=True)
        numbers, scale = whole(values)
        rows = zip(times, sources, held_ids(ids), names, numbers, places, dimensions, strict=True)
        return cls(events, list(rows), scale)

    @property
    def keys(self) -> list[Key]:
        """What makes each one event."""
        return [event[:2] for event in self.events]

    @property
    def ids(self) -> list[HeldId]:
        """Their ids."""
        return [row[2] for row in self.rows]

    @property
    def names(self) -> frozenset[str]:
        """What they are called."""
        return frozenset([row[3] for row in self.rows])

    def among(self, numbers: Sequence[int]) -> "Given":
        """Some of them."""
        events, rows = self.events, self.rows
        return Given([events[each] for each in numbers], [rows[each] for each in numbers], self.scale)

    def columns(self) -> Columns:
        """Columns of them, in as few decimals as they need."""
        rows, scale = self.rows, self.scale
        if len(rows) <= 1:
            return _of_one(rows[0], scale) if rows else EMPTY
        columns = _of_rows(_sorted(list(rows)), scale)
        return _shortened(columns) if scale else columns


def _of_one(row: Row, scale: int) -> Columns:
    """As most subjects of a wide batch have."""
    at, source, held_id, name, number, place_id, dimensions = row
    if number is None:
        scale = 0
    else:
        while scale and not number % 10:
            number, scale = number // 10, scale - 1
    return made_of(
        sources=(source,),
        ids=(held_id,),
        times=(at,),
        names=(name,),
        values=(number,),
        scale=scale,
        places=(place_id,),
        dimensions=(dimensions,),
    )


def _shortened(columns: Columns) -> Columns:
    """With no more decimals than are needed."""
    numbers, scale = as_short(columns.values, columns.scale)
    if scale == columns.scale:
        return columns
    return made_of(
        sources=columns.sources,
        ids=columns.ids,
        times=columns.times,
        names=columns.names,
        values=numbers,
        scale=scale,
        places=columns.places,
        dimensions=columns.dimensions,
    )


def columns_of(events: Iterable[Event]) -> Columns:
    """Columns of events."""
    return Given.of(list(events)).columns()


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
    numbers = list(map(int, map(_EXACT.multiply, given, repeat(_ONE.scaleb(scale))) if scale else given))
    if len(given) == len(values):
        return as_short(numbers, scale)
    found = iter(numbers)
    return as_short([None if value is None else next(found) for value in values], scale)


def as_short(numbers: Sequence[int | None], scale: int) -> tuple[Sequence[int | None], int]:
    """Whole numbers without the zeros that all end with and that are no decimals which are needed."""
    shared, spare = gcd(*[number for number in numbers if number is not None]), 0
    while spare < scale and not shared % 10:
        shared //= 10
        spare += 1
    if spare:
        less = 10**spare
        numbers = [None if number is None else number // less for number in numbers]
    return numbers, scale - spare


def _sorted(rows: list[Row]) -> list[Row]:
    if len({row[0] for row in rows}) == len(rows):  # as of most: nothing else is to be compared
        rows.sort(key=itemgetter(0))
    elif len({type(row[2]) for row in rows}) == 1:
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
