"""Search what is free near a customer: at most four queries, one for each cell of the map, and few batch reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from chalicelib.access.booking_steps import room_by
from chalicelib.access.geohash import covering, metres_between
from chalicelib.access.map_ports import NOT_TAKEN, Map, Taken
from chalicelib.access.offers import SECONDS, AssetOnMap, Candidate, Offer, PlaceOnMap, Wish, rank
from chalicelib.catalogue.errors import NoTariff
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import tariff_in_force
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import SECONDS_IN
from chalicelib.rating import Tariff, quote
from chalicelib.rating.errors import InvalidUse, NoTariffInForce

MOST_READ = 2_000
"""Items of the map that a search reads."""
MOST_PRODUCTS = 100
AT_ONCE = 100
_MOST_ROUNDS = 3
_MOST_WEIGHED = 200
_IN_USE = "in_use"
_DECIMALS = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Offers:
    """What was found. It is not complete where more was near than a search reads: a shorter way finds the rest."""

    offers: Sequence[Offer]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Near:
    asset: AssetOnMap
    place: PlaceOnMap
    metres: int


@dataclass(frozen=True, slots=True)
class _Priced:
    product: Product
    price: Money | None


def find_offers(wish: Wish, *, catalogue: Catalogue, on_map: Map) -> Offers:
    """What is on offer then and free now within the radius, the best fit first."""
    near, complete = _near(wish, on_map)
    keys = list(dict.fromkeys(each.asset.product_key for each in near))
    known = catalogue.products_by(keys[:MOST_PRODUCTS])
    fitting = {
        key: product for key, product in known.items() if wish.category is None or product.category == wish.category
    }
    near = [each for each in near if each.asset.product_key in fitting]
    prices: dict[tuple[str, str], _Priced | None] = {}
    found = []
    free, looked_at_all = _free(near, wish.at, on_map)
    for each, left in free:
        key = each.asset.product_key
        if key not in prices:
            prices[key] = _priced(fitting[key], wish, catalogue)
        priced = prices[key]
        if priced is not None:
            product = priced.product
            found.append(
                Candidate(each.asset, each.place, each.metres, left, product.name, product.category, priced.price)
            )
    complete = complete and looked_at_all and len(keys) <= MOST_PRODUCTS
    return Offers(rank(found, wish), complete)


def _near(wish: Wish, on_map: Map) -> tuple[list[_Near], bool]:
    """What stands within the radius and is on offer then, the nearest first; and whether that is all of it."""
    read = on_map.read(covering(wish.position, wish.metres), MOST_READ)
    reached: dict[tuple[str, str], tuple[PlaceOnMap, int]] = {}
    for place in read.places:
        metres = metres_between(wish.position, place.position)
        if metres <= wish.metres and place.is_open(wish.at):
            reached[place.partner_id, place.place_id] = place, metres
    found = [
        _Near(asset, *reached[key])
        for asset in read.assets
        if (key := (asset.partner_id, asset.place_id)) in reached
        and asset.is_on_offer(wish.at)
        and wish.place in (None, key)
    ]
    return sorted(found, key=lambda each: (each.metres, each.asset.key)), read.complete


def _free(near: Sequence[_Near], at: datetime, on_map: Map) -> tuple[list[tuple[_Near, int | None]], bool]:
    """The nearest that have room now, and for how many; looked up by the hundred until there are enough to weigh."""
    found: list[tuple[_Near, int | None]] = []
    rounds = _rounds(near)
    for some in islice(rounds, _MOST_ROUNDS):
        taken = on_map.taken([each.asset.key for each in some if each.asset.capacity is not None])
        hidden = [each.asset.key for each in some if _seems_kept(each.asset, taken, at)]
        kept = on_map.kept(hidden, at) if hidden else {}
        found += [(each, left) for each in some if (left := _left(each.asset, taken, kept)) != 0]
        if len(found) >= _MOST_WEIGHED:
            break
    return found, next(rounds, None) is None


def _rounds(near: Sequence[_Near]) -> Iterator[Sequence[_Near]]:
    return (near[first : first + AT_ONCE] for first in range(0, len(near), AT_ONCE))


def _left(asset: AssetOnMap, taken: Mapping[str, Taken], kept: Mapping[str, int]) -> int | None:
    if asset.capacity is None:
        return None
    return max(0, asset.capacity - taken.get(asset.key, NOT_TAKEN).sessions - kept.get(asset.key, 0))


def _seems_kept(asset: AssetOnMap, taken: Mapping[str, Taken], at: datetime) -> bool:
    """Bookings have begun by then; which of them are over by then too, their calendar says."""
    found = taken.get(asset.key, NOT_TAKEN)
    return asset.capacity is not None and room_by(found.steps, asset.capacity, at) < asset.capacity


def _priced(product: Product, wish: Wish, catalogue: Catalogue) -> _Priced | None:
    """What the need costs by the tariff in force then, by itself; None where nothing can be started.

    Caps that the account's earlier uses have filled only make it less: the quote counts them.
    """
    try:
        tariff = tariff_in_force(product, wish.at, catalogue=catalogue)
    except (NoTariff, NoTariffInForce):
        return None
    if not wish.need:
        return _Priced(product, None)
    return _Priced(product, _price(tariff, wish.at, wish.need))


def _price(tariff: Tariff, at: datetime, need: Mapping[str, Decimal]) -> Money | None:
    """None where the tariff does not count what is needed."""
    try:
        return quote(tariff, at, _stated(tariff, need)).estimate
    except InvalidUse:
        return None


def _stated(tariff: Tariff, need: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    """Seconds of use are so long in use, and as much on each meter that counts time."""
    seconds = need.get(SECONDS)
    if seconds is None:
        return need
    timed = {meter.name: SECONDS_IN[meter.unit] for meter in tariff.meters if meter.unit in SECONDS_IN}
    return {_IN_USE: seconds, **{name: (seconds / length).quantize(_DECIMALS) for name, length in timed.items()}}
