"""Advice on one's own usage: what access cost against owning, the break-even, a cheaper tariff if there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import localcontext

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Interval
from chalicelib.rating.model import Tariff, Use
from chalicelib.rating.rate import EXACT, rate

_YEAR_DAYS = 365
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Ownership:
    """What owning the product costs: its price, what it is worth after its life, and its upkeep a year."""

    product: str
    purchase: Money
    worth_after: Money
    life_days: int
    upkeep_per_year: Money

    def over(self, period: Interval) -> Money:
        """Loss of value, in a straight line over its life, and upkeep, for the time of the period."""
        lost = self.purchase - self.worth_after
        if self.life_days <= 0 or lost.minor < 0 or lost.currency != self.upkeep_per_year.currency:
            raise Invalid(reason="a thing loses value over a life of days, in one currency", product=self.product)
        seconds = period.length // timedelta(seconds=1)
        # (lost / life + upkeep / year) * days, as one fraction
        share = lost.minor * _YEAR_DAYS + self.upkeep_per_year.minor * self.life_days
        whole = self.life_days * _YEAR_DAYS * _DAY_SECONDS
        return Money((2 * share * seconds + whole) // (2 * whole), lost.currency)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the product's uses cost, what owning would have cost, and from how many such uses owning is cheaper."""

    product: str
    uses: int
    access: Money
    owning: Money
    break_even_uses: int | None
    cheaper: Tariff | None
    saves: Money


def advise(uses: Sequence[Use], ownership: Ownership, period: Interval, alternatives: Sequence[Tariff] = ()) -> Advice:
    """Compare one's uses of the product in the period with owning it, and with the tariffs one could have."""
    mine = [use for use in uses if use.product == ownership.product and use.kind == "session"]
    currency = ownership.purchase.currency
    with localcontext(EXACT):
        access = _cost(mine, None, currency)
        costs = [(_cost(mine, tariff, currency).minor, tariff) for tariff in alternatives]
    best, tariff = min(costs, key=lambda each: each[0], default=(access.minor, None))
    saves = Money(max(0, access.minor - best), currency)
    owning = ownership.over(period)
    return Advice(
        product=ownership.product,
        uses=len(mine),
        access=access,
        owning=owning,
        break_even_uses=-(-owning.minor * len(mine) // access.minor) if access.minor > 0 else None,
        cheaper=tariff if saves.minor else None,
        saves=saves,
    )


def _cost(uses: Sequence[Use], tariff: Tariff | None, currency: str) -> Money:
    rated = rate([use if tariff is None else use.under(tariff) for use in uses])
    return total((line.amount for line in rated), currency)
