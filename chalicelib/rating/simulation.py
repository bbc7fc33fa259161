"""A tariff tried on past or stated usage, customer by customer, without writing anything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from chalicelib.kernel.money import Money, total
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Tariff, Use
from chalicelib.rating.rate import rate


@dataclass(frozen=True, slots=True)
class Past:
    """A customer's uses, and what was billed for them; None where nothing was: then their own tariffs tell."""

    customer: str
    uses: Sequence[Use]
    billed: Money | None = None


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the customer was billed, and what it would have been."""

    customer: str
    billed: Money
    would_be: Money
    lines: tuple[RatedLine, ...]

    @property
    def difference(self) -> Money:
        """Below zero for who gains."""
        return self.would_be - self.billed


def simulate(customers: Iterable[Past], tariff: Tariff) -> Iterator[Simulated]:
    """Rate each customer's uses by the tariff, one customer after the other: nothing is kept."""
    for past in customers:
        billed = past.billed if past.billed is not None else _sum(rate(past.uses), tariff.currency)
        lines = rate([use.under(tariff) for use in past.uses])
        yield Simulated(past.customer, billed, _sum(lines, tariff.currency), lines)


def _sum(lines: Iterable[RatedLine], currency: str) -> Money:
    return total((line.amount for line in lines), currency)


@dataclass
class Summary:
    """Totals over all customers, and those who gain and lose the most; its size does not grow with their number."""

    currency: str
    top: int = 10
    customers: int = 0
    winners: int = 0
    losers: int = 0
    billed_minor: int = 0
    would_be_minor: int = 0
    _gains: list[tuple[int, str]] = field(default_factory=list)
    _losses: list[tuple[int, str]] = field(default_factory=list)

    def add(self, simulated: Simulated) -> None:
        """Take one customer in."""
        difference = simulated.difference.minor
        self.customers += 1
        self.billed_minor += simulated.billed.minor
        self.would_be_minor += simulated.would_be.minor
        self.winners += difference < 0
        self.losers += difference > 0
        if difference:
            ranked = self._gains if difference < 0 else self._losses
            entry = (abs(difference), simulated.customer)
            if len(ranked) < self.top:
                heappush(ranked, entry)
            else:
                heappushpop(ranked, entry)

    @property
    def billed(self) -> Money:
        """What was billed to all."""
        return Money(self.billed_minor, self.currency)

    @property
    def would_be(self) -> Money:
        """What all would have been billed."""
        return Money(self.would_be_minor, self.currency)

    @property
    def largest_gains(self) -> list[tuple[str, Money]]:
        """Who would have paid how much less, the largest first."""
        return [(customer, Money(minor, self.currency)) for minor, customer in sorted(self._gains, reverse=True)]

    @property
    def largest_losses(self) -> list[tuple[str, Money]]:
        """Who would have paid how much more, the largest first."""
        return [(customer, Money(minor, self.currency)) for minor, customer in sorted(self._losses, reverse=True)]


def meters_not_used(uses: Iterable[Use], tariff: Tariff) -> tuple[str, ...]:
    """The tariff's meters that the usage says nothing about: on these a simulation cannot tell."""
    known = {name for use in uses for name in use.quantities}
    return tuple(meter.name for meter in tariff.meters if meter.name not in known)
