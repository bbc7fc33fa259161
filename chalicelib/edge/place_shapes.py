"""Places as the partner door reads and shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import msgspec

from chalicelib.catalogue.hours import WEEKDAYS, OpeningHours, Span, SpecialDay
from chalicelib.catalogue.model import Place, degrees
from chalicelib.catalogue.zones import SCALE, Point, ServiceZone, ZoneKind, in_units
from chalicelib.edge.imports import MOST_ROWS
from chalicelib.edge.partner import Text
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.quantity import plain, quantity

_MOST_PLACES = 1_000_000
Spans = Annotated[list[Annotated[str, msgspec.Meta(max_length=11)]], msgspec.Meta(max_length=6)]
Degrees = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]


class SpecialDayBody(msgspec.Struct, forbid_unknown_fields=True):
    """A date ("2021-12-24"), or one of every year ("12-24"), with hours of its own; without spans it is closed."""

    on: Annotated[str, msgspec.Meta(max_length=10)]
    spans: Spans = []
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""


class HoursBody(msgspec.Struct, forbid_unknown_fields=True):
    """Opening hours in the place's zone: spans as in "08:00-20:00", or over midnight as in "20:00-03:00"."""

    mon: Spans = []
    tue: Spans = []
    wed: Spans = []
    thu: Spans = []
    fri: Spans = []
    sat: Spans = []
    sun: Spans = []
    special: Annotated[list[SpecialDayBody], msgspec.Meta(max_length=100)] = []


class ServiceZoneBody(msgspec.Struct, forbid_unknown_fields=True):
    """An area: its corners in GeoJSON's order, longitude before latitude, as decimal text; closed or not."""

    name: Text
    kind: Literal["operating", "return", "no_parking"]
    polygon: Annotated[list[tuple[Degrees, Degrees]], msgspec.Meta(min_length=3, max_length=201)]


class PlaceBody(msgspec.Struct, forbid_unknown_fields=True):
    """A place. Coordinates are decimal text in WGS 84 degrees, as in "60.1699"; no `hours`: always open.

    `zone` is the IANA time zone of its hours; without one it is the operator's. `code` is on its poster.
    """

    name: Text
    latitude: Degrees
    longitude: Degrees
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    capacity: Annotated[int, msgspec.Meta(le=_MOST_PLACES)] = 0
    zone: Text | None = None
    hours: HoursBody | None = None
    service_zones: Annotated[list[ServiceZoneBody], msgspec.Meta(max_length=20)] = []
    code: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class PlaceRow(PlaceBody, kw_only=True):
    """A place in an import."""

    place_id: Text


class PlacesBody(msgspec.Struct, forbid_unknown_fields=True):
    """An import of places."""

    places: Annotated[list[PlaceRow], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]


class PlaceShown(msgspec.Struct):
    """A place."""

    place_id: str
    name: str
    latitude: str
    longitude: str
    address: str
    capacity: int
    zone: str
    hours: HoursBody | None
    service_zones: list[ServiceZoneBody]
    code: str | None


@contextmanager
def within_member(*steps: str | int) -> Iterator[None]:
    """A refusal from within points at a field of this member of the body."""
    try:
        yield
    except Refusal as refusal:
        refusal.facts["pointer"] = "".join(f"/{step}" for step in steps) + str(refusal.facts.get("pointer", ""))
        raise


def place_of(partner_id: str, place_id: str, body: PlaceBody, stage_zone: str) -> Place:
    """A place as the partner describes it."""
    return Place(
        partner_id=partner_id,
        place_id=place_id,
        name=body.name,
        latitude=degrees(body.latitude, "latitude"),
        longitude=degrees(body.longitude, "longitude"),
        address=body.address,
        capacity=body.capacity,
        zone=body.zone if body.zone is not None else stage_zone,
        hours=_hours_of(body.hours),
        service_zones=tuple(_zone_of(number, each) for number, each in enumerate(body.service_zones)),
        code=body.code,
    )


def _hours_of(body: HoursBody | None) -> OpeningHours | None:
    if body is None:
        return None
    weekly = {day: _spans_of(getattr(body, day), f"hours/{day}") for day in WEEKDAYS}
    special = tuple(_special_of(number, each) for number, each in enumerate(body.special))
    return OpeningHours({day: spans for day, spans in weekly.items() if spans}, special)


def _special_of(number: int, body: SpecialDayBody) -> SpecialDay:
    with within_member("hours", "special", number):
        return SpecialDay(body.on, _spans_of(body.spans, "spans"), body.name)


def _spans_of(texts: list[str], field: str) -> tuple[Span, ...]:
    return tuple(Span.parse(each, field) for each in texts)


def _zone_of(number: int, body: ServiceZoneBody) -> ServiceZone:
    with within_member("service_zones", number):
        corners = tuple(_corner(each) for each in body.polygon)
        if corners[0] == corners[-1]:
            corners = corners[:-1]
        return ServiceZone(body.name, ZoneKind(body.kind), corners)


def _corner(pair: tuple[str, str]) -> Point:
    longitude, latitude = (degrees(each, "polygon") for each in pair)
    return in_units(longitude), in_units(latitude)


def show_place(place: Place) -> PlaceShown:
    """A place."""
    return PlaceShown(
        place_id=place.place_id,
        name=place.name,
        latitude=plain(place.latitude),
        longitude=plain(place.longitude),
        address=place.address,
        capacity=place.capacity,
        zone=place.zone,
        hours=_show_hours(place.hours),
        service_zones=[_show_zone(each) for each in place.service_zones],
        code=place.code,
    )


def _show_hours(hours: OpeningHours | None) -> HoursBody | None:
    if hours is None:
        return None
    weekly = {day: _show_spans(spans) for day, spans in hours.weekly.items()}
    special = [SpecialDayBody(each.on, _show_spans(each.spans), each.name) for each in hours.special]
    return HoursBody(**weekly, special=special)


def _show_spans(spans: tuple[Span, ...]) -> list[str]:
    return [str(each) for each in spans]


def _show_zone(zone: ServiceZone) -> ServiceZoneBody:
    corners = [(_show_degrees(longitude), _show_degrees(latitude)) for longitude, latitude in zone.corners]
    return ServiceZoneBody(zone.name, zone.kind.value, corners)


def _show_degrees(units: int) -> str:
    return plain(quantity(units) / SCALE)
