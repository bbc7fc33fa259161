"""A price for the highest value that was reached in a period: the peak power of a charger."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, cast

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import minor_units
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running
from chalicelib.rating.terms import PERIODS, Period


@dataclass(frozen=True, slots=True)
class CapacityPrice:
    """`unit_amount` per unit of the maximum of the meter over each use, or over all uses of a period."""

    kind: ClassVar[str] = "capacity"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    unit_amount: Decimal
    period: Period = "month"

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """What this use adds to the maximum; nothing if it stays below it."""
        key = (use.tariff.tariff_id, self.id, use.in_period(self.period))
        before, after = running.raise_to(key, use.of(self.meter))
        if after <= before:
            return []
        currency = use.tariff.currency
        minor = minor_units(after * self.unit_amount, currency) - minor_units(before * self.unit_amount, currency)
        return [
            RatedLine(
                use.use_id,
                self.id,
                "charge",
                self.charge_class,
                after - before,
                self.meter.unit,
                self.unit_amount,
                Money(minor, currency),
                "capacity",
                {"meter": self.meter.name, "maximum": plain(after), "maximum_before": plain(before)},
                use.shown_by(self.meter.name),
            )
        ]

    def document(self) -> dict[str, object]:
        """Meter, price of a unit, period."""
        return {"meter": self.meter.name, "unit_amount": plain(self.unit_amount), "period": self.period}


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> CapacityPrice:
    """Read the price."""
    period = cast("Period", fields.one_of("period", PERIODS, default="month"))
    return CapacityPrice(price_id, charge_class, fields.meter("meter"), fields.price("unit_amount"), period)
