"""Many who book the same at once, on the stores: how many of them have it, and whether anything is booked twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from threading import Lock, Thread

from chalicelib.access.booking import Area, Booking
from chalicelib.access.booking_making import AskBookingQuote, Booker, ask_booking_quote, book
from chalicelib.access.booking_store import BookingStore
from chalicelib.access.geohash import Position
from chalicelib.access.map_items import asset_item, asset_where, place_item, place_where
from chalicelib.access.map_store import MapStore
from chalicelib.access.mapping import asset_on_map, place_on_map
from chalicelib.access.store import SessionStore
from chalicelib.catalogue.booking_policy import BookingPolicy
from chalicelib.catalogue.model import Asset, Place, Product
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.customers.model import Customer
from chalicelib.kernel.errors import Contended, Refusal, Unavailable
from chalicelib.kernel.time import Interval
from chalicelib.kernel.writes import Write
from chalicelib.rating import tariff_from_document
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from tests.stores.starting_race import wiring

NOON = datetime(2021, 6, 1, 12, tzinfo=UTC)
POLICY = UsePolicy(booking=BookingPolicy(buffer=timedelta(minutes=15)))
PRODUCT = Product("par-1", "van", "Van", "vans", "UTC", policy=POLICY, revision=1)
DEPOT = Place("par-1", "depot", "Depot", Decimal("60.17"), Decimal("24.94"), revision=1)
RULES = {
    "currency": "EUR",
    "tax_inclusive": True,
    "meters": [{"name": "cancellation", "unit": "each"}, {"name": "no_show", "unit": "each"}],
    "prices": [
        {"id": "time", "kind": "need", "per": "h", "in_use": "6.00", "kept": "1.20"},
        {"id": "late", "kind": "unit", "charge_class": "ordered", "meter": "cancellation", "unit_amount": "3.00"},
        {"id": "absent", "kind": "unit", "charge_class": "ordered", "meter": "no_show", "unit_amount": "7.00"},
    ],
}
TARIFF = tariff_from_document({"tariff_id": PRODUCT.tariff_id, "version": 1, "zone": "UTC", **RULES})
catalogue, on_map, bookings, sessions = CatalogueStore(), MapStore(), BookingStore(), SessionStore()


class Plain:
    """Seals nothing: the race is not about signatures. Satisfies `ports.Sealer`."""

    def __init__(self) -> None:
        self.sealed: dict[str, dict[str, object]] = {}

    def seal(self, promise: dict[str, object]) -> str:
        token = str(len(self.sealed))
        self.sealed[token] = promise
        return token

    def unseal(self, token: str) -> dict[str, object]:
        return self.sealed[token]


class Everybody:
    """Everybody may."""

    def conditions(self, _account_id: str) -> list[Write]:
        return []


def offer_vans(commit: Transaction, capacities: list[int | None]) -> list[Asset]:
    """So many vans at the depot, on the map too."""
    commit([catalogue.putting_product(PRODUCT)], None)
    commit(catalogue.publishing(PRODUCT.with_version(1), TARIFF), None)
    commit(catalogue.putting_place(DEPOT, None, NOON), None)
    at_depot = place_on_map(DEPOT)
    place_item(at_depot).save()
    vans = []
    for number, capacity in enumerate(capacities):
        van = Asset("par-1", f"van-{number}", "van", f"VAN-{number:04d}", "depot", capacity, revision=1)
        commit(catalogue.putting_asset(van, None, NOON), None)
        shown = asset_on_map(van)
        asset_item(shown, asset_where(place_where(at_depot), van.asset_id)).save()
        vans.append(van)
    return vans


def booker(commit: Transaction, now: datetime = NOON, sealer: Plain | None = None) -> Booker:
    count = iter(range(1, 1_000_000))
    lock = Lock()

    def numbered(size: int) -> bytes:
        with lock:
            return next(count).to_bytes(size, "big")

    return Booker(
        catalogue=catalogue,
        bookings=bookings,
        sessions=sessions,
        zone="UTC",
        now=now,
        commit=commit,
        pause=commit.pause,
        on_map=on_map,
        standing=Everybody(),
        sealer=sealer or Plain(),
        random_bytes=numbered,
        allowing=wiring(Database.prefix or "").allowing(now),
    )


def customer(number: int) -> Customer:
    return Customer(f"cus-{number}", f"acc-{number}", f"subject-{number}", "en", NOON)


@dataclass
class Outcome:
    """What became of a race: what is booked, which refusals there were, and pairs that are booked twice."""

    booked: list[Booking] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def double_bookings(self) -> int:
        """Pairs of bookings of one asset for one whose stretches, with the buffer between, overlap."""
        return sum(
            one.asset_key == other.asset_key
            and one.entry.busy.start < other.entry.busy.end
            and other.entry.busy.start < one.entry.busy.end
            for one, other in combinations(self.booked, 2)
        )


def race(commit: Transaction, many: int, *, code: str | None = None, threads: int = 8) -> Outcome:
    """So many customers book overlapping stretches at once: of the van with the code, or of any at the depot.

    Each was promised a price before. As a client does, each tries again where it is told to.
    """
    parts = booker(commit)
    area = None if code else Area(Position.of(DEPOT.latitude, DEPOT.longitude), 100, "vans")
    quotes = [
        ask_booking_quote(
            AskBookingQuote(f"acc-{number}", _stretch(number), {}, code=code, area=area), booker=parts
        ).token
        for number in range(many)
    ]
    outcome = Outcome()

    def run(thread: int) -> None:
        for number in range(thread, many, threads):
            try:
                outcome.booked.append(
                    _again(lambda number=number: book(quotes[number], customer(number), booker=parts))
                )
            except Refusal as refusal:
                outcome.refused.append(refusal.code)

    running = [Thread(target=run, args=(number,)) for number in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    return outcome


def _stretch(number: int) -> Interval:
    """Two hours, no two the same, all of them over one another."""
    start = NOON + timedelta(days=1, seconds=number)
    return Interval(start, start + timedelta(hours=2))


def _again(act: Callable[[], Booking]) -> Booking:
    while True:
        try:
            return act()
        except (Unavailable, Contended):
            continue
