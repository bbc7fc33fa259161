"""What the map of what stands where is kept in: what a search reads, written after the catalogue's own entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.access.booking_steps import Step
from chalicelib.access.geohash import Cell
from chalicelib.access.offers import AssetOnMap, PlaceOnMap
from chalicelib.catalogue.model import Asset, Place
from chalicelib.kernel.writes import Write


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an entry stands on the map (nowhere: ""), by which of its revisions."""

    where: str
    revision: int


@dataclass(frozen=True, slots=True)
class OnMap:
    """What some cells hold; not complete where there is more than was to be read."""

    places: Sequence[PlaceOnMap]
    assets: Sequence[AssetOnMap]
    complete: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """How many sessions are open on an asset, and what walk-ups go by."""

    sessions: int = 0
    steps: tuple[Step, ...] = ()


NOT_TAKEN = Taken()


class Map(Protocol):
    """Where it is kept."""

    def read(self, cells: Sequence[Cell], most: int) -> OnMap:
        """So many items of the cells at most, those of the first cell first."""

    def taken(self, asset_keys: Sequence[str]) -> Mapping[str, Taken]:
        """How many sessions are open on each of at most 100 assets, and from when on bookings leave less room."""

    def kept(self, asset_keys: Sequence[str], at: datetime) -> Mapping[str, int]:
        """At how many places bookings keep each of at most 100 assets then."""

    def stand_of_asset(self, partner_id: str, asset_id: str) -> Stand | None:
        """Where the asset stands, or None if it never did."""

    def stand_of_place(self, partner_id: str, place_id: str) -> Stand | None:
        """Where the place is, or None."""

    def left_at(self, left: str, most: int) -> Sequence[str]:
        """The ids of assets that stand where a place was."""

    def standing(self, asset: AssetOnMap, revision: int, place: Place, before: Stand | None) -> Sequence[Write]:
        """Have the asset stand at the place, if both are as they were read."""

    def leaving(self, asset: Asset, before: Stand) -> Sequence[Write]:
        """Take the asset off the map, if it stands as it was read."""

    def placing(self, place: PlaceOnMap, revision: int, before: Stand | None, now: datetime) -> Sequence[Write]:
        """Put the place on the map, if it is as it was read; where it has moved, what stands there is to follow."""

    def following(self, partner_id: str, place_id: str, left: str, turn: int, now: datetime) -> Write:
        """Have the assets that stand where the place was follow it."""
