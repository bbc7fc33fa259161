"""A price per started package: the first units free, then so much per started half hour."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import rounded
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running


@dataclass(frozen=True, slots=True)
class PackagePrice:
    """After `included` units, every started package of `size` units is paid in full."""

    kind: ClassVar[str] = "package"
    applies_to: ClassVar[UseKind] = "session"

    id: str
    charge_class: ChargeClass
    meter: Meter
    size: Decimal
    included: Decimal
    per_package: Decimal

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        """The started packages; a line of nothing says that the use lay within what is included."""
        used = use.of(self.meter)
        if not used:
            return []
        packages = started(used - self.included, self.size)
        line = RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            packages,
            "package",
            self.per_package,
            rounded(packages * self.per_package, use.tariff.currency),
            "started_packages" if packages else "within_included",
            self._facts(used),
            use.shown_by(self.meter.name),
        )
        return [line]

    def _facts(self, used: Decimal) -> dict[str, str]:
        return {
            "used": plain(used),
            "meter": self.meter.name,
            "meter_unit": self.meter.unit,
            "included": plain(self.included),
            "size": plain(self.size),
        }

    def document(self) -> dict[str, object]:
        """Meter, size, included units and the price of a package."""
        return {
            "meter": self.meter.name,
            "size": plain(self.size),
            "included": plain(self.included),
            "per_package": plain(self.per_package),
        }


def started(units: Decimal, size: Decimal) -> Decimal:
    """How many packages have been started: none for nothing, two for one unit more than one package."""
    if units <= 0:
        return Decimal(0)
    whole, rest = divmod(units, size)
    return whole + 1 if rest else whole


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> PackagePrice:
    """Read the package."""
    return PackagePrice(
        price_id,
        charge_class,
        fields.meter("meter"),
        fields.above_zero("size"),
        fields.not_negative("included", default="0"),
        fields.price("per_package"),
    )
