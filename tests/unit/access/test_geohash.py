"""A circle on the globe lies in at most four cells, wherever it is: at the poles and the antimeridian too."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.access.geohash import MOST_METRES, SCALE, Position, covering, encode, metres_between, partition_of

LATITUDES = st.one_of(
    st.integers(-90 * SCALE, 90 * SCALE),
    st.integers(int(88.5 * SCALE), 90 * SCALE),
    st.integers(-90 * SCALE, int(-88.5 * SCALE)),
    st.integers(int(72.8 * SCALE), int(73.4 * SCALE)),
)
LONGITUDES = st.one_of(
    st.integers(-180 * SCALE, 180 * SCALE),
    st.integers(179 * SCALE, 180 * SCALE),
    st.integers(-180 * SCALE, -179 * SCALE),
)
POSITIONS = st.builds(Position, LATITUDES, LONGITUDES)
METRES = st.one_of(st.integers(1, MOST_METRES), st.integers(1, 1_500))
ASIDE = st.integers(-1_000, 1_000)


def at(latitude: str, longitude: str) -> Position:
    return Position.of(Decimal(latitude), Decimal(longitude))


def near(centre: Position, metres: int, east: int, north: int) -> Position:
    """Somewhere in a square around the centre, beyond the pole and the antimeridian too."""
    up = metres * 90
    latitude = centre.latitude + up * north // 1_000
    room = max(1, 90 * SCALE - abs(latitude))
    aside = min(180 * SCALE, up * 58 * SCALE // room) if room < 60 * SCALE else up * 2
    longitude = centre.longitude + aside * east // 1_000
    if abs(latitude) > 90 * SCALE:
        latitude = (180 * SCALE - abs(latitude)) * (1 if latitude > 0 else -1)
        longitude += 180 * SCALE
    return Position(latitude, (longitude + 180 * SCALE) % (360 * SCALE) - 180 * SCALE)


def test_the_geohash_is_the_one_that_everybody_else_computes() -> None:
    assert encode(at("57.64911", "10.40744")) == "u4pruydqqvj8"
    assert encode(at("-25.382708", "-49.265506"))[:10] == "6gkzwgjzn8"


@given(POSITIONS, METRES)
@example(at("0", "0"), 20_000)
@example(at("90", "0"), 20_000)
@example(at("-90", "12"), 1)
@example(at("73.125", "-180"), 20_000)
def test_a_circle_is_covered_by_one_to_four_different_cells_the_own_first(centre: Position, metres: int) -> None:
    cells = covering(centre, metres)

    assert 1 <= len(cells) <= 4
    assert len(set(cells)) == len(cells)
    assert cells[0].holds(centre)


@given(POSITIONS, METRES, ASIDE, ASIDE)
@example(at("89.9999", "0"), 20_000, 1_000, 1_000)
@example(at("10", "180"), 500, 900, 0)
@example(at("73.1249", "45"), 20_000, 700, 700)
def test_whatever_stands_within_the_radius_lies_in_exactly_one_of_the_cells(
    centre: Position, metres: int, east: int, north: int
) -> None:
    other = near(centre, metres, east, north)
    holding = [each for each in covering(centre, metres) if each.holds(other)]

    assert len(holding) <= 1
    assert bool(holding) or metres_between(centre, other) > metres


@given(POSITIONS, METRES, ASIDE, ASIDE)
def test_the_way_there_is_as_long_as_the_way_back(centre: Position, metres: int, east: int, north: int) -> None:
    other = near(centre, metres, east, north)

    assert metres_between(centre, other) == metres_between(other, centre)
    assert metres_between(centre, centre) == 0


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [
        (("60.17", "24.94"), ("60.17", "24.95"), 553),
        (("60.17", "24.94"), ("60.18", "24.94"), 1_112),
        (("0", "179.999"), ("0", "-179.999"), 222),
        (("90", "0"), ("89.99", "120"), 1_112),
        (("90", "0"), ("90", "120"), 0),
    ],
)
def test_distances_are_those_on_the_ground(here: tuple[str, str], there: tuple[str, str], metres: int) -> None:
    assert metres_between(at(*here), at(*there)) == metres


def test_a_walk_in_a_city_reads_an_area_not_much_larger_than_what_is_looked_for() -> None:
    """
    A square of the city of 24 km a side, looked at around its middle: a grid of 100 m, of which the cells hold a part.
    """
    centre = at("60.17", "24.94")
    grid = [
        Position(centre.latitude + 9_000 * up, centre.longitude + 18_000 * aside)
        for up in range(-120, 121, 4)
        for aside in range(-120, 121, 4)
    ]
    cells = covering(centre, 1_000)
    within = sum(metres_between(centre, each) <= 1_000 for each in grid)
    read = sum(any(cell.holds(each) for cell in cells) for each in grid)

    assert 0 < within <= read < 8 * within


@pytest.mark.parametrize("metres", [0, -1, MOST_METRES + 1])
def test_a_radius_out_of_bounds_is_an_error(metres: int) -> None:
    with pytest.raises(ValueError, match="metres"):
        covering(at("0", "0"), metres)


def test_what_is_close_to_a_pole_has_one_partition_and_the_rest_goes_by_three_letters() -> None:
    stands = [at("80", "10"), at("-80", "10"), at("73.125", "10"), at("57.64911", "10.40744")]

    assert [partition_of(each) for each in stands] == ["north", "south", "north", "u4p"]
