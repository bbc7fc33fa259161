"""Positions on the globe: how far apart they are, and the few cells of a geohash grid that cover a circle.

Whole ten-millionths of a degree and decimals throughout. Cells are prefixes of a geohash to the bit, not to the
letter, so that a cell can be about as large as what is looked for. Beyond 73 degrees, where the columns of the grid
grow narrow, each pole has one partition of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

SCALE = 10_000_000
MOST_METRES = 20_000
MOST_CELLS = 4
_POLE, _HALF_TURN, _TURN = 90 * SCALE, 180 * SCALE, 360 * SCALE
_LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
_LETTER_BITS, _LENGTH = 5, 12
_BITS = _LETTER_BITS * _LENGTH
_PARTITION_LETTERS, _PARTITION_ROW_BITS = 3, 7
_FIRST_GRID_ROW, _FIRST_NORTH_ROW = 12, 116
"""Of 128 rows of 1.40625 degrees: from 73.125 degrees south to 73.125 degrees north."""
_CLOSE_TO_A_POLE = 89 * SCALE
_RADIUS = Decimal("6371008.8")
_PI = Decimal("3.14159265358979323846264338328")
_SLACK = Decimal("1.002")
_SMALL = Decimal("1e-20")
_FIRST, _BEHIND_ALL = "0", "~"


@dataclass(frozen=True, slots=True)
class Position:
    """WGS 84 in ten-millionths of a degree: a centimetre on the ground."""

    latitude: int
    longitude: int

    @classmethod
    def of(cls, latitude: Decimal, longitude: Decimal) -> "Position":
        """From degrees."""
        return cls(int((latitude * SCALE).to_integral_value()), int((longitude * SCALE).to_integral_value()))


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of one partition: the keys from `first` to `last`."""

    partition: str
    first: str
    last: str

    def holds(self, position: Position) -> bool:
        """Whether what stands there is kept in it."""
        return self.partition == partition_of(position) and self.first <= encode(position) < self.last


def encode(position: Position) -> str:
    """The geohash of twelve letters."""
    half = _BITS // 2
    return _text(_interleaved(_column(position.longitude, half), _row(position.latitude, half), _BITS))


def partition_of(position: Position) -> str:
    """Where what stands there is kept: the first letters of the geohash, or the pole that it is near."""
    row = _row(position.latitude, _PARTITION_ROW_BITS)
    return _pole_of_row(row) or encode(position)[:_PARTITION_LETTERS]


def covering(centre: Position, metres: int) -> tuple[Cell, ...]:
    """At most four cells that together hold every position within the radius, the one of the centre first."""
    if not 0 < metres <= MOST_METRES:
        raise ValueError(f"1 to {MOST_METRES} metres")
    up = _up((metres + 1) * _SLACK * _HALF_TURN / (_PI * _RADIUS))
    south, north = centre.latitude - up, centre.latitude + up
    farthest = max(abs(south), abs(north))
    if farthest >= _CLOSE_TO_A_POLE:
        return (Cell("north" if centre.latitude > 0 else "south", _FIRST, _BEHIND_ALL),)
    aside = _up(up / _cosine(farthest))
    box = (centre.longitude - aside, south, centre.longitude + aside, north)
    grids = (_cells_of(box, bits) for bits in range(_BITS, 1, -1))
    found = next(each for each in grids if each is not None)
    bits, cells = found
    own = _column(centre.longitude, _column_bits(bits)), _row(centre.latitude, bits // 2)
    cells.sort(key=lambda cell: ((cell[0] != own[0]) + (cell[1] != own[1]), cell))
    return tuple(_cell(column, row, bits) for column, row in cells)


def metres_between(here: Position, there: Position) -> int:
    """As the crow flies, in whole metres. Exact for what can be walked; far away it is the way through the ground."""
    up = _sine_of_half(abs(here.latitude - there.latitude))
    apart = abs(here.longitude - there.longitude) % _TURN
    aside = _sine_of_half(min(apart, _TURN - apart))
    both = up * up + _cosine(here.latitude) * _cosine(there.latitude) * aside * aside
    return int((2 * _RADIUS * both.sqrt()).to_integral_value(ROUND_HALF_UP))


Box = tuple[int, int, int, int]


def _cells_of(box: Box, bits: int) -> tuple[int, list[tuple[int, int]]] | None:
    """The columns and rows of the grid of so many bits that the box touches; None if these are too many."""
    west, south, east, north = box
    column_bits = _column_bits(bits)
    first, last = _column(west, column_bits, wrap=False), _column(east, column_bits, wrap=False)
    low, high = _row(south, bits // 2), _row(north, bits // 2)
    if (last - first + 1) * (high - low + 1) > MOST_CELLS:
        return None
    columns = {each % (1 << column_bits) for each in range(first, last + 1)}
    return bits, [(column, row) for column in columns for row in range(low, high + 1)]


def _cell(column: int, row: int, bits: int) -> Cell:
    code, rest = _interleaved(column, row, bits), _BITS - bits
    first, last = _text(code << rest), _text(((code + 1) << rest) - 1)
    row_bits = bits // 2
    if row_bits < _PARTITION_ROW_BITS:  # so wide are cells only where columns are narrow
        pole = "north" if row >= 1 << row_bits - 1 else "south"
    else:
        pole = _pole_of_row(row >> row_bits - _PARTITION_ROW_BITS)
    return Cell(pole or first[:_PARTITION_LETTERS], first, last + _BEHIND_ALL)


def _pole_of_row(row: int) -> str:
    if row < _FIRST_GRID_ROW:
        return "south"
    return "north" if row >= _FIRST_NORTH_ROW else ""


def _column_bits(bits: int) -> int:
    return bits - bits // 2


def _column(longitude: int, bits: int, *, wrap: bool = True) -> int:
    found = ((longitude + _HALF_TURN) << bits) // _TURN
    return found % (1 << bits) if wrap else found


def _row(latitude: int, bits: int) -> int:
    found = ((latitude + _POLE) << bits) // _HALF_TURN
    return min(max(found, 0), (1 << bits) - 1)


def _interleaved(column: int, row: int, bits: int) -> int:
    """Bit by bit, the column first."""
    columns, rows = _bits_of(column, _column_bits(bits)), _bits_of(row, bits // 2)
    code = 0
    for place in range(bits):
        code = code << 1 | next(rows if place % 2 else columns)
    return code


def _bits_of(number: int, count: int) -> Iterator[int]:
    return (number >> place & 1 for place in range(count - 1, -1, -1))


def _text(code: int) -> str:
    return "".join(_LETTERS[code >> place & 31] for place in range(_BITS - _LETTER_BITS, -1, -_LETTER_BITS))


def _up(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))


def _cosine(units: int) -> Decimal:
    """Of a latitude."""
    return _sine(Decimal(_POLE - abs(units)) * _PI / _HALF_TURN)


def _sine_of_half(units: int) -> Decimal:
    return _sine(Decimal(units) * _PI / _TURN)


def _sine(radians: Decimal) -> Decimal:
    """The series, for up to a right angle."""
    term = total = radians
    step = 1
    while abs(term) > _SMALL:
        step += 2
        term = -term * radians * radians / (step * (step - 1))
        total += term
    return total
