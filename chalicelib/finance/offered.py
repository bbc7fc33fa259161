"""What monitors know of what is on offer, and what owning and running it costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import NamedTuple, Protocol

from chalicelib.kernel.money import Money, decimals_of
from chalicelib.kernel.time import Month

NANO = 10**9
PRICES: Mapping[str, Decimal] = MappingProxyType(
    {
        "write_units": Decimal("0.625"),
        "read_units": Decimal("0.125"),
        "requests": Decimal("3.50"),
        "starts": Decimal("0.20"),
    }
)
PER_SESSION: Mapping[str, Decimal] = MappingProxyType(
    {"write_units": Decimal(51), "read_units": Decimal("25.3"), "requests": Decimal(3), "starts": Decimal(5)}
)
"""Of a ride with its quote, start and end, and what workers do for it; a test measures it with a report in it."""
PER_EVENT: Mapping[str, Decimal] = MappingProxyType(
    {"write_units": Decimal("1.05"), "read_units": Decimal(2), "requests": Decimal(1), "starts": Decimal(1)}
)
"""Of a report that comes alone; of a hundred together each takes a fiftieth of it."""


class Days(NamedTuple):
    """Calendar days from the `first` on, up to the one `behind` them."""

    first: date
    behind: date

    @classmethod
    def of(cls, month: Month) -> "Days":
        """A month's."""
        return cls(date(month.year, month.number, 1), date(month.next.year, month.next.number, 1))


@dataclass(frozen=True, slots=True)
class Owned:
    """What owning one costs: the value that it loses over its life in days, and its upkeep a year.

    Of a stretch of days both are what they come to by its end less what they came to by its beginning, so that
    stretches add up: those of a life to what it loses, those of a calendar year to a year's upkeep.
    """

    loses: Money
    life_days: int
    upkeep_per_year: Money

    def lost(self, since: date, days: Days) -> Money:
        """Depreciation, straight line, of one that is in service since a day: nothing before it, nor after its life."""
        return Money(self._lost_by(days.behind, since) - self._lost_by(days.first, since), self.loses.currency)

    def upkeep(self, since: date, days: Days) -> Money:
        """Upkeep of one that is in service since a day, also after its life; the days are of one calendar year."""
        first = min(max(days.first, since), days.behind)
        year = days.first.year
        by = self._kept_by(days.behind, year) - self._kept_by(first, year)
        return Money(by, self.upkeep_per_year.currency)

    def _lost_by(self, day: date, since: date) -> int:
        lived = min(max((day - since).days, 0), self.life_days)
        return _half_up(self.loses.minor * lived, self.life_days)

    def _kept_by(self, day: date, year: int) -> int:
        """Since the year began, leap years included."""
        begins = date(year, 1, 1)
        return _half_up(self.upkeep_per_year.minor * (day - begins).days, (date(year + 1, 1, 1) - begins).days)


class OnOffer(NamedTuple):
    """A thing that can be used; `capacity` is by how many at once, None: by any number.

    It is on offer `since` an instant, None: since before anybody knows; and is depreciated from `in_service_from` on.
    """

    product: str
    asset: str
    capacity: int | None
    since: datetime | None = None
    in_service_from: date = date.min


class Offered(Protocol):
    """What the catalogue says, as of the month."""

    def category(self, product: str) -> str:
        """The category of `<partner>:<product>`; nothing where there is none."""

    def owned(self, product: str) -> Owned | None:
        """What owning one costs, if its partner has said it."""

    def partners(self) -> Iterable[str]:
        """All partners that there were by the end of the month."""

    def on_offer(self, partners: Iterable[str]) -> Iterable[OnOffer]:
        """All things of the partners that are on offer, in order."""


@dataclass(frozen=True, slots=True)
class CloudCost:
    """What the cloud charges for a session and for each event about it: prices of units times units measured.

    Prices are in US dollars a million (list prices of us-east-1): units of writing and of reading in the database,
    requests through the gateway, starts of functions. `per_dollar` is what a dollar is in the operator's currency.
    """

    prices: Mapping[str, Decimal] = field(default_factory=lambda: PRICES)
    session: Mapping[str, Decimal] = field(default_factory=lambda: PER_SESSION)
    event: Mapping[str, Decimal] = field(default_factory=lambda: PER_EVENT)
    per_dollar: Decimal = Decimal(1)

    def weight(self, sessions: int, events: int, currency: str) -> int:
        """What they cost, in thousand millionths of the smallest unit of the currency."""
        return sessions * self._one(self.session, currency) + events * self._one(self.event, currency)

    def _one(self, units: Mapping[str, Decimal], currency: str) -> int:
        dollars = sum((self.prices[name] * amount for name, amount in units.items()), Decimal(0)).scaleb(-6)
        minor = (dollars * self.per_dollar).scaleb(decimals_of(currency))
        return int((minor * NANO).to_integral_value(ROUND_HALF_UP))


def minor_of(weight: int) -> int:
    """A weight as money, rounded once."""
    return _half_up(weight, NANO)


def _half_up(amount: int, by: int) -> int:
    return (2 * amount + by) // (2 * by)
