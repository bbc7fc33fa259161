"""Roughly where, not for long, and the same whatever came first; a return zone is looked at exactly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.geohash import SCALE, Position, encode
from chalicelib.access.model import AccessSession
from chalicelib.access.position_ports import Seen, SeenKey
from chalicelib.access.positions import CELL_LETTERS, Locating, Whereabouts, cell_of, keep_positions, return_place
from chalicelib.catalogue.model import Place
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.catalogue.zones import ServiceZone, ZoneKind
from chalicelib.edge.positions import position_of
from chalicelib.kernel.errors import Refusal
from chalicelib.metering.model import Answer, Event, Outcome
from tests.unit.access.shown import said
from tests.unit.access.test_need import SESSION
from tests.unit.metering.rides import START

HELSINKI = Position.of(Decimal("60.1699"), Decimal("24.9384"))
positions = st.builds(Position, st.integers(-90 * SCALE + 1, 90 * SCALE - 1), st.integers(-180 * SCALE, 180 * SCALE))


class Kept:
    """Satisfies `Positions`, and the ports that it is asked with."""

    def __init__(self, days: int = 30) -> None:
        self.seen: dict[SeenKey, Seen] = {}
        self.policy = UsePolicy(position_kept=timedelta(days=days))

    def known(self, found: Sequence[Seen]) -> Collection[SeenKey]:
        return {each.key for each in found} & set(self.seen)

    def keep(self, found: Sequence[Seen]) -> None:
        self.seen |= {each.key: each for each in found}

    def of_session(self, session_id: str, now: datetime) -> Sequence[Seen]:
        return [each for each in self.seen.values() if each.session_id == session_id and each.expires > now]

    def forget(self, session_id: str) -> None:
        self.seen = {key: each for key, each in self.seen.items() if each.session_id != session_id}

    def many(self, session_ids: Sequence[str]) -> Mapping[str, AccessSession]:
        return {each: SESSION for each in session_ids if each == SESSION.session_id}

    def product(self, _partner_id: str, _product_id: str) -> object:
        return SimpleNamespace(policy=self.policy)

    def take(self, *found: tuple[Answer, Whereabouts], now: datetime = START) -> list[tuple[str, str | None]]:
        parts = cast("Any", self)
        keep_positions(found, locating=Locating(self, parts, parts, now))
        return sorted(((each.event_id, each.cell) for each in self.seen.values()), key=str)


def at(
    position: Position | None, outcome: Outcome = Outcome.ACCEPTED, event: Event | None = None, place: str | None = None
) -> tuple[Answer, Whereabouts]:
    return Answer(event or said("position", 5), outcome), Whereabouts(position, place)


@given(positions)
def test_what_is_kept_is_a_cell_and_all_positions_in_it_look_the_same(position: Position) -> None:
    cell = cell_of(position)

    assert len(cell) == CELL_LETTERS
    assert encode(position).startswith(cell)
    assert cell_of(replace(position, latitude=position.latitude)) == cell


def test_it_is_kept_once_until_the_policy_lets_it_go() -> None:
    kept = Kept(days=2)
    (found,) = kept.take(at(HELSINKI))
    (seen,) = kept.seen.values()

    assert found == ("position-5", cell_of(HELSINKI))
    assert seen.expires == seen.time + timedelta(days=2)
    assert Kept(days=2).take(at(HELSINKI), now=seen.expires) == []
    assert Kept(days=0).take(at(HELSINKI), now=START + timedelta(minutes=5)) == []


def test_the_name_of_a_place_is_kept_as_long_and_no_longer() -> None:
    kept = Kept(days=2)
    kept.take(at(None, place="harbour"))
    (seen,) = kept.seen.values()

    assert (seen.cell, seen.place, seen.expires - seen.time) == (None, "harbour", timedelta(days=2))
    assert Kept(days=2).take(at(None, place="harbour"), now=seen.expires) == []


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.CONFLICT])
def test_of_what_does_not_count_nothing_is_kept(outcome: Outcome) -> None:
    assert Kept().take(at(HELSINKI, outcome)) == []
    assert Kept().take((Answer(said("position", 5), Outcome.ACCEPTED, Refusal()), Whereabouts(HELSINKI))) == []
    assert Kept().take(at(HELSINKI, event=said("position", 5).but(subject="asset/par-1/bike-7"))) == []


def test_an_event_that_comes_again_with_another_position_stays_where_it_was() -> None:
    kept, elsewhere = Kept(), Position(0, 0)
    before = kept.take(at(HELSINKI), at(elsewhere))

    assert kept.take(at(elsewhere, Outcome.DUPLICATE)) == before == [("position-5", cell_of(HELSINKI))]
    assert Kept().take(at(HELSINKI, Outcome.DUPLICATE)) == before


@given(st.lists(st.integers(0, 30), unique=True, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_arrival_and_repeats_make_no_difference(minutes: list[int], order: object) -> None:
    found = [at(Position(each * SCALE, each * SCALE), event=said("moving", each)) for each in minutes]
    again = [(answer._replace(outcome=Outcome.DUPLICATE), position) for answer, position in found]
    shuffled = [*found]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Kept(), Kept()
    for each in shuffled:
        one.take(each)
    one.take(*again)

    assert one.take() == other.take(*found)


def square(west: str, south: str, kind: ZoneKind = ZoneKind.RETURN) -> ServiceZone:
    x, y = int(Decimal(west) * SCALE), int(Decimal(south) * SCALE)
    corners = ((x, y), (x + SCALE, y), (x + SCALE, y + SCALE), (x, y + SCALE))
    return ServiceZone("square", kind, corners)


def place(place_id: str, *zones: ServiceZone) -> Place:
    return Place("par-1", place_id, "Somewhere", Decimal(60), Decimal(24), service_zones=zones)


def test_a_return_zone_holds_what_is_exactly_within_it_and_no_other_kind_of_zone_does() -> None:
    here = place("b", square("24", "60"))
    outside = Position(HELSINKI.latitude, 25 * SCALE + 1)

    assert return_place(HELSINKI, [here, place("a", square("24", "60", ZoneKind.OPERATING))]) == "b"
    assert return_place(HELSINKI, [here, place("a", square("24", "60"))]) == "a"
    assert return_place(Position(HELSINKI.latitude, 25 * SCALE), [here]) == "b"
    assert return_place(outside, [here]) is None
    assert return_place(HELSINKI, []) is None


def data(latitude: str | None, longitude: str | None) -> Any:  # noqa: ANN401 -- an event's data
    return SimpleNamespace(latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(
    ("latitude", "longitude", "pointer"),
    [
        ("90", "0", "/data/latitude"),
        ("-90.000", "5", "/data/latitude"),
        ("90.1", "0", "/data/latitude"),
        ("60", "180.5", "/data/longitude"),
        ("60", "-1e3", "/data/longitude"),
        ("NaN", "0", "/data/latitude"),
        ("Infinity", "0", "/data/latitude"),
        ("here", "0", "/data/latitude"),
        ("60", None, "/data/longitude"),
        (None, "24", "/data/latitude"),
    ],
)
def test_what_is_no_position_is_refused_and_the_refusal_does_not_say_where(
    latitude: str | None, longitude: str | None, pointer: str
) -> None:
    with pytest.raises(Refusal) as refused:
        position_of(data(latitude, longitude))

    assert refused.value.facts["pointer"] == pointer
    assert set(refused.value.facts) == {"pointer", "reason"}


def test_close_to_a_pole_and_at_the_antimeridian_there_are_positions() -> None:
    assert cell_of(position_of(data("89.9999", "12"))) != cell_of(position_of(data("-89.9999", "12")))
    assert cell_of(position_of(data("0", "180"))) == cell_of(position_of(data("0", "-180")))
