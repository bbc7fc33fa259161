"""A tariff tried on past or stated usage, customer by customer, without writing anything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from chalicelib.kernel.money import CurrencyMismatch, Money, total
from chalicelib.rating.account import NO_TERMS, AccountTerms, rate_account
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Price, Tariff, Use
from chalicelib.rating.rate import rate


@dataclass(frozen=True, slots=True)
class Past:
    """A customer's uses, and what was billed for them; None where nothing was: then their own tariffs tell.

    `own` names the uses that count; the others only fill the same caps. `tried` names those that go by the tried
    tariff; the others keep their own. None says: all of them. `terms` are what else the account has.
    """

    customer: str
    uses: Sequence[Use]
    billed: Money | None = None
    own: frozenset[str] | None = None
    settled: bool = True
    tried: frozenset[str] | None = None
    terms: AccountTerms = NO_TERMS

    def under(self, tariff: Tariff) -> list[Use]:
        """Its uses, with those that are tried under the tariff."""
        if self.tried is None:
            return [use.under(tariff) for use in self.uses]
        return [use.under(tariff) if use.use_id in self.tried else use for use in self.uses]


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the customer was billed (None where nothing is compared), and what it would have been."""

    customer: str
    billed: Money | None
    would_be: Money
    lines: tuple[RatedLine, ...]
    uses: int = 0
    settled: bool = True

    @property
    def difference(self) -> Money | None:
        """Below zero for who gains."""
        return None if self.billed is None else self.would_be - self.billed


def simulate(customers: Iterable[Past], tariff: Tariff, *, compare: bool = True) -> Iterator[Simulated]:
    """Rate each customer's uses by the tariff, one customer after the other: nothing is kept."""
    for past in customers:
        billed = past.billed
        if billed is None and compare:
            billed = _sum(_lines(past, past.uses), tariff.currency)
        lines = _lines(past, past.under(tariff))
        count = len(past.uses) if past.own is None else len(past.own)
        yield Simulated(past.customer, billed, _sum(lines, tariff.currency), lines, count, past.settled)


def _lines(past: Past, uses: Sequence[Use]) -> tuple[RatedLine, ...]:
    lines = rate(uses) if past.terms is NO_TERMS else rate_account(uses, past.terms).lines
    return lines if past.own is None else tuple(line for line in lines if line.use_id in past.own)


def _sum(lines: Iterable[RatedLine], currency: str) -> Money:
    return total((line.amount for line in lines), currency)


@dataclass
class Summary:
    """Totals over all customers, and those who gain and lose the most; its size does not grow with their number."""

    currency: str
    top: int = 10
    customers: int = 0
    compared: int = 0
    winners: int = 0
    losers: int = 0
    not_settled: int = 0
    billed_minor: int = 0
    would_be_minor: int = 0
    _gains: list[tuple[int, str]] = field(default_factory=list)
    _losses: list[tuple[int, str]] = field(default_factory=list)

    def add(self, simulated: Simulated) -> None:
        """Take one customer in."""
        would_be = simulated.would_be
        if would_be.currency != self.currency:
            raise CurrencyMismatch(one=self.currency, other=would_be.currency)
        self.customers += 1
        self.would_be_minor += would_be.minor
        self.not_settled += not simulated.settled
        if simulated.billed is not None:
            self._compare(simulated.customer, simulated.billed, (would_be - simulated.billed).minor)

    def _compare(self, customer: str, billed: Money, difference: int) -> None:
        self.compared += 1
        self.billed_minor += billed.minor
        self.winners += difference < 0
        self.losers += difference > 0
        if difference:
            ranked = self._gains if difference < 0 else self._losses
            entry = (abs(difference), customer)
            if len(ranked) < self.top:
                heappush(ranked, entry)
            else:
                heappushpop(ranked, entry)

    @property
    def billed(self) -> Money:
        """What was billed to all who are compared."""
        return Money(self.billed_minor, self.currency)

    @property
    def unchanged(self) -> int:
        """How many would have paid the same."""
        return self.compared - self.winners - self.losers

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


@dataclass
class Heard:
    """What usage has told about a tariff's meters, needs and agreements; its size does not grow with the usage."""

    tariff: Tariff
    meters: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    needs: bool = False

    def hear(self, uses: Iterable[Use]) -> None:
        """Take the uses in."""
        declared = {meter.name for meter in self.tariff.meters}
        for use in uses:
            self.meters |= declared & use.quantities.keys()
            self.kinds.add(use.kind)
            self.needs = self.needs or bool(use.needs)

    @property
    def meters_not_used(self) -> tuple[str, ...]:
        """The tariff's meters that no use says anything about: on these a simulation cannot tell."""
        return tuple(meter.name for meter in self.tariff.meters if meter.name not in self.meters)

    @property
    def prices_not_tried(self) -> tuple[str, ...]:
        """The prices that had nothing to be applied to: no value of their meter, no need, no agreement."""
        return tuple(price.id for price in self.tariff.prices if not self._tried(price))

    def _tried(self, price: Price) -> bool:
        meter: Meter | None = getattr(price, "meter", None)
        told = self.needs if price.kind == "need" else meter is None or meter.name in self.meters
        return told and price.applies_to in self.kinds


def hearing(customers: Iterable[Past], heard: Heard) -> Iterator[Past]:
    """The same customers, listened to as they pass by."""
    for past in customers:
        heard.hear(past.uses if past.tried is None else [use for use in past.uses if use.use_id in past.tried])
        yield past


def meters_not_used(uses: Iterable[Use], tariff: Tariff) -> tuple[str, ...]:
    """The tariff's meters that the usage says nothing about: on these a simulation cannot tell."""
    heard = Heard(tariff)
    heard.hear(uses)
    return heard.meters_not_used
