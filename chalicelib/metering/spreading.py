"""What a meter says of each stretch of time: what is counted or measured adds up, stretch by stretch, to the whole.

What goes on over a stretch's edge is cut there; what a register shows more belongs to the time at which it shows it.
The largest, smallest, latest and the number of different values are those of the stretch's own events.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Context, Decimal

from chalicelib.kernel.time import micros
from chalicelib.metering.meters import (
    Kind,
    Meter,
    Piece,
    Series,
    in_whole,
    pieces_of,
    quantity_of,
)
from chalicelib.metering.model import Event

_WIDE = Context(prec=60)
_ADDING = frozenset({Kind.SUM, Kind.COUNT, Kind.REGISTER, Kind.INTERVAL, Kind.TIME_WEIGHTED})


def spread(meter: Meter, events: Iterable[Event], cuts: Sequence[datetime], until: datetime) -> list[Decimal | None]:
    """Of the time between each cut and the next one, how much; None where nothing is said of it.

    The events are all that are known of the meter, whatever their dimensions, also those from before the first cut.
    """
    own = [event for event in events if event.name == meter.name and event.value is not None]
    if meter.kind in _ADDING:
        return _added(meter, pieces_of(meter, own, until), [micros(each) for each in cuts])
    apart: dict[int, list[Event]] = defaultdict(list)
    for event in own:
        apart[bisect_right(cuts, event.time) - 1].append(event)
    return [quantity_of(meter, apart[number], until) if number in apart else None for number in range(len(cuts) - 1)]


def spread_by_series(
    meter: Meter, events: Iterable[Event], cuts: Sequence[datetime], until: datetime
) -> dict[Series, list[Decimal | None]]:
    """The same by billable dimensions."""
    apart: dict[Series, list[Event]] = defaultdict(list)
    for event in events:
        if event.name == meter.name and event.value is not None:
            apart[meter.series(event)].append(event)
    return {series: spread(meter, own, cuts, until) for series, own in apart.items()}


def _added(meter: Meter, pieces: Iterable[Piece], cuts: Sequence[int]) -> list[Decimal | None]:
    """Each amount is the difference of two that are rounded, so that they add up to what the whole is rounded to."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for piece in pieces:
        for number, amount in _parts(piece, cuts):
            sums[number] = _WIDE.add(sums[number], amount)
    so_far = sums.get(-1, Decimal(0))
    found: list[Decimal | None] = []
    for number in range(len(cuts) - 1):
        before, so_far = so_far, so_far + sums.get(number, Decimal(0))
        found.append(in_whole(meter, so_far) - in_whole(meter, before) if number in sums else None)
    return found


def _parts(piece: Piece, cuts: Sequence[int]) -> Iterator[tuple[int, Decimal]]:
    """Between which cuts how much of it lies; -1 is before the first of them."""
    number = bisect_right(cuts, piece.start) - 1
    if piece.start == piece.end:
        yield number, piece.value
        return
    start = piece.start
    while start < piece.end:
        end = min(piece.end, cuts[number + 1]) if number + 1 < len(cuts) else piece.end
        yield number, _WIDE.multiply(piece.value, Decimal(end - start))
        start, number = end, number + 1
