"""Scan and go: the code on a thing or on a poster gives offers, a quote and, within what is accepted, a session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from chalicelib.access.errors import AssetInUse
from chalicelib.access.map_ports import NOT_TAKEN, Map
from chalicelib.access.mapping import asset_on_map, place_on_map
from chalicelib.access.model import AccessSession
from chalicelib.access.offering import find_offers
from chalicelib.access.offers import Candidate, Offer, Wish, at_hand
from chalicelib.access.ports import Sealer
from chalicelib.access.quoting import AskQuote, GivenQuote, give_quote, seal_quote
from chalicelib.access.starting import Starting, StartSession, start_session
from chalicelib.catalogue.errors import UnknownCode
from chalicelib.catalogue.model import Asset, Place
from chalicelib.customers.model import Customer
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Commit, Outcome, Write

MOST_OFFERS = 50
"""Things at a place that a scan of its poster shows."""
_MOST_TRIED = 3
_NOT_ASKED, _NOTHING_FREE = "not_asked", "nothing_free"
_SEVERAL_FREE, _DEARER, _NOT_CONFIRMED = "several_free", "dearer_than_accepted", "not_confirmed"


@dataclass(frozen=True, slots=True)
class Accepts:
    """Up to what a customer accepts a price without looking at it; one of them at least."""

    estimate: Money | None = None
    worst_case: Money | None = None

    def covers(self, given: GivenQuote) -> bool:
        """Whether the quote is within it."""
        bounds = ((given.promise.estimate, self.estimate), (given.promise.worst_case, self.worst_case))
        return all(most is None or price <= most for price, most in bounds)


@dataclass(frozen=True, slots=True)
class Scan:
    """Who scans which code, what it is needed for, and what is accepted; None: nothing is to be started yet."""

    customer: Customer
    code: str
    need: Mapping[str, Decimal]
    accepts: Accepts | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a code gives. `not_started` says why there is no session."""

    language: str
    offers: Sequence[Offer] = ()
    quote: GivenQuote | None = None
    token: str = ""
    session: AccessSession | None = None
    not_started: str | None = None


@dataclass(frozen=True, slots=True)
class _Answering:
    """A commit of a start within a scan, whose answer is the whole of it."""

    inner: Commit
    scanned: Scanned

    def __call__(self, writes: Sequence[Write], outcome: Outcome) -> Outcome:
        session = outcome if isinstance(outcome, AccessSession) else None
        self.inner(writes, replace(self.scanned, session=session))
        return outcome


def scan(command: Scan, *, starting: Starting, on_map: Map, sealer: Sealer) -> Scanned:
    """The thing itself, or what is free at the place, the best fit first, with the quote of that.

    It is started at once where its price is accepted and there is no other to choose.
    """
    found = starting.catalogue.behind_code(command.code)
    if found is None:
        raise UnknownCode(code=command.code[:40])
    given: GivenQuote | None
    if isinstance(found, Asset):
        given = _quote(command, found.code, starting)
        place = starting.catalogue.place(found.partner_id, found.place_id) if found.place_id else None
        offers: Sequence[Offer] = [_at_hand(given, place, on_map, starting.now)]
    else:
        offers = _at_place(found, command, starting, on_map)
        given = _quote_best(command, offers, starting)
    token = seal_quote(given.promise, sealer=sealer) if given else ""
    scanned = Scanned(command.customer.language, offers, given, token)
    reason = _not_started(command, scanned)
    if reason is not None or given is None:
        return replace(scanned, not_started=reason)
    accepted = StartSession(command.customer, given.promise.code, given.promise, given.of)
    within = replace(starting, commit=_Answering(starting.commit, scanned))
    return replace(scanned, session=start_session(accepted, starting=within))


def _not_started(command: Scan, scanned: Scanned) -> str | None:
    if scanned.quote is None:
        return _NOTHING_FREE
    if command.accepts is None:
        return _NOT_ASKED
    if len(scanned.offers) > 1:
        return _SEVERAL_FREE
    if scanned.quote.promise.agreed.confirm:
        return _NOT_CONFIRMED
    return None if command.accepts.covers(scanned.quote) else _DEARER


def _quote(command: Scan, code: str, starting: Starting) -> GivenQuote:
    customer = command.customer
    asked = AskQuote(customer.account_id, customer.customer_id, code, command.need, customer.member_of)
    return give_quote(asked, allowing=starting.allowing, random_bytes=starting.random_bytes)


def _quote_best(command: Scan, offers: Sequence[Offer], starting: Starting) -> GivenQuote | None:
    """Of the best; of the next, where that was taken a moment ago."""
    for offer in offers[:_MOST_TRIED]:
        try:
            return _quote(command, offer.candidate.asset.code, starting)
        except AssetInUse:
            continue
    return None


def _at_hand(given: GivenQuote, place: Place | None, on_map: Map, now: datetime) -> Offer:
    asset = given.asset
    free = None if asset.capacity is None else _left(asset.asset_key, asset.capacity, on_map, now)
    candidate = Candidate(
        asset=asset_on_map(asset),
        place=place_on_map(place) if place else None,
        metres=0,
        free=free,
        product=given.product.name,
        category=given.product.category,
        price=given.promise.estimate,
    )
    return at_hand(candidate, now)


def _left(key: str, capacity: int, on_map: Map, now: datetime) -> int:
    taken, kept = on_map.taken([key]).get(key, NOT_TAKEN).sessions, on_map.kept([key], now).get(key, 0)
    return max(0, capacity - taken - kept)


def _at_place(place: Place, command: Scan, starting: Starting, on_map: Map) -> Sequence[Offer]:
    wish = Wish(
        position=place_on_map(place).position,
        metres=1,
        at=starting.now,
        need=command.need,
        limit=MOST_OFFERS,
        place=(place.partner_id, place.place_id),
    )
    return find_offers(wish, catalogue=starting.catalogue, on_map=on_map).offers
