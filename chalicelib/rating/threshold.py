"""A fee that is due once when a meter passes a bound: the late fee."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import ONE, rounded
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running


@dataclass(frozen=True, slots=True)
class ThresholdFee:
    """`amount`, once, for a use that counts more than `above` on the meter."""

    kind: ClassVar[str] = "threshold"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    above: Decimal
    amount: Decimal

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        """The fee if the bound is passed; exactly the bound is not past it."""
        used = use.of(self.meter)
        if used <= self.above:
            return []
        line = RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            ONE,
            "",
            self.amount,
            rounded(self.amount, use.tariff.currency),
            "threshold_passed",
            {
                "used": plain(used),
                "meter": self.meter.name,
                "meter_unit": self.meter.unit,
                "above": plain(self.above),
            },
            use.shown_by(self.meter.name),
        )
        return [line]

    def document(self) -> dict[str, object]:
        """Meter, bound and amount."""
        return {"meter": self.meter.name, "above": plain(self.above), "amount": plain(self.amount)}


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> ThresholdFee:
    """Read the fee."""
    return ThresholdFee(
        price_id, charge_class, fields.meter("meter"), fields.not_negative("above"), fields.price("amount")
    )
