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

_SECONDS_OF_YEAR = 365 * 86_400
_SECONDS_OF_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Owned:
    """What owning costs over a period: the value that the thing loses, and its upkeep."""

    loss_of_value: Money
    upkeep: Money

    @property
    def together(self) -> Money:
        """Both."""
        return self.loss_of_value + self.upkeep


@dataclass(frozen=True, slots=True)
class Ownership:
    """What owning a product costs: its price, what it is worth after its life, and its upkeep a year."""

    purchase: Money
    worth_after: Money
    life_days: int
    upkeep_per_year: Money

    def over(self, period: Interval) -> Owned:
        """Loss of value, in a straight line over its life, and upkeep, for the time of the period."""
        lost = self.purchase - self.worth_after
        if self.life_days <= 0 or lost.minor < 0 or lost.currency != self.upkeep_per_year.currency:
            raise Invalid(reason="a thing loses value over a life of days, in one currency")
        seconds = period.length // timedelta(seconds=1)
        return Owned(
            _share(lost, seconds, self.life_days * _SECONDS_OF_DAY),
            _share(self.upkeep_per_year, seconds, _SECONDS_OF_YEAR),
        )


def _share(amount: Money, part: int, whole: int) -> Money:
    """`part` of `whole`, rounded half up."""
    return Money((2 * amount.minor * part + whole) // (2 * whole), amount.currency)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the uses cost, what owning would have cost, and from how many such uses owning is cheaper.

    `cheaper` is the tariff that would have cost the least, and `saves` by how much less.
    """

    uses: int
    access: Money
    owned: Owned | None
    break_even_uses: int | None
    cheaper: Tariff | None
    saves: Money


def advise(
    uses: Sequence[Use],
    period: Interval,
    access: Money,
    ownership: Ownership | None = None,
    alternatives: Sequence[Tariff] = (),
) -> Advice:
    """Compare what one's uses of a product cost in the period with owning it, and with the tariffs one could have."""
    sessions = [use for use in uses if use.kind == "session"]
    with localcontext(EXACT):
        costs = [(_cost(sessions, tariff, access.currency), tariff) for tariff in alternatives]
    best, tariff = min(costs, key=lambda each: each[0], default=(access.minor, None))
    saves = Money(max(0, access.minor - best), access.currency)
    owned = None if ownership is None else ownership.over(period)
    break_even = None
    if owned is not None and access.minor > 0:
        break_even = owned.together.minor * len(sessions) // access.minor + 1
    return Advice(len(sessions), access, owned, break_even, tariff if saves.minor else None, saves)


def _cost(uses: Sequence[Use], tariff: Tariff, currency: str) -> int:
    lines = rate([use.under(tariff) for use in uses])
    return total((line.amount for line in lines), currency).minor
