"""Graduated tiers: each unit costs what its own tier says."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, cast

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import ONE, minor_units, rounded
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running
from chalicelib.rating.terms import PERIODS, Period
from chalicelib.rating.tiers import Tier, read_tiers


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

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """One line per tier that the use reaches into, and one per flat amount that falls due."""
        used = use.of(self.meter)
        if self.period == "use":
            before, after, first = used - used, used, True
        else:
            key = (use.tariff.tariff_id, self.id, use.in_period(self.period))
            before, after, first = running.count(key, used)
        lines: list[RatedLine] = []
        low = before - before
        for number, tier in enumerate(self.tiers, start=1):
            high = tier.up_to
            end = after if high is None or after < high else high
            start = max(low, before)
            entered = first if number == 1 else before <= low < after
            if entered and tier.flat_amount:
                lines.append(self._flat(use, number, tier))
            if end > start:
                lines.append(self._units(use, number, tier, (start - low, end - low)))
            if high is None or after <= high:
                break
            low = high
        return lines

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
            Money(minor, currency),
            "tier_units",
            {"meter": self.meter.name, "tier": str(number), "up_to": "" if tier.up_to is None else plain(tier.up_to)},
            use.evidence.get(self.meter.name, ()),
        )

    def _flat(self, use: Use, number: int, tier: Tier) -> RatedLine:
        return RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            ONE,
            "",
            tier.flat_amount,
            rounded(tier.flat_amount, use.tariff.currency),
            "tier_flat",
            {"meter": self.meter.name, "tier": str(number)},
            use.shown_by(self.meter.name),
        )

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
