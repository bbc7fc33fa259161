"""The map as items. A place sorts before what stands there, so a search that stops early knows where it has been."""

from typing import Any

from chalicelib.access.geohash import Position, encode, partition_of
from chalicelib.access.offers import AssetOnMap, PlaceOnMap
from chalicelib.access.records import OnMapRecord, StandRecord
from chalicelib.catalogue.details import Wear
from chalicelib.catalogue.hours import OpeningHours, Span, SpecialDay
from chalicelib.catalogue.taking_out import Stretch
from chalicelib.kernel.time import format_instant, parse_instant

_BETWEEN = "|"
STAND = "stand"


def asset_stand_key(partner_id: str, asset_id: str) -> str:
    """Beside the asset's state."""
    return f"asset#{partner_id}/{asset_id}"


def place_stand_key(partner_id: str, place_id: str) -> str:
    """Of a place's own."""
    return f"place#{partner_id}/{place_id}"


def place_where(place: PlaceOnMap) -> str:
    """Where a place is: its item's keys in one text."""
    key = f"{encode(place.position)}#{place.partner_id}/{place.place_id}"
    return f"map#{partition_of(place.position)}{_BETWEEN}{key}"


def asset_where(place: str, asset_id: str) -> str:
    """Where an asset stands that is at a place."""
    return f"{place}#{asset_id}"


def keys_of(where: str) -> tuple[str, str]:
    """Partition and sort key."""
    pk, _, sk = where.partition(_BETWEEN)
    return pk, sk


def is_asset(record: OnMapRecord) -> bool:
    """Whether the item is an asset's."""
    return str(record.sk).count("#") > 1


def stand_record(pk: str, where: str, revision: int) -> StandRecord:
    """The item that says where an entry is."""
    return StandRecord(pk=pk, sk=STAND, where=where or None, revision=revision)


def asset_item(asset: AssetOnMap, where: str) -> OnMapRecord:
    """The item of an asset."""
    pk, sk = keys_of(where)
    said = {
        "product": asset.product_id,
        "code": asset.code,
        "capacity": asset.capacity,
        "condition": str(asset.condition),
        "charge": asset.charge,
        "features": list(asset.features),
        "out": [
            [each.take_out_id, format_instant(each.start), each.until and format_instant(each.until)]
            for each in asset.out
        ],
    }
    return OnMapRecord(pk=pk, sk=sk, said={name: value for name, value in said.items() if value not in (None, [])})


def asset_of_item(record: OnMapRecord) -> AssetOnMap:
    """The asset of an item."""
    _, place, asset_id = record.sk.split("#")
    partner_id, place_id = place.split("/")
    said: dict[str, Any] = record.said
    return AssetOnMap(
        partner_id=partner_id,
        asset_id=asset_id,
        place_id=place_id,
        product_id=said["product"],
        code=said["code"],
        capacity=said.get("capacity"),
        condition=Wear(said["condition"]),
        charge=said.get("charge"),
        features=tuple(said.get("features", ())),
        out=tuple(
            Stretch(take_out_id, parse_instant(start), until and parse_instant(until))
            for take_out_id, start, until in said.get("out", ())
        ),
    )


def place_item(place: PlaceOnMap) -> OnMapRecord:
    """The item of a place."""
    pk, sk = keys_of(place_where(place))
    at = [place.position.latitude, place.position.longitude]
    return OnMapRecord(
        pk=pk, sk=sk, said={"name": place.name, "at": at, "zone": place.zone, "hours": _hours_document(place.hours)}
    )


def place_of_item(record: OnMapRecord) -> PlaceOnMap:
    """The place of an item."""
    partner_id, place_id = record.sk.split("#")[1].split("/")
    said: dict[str, Any] = record.said
    hours = _hours_from(said["hours"])
    return PlaceOnMap(partner_id, place_id, said["name"], Position(*said["at"]), said["zone"], hours)


def _hours_document(hours: OpeningHours | None) -> list[object] | None:
    if hours is None:
        return None
    weekly = {day: [str(each) for each in spans] for day, spans in hours.weekly.items()}
    return [weekly, [[day.on, [str(each) for each in day.spans], day.name] for day in hours.special]]


def _hours_from(document: list[Any] | None) -> OpeningHours | None:
    if document is None:
        return None
    weekly, special = document
    return OpeningHours(
        {day: _spans(spans) for day, spans in weekly.items()},
        tuple(SpecialDay(on, _spans(spans), name) for on, spans, name in special),
    )


def _spans(found: list[str]) -> tuple[Span, ...]:
    return tuple(Span.parse(each, "hours") for each in found)
