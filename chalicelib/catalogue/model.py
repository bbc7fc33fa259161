"""Places, products, assets, as a partner describes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from chalicelib.catalogue.checking import check, check_count, check_id, check_text, check_words, check_zone
from chalicelib.catalogue.details import (
    Condition,
    Odometer,
    Picture,
    ProductKind,
    ProductTax,
    ProductTerms,
    Seller,
    check_pictures,
)
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.hours import OpeningHours, is_open_by, next_opening_by
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.catalogue.taking_out import Stretch, not_over
from chalicelib.catalogue.zones import ServiceZone
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import NotAQuantity, decimal_text
from chalicelib.kernel.time import Month

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{3,31}")
_VALUE_LETTERS = 100
_FARE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MOST_CAPACITY = 1_000_000
_MOST_FARES = 10
_YEARS_IN_SERVICE = range(1900, 2200)
_MOST_ZONES = 20
_MOST_CORNERS = 500
_MOST_CAPABILITIES = 30
_MOST_FEATURES = 20
_CENTIMETRE = Decimal("1e-7")
_MOST_LATITUDE = Decimal(90)
_MOST_LONGITUDE = Decimal(180)


def check_code(code: str | None) -> None:
    """What is on a thing or a poster for customers to scan."""
    fits = code is None or bool(_CODE.fullmatch(code))
    check("code", holds=fits, reason="4 to 32 capital letters, digits and -")


def degrees(text: str, field: str) -> Decimal:
    """A coordinate from decimal text, to seven decimals: a centimetre on the ground."""
    try:
        return decimal_text(text).quantize(_CENTIMETRE)
    except NotAQuantity as error:
        raise BadCatalogueEntry(pointer=f"/{field}", reason="decimal degrees") from error


def _within(number: Decimal, most: Decimal) -> bool:
    return number.is_finite() and abs(number) <= most


@dataclass(frozen=True, slots=True)
class Place:
    """Where assets stand. Coordinates are WGS 84 degrees; hours are of its own `zone`, and none are always open.

    `code` is on its poster, if it has one; no asset and no other place has the same.

    `revision` counts the changes of the entry and guards each of them, here as in every other entry.
    """

    partner_id: str
    place_id: str
    name: str
    latitude: Decimal
    longitude: Decimal
    address: str = ""
    capacity: int = 0
    zone: str = "UTC"
    hours: OpeningHours | None = None
    service_zones: tuple[ServiceZone, ...] = ()
    code: str | None = None
    revision: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        check_id("place_id", self.place_id)
        check_code(self.code)
        check_text("name", self.name)
        check("latitude", holds=_within(self.latitude, _MOST_LATITUDE), reason="-90 to 90 degrees")
        check("longitude", holds=_within(self.longitude, _MOST_LONGITUDE), reason="-180 to 180 degrees")
        check("capacity", holds=self.capacity >= 0, reason="not negative")
        check_zone("zone", self.zone)
        check_count("service_zones", self.service_zones, _MOST_ZONES)
        corners = sum(len(each.corners) for each in self.service_zones)
        check("service_zones", holds=corners <= _MOST_CORNERS, reason=f"at most {_MOST_CORNERS} corners together")


def is_open(place: Place, at: datetime) -> bool:
    """Whether the place is open then."""
    return place.hours is None or is_open_by(place.hours, place.zone, at)


def next_opening(place: Place, at: datetime) -> datetime | None:
    """The first instant from then on at which the place is open; None if there is none within 400 days."""
    return at if place.hours is None else next_opening_by(place.hours, place.zone, at)


@dataclass(frozen=True, slots=True)
class DataItem:
    """One line of the data card: what the thing will report, why, and for how many days it is kept."""

    what: str
    why: str
    kept_days: int


@dataclass(frozen=True, slots=True)
class Owning:
    """What it costs to own the product: its price, what it is worth after its life, and its upkeep a year."""

    purchase: Money
    worth_after: Money
    life_days: int
    upkeep_per_year: Money

    def __post_init__(self) -> None:
        check("owning/life_days", holds=self.life_days > 0, reason="above zero")
        loses = 0 <= self.worth_after.minor <= self.purchase.minor
        check("owning/worth_after", holds=loses, reason="0 to the purchase price")
        check("owning/upkeep_per_year", holds=self.upkeep_per_year.minor >= 0, reason="not negative")


@dataclass(frozen=True, slots=True)
class CeilingTerms:
    """Access never costs an account more than the purchase price; afterwards nothing, or `upkeep` a month."""

    upkeep: Money | None = None

    def __post_init__(self) -> None:
        positive = self.upkeep is None or self.upkeep.minor >= 0
        check("ceiling/upkeep_per_month", holds=positive, reason="not negative")


@dataclass(frozen=True, slots=True)
class FormerTerms:
    """What a product's months before `until` go by, whatever its partner states later."""

    until: Month
    category: str
    owning: Owning | None
    ceiling: CeilingTerms | None


@dataclass(frozen=True, slots=True)
class Product:
    """What is on offer. `zone` is where its days and months begin; `tariff_version` is 0 until one is published.

    `fares` are further tariffs that its customers could have, by name, with the newest version of each; those of
    `members` are had through a plan alone. Category, what owning costs and the ceiling are as stated last; months that
    had begun go by the `former` ones. `revision` counts the changes of the entry and guards each of them.
    """

    partner_id: str
    product_id: str
    name: str
    category: str
    zone: str
    data_card: tuple[DataItem, ...] = ()
    owning: Owning | None = None
    ceiling: CeilingTerms | None = None
    tariff_version: int = 0
    fares: Mapping[str, int] = field(default_factory=dict)
    former: tuple[FormerTerms, ...] = ()
    kind: ProductKind = ProductKind.PHYSICAL
    seller: Seller | None = None
    terms: ProductTerms | None = None
    pictures: tuple[Picture, ...] = ()
    policy: UsePolicy = field(default_factory=UsePolicy)
    tax: ProductTax | None = None
    members: tuple[str, ...] = ()
    revision: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        check_id("product_id", self.product_id)
        check_text("name", self.name)
        check_pictures(self.pictures)
        check("ceiling", holds=self.ceiling is None or self.owning is not None, reason="needs a purchase price")
        check("fares", holds=len(self.fares) <= _MOST_FARES, reason=f"at most {_MOST_FARES}")
        for fare in self.fares:
            check("fare", holds=bool(_FARE.fullmatch(fare)), reason="1 to 32 small letters, digits and -")
        check_id("category", self.category)
        check_zone("zone", self.zone)

    @property
    def tariff_id(self) -> str:
        """The id of its tariff, unique among all partners."""
        return f"{self.partner_id}:{self.product_id}"

    def fare_id(self, fare: str) -> str:
        """The id of the tariff of a fare; a `~` is in no other id."""
        return f"{self.tariff_id}~{fare}" if fare else self.tariff_id

    def in_month(self, month: Month) -> "Product":
        """The product with the category, cost of owning and ceiling by which that month goes."""
        held = next((terms for terms in self.former if month < terms.until), None)
        if held is None:
            return self
        return replace(self, category=held.category, owning=held.owning, ceiling=held.ceiling)

    def restated(self, stated: "Product", month: Month) -> "Product":
        """The product as stated anew in a month: its tariffs stay, and so does what the months up to this one go by.

        Before there is a tariff to use it by, this month goes by what is stated in it last.
        """
        former, until = self.former, month.next if self.tariff_version or self.fares else month
        terms = FormerTerms(until, self.category, self.owning, self.ceiling)
        changed = (stated.category, stated.owning, stated.ceiling) != (self.category, self.owning, self.ceiling)
        if changed and all(each.until != until for each in former):
            former = (*former, terms)
        return replace(
            stated,
            tariff_version=self.tariff_version,
            fares=self.fares,
            members=self.members,
            former=former,
            revision=self.revision + 1,
        )

    @property
    def open_fares(self) -> list[str]:
        """The names of the fares that everybody could have."""
        return sorted(fare for fare in self.fares if fare not in self.members)

    def with_version(self, version: int, fare: str = "", *, members_only: bool = False) -> "Product":
        """The product that names a newly published version, in its next revision."""
        revision = self.revision + 1
        if fare:
            members = tuple(sorted({*self.members, fare})) if members_only else self.members
            return replace(self, fares={**self.fares, fare: version}, members=members, revision=revision)
        return replace(self, tariff_version=version, revision=revision)

    def newest(self, fare: str = "") -> int:
        """The newest published version of its own tariff, or of a fare; 0 if there is none."""
        return self.fares.get(fare, 0) if fare else self.tariff_version


@dataclass(frozen=True, slots=True)
class FormerState:
    """How an asset stood at the end of each month before `until`, whatever is stated later."""

    until: Month
    product_id: str
    capacity: int | None
    retired: bool
    in_service_from: date | None


@dataclass(frozen=True, slots=True)
class Asset:
    """One piece of a product, with the code that a customer scans. `capacity` is how many may use it at once.

    None: as many as like, as for software. `device_id` is the connected device that reports for it, and for no other
    of the partner's assets. `take_outs` are those that are not over: times in which it is not on offer.

    It is depreciated from `in_service_from` on, else from `listed_on`, the day on which it was stated first; that is
    None of those stored before it was kept. Months that were over go by the `former` states.
    """

    partner_id: str
    asset_id: str
    product_id: str
    code: str
    place_id: str | None = None
    capacity: int | None = 1
    retired: bool = False
    device_id: str | None = None
    capabilities: Mapping[str, str] = field(default_factory=dict)
    condition: Condition = field(default_factory=Condition)
    odometer: Odometer | None = None
    accessibility: tuple[str, ...] = ()
    take_outs: tuple[Stretch, ...] = ()
    in_service_from: date | None = None
    former: tuple[FormerState, ...] = ()
    listed_on: date | None = field(default=None, compare=False)
    revision: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        check_id("asset_id", self.asset_id)
        if self.device_id is not None:
            check_id("device_id", self.device_id)
        check_code(self.code)
        bounded = self.capacity is None or 1 <= self.capacity <= _MOST_CAPACITY
        check("capacity", holds=bounded, reason=f"1 to {_MOST_CAPACITY}, or unlimited")
        check_count("capabilities", self.capabilities, _MOST_CAPABILITIES)
        check_words("capabilities", self.capabilities)
        for value in self.capabilities.values():
            check_text("capabilities", value, _VALUE_LETTERS)
        check_count("accessibility", self.accessibility, _MOST_FEATURES)
        check_words("accessibility", self.accessibility)
        once = len(set(self.accessibility)) == len(self.accessibility)
        check("accessibility", holds=once, reason="each once")
        known = self.in_service_from is None or self.in_service_from.year in _YEARS_IN_SERVICE
        check("in_service_from", holds=known, reason="a day of the years 1900 to 2199")

    @property
    def asset_key(self) -> str:
        """The asset among all partners' assets."""
        return f"{self.partner_id}/{self.asset_id}"

    def in_month(self, month: Month) -> "Asset":
        """The asset with the product, capacity and day that it had when that month ended, retired or not."""
        held = next((state for state in self.former if month < state.until), None)
        if held is None:
            return self
        return replace(
            self,
            product_id=held.product_id,
            capacity=held.capacity,
            retired=held.retired,
            in_service_from=held.in_service_from,
        )

    def restated(self, stated: "Asset", at: datetime, month: Month) -> "Asset":
        """The asset as stated anew in a month: what it is taken out for stays, and how it stood in months before."""
        return replace(
            stated,
            take_outs=not_over(self.take_outs, at),
            former=self._former(stated, month),
            listed_on=self.listed_on,
            revision=self.revision + 1,
        )

    def _former(self, stated: "Asset", month: Month) -> tuple[FormerState, ...]:
        """Of a month's statements the first ends how it stood before; what nobody had listed then did not stand."""
        was, now = (
            FormerState(month, each.product_id, each.capacity, each.retired, each.in_service_from)
            for each in (self, stated)
        )
        listed = self.listed_on is None or Month(self.listed_on.year, self.listed_on.month) < month
        kept = was != now and listed and all(each.until != month for each in self.former)
        return (*self.former, was) if kept else self.former

    def taken_out(self, stretches: tuple[Stretch, ...]) -> "Asset":
        """The asset with other times in which it is not on offer."""
        return replace(self, take_outs=stretches, revision=self.revision + 1)

    def out_at(self, at: datetime) -> bool:
        """Whether it is not on offer then because it is looked after."""
        return any(each.holds(at) for each in self.take_outs)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of one row of an import: `error` is None where it was stored."""

    row: int
    entry_id: str
    error: BadCatalogueEntry | Exception | None = None
