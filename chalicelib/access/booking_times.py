"""When assets are free to be booked: not booked, not taken out, beginning and ending while their place is open."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.access.booking import Area
from chalicelib.access.booking_calendar import Free
from chalicelib.access.booking_finding import Candidate, assets_in, the_asset
from chalicelib.access.booking_making import Booker
from chalicelib.access.offers import PlaceOnMap
from chalicelib.catalogue.errors import UnknownCode
from chalicelib.catalogue.hours import open_spans
from chalicelib.catalogue.taking_out import Stretch
from chalicelib.kernel.time import Interval, local_day

MOST_SHOWN = 20
_MOST_PRODUCTS = 100
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """An asset with its place and zone, the stretches in which it is free, and when the place is open (None: always).

    `bookable` is whether its product is booked ahead at all.
    """

    candidate: Candidate
    zone: str
    free: Sequence[Free]
    open: Sequence[Interval] | None
    bookable: bool


def free_times(where: str | Area, within: Interval, *, booker: Booker) -> list[FreeTimes]:
    """Of the asset with the code, or of what may be booked in an area, the nearest 20."""
    found = _of_code(where, booker) if isinstance(where, str) else _in_area(where, booker)
    shown = [each for each in found if each[1] or isinstance(where, str)][:MOST_SHOWN]
    seen = booker.bookings.seen([each.asset.key for each, _ in shown], booker.now)
    times = []
    for each, bookable in shown:
        calendar, others = seen[each.asset.key].calendar, seen[each.asset.key].others(booker.now)
        spans = open_times(each.place, within) if each.place else None
        free = calendar.free(within, each.asset.capacity, others)
        free = list(_without(free, each.asset.out, within))
        free = free if spans is None else list(_while_open(free, spans))
        times.append(FreeTimes(each, each.place.zone if each.place else booker.zone, free, spans, bookable))
    return times


def _of_code(code: str, booker: Booker) -> list[tuple[Candidate, bool]]:
    asset = booker.catalogue.asset_by_code(code)
    if asset is None or asset.retired:
        raise UnknownCode(code=code[:40])
    product = booker.catalogue.product(asset.partner_id, asset.product_id)
    bookable = product is not None and product.policy.booking is not None
    return [(the_asset(asset, catalogue=booker.catalogue), bookable)]


def _in_area(area: Area, booker: Booker) -> list[tuple[Candidate, bool]]:
    found = assets_in(area, on_map=booker.on_map)
    keys = list(dict.fromkeys(each.asset.product_key for each in found))[:_MOST_PRODUCTS]
    known = booker.catalogue.products_by(keys)
    bookable = {
        key
        for key, product in known.items()
        if product.policy.booking is not None and area.category in (None, product.category)
    }
    return [(each, each.asset.product_key in bookable) for each in found]


def open_times(place: PlaceOnMap, within: Interval) -> list[Interval] | None:
    """When the place is open in the stretch; None: always."""
    if place.hours is None:
        return None
    found: list[Interval] = []
    day, last = local_day(within.start, place.zone) - _DAY, local_day(within.end, place.zone)
    while day <= last:
        for span in open_spans(place.hours, place.zone, day):
            start, end = max(span.start, within.start), min(span.end, within.end)
            if start >= end:
                continue
            if found and start <= found[-1].end:
                found[-1] = Interval(found[-1].start, max(found[-1].end, end))
            else:
                found.append(Interval(start, end))
        day += _DAY
    return found


def _without(free: Iterable[Free], out: Sequence[Stretch], within: Interval) -> Iterator[Free]:
    """What is left of it while it is not taken out."""
    for each in free:
        left = [each.stretch]
        for gone in out:
            until = within.end if gone.until is None else gone.until
            left = [part for piece in left for part in _cut(piece, Interval(gone.start, max(until, gone.start)))]
        yield from (Free(part, each.places) for part in left)


def _cut(piece: Interval, gone: Interval) -> Iterator[Interval]:
    if gone.start > piece.start:
        yield Interval(piece.start, min(piece.end, gone.start))
    if gone.end < piece.end:
        yield Interval(max(piece.start, gone.end), piece.end)


def _while_open(free: Iterable[Free], spans: Sequence[Interval]) -> Iterator[Free]:
    """From the first instant at which the place is open to the last: between, it may be kept over night."""
    for each in free:
        start = min(
            (max(each.stretch.start, span.start) for span in spans if span.end > each.stretch.start), default=None
        )
        end = max((min(each.stretch.end, span.end) for span in spans if span.start < each.stretch.end), default=None)
        if start is not None and end is not None and start < end:
            yield Free(Interval(start, end), each.places)
