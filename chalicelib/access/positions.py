"""Where things are: roughly, and not for long; and whether they stand where they may be given back.

A position is looked at exactly while its event is taken in, and never stored so: what is kept is a cell of the geohash
of six letters, about 1.2 by 0.6 kilometres at the equator, until the product's policy lets it go. So is the name of a
place that an event says, which is a position to whoever knows the place. The rules stand in docs/decisions/0060.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.access.geohash import SCALE, Position, encode
from chalicelib.access.ports import Sessions
from chalicelib.access.position_ports import Positions, Seen
from chalicelib.catalogue.model import Place
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.zones import ZoneKind, within
from chalicelib.metering.model import Answer, Event, Outcome

CELL_LETTERS = 6
POSITION, IN_RETURN_ZONE = "position", "in_return_zone"
MOST_PLACES = 1_000
_PAGE = 200
_KEPT_FOR = frozenset({Outcome.ACCEPTED, Outcome.LATE, Outcome.QUEUED, Outcome.DUPLICATE})


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What an event says of where it was: exactly, and at which place."""

    position: Position | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Locating:
    """What positions need from outside."""

    positions: Positions
    sessions: Sessions
    catalogue: Catalogue
    now: datetime


def cell_of(position: Position) -> str:
    """All that is kept of a position."""
    return encode(position)[:CELL_LETTERS]


def return_place(position: Position, places: Iterable[Place]) -> str | None:
    """The first place, by id, of which a return zone holds the position."""
    latitude, longitude = (Decimal(each) / SCALE for each in (position.latitude, position.longitude))
    return min(
        (
            place.place_id
            for place in places
            for zone in place.service_zones
            if zone.kind is ZoneKind.RETURN and within(zone, latitude, longitude)
        ),
        default=None,
    )


def sessions_that_ask(subjects: Collection[str], *, locating: Locating) -> frozenset[str]:
    """Those of the sessions that end where a return zone is reached."""
    found = locating.sessions.many(sorted(subjects)) if subjects else {}
    return frozenset(name for name, each in found.items() if IN_RETURN_ZONE in each.policy.return_signals)


def device_asks(partner_id: str, device_id: str, *, locating: Locating) -> bool:
    """Whether a session on the device's asset would."""
    asset = locating.catalogue.asset_by_device(partner_id, device_id)
    product = locating.catalogue.product(partner_id, asset.product_id) if asset else None
    return product is not None and IN_RETURN_ZONE in product.policy.return_signals


def places_with_return_zones(partner_id: str, *, locating: Locating) -> list[Place]:
    """Of the partner's first 1,000 places."""
    found: list[Place] = []
    after, read = None, 0
    while read < MOST_PLACES:
        page = locating.catalogue.places(partner_id, limit=_PAGE, after=after)
        found += [each for each in page if any(zone.kind is ZoneKind.RETURN for zone in each.service_zones)]
        if len(page) < _PAGE:
            break
        after, read = page[-1].place_id, read + len(page)
    return found


def keep_positions(found: Sequence[tuple[Answer, Whereabouts]], *, locating: Locating) -> None:
    """Store roughly where sessions were, as events say that count for them, once each; what is too old is let go."""
    taken = [each for each in found if each[0].outcome in _KEPT_FOR and each[0].refusal is None]
    lengths = _kept(sorted({answer.event.subject for answer, _ in taken}), locating)
    kept: list[Seen] = []
    for answer, where in taken:
        event = answer.event
        expires = event.time + lengths[event.subject] if event.subject in lengths else locating.now
        if expires > locating.now:
            kept.append(_seen(event, where, expires))
    again = any(answer.outcome is not Outcome.ACCEPTED for answer, _ in taken)
    there = locating.positions.known(kept) if again else frozenset()
    locating.positions.keep([each for each in _once(kept) if each.key not in there])


def _once(found: Iterable[Seen]) -> Iterable[Seen]:
    """Of what comes twice in one batch the first."""
    first: dict[object, Seen] = {}
    for each in found:
        first.setdefault(each.key, each)
    return first.values()


def _seen(event: Event, where: Whereabouts, expires: datetime) -> Seen:
    cell = None if where.position is None else cell_of(where.position)
    return Seen(event.subject, event.time, event.source, event.event_id, cell, expires, where.place)


def _kept(subjects: Sequence[str], locating: Locating) -> Mapping[str, timedelta]:
    sessions = locating.sessions.many(subjects) if subjects else {}
    products = {(each.partner_id, each.product_id) for each in sessions.values()}
    policies = {key: product.policy for key in products if (product := locating.catalogue.product(*key))}
    return {
        name: policies[each.partner_id, each.product_id].position_kept
        for name, each in sessions.items()
        if (each.partner_id, each.product_id) in policies
    }
