"""Where events and readings say that things were: read, held against return zones, and kept roughly and apart."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.access.geohash import Position
from chalicelib.access.positions import (
    IN_RETURN_ZONE,
    POSITION,
    Locating,
    Whereabouts,
    device_asks,
    keep_positions,
    places_with_return_zones,
    return_place,
    sessions_that_ask,
)
from chalicelib.kernel.quantity import NotAQuantity, decimal_text
from chalicelib.metering.errors import BadEvent
from chalicelib.metering.model import Answer, Event

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from collections.abc import Callable, Sequence

    from chalicelib.edge.cloudevents import EventData, Rows
    from chalicelib.kernel.errors import Refusal

_MOST = {"latitude": 90, "longitude": 180}


def where_of(data: EventData) -> Whereabouts:
    """What it says of where it was."""
    said = data.latitude is not None or data.longitude is not None
    return Whereabouts(position_of(data) if said else None, data.place or None)


def position_of(data: EventData) -> Position:
    """Where it was. What is no position is refused without a word of where it may have been."""
    latitude, longitude = _degrees("latitude", data.latitude), _degrees("longitude", data.longitude)
    if abs(latitude) == _MOST["latitude"]:
        raise BadEvent(pointer="/data/latitude", reason="at a pole no longitude means anything")
    return Position.of(latitude, longitude)


def _degrees(name: str, text: str | None) -> Decimal:
    if text is None:
        raise BadEvent(pointer=f"/data/{name}", reason="latitude and longitude come together")
    reason = f"decimal text of degrees, -{_MOST[name]} to {_MOST[name]}"
    try:
        found = decimal_text(text)
    except NotAQuantity:
        raise BadEvent(pointer=f"/data/{name}", reason=reason) from None
    if abs(found) > _MOST[name]:
        raise BadEvent(pointer=f"/data/{name}", reason=reason)
    return found


def fenced(rows: Rows, partner_id: str, locating: Locating) -> Rows:
    """The rows, where a `position` within a return zone is the sign of it for the sessions that end by it."""
    if not _said(rows):
        return rows
    asking = sessions_that_ask({event.subject for event in _said(rows).values()}, locating=locating)
    return _fenced(rows, partner_id, locating, lambda event: event.subject in asking)


def fenced_of_device(rows: Rows, partner_id: str, device_id: str, locating: Locating) -> Rows:
    """The same for a device, whose events find their sessions later."""
    if not _said(rows) or not device_asks(partner_id, device_id, locating=locating):
        return rows
    return _fenced(rows, partner_id, locating, lambda _event: True)


def _said(rows: Rows) -> dict[int, Event]:
    """The signals that say a position and nothing else."""
    found = ((number, rows[number][1]) for number, where in rows.where.items() if where.position is not None)
    return {number: event for number, event in found if isinstance(event, Event) and event.name == POSITION}


def _fenced(rows: Rows, partner_id: str, locating: Locating, asks: Callable[[Event], bool]) -> Rows:
    said = {number: event for number, event in _said(rows).items() if asks(event)}
    places = places_with_return_zones(partner_id, locating=locating) if said else []
    for number, event in said.items():
        where = rows.where[number]
        place_id = return_place(where.position, places) if where.position is not None else None
        if place_id is not None:
            rows[number] = (rows[number][0], event.but(name=IN_RETURN_ZONE))
            rows.where[number] = replace(where, place=where.place or place_id)
    return rows


def keep(rows: Rows, told: Sequence[tuple[str, Answer | Refusal]], locating: Locating) -> None:
    """Roughly where they were, of the events that count."""
    answered = ((told[number][1], where) for number, where in rows.where.items())
    found = [(answer, where) for answer, where in answered if isinstance(answer, Answer)]
    if found:
        keep_positions(found, locating=locating)
