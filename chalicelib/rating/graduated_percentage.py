"""Graduated shares of an amount: each part of a transaction at the rate of its own tier."""

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.rating.graduated import GraduatedPrice
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running
from chalicelib.rating.tiers import Tier, read_tiers


@dataclass(frozen=True, slots=True)
class GraduatedPercentage:
    """Tiers over a transaction's amount; a tier's unit amount is its rate, its flat amount is added once."""

    kind: ClassVar[str] = "graduated_percentage"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    tiers: tuple[Tier, ...]

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """One line per tier that the amount reaches into; nothing for no transaction."""
        if not use.of(self.meter):
            return []
        tiered = GraduatedPrice(self.id, self.charge_class, self.meter, self.tiers)
        return [_as_share(line) for line in tiered.charges(use, running)]

    def document(self) -> dict[str, object]:
        """Meter and tiers; a tier's rate is a fraction."""
        return {"meter": self.meter.name, "tiers": [tier.document() for tier in self.tiers]}


def _as_share(line: RatedLine) -> RatedLine:
    return line._replace(code="tier_share") if line.code == "tier_units" else line


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> GraduatedPercentage:
    """Read the tiers. The meter has to count the tariff's own currency."""
    return GraduatedPercentage(price_id, charge_class, fields.meter_of_money("meter"), read_tiers(fields))
