"""Places as items."""

from typing import Any

from chalicelib.catalogue.hours import OpeningHours, Span, SpecialDay
from chalicelib.catalogue.model import Place
from chalicelib.catalogue.records import PlaceRecord, partition
from chalicelib.catalogue.zones import ServiceZone, ZoneKind

_PREFIX = "place#"


def place_record(place: Place) -> PlaceRecord:
    """The item of a place."""
    zones = [[each.name, str(each.kind), [list(corner) for corner in each.corners]] for each in place.service_zones]
    return PlaceRecord(
        pk=partition(place.partner_id),
        sk=f"{_PREFIX}{place.place_id}",
        name=place.name,
        latitude=place.latitude,
        longitude=place.longitude,
        address=place.address,
        capacity=place.capacity,
        zone=place.zone,
        hours=_hours_document(place.hours),
        service_zones=zones or None,
        code=place.code,
        revision=place.revision,
    )


def place_of(record: PlaceRecord, stage_zone: str) -> Place:
    """The place of an item; one that states no zone is in the stage's."""
    zones = record.service_zones or ()
    return Place(
        partner_id=record.pk.removeprefix("partner#"),
        place_id=record.sk.removeprefix(_PREFIX),
        name=record.name,
        latitude=record.latitude,
        longitude=record.longitude,
        address=record.address,
        capacity=int(record.capacity),
        zone=record.zone or stage_zone,
        hours=_hours_from(record.hours),
        service_zones=tuple(
            ServiceZone(name, ZoneKind(kind), tuple((longitude, latitude) for longitude, latitude in corners))
            for name, kind, corners in zones
        ),
        code=record.code,
        revision=int(record.revision or 0),
    )


def _hours_document(hours: OpeningHours | None) -> dict[str, object] | None:
    if hours is None:
        return None
    weekly = {day: [[each.opens, each.closes] for each in spans] for day, spans in hours.weekly.items()}
    special = [[day.on, [[each.opens, each.closes] for each in day.spans], day.name] for day in hours.special]
    return {"weekly": weekly, "special": special}


def _hours_from(document: dict[str, Any] | None) -> OpeningHours | None:
    if document is None:
        return None
    weekly = {day: _spans(spans) for day, spans in document["weekly"].items()}
    special = tuple(SpecialDay(on, _spans(spans), name) for on, spans, name in document["special"])
    return OpeningHours(weekly, special)


def _spans(found: list[list[int]]) -> tuple[Span, ...]:
    return tuple(Span(opens, closes) for opens, closes in found)
