"""A price per unit: so much a kilometre, after the units that are included."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import NOTHING, rounded
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """`unit_amount` for every unit of a use beyond the `included` ones."""

    kind: ClassVar[str] = "unit"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    unit_amount: Decimal
    included: Decimal = NOTHING

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        """The units beyond those included; a line of nothing says that the use lay within them."""
        used = use.of(self.meter)
        if not used:
            return []
        units = max(NOTHING, used - self.included)
        return [
            RatedLine(
                use.use_id,
                self.id,
                "charge",
                self.charge_class,
                units,
                self.meter.unit,
                self.unit_amount,
                rounded(units * self.unit_amount, use.tariff.currency),
                "per_unit" if units else "within_included",
                {"used": plain(used), "meter": self.meter.name, "included": plain(self.included)},
                use.shown_by(self.meter.name),
            )
        ]

    def document(self) -> dict[str, object]:
        """Meter, price of a unit, included units."""
        return {
            "meter": self.meter.name,
            "unit_amount": plain(self.unit_amount),
            "included": plain(self.included),
        }


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> UnitPrice:
    """Read the price."""
    return UnitPrice(
        price_id,
        charge_class,
        fields.meter("meter"),
        fields.price("unit_amount"),
        fields.not_negative("included", default="0"),
    )
