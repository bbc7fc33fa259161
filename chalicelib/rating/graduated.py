"""Graduated tiers: each unit costs what its own tier says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, cast

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import NOTHING, ONE, minor_units, money_of, rounded
from chalicelib.rating.lines import ChargeClass, LineKind, RatedLine, line_of
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Key, Running
from chalicelib.rating.terms import PERIODS, Period
from chalicelib.rating.tiers import Tier, read_tiers

_Values = tuple[str, LineKind, ChargeClass, Decimal, str, Decimal, Money, str, Mapping[str, str]]
"""A line without the use and its evidence."""
_CHARGE: LineKind = "charge"
_MOST_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class GraduatedPrice:
    """Tiers over each use, or over all uses of a period together.

    A tier's flat amount is due when its first unit is; the first tier's also at zero usage.
    """

    kind: ClassVar[str] = "graduated"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    tiers: tuple[Tier, ...]
    period: Period = "use"
    tier_facts: dict[int, dict[str, str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    known: dict[tuple[Decimal, str], tuple[_Values, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """One line per tier that the use reaches into, and one per flat amount that falls due."""
        used = use.quantities.get(self.meter.name, NOTHING)
        if self.period == "use":
            front, back = (use.use_id,), (use.evidence.get(self.meter.name, ()),)
            return [line_of(front + values + back) for values in self._alone(used, use.tariff.currency)]
        before, after, first = running.count(self.key(use), used)
        lines: list[RatedLine] = []
        low = NOTHING
        for number, tier in enumerate(self.tiers, start=1):
            high = tier.up_to
            end = after if high is None or after < high else high
            start = max(before, low)
            entered = first if number == 1 else before <= low < after
            if entered and tier.flat_amount:
                lines.append(self._flat(use, number, tier))
            if end > start:
                lines.append(self._units(use, number, tier, (start - low, end - low)))
            if high is None or after <= high:
                break
            low = high
        return lines

    def key(self, use: Use) -> Key:
        """Under which the units are counted, those of other versions too."""
        return (use.tariff.tariff_id, self.id, use.in_period(self.period))

    def _alone(self, used: Decimal, currency: str) -> tuple[_Values, ...]:
        """The same for one use alone. The same quantities come up again and again, so each is worked out once."""
        key = (used, currency)
        rows = self.known.get(key)
        if rows is None:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            rows = self.known[key] = tuple(self._rows(used, currency))
        return rows

    def _rows(self, used: Decimal, currency: str) -> Iterator[_Values]:
        low = NOTHING
        for number, tier in enumerate(self.tiers, start=1):
            high = used if tier.up_to is None or used < tier.up_to else tier.up_to
            if tier.flat_amount and (number == 1 or used > low):
                yield self._flat_values(number, tier, currency)
            if high > low:
                yield self._values(number, tier, high - low, currency)
            if tier.up_to is None or used <= tier.up_to:
                return
            low = tier.up_to

    def _values(self, number: int, tier: Tier, units: Decimal, currency: str) -> _Values:
        amount = rounded(units * tier.unit_amount, currency)
        facts = self.tier_facts.get(number) or self._facts(number, tier)
        rule = (self.id, _CHARGE, self.charge_class)
        return (*rule, units, self.meter.unit, tier.unit_amount, amount, "tier_units", facts)

    def _facts(self, number: int, tier: Tier) -> dict[str, str]:
        up_to = "" if tier.up_to is None else plain(tier.up_to)
        facts = self.tier_facts[number] = {"meter": self.meter.name, "tier": str(number), "up_to": up_to}
        return facts

    def _units(self, use: Use, number: int, tier: Tier, span: tuple[Decimal, Decimal]) -> RatedLine:
        """The units of one tier. Rounded as a running sum, so that pieces add up to the whole."""
        currency = use.tariff.currency
        minor = minor_units(span[1] * tier.unit_amount, currency)
        if span[0]:
            minor -= minor_units(span[0] * tier.unit_amount, currency)
        return RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            span[1] - span[0],
            self.meter.unit,
            tier.unit_amount,
            money_of(minor, currency),
            "tier_units",
            self._facts(number, tier),
            use.evidence.get(self.meter.name, ()),
        )

    def _flat(self, use: Use, number: int, tier: Tier) -> RatedLine:
        values = self._flat_values(number, tier, use.tariff.currency)
        return line_of((use.use_id, *values, use.shown_by(self.meter.name)))

    def _flat_values(self, number: int, tier: Tier, currency: str) -> _Values:
        amount = rounded(tier.flat_amount, currency)
        rule = (self.id, _CHARGE, self.charge_class)
        facts = {"meter": self.meter.name, "tier": str(number)}
        return (*rule, ONE, "", tier.flat_amount, amount, "tier_flat", facts)

    def document(self) -> dict[str, object]:
        """Meter, period and tiers."""
        return {
            "meter": self.meter.name,
            "period": self.period,
            "tiers": [tier.document() for tier in self.tiers],
        }


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> GraduatedPrice:
    """Read the tiers."""
    period = cast("Period", fields.one_of("period", PERIODS, default="use"))
    return GraduatedPrice(price_id, charge_class, fields.meter("meter"), read_tiers(fields), period)
