"""Offers: what is free near a customer, in the order in which it fits, and why each is shown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from chalicelib.access.geohash import Position
from chalicelib.catalogue.details import Wear
from chalicelib.catalogue.hours import OpeningHours, is_open_by, open_spans
from chalicelib.catalogue.taking_out import Stretch
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant, local_day

DISTANCE, PRICE, CHARGE, CONDITION, PREFERENCE = 40, 25, 15, 10, 10
"""What each can add to the fit, which is 100 at most."""
WELL_CHARGED = 50
_WORTH_OF: Mapping[Wear, Decimal] = {Wear.GOOD: Decimal(1), Wear.WORN: Decimal("0.5"), Wear.DAMAGED: Decimal(0)}
_HALF, _ALL = Decimal("0.5"), Decimal(1)
_AHEAD = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer looks for: where, within how many metres, when, and how much of it is needed.

    `need` has the seconds of use under `SECONDS`, or meters by name. `prefers` are products, categories and features.
    `place` is the one place at which it is to stand, by partner and id, if there is one.
    """

    position: Position
    metres: int
    at: datetime
    need: Mapping[str, Decimal] = field(default_factory=dict)
    category: str | None = None
    prefers: tuple[str, ...] = ()
    limit: int = 20
    place: tuple[str, str] | None = None


SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class PlaceOnMap:
    """Where assets stand, as a search needs it. No hours: always open."""

    partner_id: str
    place_id: str
    name: str
    position: Position
    zone: str
    hours: OpeningHours | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether it is open then."""
        return self.hours is None or is_open_by(self.hours, self.zone, at)

    def open_until(self, at: datetime) -> datetime | None:
        """When it closes, if it is open then; None if not within a week."""
        if self.hours is None:
            return None
        until = at
        while until < at + _AHEAD:
            today = local_day(until, self.zone)
            spans = (span for day in (today - _DAY, today) for span in open_spans(self.hours, self.zone, day))
            end = max((span.end for span in spans if span.holds(until)), default=until)
            if end == until:
                return until
            until = end
        return None


@dataclass(frozen=True, slots=True)
class AssetOnMap:
    """An asset at a place, as a search needs it. `charge` is in percent, where it is known."""

    partner_id: str
    asset_id: str
    place_id: str
    product_id: str
    code: str
    capacity: int | None = 1
    condition: Wear = Wear.GOOD
    charge: int | None = None
    features: tuple[str, ...] = ()
    out: tuple[Stretch, ...] = ()

    @property
    def key(self) -> str:
        """Its key among all partners' assets."""
        return f"{self.partner_id}/{self.asset_id}"

    @property
    def product_key(self) -> tuple[str, str]:
        """Its product among all partners' products."""
        return self.partner_id, self.product_id

    def is_on_offer(self, at: datetime) -> bool:
        """Whether it is not taken out then."""
        return not any(each.holds(at) for each in self.out)


class Reason(StrEnum):
    """Why an offer is shown, and stands where it stands."""

    SCANNED = "scanned"
    FREE_NOW = "free_now"
    NEAREST = "nearest"
    CHEAPEST_FOR_NEED = "cheapest_for_need"
    CHARGED = "charged"
    PREFERRED = "preferred"
    OPEN_UNTIL = "open_until"
    ALWAYS_OPEN = "always_open"


@dataclass(frozen=True, slots=True)
class Why:
    """A reason and the facts that it rests on."""

    reason: Reason
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be offered: free for so many (None: for any number), at that price for the need, where it has one."""

    asset: AssetOnMap
    place: PlaceOnMap | None
    metres: int
    free: int | None
    product: str
    category: str
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate, how well it fits (0 to 100), and why."""

    candidate: Candidate
    fit: int
    why: tuple[Why, ...]


def rank(candidates: Sequence[Candidate], wish: Wish) -> list[Offer]:
    """The best first; what fits equally well goes by distance, then by its key. At most as many as are wished for."""
    nearest = min((each.metres for each in candidates), default=0)
    cheapest = min((each.price.minor for each in candidates if each.price is not None), default=None)
    offers = [
        Offer(each, _fit(each, wish, cheapest), tuple(_why(each, wish.prefers, wish.at, nearest, cheapest)))
        for each in candidates
    ]
    offers.sort(key=lambda each: (-each.fit, each.candidate.metres, each.candidate.asset.key))
    return offers[: wish.limit]


def at_hand(candidate: Candidate, at: datetime) -> Offer:
    """What was scanned fits: its customer stands before it."""
    why = (Why(Reason.SCANNED), *_why(candidate, (), at, None, None))
    return Offer(candidate, DISTANCE + PRICE + CHARGE + CONDITION + PREFERENCE, why)


def _fit(each: Candidate, wish: Wish, cheapest: int | None) -> int:
    charge = _HALF if each.asset.charge is None else Decimal(each.asset.charge) / 100
    points = (
        DISTANCE * (1 - Decimal(each.metres) / wish.metres)
        + PRICE * _worth_of_price(each.price, cheapest)
        + CHARGE * charge
        + CONDITION * _WORTH_OF[each.asset.condition]
        + PREFERENCE * (_ALL if _preferred(each, wish.prefers) else 0)
    )
    return int(points.to_integral_value(ROUND_HALF_UP))


def _worth_of_price(price: Money | None, cheapest: int | None) -> Decimal:
    """All for the cheapest, half for twice as much; nothing where no price is known though others have one."""
    if cheapest is None:
        return _ALL
    if price is None:
        return Decimal(0)
    return _ALL if price.minor <= cheapest else Decimal(cheapest) / price.minor


def _preferred(each: Candidate, prefers: Iterable[str]) -> str | None:
    said = {each.asset.product_id, each.category, *each.asset.features}
    return next((wish for wish in prefers if wish in said), None)


def _why(
    each: Candidate, prefers: Iterable[str], at: datetime, nearest: int | None, cheapest: int | None
) -> Iterator[Why]:
    yield Why(Reason.FREE_NOW, {} if each.free is None else {"free": str(each.free)})
    if each.metres == nearest:
        yield Why(Reason.NEAREST, {"metres": str(each.metres)})
    if each.price is not None and each.price.minor == cheapest:
        yield Why(Reason.CHEAPEST_FOR_NEED, {"price": str(each.price)})
    if each.asset.charge is not None and each.asset.charge >= WELL_CHARGED:
        yield Why(Reason.CHARGED, {"percent": str(each.asset.charge)})
    preferred = _preferred(each, prefers)
    if preferred is not None:
        yield Why(Reason.PREFERRED, {"as": preferred})
    if each.place is None:
        return
    until = each.place.open_until(at)
    if until is None:
        yield Why(Reason.ALWAYS_OPEN)
    else:
        yield Why(Reason.OPEN_UNTIL, {"until": format_instant(until)})
