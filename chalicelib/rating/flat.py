"""A flat fee: the unlock of each use, or a pass that is due once a day, week, month or season."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, cast

from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import ONE, rounded
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.model import START, Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running
from chalicelib.rating.terms import PERIODS, Period


@dataclass(frozen=True, slots=True)
class FlatFee:
    """`amount` for every use that has started, however long it is; or once for all uses of a period."""

    kind: ClassVar[str] = "flat"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    amount: Decimal
    once_per: Period = "use"

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """The fee, once."""
        facts: dict[str, str] = {}
        if self.once_per != "use":
            period = use.in_period(self.once_per)
            if not running.first((use.tariff.tariff_id, self.id, period)):
                return []
            facts = {"once_per": self.once_per, "period": period}
        amount = rounded(self.amount, use.tariff.currency)
        code = "pass" if facts else "flat_fee"
        return [
            RatedLine(
                use.use_id,
                self.id,
                "charge",
                self.charge_class,
                ONE,
                "",
                self.amount,
                amount,
                code,
                facts,
                use.shown_by(START),
            )
        ]

    def document(self) -> dict[str, object]:
        """The fee's amount, and how often it is due."""
        often = {} if self.once_per == "use" else {"once_per": self.once_per}
        return {"amount": plain(self.amount), **often}


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> FlatFee:
    """Read the fee."""
    once_per = cast("Period", fields.one_of("once_per", PERIODS, default="use"))
    return FlatFee(price_id, charge_class, fields.price("amount"), once_per)
