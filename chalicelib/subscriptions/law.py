"""What a country's law says of withdrawing from a subscription and of changing its price: data, and no legal advice."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

_FRIDAY = 5


class Kind(StrEnum):
    """What a plan lets its members have, as the law on withdrawal tells it apart."""

    SERVICE = "service"
    DIGITAL_SERVICE = "digital_service"
    DIGITAL_CONTENT = "digital_content"
    ACCOMMODATION = "accommodation"
    GOODS_TRANSPORT = "goods_transport"
    CAR_RENTAL = "car_rental"
    CATERING = "catering"
    LEISURE = "leisure"
    SEALED_GOODS = "sealed_goods"
    SEALED_MEDIA = "sealed_media"
    MADE_TO_ORDER = "made_to_order"
    PASSENGER_TRANSPORT = "passenger_transport"


class When(StrEnum):
    """On what it depends that there is no right of withdrawal."""

    ALWAYS = "always"
    DATED = "dated"
    BEGUN_WITH_CONSENT = "begun_with_consent"
    PERFORMED = "performed"
    UNSEALED = "unsealed"


class Seen(StrEnum):
    """How well a source is known: its own text was read, a bill or what others say of it was, or nothing was."""

    TEXT = "text"
    BILL = "bill"
    REPORTED = "reported"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from; `checked_at` is None for what could not be verified."""

    rule: str
    title: str
    paragraph: str
    url: str
    seen: Seen
    checked_at: date | None

    def __post_init__(self) -> None:
        if (self.seen is Seen.NOT_VERIFIED) != (self.checked_at is None):
            raise ValueError(self.rule)


@dataclass(frozen=True, slots=True)
class Exemption:
    """What there is no right of withdrawal from; `article` is the directive's, `paragraph` the country's own."""

    article: str
    kinds: frozenset[Kind]
    when: When
    paragraph: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What the two steps of withdrawing are to be called where a customer sees them."""

    withdraw: str
    confirm: str


@dataclass(frozen=True, slots=True)
class Holidays:
    """On which days besides Saturdays and Sundays no period ends: months and days, and days after Easter Sunday.

    `midsummer` adds the Friday between 19 and 25 June.
    """

    fixed: frozenset[tuple[int, int]]
    after_easter: frozenset[int]
    midsummer: bool = False

    def __contains__(self, day: date) -> bool:
        if self.midsummer and day.isoweekday() == _FRIDAY and date(day.year, 6, 19) <= day <= date(day.year, 6, 25):
            return True
        return (day.month, day.day) in self.fixed or (day - easter(day.year)).days in self.after_easter


@dataclass(frozen=True, slots=True)
class PriceChange:
    """How a price is changed: how many days before it holds each customer is told, and whether silence accepts it."""

    notice: timedelta
    silence_accepts: bool


@dataclass(frozen=True, slots=True)
class CountryLaw:
    """One country's rules. `languages` are those in which its customers are told, the first of them if not asked."""

    country: str
    zone: str
    languages: tuple[str, ...]
    statute: str
    labels: Mapping[str, Labels]
    exemptions: tuple[Exemption, ...]
    price_change: PriceChange
    holidays: Holidays
    sources: tuple[Source, ...]
    period_days: int = 14
    longer_months: int = 12
    refund_days: int = 14
    function_since: date = date(2026, 6, 19)
    notes: tuple[str, ...] = field(default=())

    def label(self, language: str) -> Labels:
        """The labels in a language, or in the country's own."""
        return self.labels.get(language) or self.labels[self.languages[0]]

    @property
    def not_verified(self) -> tuple[Source, ...]:
        """What somebody who knows the country's law has still to look at."""
        return tuple(each for each in self.sources if each.seen is not Seen.TEXT)


def nationally(exemptions: tuple[Exemption, ...], paragraphs: Mapping[str, str]) -> tuple[Exemption, ...]:
    """The directive's exemptions with a country's own paragraphs, by the directive's article."""
    return tuple(replace(each, paragraph=paragraphs.get(each.article, "")) for each in exemptions)


def easter(year: int) -> date:
    """Easter Sunday of the western churches, by the calendar of Gregory XIII."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    corrected = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = corrected - (corrected // 28) * (1 - (29 // (corrected + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    after = moon - weekday
    month = 3 + (after + 40) // 44
    return date(century * 100 + rest, month, after + 28 - 31 * (month // 4))
