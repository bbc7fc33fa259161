"""Tariffs and uses: what rating is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Literal, Protocol

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import NotAQuantity, quantity
from chalicelib.kernel.time import SECONDS_IN
from chalicelib.rating.errors import InvalidUse
from chalicelib.rating.lines import ChargeClass, RatedLine

CapPeriod = Literal["day"]

START = "start"
"""The key in a use's evidence for what shows that it began; every other key is a meter's name."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What is counted, in which unit. One that does not count time states the most that an hour can bring."""

    name: str
    unit: str
    most_per_hour: Decimal | None = None

    def most_in(self, hours: int) -> Decimal:
        """The most it can count in that many hours; the worst case of a quote rests on it."""
        if self.most_per_hour is not None:
            return self.most_per_hour * hours
        seconds = SECONDS_IN.get(self.unit)
        if seconds is None:
            raise InvalidUse(reason="the meter states no most_per_hour", meter=self.name)
        whole, rest = divmod(Decimal(hours) * 3600, seconds)
        return whole + (1 if rest else 0)

    @property
    def is_bounded(self) -> bool:
        """Whether a worst case can be stated for it."""
        return self.most_per_hour is not None or self.unit in SECONDS_IN


@dataclass(frozen=True)
class Use:
    """One access session as rating sees it; while it is `open`, `ended_at` is the instant as of which it is rated."""

    use_id: str
    tariff: "Tariff"
    started_at: datetime
    ended_at: datetime
    open: bool
    quantities: Mapping[str, Decimal]
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for instant in (self.started_at, self.ended_at):
            if instant.utcoffset() != timedelta(0):
                raise InvalidUse(use_id=self.use_id, reason="instants are in UTC", instant=instant.isoformat())
        if self.ended_at < self.started_at:
            raise InvalidUse(use_id=self.use_id, reason="a use ends at or after its start")
        for meter, amount in self.quantities.items():
            self._check_quantity(meter, amount)

    def _check_quantity(self, meter: str, amount: Decimal) -> None:
        try:
            fits = isinstance(amount, Decimal) and quantity(amount) >= 0
        except NotAQuantity:
            fits = False
        if not fits:
            raise InvalidUse(use_id=self.use_id, reason="not a quantity", meter=meter, value=str(amount)[:40])

    def of(self, meter: Meter) -> Decimal:
        """How much of the meter was used."""
        return self.quantities.get(meter.name, _NOTHING)

    def shown_by(self, key: str) -> tuple[str, ...]:
        """The ids of the evidence for a meter, or for the start."""
        return self.evidence.get(key, ())


_NOTHING = Decimal(0)


class Price(Protocol):
    """One rule of a tariff. Each kind has a file of its own, named after it."""

    kind: ClassVar[str]

    @property
    def id(self) -> str:
        """Unique in the tariff; what caps and lines refer to."""

    @property
    def charge_class(self) -> ChargeClass:
        """What sort of charge its lines are."""

    def charges(self, use: Use) -> Iterable[RatedLine]:
        """What the use costs by this rule alone."""

    def document(self) -> dict[str, object]:
        """The rule as JSON-ready values, without `id`, `kind` and `charge_class`."""


@dataclass(frozen=True, slots=True)
class Cap:
    """No more than `amount` per period for what the prices in `over` charge together."""

    id: str
    period: CapPeriod
    amount: Money
    over: tuple[str, ...]


@dataclass(frozen=True)
class Tariff:
    """An immutable version of a set of price rules. `zone` says where its days begin."""

    tariff_id: str
    version: int
    currency: str
    zone: str
    tax_inclusive: bool
    prices: tuple[Price, ...]
    caps: tuple[Cap, ...] = ()
    meters: tuple[Meter, ...] = ()
