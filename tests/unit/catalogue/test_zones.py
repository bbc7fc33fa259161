"""Service zones are exact: edges count, holes in floating point do not exist, poles and the antimeridian do no harm."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.zones import SCALE, ServiceZone, ZoneKind, in_units, within


def zone(*corners: tuple[object, object]) -> ServiceZone:
    """Corners as longitude and latitude in degrees."""
    units = tuple((in_units(Decimal(str(x))), in_units(Decimal(str(y)))) for x, y in corners)
    return ServiceZone("Centre", ZoneKind.OPERATING, units)


def holds(where: ServiceZone, latitude: object, longitude: object) -> bool:
    return within(where, Decimal(str(latitude)), Decimal(str(longitude)))


SQUARE = zone((12.5, 55.6), (12.6, 55.6), (12.6, 55.7), (12.5, 55.7))
ACROSS = zone((179, -10), (-179, -10), (-179, 10), (179, 10))
CRESCENT = zone((0, 0), (10, 0), (10, 10), (5, 2), (0, 10))


@pytest.mark.parametrize(
    ("where", "latitude", "longitude", "is_it"),
    [
        (SQUARE, "55.65", "12.55", True),
        (SQUARE, "55.6", "12.55", True),
        (SQUARE, "55.6", "12.5", True),
        (SQUARE, "55.5999999", "12.55", False),
        (SQUARE, "55.65", "12.6000001", False),
        (SQUARE, "-55.65", "12.55", False),
        (SQUARE, "55.65", "-167.45", False),
        (CRESCENT, "1", "5", True),
        (CRESCENT, "2", "5", True),
        (CRESCENT, "2.0000001", "5", False),
        (CRESCENT, "10", "0", True),
        (CRESCENT, "10", "5", False),
        (ACROSS, "0", "180", True),
        (ACROSS, "0", "-180", True),
        (ACROSS, "0", "179.5", True),
        (ACROSS, "0", "-179.5", True),
        (ACROSS, "0", "-179", True),
        (ACROSS, "0", "178.9999999", False),
        (ACROSS, "0", "0", False),
        (ACROSS, "90", "180", False),
        (SQUARE, "90", "12.55", False),
        (SQUARE, "-90", "0", False),
    ],
)
def test_a_position_is_within_or_not(where: ServiceZone, latitude: str, longitude: str, is_it: object) -> None:
    assert holds(where, latitude, longitude) is is_it


def test_a_pole_that_is_a_corner_is_within_at_every_longitude() -> None:
    wedge = zone((-10, 80), (10, 80), (0, 90))

    assert {holds(wedge, 90, longitude) for longitude in (-180, -90, 0, 45, 180)} == {True}
    assert {holds(wedge, -90, longitude) for longitude in (-180, 0, 180)} == {False}
    assert holds(wedge, "89.9", 0)


@pytest.mark.parametrize("nowhere", ["NaN", "sNaN", "Infinity", "-Infinity", "1e400", "95"])
def test_a_position_that_is_nowhere_is_in_no_zone(nowhere: str) -> None:
    assert not holds(SQUARE, nowhere, "12.55")
    assert not holds(SQUARE, "55.65", nowhere)


@pytest.mark.parametrize(
    "corners",
    [
        ((0, 0), (1, 1)),
        ((0, 0), (1, 1), (2, 2)),
        ((0, 0), (0, 0), (0, 0)),
        ((0, 80), (120, 80), (-120, 80)),
        ((0, 0), (180, 0), (90, 10)),
        ((0, 0), (1, 0), (1, 90.5)),
        ((0, 0), (180.5, 0), (1, 1)),
        tuple((each / 10, each % 2) for each in range(201)),
    ],
)
def test_what_is_no_area_is_refused(corners: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        zone(*corners)
    assert refused.value.facts["pointer"] == "/polygon"


UNITS = st.integers(-170 * SCALE, 170 * SCALE)
WIDTHS = st.integers(1, 89 * SCALE)


@given(UNITS, st.integers(-80 * SCALE, 0), WIDTHS, WIDTHS, st.data())
def test_in_a_rectangle_the_answer_is_that_of_comparing(
    west: int, south: int, width: int, height: int, data: st.DataObject
) -> None:
    east, north = west + width, min(south + height, 90 * SCALE - 1)
    wrapped = east - 360 * SCALE if east > 180 * SCALE else east
    where = ServiceZone("R", ZoneKind.RETURN, ((west, south), (wrapped, south), (wrapped, north), (west, north)))
    x = data.draw(st.one_of(st.integers(-180 * SCALE, 180 * SCALE), st.sampled_from([west, wrapped])))
    y = data.draw(st.one_of(st.integers(-90 * SCALE, 90 * SCALE), st.sampled_from([south, north])))

    inside = south <= y <= north and any(west <= x + turn <= east for turn in (-360 * SCALE, 0, 360 * SCALE))
    assert within(where, Decimal(y) / SCALE, Decimal(x) / SCALE) is inside


CORNERS = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=8, unique=True).map(
    lambda found: tuple((x * SCALE, y * SCALE) for x, y in found)
)


POINTS = st.tuples(st.integers(-25, 25), st.integers(-25, 25))


@given(CORNERS, POINTS, st.integers(-360, 360), st.integers(0, 7), st.booleans())
def test_turning_the_earth_or_starting_elsewhere_changes_no_answer(
    corners: tuple[tuple[int, int], ...], point: tuple[int, int], turned: int, first: int, backwards: object
) -> None:
    try:
        where = ServiceZone("Z", ZoneKind.NO_PARKING, corners)
    except BadCatalogueEntry:
        return
    first %= len(corners)
    again = corners[first:] + corners[:first]
    whole, half = 360 * SCALE, 180 * SCALE
    there = tuple(((each + turned * SCALE + half) % whole - half, latitude) for each, latitude in again)
    moved = ServiceZone("Z", ZoneKind.NO_PARKING, there[::-1] if backwards else there)

    assert holds(where, point[1], point[0]) == holds(moved, point[1], (point[0] + turned + 180) % 360 - 180)
