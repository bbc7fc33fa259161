"""The shape of a tariff's rules, for OpenAPI. They are read by rating, which names every fault at once."""

from typing import Annotated, Literal

import msgspec

from chalicelib.rating import Tariff, tariff_document

DecimalText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]{1,12})?$", examples=["0.50"])]
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
ChargeClass = Literal["use", "ordered", "owed"]


class TariffMeter(msgspec.Struct, omit_defaults=True):
    """What is counted. A unit that is no time (s, min, h) needs `most_per_hour`, on which the worst case rests."""

    name: Identifier
    unit: Identifier
    most_per_hour: DecimalText | None = None


class FlatPrice(msgspec.Struct, tag_field="kind", tag="flat"):
    """Due once for every session that was started."""

    id: Identifier
    amount: DecimalText
    charge_class: ChargeClass = "use"


class StartedPackagesPrice(msgspec.Struct, tag_field="kind", tag="package"):
    """Every started package of `size` units is paid, after the units that are included in each session."""

    id: Identifier
    meter: Identifier
    size: DecimalText
    per_package: DecimalText
    included: DecimalText = "0"
    charge_class: ChargeClass = "use"


class ThresholdPrice(msgspec.Struct, tag_field="kind", tag="threshold"):
    """Due once when a session's meter passes `above`."""

    id: Identifier
    meter: Identifier
    above: DecimalText
    amount: DecimalText
    charge_class: ChargeClass = "use"


class TariffCap(msgspec.Struct):
    """No more than `amount` a customer and day of the session's start for the prices in `over` together."""

    id: Identifier
    period: Literal["day"]
    amount: DecimalText
    over: list[Identifier]


Price = FlatPrice | StartedPackagesPrice | ThresholdPrice


class TariffRules(msgspec.Struct, omit_defaults=True):
    """What a partner publishes. The zone is the product's, unless it says another."""

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    tax_inclusive: bool
    prices: list[Price]
    meters: list[TariffMeter] = []
    caps: list[TariffCap] = []
    zone: str | None = None


class TariffShown(msgspec.Struct):
    """A published tariff version."""

    tariff_id: str
    version: int
    rules: TariffRules


def show_tariff(tariff: Tariff) -> TariffShown:
    """A tariff version with its rules."""
    rules = msgspec.convert(tariff_document(tariff), TariffRules)
    return TariffShown(tariff.tariff_id, tariff.version, rules)
