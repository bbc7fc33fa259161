"""A share of an amount, per transaction; each use is one transaction and the meter counts its amount in money."""

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
class PercentagePrice:
    """`rate` of what lies above `free`, plus `fixed`, between `minimum` and `maximum`.

    A transaction that lies within the free amount costs nothing at all. `rate` is a fraction: 2.5 % are 0.025.
    """

    kind: ClassVar[str] = "percentage"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    rate: Decimal
    fixed: Decimal = NOTHING
    free: Decimal = NOTHING
    minimum: Decimal = NOTHING
    maximum: Decimal | None = None

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        """The share of this transaction."""
        amount = use.of(self.meter)
        if not amount:
            return []
        base = max(NOTHING, amount - self.free)
        due, code = self._due(base) if base else (NOTHING, "within_included")
        return [
            RatedLine(
                use.use_id,
                self.id,
                "charge",
                self.charge_class,
                base,
                self.meter.unit,
                self.rate,
                rounded(due, use.tariff.currency),
                code,
                {"used": plain(amount), "meter": self.meter.name, **self._written()},
                use.shown_by(self.meter.name),
            )
        ]

    def _due(self, base: Decimal) -> tuple[Decimal, str]:
        due = base * self.rate + self.fixed
        if self.maximum is not None and due > self.maximum:
            return self.maximum, "percentage_at_most"
        if due < self.minimum:
            return self.minimum, "percentage_at_least"
        return due, "percentage"

    def _written(self) -> dict[str, str]:
        most = {} if self.maximum is None else {"maximum": plain(self.maximum)}
        return {
            "fixed": plain(self.fixed),
            "included": plain(self.free),
            "minimum": plain(self.minimum),
            **most,
        }

    def document(self) -> dict[str, object]:
        """Meter, rate and the amounts around it."""
        around = {name: text for name, text in self._written().items() if name != "included"}
        return {"meter": self.meter.name, "rate": plain(self.rate), "free": plain(self.free), **around}


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> PercentagePrice:
    """Read the share. The meter has to count the tariff's own currency."""
    maximum = fields.price("maximum") if fields.values.get("maximum") is not None else None
    fields.take("maximum", default=None)
    price = PercentagePrice(
        price_id,
        charge_class,
        fields.meter_of_money("meter"),
        fields.not_negative("rate"),
        fields.price("fixed", default="0"),
        fields.not_negative("free", default="0"),
        fields.price("minimum", default="0"),
        maximum,
    )
    if maximum is not None and maximum < price.minimum:
        fields.fault("maximum", "below_the_minimum")
    return price
