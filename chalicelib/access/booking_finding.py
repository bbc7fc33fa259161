"""Which assets may be booked for a stretch: on offer, at an open place, and free; and which of them fits best."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.access.booking import Area
from chalicelib.access.booking_calendar import Calendar, Entry
from chalicelib.access.booking_errors import CalendarFull, NotFree, NothingFree, PlaceClosed
from chalicelib.access.booking_ports import Bookings, Seen
from chalicelib.access.geohash import covering, metres_between
from chalicelib.access.map_ports import Map
from chalicelib.access.mapping import asset_on_map, place_on_map
from chalicelib.access.offering import MOST_READ
from chalicelib.access.offers import AssetOnMap, PlaceOnMap
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.taking_out import Stretch
from chalicelib.kernel.time import Interval

MOST_WEIGHED = 100
"""So many assets, the nearest, are looked at for a booking without a code."""
_LEAST = timedelta(microseconds=1)
_AROUND = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset that may be booked, where it stands, and how far away. No place: anywhere, at any time."""

    asset: AssetOnMap
    place: PlaceOnMap | None = None
    metres: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate with its calendar, in which the stretch is free."""

    candidate: Candidate
    seen: Seen


def the_asset(asset: Asset, *, catalogue: Catalogue) -> Candidate:
    """One asset that was named; its place, if it has one."""
    place = None if asset.place_id is None else catalogue.place(asset.partner_id, asset.place_id)
    return Candidate(asset_on_map(asset), place_on_map(place) if place else None)


def assets_in(area: Area, *, on_map: Map) -> list[Candidate]:
    """What stands in the area, the nearest first; at most four queries."""
    read = on_map.read(covering(area.position, area.metres), MOST_READ)
    reached: dict[tuple[str, str], tuple[PlaceOnMap, int]] = {}
    for place in read.places:
        metres = metres_between(area.position, place.position)
        if metres <= area.metres and area.place in (None, f"{place.partner_id}/{place.place_id}"):
            reached[place.partner_id, place.place_id] = place, metres
    found = [
        Candidate(asset, *reached[key])
        for asset in read.assets
        if (key := (asset.partner_id, asset.place_id)) in reached
    ]
    return sorted(found, key=lambda each: (each.metres, each.asset.key))


def out_in(out: Iterable[Stretch], stretch: Interval) -> bool:
    """Whether it is taken out in any of the stretch."""
    return any(each.start < stretch.end and not each.is_over(stretch.start) for each in out)


def check_offered(candidate: Candidate, stretch: Interval) -> None:
    """Its place is open at the start and at the end, and it is not taken out between."""
    place = candidate.place
    if place is not None:
        for pointer, at in (("/from", stretch.start), ("/until", stretch.end - _LEAST)):
            if not place.is_open(at):
                raise PlaceClosed(pointer=pointer, place_id=place.place_id)
    if out_in(candidate.asset.out, stretch):
        raise NotFree(asset_id=candidate.asset.asset_id)


def is_offered(candidate: Candidate, stretch: Interval) -> bool:
    """Whether it may be booked for the stretch, as far as its partner says."""
    try:
        check_offered(candidate, stretch)
    except (PlaceClosed, NotFree):
        return False
    return True


def with_booking(seen: Seen, entry: Entry, capacity: int | None, now: datetime) -> Calendar:
    """The calendar to be stored with one booking more, which may have had another stretch of it."""
    others = seen.others(now, entry.start - entry.kept_from)
    return seen.calendar.without(entry.booking_id).with_entry(entry, capacity, others).next()


def chosen(
    candidates: Sequence[Candidate], entry: Entry, now: datetime, *, bookings: Bookings, first: str | None = None
) -> Chosen:
    """The best fit: `first` if it is free, else what leaves the least idle around the stretch, then the nearest.

    What fits equally well goes by a digest of the booking, so that many at once do not all want the same one.
    """
    stretch = Interval(entry.start, entry.end)
    offered = [each for each in candidates if is_offered(each, stretch)][:MOST_WEIGHED]
    seen = bookings.seen([each.asset.key for each in offered], now)
    free = [each for each in offered if _is_free(each, seen, entry, now)]
    if not free:
        raise NothingFree
    best = min(free, key=lambda each: _worth(each, seen[each.asset.key], entry, first))
    return Chosen(best, seen[best.asset.key])


def _is_free(each: Candidate, seen: Mapping[str, Seen], entry: Entry, now: datetime) -> bool:
    try:
        with_booking(seen[each.asset.key], entry, each.asset.capacity, now)
    except (NotFree, CalendarFull):
        return False
    return True


def _worth(each: Candidate, seen: Seen, entry: Entry, first: str | None) -> tuple[bool, timedelta, int, str]:
    around = Interval(entry.start - _AROUND, entry.end + _AROUND)
    gap = seen.calendar.without(entry.booking_id).gap_around(Interval(entry.start, entry.end), around)
    drawn = hashlib.sha256(f"{entry.booking_id}/{each.asset.key}".encode()).hexdigest()
    return each.asset.key != first, gap, each.metres, drawn
