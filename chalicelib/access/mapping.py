"""Keep the map of what stands where, after a partner has put an asset or a place. Each may be done twice."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.access.geohash import Position
from chalicelib.access.map_ports import Map
from chalicelib.access.offers import AssetOnMap, PlaceOnMap
from chalicelib.catalogue.model import Asset, Place
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.writes import Commit

MOVED_AT_ONCE = 50
_CHARGE = "charge_percent"
_FULL = 100


@dataclass(frozen=True, slots=True)
class MapKeeping:
    """What the map is kept with."""

    catalogue: Catalogue
    on_map: Map
    now: datetime
    commit: Commit


def stand_asset(partner_id: str, asset_id: str, *, keeping: MapKeeping) -> None:
    """The asset stands on the map where it stands now; one that is retired or has no place does not."""
    asset = keeping.catalogue.asset(partner_id, asset_id)
    if asset is None:
        return
    before = keeping.on_map.stand_of_asset(partner_id, asset_id)
    place = None if asset.retired or asset.place_id is None else stand_place(partner_id, asset.place_id, keeping)
    if before is not None and before.revision > asset.revision:
        return
    if place is None:
        if before is not None:
            keeping.commit(keeping.on_map.leaving(asset, before), None)
        return
    keeping.commit(keeping.on_map.standing(asset_on_map(asset), asset.revision, place, before), None)


def stand_place(partner_id: str, place_id: str, keeping: MapKeeping) -> Place | None:
    """The place is on the map as it is now; what stands there follows, by a message, if it has moved."""
    place = keeping.catalogue.place(partner_id, place_id)
    if place is None:
        return None
    before = keeping.on_map.stand_of_place(partner_id, place_id)
    if before is None or before.revision < place.revision:
        writes = keeping.on_map.placing(place_on_map(place), place.revision, before, keeping.now)
        keeping.commit(writes, None)
    return place


def follow(partner_id: str, place_id: str, left: str, turn: int, *, keeping: MapKeeping) -> None:
    """Assets that are still where their place was stand where it is; many of them do so in several turns."""
    found = keeping.on_map.left_at(left, MOVED_AT_ONCE)
    for asset_id in found:
        stand_asset(partner_id, asset_id, keeping=keeping)
    if len(found) == MOVED_AT_ONCE:
        going_on = keeping.on_map.following(partner_id, place_id, left, turn + 1, keeping.now)
        keeping.commit([going_on], None)


def place_on_map(place: Place) -> PlaceOnMap:
    """What a search needs of a place."""
    position = Position.of(place.latitude, place.longitude)
    return PlaceOnMap(place.partner_id, place.place_id, place.name, position, place.zone, place.hours)


def asset_on_map(asset: Asset) -> AssetOnMap:
    """What a search needs of an asset. Its charge is a capability that its partner states."""
    charge = asset.capabilities.get(_CHARGE, "")
    known = charge.isascii() and charge.isdecimal() and len(charge) <= len(str(_FULL)) and int(charge) <= _FULL
    return AssetOnMap(
        partner_id=asset.partner_id,
        asset_id=asset.asset_id,
        place_id=asset.place_id or "",
        product_id=asset.product_id,
        code=asset.code,
        capacity=asset.capacity,
        condition=asset.condition.state,
        charge=int(charge) if known else None,
        features=tuple(sorted({*asset.accessibility, *(set(asset.capabilities) - {_CHARGE})})),
        out=asset.take_outs,
    )
