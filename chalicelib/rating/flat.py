"""A flat fee for each use once it has started: the unlock."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.model import START, Use
from chalicelib.rating.reading import Fields

_ONCE = Decimal(1)


@dataclass(frozen=True, slots=True)
class FlatFee:
    """`amount` for every use that has started, however long it is."""

    kind: ClassVar[str] = "flat"

    id: str
    charge_class: ChargeClass
    amount: Decimal

    def charges(self, use: Use) -> Iterator[RatedLine]:
        """The fee, once."""
        yield RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            _ONCE,
            "",
            self.amount,
            Money.rounded(self.amount, use.tariff.currency),
            "flat_fee",
            evidence=use.shown_by(START),
        )

    def document(self) -> dict[str, object]:
        """The fee's amount."""
        return {"amount": plain(self.amount)}


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> FlatFee:
    """Read the fee."""
    return FlatFee(price_id, charge_class, fields.price("amount"))
