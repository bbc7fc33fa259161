"""The shapes of a tariff's prices, one for each kind that rating knows."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

DecimalText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]{1,12})?$", examples=["0.50"])]
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
TimeOfDay = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", examples=["06:30"])]
Whole = Annotated[int, msgspec.Meta(ge=0)]
ChargeClass = Literal["use", "ordered", "owed"]
Period = Literal["use", "day", "week", "month", "ever"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class FlatPrice(msgspec.Struct, tag_field="kind", tag="flat"):
    """Due once for every session that was started, or once for all sessions of a period: a pass."""

    id: Identifier
    amount: DecimalText
    charge_class: ChargeClass = "use"
    once_per: Period | UnsetType = UNSET


class UnitPrice(msgspec.Struct, tag_field="kind", tag="unit"):
    """So much for every unit, after the units that are included in each session."""

    id: Identifier
    meter: Identifier
    unit_amount: DecimalText
    included: DecimalText = "0"
    charge_class: ChargeClass = "use"


class StartedPackagesPrice(msgspec.Struct, tag_field="kind", tag="package"):
    """Every started package of `size` units is paid, after the units that are included in each session."""

    id: Identifier
    meter: Identifier
    size: DecimalText
    per_package: DecimalText
    included: DecimalText = "0"
    charge_class: ChargeClass = "use"


class PriceTier(msgspec.Struct):
    """What lies above the tier before and up to, and with, `up_to`; the last tier has none. `from` may be repeated."""

    up_to: DecimalText | None = None
    unit_amount: DecimalText = "0"
    flat_amount: DecimalText = "0"
    begins: DecimalText | UnsetType = msgspec.field(name="from", default=UNSET)


PriceTiers = Annotated[list[PriceTier], msgspec.Meta(min_length=1)]


class GraduatedPrice(msgspec.Struct, tag_field="kind", tag="graduated"):
    """Each unit costs what its own tier says; a tier's flat amount is due with its first unit."""

    id: Identifier
    meter: Identifier
    tiers: PriceTiers
    period: Period = "use"
    charge_class: ChargeClass = "use"


class VolumePrice(msgspec.Struct, tag_field="kind", tag="volume"):
    """All units cost what the tier of their total says."""

    id: Identifier
    meter: Identifier
    tiers: PriceTiers
    period: Period = "use"
    charge_class: ChargeClass = "use"


class PercentagePrice(msgspec.Struct, tag_field="kind", tag="percentage"):
    """A share of what lies above `free`: a `rate` of 0.025 is 2.5 %. The meter counts the tariff's currency."""

    id: Identifier
    meter: Identifier
    rate: DecimalText
    fixed: DecimalText = "0"
    free: DecimalText = "0"
    minimum: DecimalText = "0"
    maximum: DecimalText | UnsetType | None = UNSET
    charge_class: ChargeClass = "use"


class GraduatedPercentagePrice(msgspec.Struct, tag_field="kind", tag="graduated_percentage"):
    """Each part of an amount at the rate of its own tier, which is the tier's `unit_amount`."""

    id: Identifier
    meter: Identifier
    tiers: PriceTiers
    charge_class: ChargeClass = "use"


class PriceWindow(msgspec.Struct):
    """Rates that hold on some weekdays, on the clock of the tariff's zone. Windows do not overlap."""

    days: Annotated[list[Weekday], msgspec.Meta(min_length=1)]
    begins: TimeOfDay = msgspec.field(name="from")
    ends: TimeOfDay = msgspec.field(name="to")
    in_use: DecimalText
    kept: DecimalText = "0"
    grace: DecimalText = "0"


class NeedPrice(msgspec.Struct, tag_field="kind", tag="need"):
    """Rates for time by need, per second, minute or hour, and others in windows of the week."""

    id: Identifier
    per: Literal["s", "min", "h"]
    in_use: DecimalText
    kept: DecimalText = "0"
    grace: DecimalText = "0"
    windows: list[PriceWindow] = []
    charge_class: ChargeClass = "use"


class CapacityPrice(msgspec.Struct, tag_field="kind", tag="capacity"):
    """So much for every unit of the highest value in a period, as of a charger's power."""

    id: Identifier
    meter: Identifier
    unit_amount: DecimalText
    period: Period = "month"
    charge_class: ChargeClass = "use"


class ThresholdPrice(msgspec.Struct, tag_field="kind", tag="threshold"):
    """Due once when a session's meter passes `above`."""

    id: Identifier
    meter: Identifier
    above: DecimalText
    amount: DecimalText
    charge_class: ChargeClass = "use"


class RecurringPrice(msgspec.Struct, tag_field="kind", tag="recurring"):
    """Due for each day or month of an agreement, pro rata to the second, `per_seat` for each of its seats.

    After `asleep_after_days` without need it costs nothing, and nothing while it is paused.
    """

    id: Identifier
    amount: DecimalText
    per: Literal["day", "month"]
    asleep_after_days: Whole | UnsetType = UNSET
    per_seat: bool | UnsetType = UNSET
    charge_class: ChargeClass = "use"


class OncePrice(msgspec.Struct, tag_field="kind", tag="once"):
    """Due once for a pass, `per_seat` for each of its seats; what of the pass is not used when it ends is paid back."""

    id: Identifier
    amount: DecimalText
    per_seat: bool | UnsetType = UNSET
    charge_class: ChargeClass = "use"


Price = (
    FlatPrice
    | UnitPrice
    | StartedPackagesPrice
    | GraduatedPrice
    | VolumePrice
    | PercentagePrice
    | GraduatedPercentagePrice
    | NeedPrice
    | CapacityPrice
    | ThresholdPrice
    | RecurringPrice
    | OncePrice
)
