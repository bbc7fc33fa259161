"""A definition is never changed: another one is the next version."""

from dataclasses import replace

import pytest

from chalicelib.metering.defining import MOST_METERS, define_meter, meter_of
from chalicelib.metering.errors import BadMeter, MetersChanged, TooManyMeters, UnknownMeter
from chalicelib.metering.meters import Kind, Meter
from tests.unit.memory import Commits, InMemory
from tests.unit.metering.rides import HeadsInMemory

ENERGY = Meter("energy", Kind.REGISTER, "kwh")


def define(meter: Meter, heads: HeadsInMemory, commit: Commits | None = None) -> Meter:
    return define_meter("par-1", meter, heads=heads, commit=commit or Commits())


def test_the_first_definition_is_version_one_and_another_one_is_the_next() -> None:
    heads = HeadsInMemory()

    assert define(ENERGY, heads).version == 1
    assert define(replace(ENERGY, unit="wh"), heads).version == 2
    assert meter_of("par-1", "energy", heads=heads) == replace(ENERGY, unit="wh", version=2)
    assert meter_of("par-1", "energy", heads=heads, version=1) == replace(ENERGY, version=1)


def test_the_definition_in_force_sent_again_writes_nothing() -> None:
    heads, commit = HeadsInMemory(), Commits()
    define(ENERGY, heads, commit)

    assert define(ENERGY, heads, commit).version == 1
    assert len(commit.sizes) == 1


def test_a_definition_that_means_nothing_is_not_stored() -> None:
    heads = HeadsInMemory()
    with pytest.raises(BadMeter):
        define(replace(ENERGY, per="h"), heads)

    assert heads.meters("par-1") == {}


def test_meters_of_another_partner_and_versions_that_never_were_are_unknown() -> None:
    heads = HeadsInMemory()
    define(ENERGY, heads)

    for partner, version in (("par-2", None), ("par-1", 2), ("par-1", 0)):
        with pytest.raises(UnknownMeter):
            meter_of(partner, "energy", heads=heads, version=version)


def test_a_partner_has_a_bounded_number_of_meters() -> None:
    heads = HeadsInMemory()
    for number in range(MOST_METERS):
        define(replace(ENERGY, name=f"energy_{number}"), heads)

    with pytest.raises(TooManyMeters):
        define(ENERGY, heads)
    assert define(replace(ENERGY, name="energy_7", unit="wh"), heads).version == 2


class Overtaken(HeadsInMemory):
    """Somebody else defines a meter between read and write, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def defining(self, partner_id: str, meters: dict[str, Meter], new: Meter) -> list[InMemory]:  # type: ignore[override]
        if self.times:
            self.times -= 1
            other = Meter(f"other_{self.times}", Kind.SUM, "m", 1)
            self.defined[partner_id] = {**self.defined.get(partner_id, {}), other.name: other}
        return super().defining(partner_id, meters, new)


def test_definitions_of_two_at_once_are_both_kept() -> None:
    heads = Overtaken(3)
    define(ENERGY, heads)

    assert sorted(heads.meters("par-1")) == ["energy", "other_0", "other_1", "other_2"]


def test_who_is_overtaken_again_and_again_is_told_to_try_again() -> None:
    with pytest.raises(MetersChanged):
        define(ENERGY, Overtaken(6))
