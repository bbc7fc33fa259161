"""A fee that is due once when a meter passes a bound: the late fee."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.model import Meter, Use
from chalicelib.rating.reading import Fields

_ONCE = Decimal(1)


@dataclass(frozen=True, slots=True)
class ThresholdFee:
    """`amount`, once, for a use that counts more than `above` on the meter."""

    kind: ClassVar[str] = "threshold"

    id: str
    charge_class: ChargeClass
    meter: Meter
    above: Decimal
    amount: Decimal

    def charges(self, use: Use) -> Iterator[RatedLine]:
        """The fee if the bound is passed; exactly the bound is not past it."""
        used = use.of(self.meter)
        if used <= self.above:
            return
        yield RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            _ONCE,
            "",
            self.amount,
            Money.rounded(self.amount, use.tariff.currency),
            "threshold_passed",
            {
                "used": plain(used),
                "meter": self.meter.name,
                "meter_unit": self.meter.unit,
                "above": plain(self.above),
            },
            use.shown_by(self.meter.name),
        )

    def document(self) -> dict[str, object]:
        """Meter, bound and amount."""
        return {"meter": self.meter.name, "above": plain(self.above), "amount": plain(self.amount)}


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> ThresholdFee:
    """Read the fee."""
    return ThresholdFee(
        price_id, charge_class, fields.meter("meter"), fields.not_negative("above"), fields.price("amount")
    )
