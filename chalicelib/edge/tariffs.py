"""The shape of a tariff's rules, for OpenAPI. They are read by rating, which names every fault at once."""

from typing import Annotated, Literal

import msgspec

from chalicelib.edge.tariff_prices import DecimalText, Identifier, Period, Price, Whole
from chalicelib.rating import Tariff, tariff_document

Over = Annotated[list[Identifier], msgspec.Meta(min_length=1)]
Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]


class TariffMeter(msgspec.Struct, omit_defaults=True):
    """What is counted. A unit that is no time (s, min, h) needs `most_per_hour`, on which the worst case rests."""

    name: Identifier
    unit: Identifier
    most_per_hour: DecimalText | None = None


class TariffCap(msgspec.Struct):
    """No more than `amount` a customer and period of the session's start for what is in `over` together.

    Shorter periods come first. `over` names prices, and the minimums that make these up.
    """

    id: Identifier
    period: Period
    amount: DecimalText
    over: Over


class TariffMinimum(msgspec.Struct):
    """At least `amount` a session, or a month of a plan, for the prices in `over` together.

    That of a plan may be over `members_use` too: what its members used at the plan's fares.
    """

    id: Identifier
    period: Literal["use", "month"]
    amount: DecimalText
    over: Over


class TariffAllowance(msgspec.Struct):
    """The first `uses` sessions in each period are free of what is in `over`."""

    id: Identifier
    period: Literal["day", "week", "month", "ever"]
    uses: Whole
    over: Over


class TariffRegret(msgspec.Struct):
    """A session that ends within `seconds` costs nothing, so many `times` a month."""

    seconds: Whole
    times: Whole


class TariffRules(msgspec.Struct, omit_defaults=True):
    """What a partner publishes. The zone is the product's, unless it says another.

    A fare that is `members_only` is had through a plan alone; the first version of a fare says so for all of them.

    What sessions cannot be charged by is refused with `cannot_be_charged_yet`: prices of kind `capacity`, and what only
    the fee of a plan has: prices of kind `recurring` and `once`, and minimums a month.
    """

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    tax_inclusive: bool
    prices: list[Price]
    meters: list[TariffMeter] = []
    caps: list[TariffCap] = []
    zone: str | None = None
    minimums: list[TariffMinimum] = []
    allowances: list[TariffAllowance] = []
    regret: TariffRegret | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    members_only: bool | None = None


class TariffShown(msgspec.Struct):
    """A published tariff version."""

    tariff_id: str
    version: int
    rules: TariffRules


def show_tariff(tariff: Tariff) -> TariffShown:
    """A tariff version with its rules."""
    rules = msgspec.convert(tariff_document(tariff), TariffRules)
    return TariffShown(tariff.tariff_id, tariff.version, rules)
