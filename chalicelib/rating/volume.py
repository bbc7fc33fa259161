"""Volume tiers: all units cost what the tier of the total says."""

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
from chalicelib.rating.running import Key, Running
from chalicelib.rating.terms import PERIODS, Period
from chalicelib.rating.tiers import Tier, read_tiers


@dataclass(frozen=True, slots=True)
class VolumePrice:
    """The tier that the total lies in prices every unit, over each use or over all uses of a period together.

    Reaching a cheaper tier makes earlier units cheaper too: the use that reaches it carries the difference. While a use
    is open, the clock may stand in for what is measured in the end; so it costs what its dearest part would cost.
    """

    kind: ClassVar[str] = "volume"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    tiers: tuple[Tier, ...]
    period: Period = "use"

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """What the total costs now, less what it cost before this use."""
        used = use.of(self.meter)
        before, after, first = running.count(self.key(use), used)
        number, tier = self._tier_of(after)
        minor = self._highest(before, after, use) - (0 if first else self._cost(before, use))
        if not used and not minor:
            return []
        facts = {
            "meter": self.meter.name,
            "tier": str(number),
            "flat_amount": plain(tier.flat_amount),
            "total": plain(after),
            "total_before": plain(before),
        }
        return [
            RatedLine(
                use.use_id,
                self.id,
                "charge",
                self.charge_class,
                used,
                self.meter.unit,
                tier.unit_amount,
                Money(minor, use.tariff.currency),
                "volume_tier",
                facts,
                use.shown_by(self.meter.name),
            )
        ]

    def key(self, use: Use) -> Key:
        """Under which the total is counted. Each version counts by itself: no other's units are priced anew."""
        return (use.tariff.tariff_id, f"{self.id} v{use.tariff.version}", use.in_period(self.period))

    def _tier_of(self, total: Decimal) -> tuple[int, Tier]:
        for number, tier in enumerate(self.tiers, start=1):
            if tier.up_to is None or total <= tier.up_to:
                return number, tier
        return len(self.tiers), self.tiers[-1]

    def _highest(self, before: Decimal, after: Decimal, use: Use) -> int:
        """What the total costs; of an open use, the most that any part of it would cost."""
        if not use.open:
            return self._cost(after, use)
        ends = [tier.up_to for tier in self.tiers if tier.up_to is not None and before < tier.up_to < after]
        return max(self._cost(total, use) for total in (before, *ends, after))

    def _cost(self, total: Decimal, use: Use) -> int:
        tier = self._tier_of(total)[1]
        return minor_units(total * tier.unit_amount + tier.flat_amount, use.tariff.currency)

    def document(self) -> dict[str, object]:
        """Meter, period and tiers."""
        return {
            "meter": self.meter.name,
            "period": self.period,
            "tiers": [tier.document() for tier in self.tiers],
        }


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> VolumePrice:
    """Read the tiers."""
    period = cast("Period", fields.one_of("period", PERIODS, default="use"))
    return VolumePrice(price_id, charge_class, fields.meter("meter"), read_tiers(fields), period)
