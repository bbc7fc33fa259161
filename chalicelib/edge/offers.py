"""What a search for offers reads and shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from chalicelib.access.errors import PositionAtThePole
from chalicelib.access.geohash import Position
from chalicelib.access.offering import find_offers
from chalicelib.access.offers import SECONDS, Wish
from chalicelib.edge.amounts import Amount, show_amount
from chalicelib.edge.call import pointing_at
from chalicelib.edge.refusals import QueryInvalid
from chalicelib.kernel.quantity import plain, quantity
from chalicelib.kernel.time import parse_instant

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.offers import Candidate, Offer
    from chalicelib.edge.mobile import OffersQuery
    from chalicelib.edge.wiring import Wiring

_POLE, _HALF_TURN = 90, 180
_BEHIND, _AHEAD = timedelta(minutes=5), timedelta(days=7)
_YEAR = 366 * 86_400
_MOST_METERS, _MOST_PREFERRED = 10, 10
_DEGREE = Decimal("1e-7")
_PAIR = 2


class WhyShown(msgspec.Struct):
    """A reason for an offer, and the facts that it rests on."""

    code: str
    facts: dict[str, str]


class PlaceShown(msgspec.Struct):
    """Where it stands."""

    place_id: str
    name: str
    latitude: str
    longitude: str


class OfferShown(msgspec.Struct):
    """Something that is free: its code is what a quote is asked with. `free` is null where any number may start.

    `price` is what the stated need costs by itself, tax included; it is null where none was stated, or where the tariff
    does not count what is needed. `fit` is 0 to 100. What was scanned may stand at no place.
    """

    code: str
    asset: str
    partner: str
    product_id: str
    product: str
    category: str
    place: PlaceShown | None
    metres: int
    free: int | None
    condition: str
    charge_percent: int | None
    features: list[str]
    price: Amount | None
    fit: int
    why: list[WhyShown]


class OffersShown(msgspec.Struct):
    """The best fit first. Where more is near than a search reads, it is not `complete`: a smaller radius shows all."""

    offers: list[OfferShown]
    complete: bool


def offers(query: OffersQuery, wired: Wiring, now: datetime) -> OffersShown:
    """What is free near somebody."""
    found = find_offers(read_wish(query, now), catalogue=wired.catalogue, on_map=wired.map)
    return OffersShown([show_offer(each) for each in found.offers], found.complete)


def read_wish(query: OffersQuery, now: datetime) -> Wish:
    """What is looked for; a refusal points at the parameter at fault."""
    prefers = tuple(each for each in (query.prefer or "").split(",") if each)
    if len(prefers) > _MOST_PREFERRED:
        raise QueryInvalid(pointer="/prefer", reason=f"at most {_MOST_PREFERRED}")
    return Wish(
        position=read_position(query.near),
        metres=query.radius,
        at=_at(query.at, now),
        need=_need(query.need),
        category=query.category,
        prefers=prefers,
        limit=query.limit,
    )


def read_position(near: str) -> Position:
    """Two numbers in degrees, latitude first."""
    parts = near.split(",")
    if len(parts) != _PAIR:
        raise QueryInvalid(pointer="/near", reason="latitude and longitude, as in 60.17,24.94")
    with pointing_at("near"):
        latitude, longitude = (quantity(each.strip()) for each in parts)
    if abs(latitude) > _POLE or abs(longitude) > _HALF_TURN:
        raise QueryInvalid(pointer="/near", reason="-90 to 90 and -180 to 180 degrees")
    if abs(latitude) + _DEGREE > _POLE:
        raise PositionAtThePole(pointer="/near")
    return Position.of(latitude, longitude)


def _at(given: str | None, now: datetime) -> datetime:
    if given is None:
        return now
    with pointing_at("at"):
        at = parse_instant(given)
    if not now - _BEHIND <= at <= now + _AHEAD:
        raise QueryInvalid(pointer="/at", reason="from now on, within seven days")
    return max(at, now)


def _need(given: str | None) -> dict[str, Decimal]:
    """Seconds of use, or the amounts of meters."""
    if given is None:
        return {}
    pairs = [each.partition("=") for each in given.split(",")]
    if len(pairs) > _MOST_METERS:
        raise QueryInvalid(pointer="/for", reason=f"at most {_MOST_METERS} meters")
    with pointing_at("for"):
        if len(pairs) == 1 and not pairs[0][1]:
            need = {SECONDS: quantity(given)}
        else:
            need = {name: quantity(amount) for name, _, amount in pairs}
    if len(need) < len(pairs) or not all(amount > 0 for amount in need.values()):
        raise QueryInvalid(pointer="/for", reason="amounts above zero, each meter once")
    if need.get(SECONDS, 0) > _YEAR:
        raise QueryInvalid(pointer="/for", reason="not longer than a year")
    return need


def show_offer(offer: Offer) -> OfferShown:
    """An offer with its reasons."""
    found, asset = offer.candidate, offer.candidate.asset
    return OfferShown(
        code=asset.code,
        asset=asset.asset_id,
        partner=asset.partner_id,
        product_id=asset.product_id,
        product=found.product,
        category=found.category,
        place=_show_place(found),
        metres=found.metres,
        free=found.free,
        condition=str(asset.condition),
        charge_percent=asset.charge,
        features=list(asset.features),
        price=show_amount(found.price) if found.price is not None else None,
        fit=offer.fit,
        why=[WhyShown(str(each.reason), dict(each.facts)) for each in offer.why],
    )


def _show_place(found: Candidate) -> PlaceShown | None:
    place = found.place
    if place is None:
        return None
    degrees = (plain(each * _DEGREE) for each in (place.position.latitude, place.position.longitude))
    return PlaceShown(place.place_id, place.name, *degrees)
