"""What a tariff adds to its prices: minimums, regret, included uses, caps.

Named tuples, since every door loads them and a data class takes a cold start longer to make.
"""

from typing import Literal, NamedTuple

from chalicelib.kernel.money import Money

Period = Literal["use", "day", "week", "month", "ever"]
"""A stretch over which something is counted. A use belongs to the day, week and month in which it starts."""

PERIODS: tuple[Period, ...] = ("use", "day", "week", "month", "ever")


MEMBERS_USE = "members_use"
"""In a month's minimum, beside its agreement's prices: what the members of the plan used at the plan's fares."""


class Minimum(NamedTuple):
    """At least `amount` per use, or per month of the agreement, for what the prices in `over` charge together."""

    id: str
    period: Period
    amount: Money
    over: tuple[str, ...]


class Regret(NamedTuple):
    """A use that ends within `seconds` costs nothing, at most `times` a month."""

    seconds: int
    times: int


class Allowance(NamedTuple):
    """The first `uses` in each period are free of what the prices in `over` charge."""

    id: str
    period: Period
    uses: int
    over: tuple[str, ...]


class Cap(NamedTuple):
    """No more than `amount` per period for what the prices in `over` charge together."""

    id: str
    period: Period
    amount: Money
    over: tuple[str, ...]
