"""Service zones: where something may be used, returned, or not be left. Exact, in whole ten-millionths of a degree."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from chalicelib.catalogue.checking import check, check_text

Point = tuple[int, int]
"""Longitude and latitude, as in GeoJSON, in ten-millionths of a degree: a centimetre on the ground."""
SCALE = 10_000_000
_TURN = 360 * SCALE
_POLE = 90 * SCALE
_LEAST_CORNERS = 3
MOST_CORNERS = 200


class ZoneKind(StrEnum):
    """What holds within a zone."""

    OPERATING = "operating"
    RETURN = "return"
    NO_PARKING = "no_parking"


@dataclass(frozen=True, slots=True)
class ServiceZone:
    """An area with a name. Its sides are straight between degrees and go the short way, also over the antimeridian."""

    name: str
    kind: ZoneKind
    corners: tuple[Point, ...]

    def __post_init__(self) -> None:
        check_text("name", self.name)
        reason = f"{_LEAST_CORNERS} to {MOST_CORNERS} corners"
        check("polygon", holds=_LEAST_CORNERS <= len(self.corners) <= MOST_CORNERS, reason=reason)
        for longitude, latitude in self.corners:
            on_earth = abs(longitude) <= _TURN // 2 and abs(latitude) <= _POLE
            check("polygon", holds=on_earth, reason="longitudes of -180 to 180 and latitudes of -90 to 90 degrees")
        ring = [*_unwound(self.corners)]
        short = all(abs(there[0] - here[0]) < _TURN // 2 for here, there in pairwise(ring))
        check("polygon", holds=short, reason="each side goes less than half-way round the earth")
        check("polygon", holds=ring[0] == ring[-1], reason="does not go round a pole")
        check("polygon", holds=_doubled_area(ring) != 0, reason="corners that are not all on one line")


def within(service_zone: ServiceZone, latitude: Decimal, longitude: Decimal) -> bool:
    """Whether the position is in the zone. Its edge is; so is a pole that is one of its corners; nowhere is not."""
    if not (latitude.is_finite() and longitude.is_finite()):
        return False
    x, y = in_units(longitude), in_units(latitude)
    ring = [*_unwound(service_zone.corners)]
    if abs(y) == _POLE:
        return any(corner[1] == y for corner in ring)
    west, east = min(corner[0] for corner in ring), max(corner[0] for corner in ring)
    first = x - (x - west) // _TURN * _TURN
    return any(_holds(ring, (each, y)) for each in range(first, east + 1, _TURN))


def in_units(degrees: Decimal) -> int:
    """Ten-millionths of a degree."""
    return int((degrees * SCALE).to_integral_value())


def _unwound(corners: tuple[Point, ...]) -> Iterator[Point]:
    """The corners and the first one again, with longitudes that go on over the antimeridian instead of jumping."""
    turns, before = 0, corners[0][0]
    for longitude, latitude in (*corners, corners[0]):
        if longitude - before > _TURN // 2:
            turns -= 1
        elif before - longitude > _TURN // 2:
            turns += 1
        before = longitude
        yield longitude + turns * _TURN, latitude


def _doubled_area(ring: list[Point]) -> int:
    return sum(here[0] * there[1] - there[0] * here[1] for here, there in pairwise(ring))


def _holds(ring: list[Point], point: Point) -> bool:
    """Even-odd: a ray to the east crosses the ring an odd number of times, or the point lies on the ring."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        if side == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (y1 > y) != (y2 > y) and (side > 0) == (y2 > y1):
            inside = not inside
    return inside
