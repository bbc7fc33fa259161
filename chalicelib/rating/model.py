"""Tariffs and uses: what rating is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Literal, NamedTuple, Protocol, get_args

from chalicelib.kernel.quantity import NotAQuantity, quantity
from chalicelib.kernel.time import local_day_text
from chalicelib.rating.amounts import NOTHING
from chalicelib.rating.errors import InvalidUse
from chalicelib.rating.fault_credit import FaultCredit
from chalicelib.rating.held import Held
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.ordered import is_order, meter_of
from chalicelib.rating.running import Rule, Running
from chalicelib.rating.sharing import Part
from chalicelib.rating.terms import Allowance, Cap, Minimum, Period, Regret

OPERATOR = "operator"
"""In place of a partner, for what the operator itself sells."""
START = "start"
"""The key in a use's evidence for what shows that it began; every other key is a meter's name."""

NeedState = Literal["in_use", "kept", "released", "faulty", "grace"]
UseKind = Literal["session", "agreement", "order"]
NEED_STATES: tuple[NeedState, ...] = get_args(NeedState)
_UTC = timedelta(0)


class Need(NamedTuple):
    """A stretch of a use with its state and what shows it."""

    start: datetime
    end: datetime
    state: NeedState
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Use:
    """One access session as rating sees it; while it is `open`, `ended_at` is the instant as of which it is rated.

    Of kind `agreement` it is a subscription's month: recurring fees and monthly minimums apply to it, `needs` are the
    stretches in which anything was needed, and `held` says what of it was paused; without it nothing was. Of kind
    `order` nothing was used: what was ordered alone is charged. With a `part` it is shared: the rest says what the
    whole of it was. `fault_credit` is what it has because a fault ended it.
    """

    use_id: str
    tariff: "Tariff"
    started_at: datetime
    ended_at: datetime
    open: bool
    quantities: Mapping[str, Decimal]
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    kind: UseKind = "session"
    product: str = ""
    category: str = ""
    last_need_on: date | None = None
    part: Part | None = None
    fault_credit: FaultCredit | None = None
    held: Held | None = None

    def __post_init__(self) -> None:
        if self.started_at.utcoffset() != _UTC or self.ended_at.utcoffset() != _UTC:
            raise InvalidUse(use_id=self.use_id, reason="instants are in UTC")
        if self.ended_at < self.started_at:
            raise InvalidUse(use_id=self.use_id, reason="a use ends at or after its start")
        for meter, amount in self.quantities.items():
            self._check_quantity(meter, amount)
        if self.needs:
            self._check_needs()
        if self.part is not None:
            self.part.check(self.use_id)
        if self.held is not None:
            self.held.check(self.use_id, self.started_at, self.ended_at)

    def _check_quantity(self, meter: str, amount: Decimal) -> None:
        try:
            fits = isinstance(amount, Decimal) and quantity(amount) >= 0
        except NotAQuantity:
            fits = False
        if not fits:
            raise InvalidUse(use_id=self.use_id, reason="not a quantity", meter=meter, value=str(amount)[:40])

    def _check_needs(self) -> None:
        for need in self.needs:
            if need.state not in NEED_STATES:
                raise InvalidUse(use_id=self.use_id, reason="unknown need state", state=str(need.state)[:40])
            if need.start.utcoffset() != _UTC or need.end.utcoffset() != _UTC:
                raise InvalidUse(use_id=self.use_id, reason="instants are in UTC")
            if not self.started_at <= need.start <= need.end <= self.ended_at:
                raise InvalidUse(use_id=self.use_id, reason="a need lies within its use", state=need.state)
        if any(later.start < earlier.end for earlier, later in pairwise(self.needs)):
            raise InvalidUse(use_id=self.use_id, reason="needs follow one another and do not overlap")

    @property
    def day(self) -> date:
        """The calendar day of its start in the tariff's zone; caps, tiers and allowances count it there."""
        return date.fromisoformat(self.day_text)

    @property
    def day_text(self) -> str:
        """The day of its start as text, found once: a lock around it would take longer than finding it."""
        known: str | None = self.__dict__.get("_day")
        if known is None:
            known = self.__dict__["_day"] = local_day_text(self.started_at, self.tariff.zone)
        return known

    def under(self, tariff: "Tariff") -> "Use":
        """The same use as if it had been on another tariff; it was checked when it was made."""
        other = object.__new__(Use)
        other.__dict__.update(self.__dict__)
        other.__dict__["tariff"] = tariff
        if tariff.zone != self.tariff.zone:
            other.__dict__.pop("_day", None)
        return other

    def in_period(self, period: Period) -> str:
        """The name of the period that it belongs to: 2021-05-31, 2021-W22, 2021-05; its own id for `use`."""
        if period == "use":
            return self.use_id
        if period == "day":
            return self.day_text
        if period == "week":
            year, week, _ = self.day.isocalendar()
            return f"{year:04d}-W{week:02d}"
        return self.day_text[:7] if period == "month" else ""

    @property
    def charged_in(self) -> str:
        """The month that bills it, as in 2021-05: a session's is that in which it ends, an agreement's is its own."""
        instant = self.started_at if self.kind == "agreement" else self.ended_at
        return local_day_text(instant, self.tariff.zone)[:7]

    def of(self, meter: Meter) -> Decimal:
        """How much of the meter was used."""
        return self.quantities.get(meter.name, NOTHING)

    def shown_by(self, key: str) -> tuple[str, ...]:
        """The ids of the evidence for a meter, or for the start."""
        return self.evidence.get(key, ())


def settled_as(tariff_id: str) -> str:
    """Under which name `<partner>:<product>` a tariff is billed and booked.

    A fare (`par_1:bike~night`) is its product's. The fee of a plan (`plan+family`) is a product of the operator's own.
    """
    return f"{OPERATOR}:{tariff_id}" if "+" in tariff_id else tariff_id.partition("~")[0]


class Price(Protocol):
    """One rule of a tariff. Each kind has a file of its own, named after it."""

    kind: ClassVar[str]
    applies_to: ClassVar[UseKind]

    @property
    def id(self) -> str:
        """Unique in the tariff; what caps and lines refer to."""

    @property
    def charge_class(self) -> ChargeClass:
        """What sort of charge its lines are."""

    def charges(self, use: Use, running: Running) -> Sequence[RatedLine]:
        """What the use costs by this rule alone, after what `running` has counted."""

    def document(self) -> dict[str, object]:
        """The rule as JSON-ready values, without `id`, `kind` and `charge_class`."""


class RuledCap(NamedTuple):
    """A cap with what is looked up for every use: the rule that counts it, its limit, and whether it is over all."""

    cap: Cap
    rule: Rule
    limit: int
    is_whole: bool


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
    minimums: tuple[Minimum, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    regret: Regret | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        """Sort prices and caps once; they are looked at for every use."""
        known = self.__dict__
        ids = {price.id for price in self.prices} | {minimum.id for minimum in self.minimums}
        known["ruled_caps"] = tuple(
            RuledCap(cap, (self.tariff_id, cap.id), cap.amount.minor, ids <= set(cap.over)) for cap in self.caps
        )
        known["settled_as"] = settled_as(self.tariff_id)
        known["counts_over"] = self._counted_over()
        known["has_terms"] = bool(self.minimums or self.allowances or self.regret)
        known["session_prices"] = tuple(price for price in self.prices if price.applies_to == "session")
        known["order_prices"] = tuple(price for price in self.prices if is_order(price) or price.applies_to == "order")
        known["ordered_meters"] = frozenset(meter.name for each in known["order_prices"] if (meter := meter_of(each)))
        known["agreement_prices"] = tuple(price for price in self.prices if price.applies_to == "agreement")

    def _counted_over(self) -> frozenset[Period]:
        found: set[Period] = {getattr(price, name, "use") for price in self.prices for name in ("period", "once_per")}
        found |= {each.period for each in self.caps} | {each.period for each in self.allowances}
        found |= {each.period for each in self.minimums}
        found |= {"month"} if self.regret is not None else set()
        return frozenset(found - {"use"})

    def is_valid(self, at: datetime) -> bool:
        """Whether the version is valid at the instant; one that says nothing always is."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)

    counts_over: frozenset[Period] = field(init=False, repr=False, compare=False)
    """The periods over which it counts what several uses share; what shares one has to be rated together."""
    has_terms: bool = field(init=False, repr=False, compare=False)
    settled_as: str = field(init=False, repr=False, compare=False)
    """The product or plan of whose bills and books it is part, as `settled_as` names it."""
    ruled_caps: tuple[RuledCap, ...] = field(init=False, repr=False, compare=False)
    session_prices: tuple[Price, ...] = field(init=False, repr=False, compare=False)
    agreement_prices: tuple[Price, ...] = field(init=False, repr=False, compare=False)
    order_prices: tuple[Price, ...] = field(init=False, repr=False, compare=False)
    ordered_meters: frozenset[str] = field(init=False, repr=False, compare=False)

    def prices_of(self, kind: UseKind) -> tuple[Price, ...]:
        """The rules that apply to uses of the kind."""
        if kind == "session":
            return self.session_prices
        return self.agreement_prices if kind == "agreement" else self.order_prices
