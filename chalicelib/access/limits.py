"""Limits that customers set themselves: how many sessions at once, and what a day and a month may cost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.access.errors import BadLimit
from chalicelib.kernel.money import Money

MOST_OPEN = 100
"""A customer can allow themselves so many sessions at once."""
LEFT_ALONE = timedelta(minutes=30)
"""What was reserved and not started is not reserved again by the same customer for so long."""
MOST_RESERVED = 10
"""So many things are reserved for a customer at once, and no more than sessions that they allow themselves."""


class BudgetPeriod(StrEnum):
    """Over what a budget counts, in the stage's time zone."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a day or a month may cost. A hard one refuses and ends; of a soft one the customer is told.

    One that is `own` is not the account's, but its member's own.
    """

    amount: Money
    hard: bool = True
    own: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a customer has set; None: no limit."""

    most_open: int | None = None
    day: Budget | None = None
    month: Budget | None = None

    def __post_init__(self) -> None:
        if self.most_open is not None and not 0 <= self.most_open <= MOST_OPEN:
            raise BadLimit(pointer="/most_open", reason=f"0 to {MOST_OPEN}")
        for period, budget in self.budgets():
            if budget.amount.minor < 0:
                raise BadLimit(pointer=f"/{period}/amount", reason="not negative")

    def budgets(self) -> Iterator[tuple[BudgetPeriod, Budget]]:
        """Those that are set."""
        for period, budget in ((BudgetPeriod.DAY, self.day), (BudgetPeriod.MONTH, self.month)):
            if budget is not None:
                yield period, budget


@dataclass(frozen=True, slots=True)
class LimitsNow:
    """An account's limits, what is open and reserved under them, and the turn, which each of these moves.

    `wished` says that the customer has wishes that a start has to know of, `set_at` when limits of any kind were set,
    and `set_turn` the turn that this was.
    """

    limits: Limits = Limits()
    opened: frozenset[str] = frozenset()
    turn: int = 0
    reserved: frozenset[str] = frozenset()
    wished: bool = False
    set_at: datetime | None = None
    set_turn: int = 0


@dataclass(frozen=True, slots=True)
class OwnNow:
    """What a member's own day and month may cost the account, and the turn, which each start under it moves.

    Nobody moves the turn of who can start nothing: they have none.
    """

    limits: Limits
    turn: int | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What something of an account comes to on a day and in its month: what has ended, or what may come."""

    day: Money
    month: Money

    def over(self, period: BudgetPeriod) -> Money:
        """What they come to over that."""
        return self.day if period is BudgetPeriod.DAY else self.month


@dataclass(frozen=True, slots=True)
class BudgetNow:
    """A budget as it stands: what ended sessions came to, what may still come, and whether a start fits in.

    With a `product` it is that product's own.
    """

    period: BudgetPeriod
    budget: Budget
    spent: Money
    running: Money
    needed: Money
    product: str | None = None

    @property
    def name(self) -> str:
        """What it is called where it is passed; a member's own with `own_` before it."""
        if self.product is not None:
            return f"product_{self.period}"
        return f"own_{self.period}" if self.budget.own else str(self.period)

    @property
    def left(self) -> Money:
        """What is not used up; never below zero."""
        used = self.spent + self.running
        return Money(max(0, self.budget.amount.minor - used.minor), used.currency)

    @property
    def fits(self) -> bool:
        """Whether what is needed is left."""
        return self.needed <= self.left


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an account's limits say of a start: where they stand, and its budgets; and what its wishes do.

    `confirm` is that its customer wants to be asked first, `stop_after` when it ends unless something else is said.
    """

    now: LimitsNow
    budgets: tuple[BudgetNow, ...] = ()
    own_turn: int | None = None
    confirm: bool = False
    stop_after: timedelta | None = None

    @property
    def over(self) -> str | None:
        """The first hard budget that would be passed."""
        return next((each.name for each in self.budgets if each.budget.hard and not each.fits), None)

    def with_own(self, own: "Allowance", turn: int | None) -> "Allowance":
        """The account's limits and the member's own beside them."""
        return replace(self, budgets=(*self.budgets, *own.budgets), own_turn=turn)

    @property
    def warns(self) -> tuple[str, ...]:
        """The soft budgets that would be passed."""
        return tuple(each.name for each in self.budgets if not each.budget.hard and not each.fits)

    @property
    def bound(self) -> Money | None:
        """What the session may come to before it ends by itself: the least that a hard budget has left."""
        left = [each.left for each in self.budgets if each.budget.hard]
        return min(left, key=lambda amount: amount.minor) if left else None


def judged(now: LimitsNow, spent: Spent, running: Spent, needed: Money) -> Allowance:
    """Each budget beside what counts against it."""
    budgets = (
        BudgetNow(each, set_to, spent.over(each), running.over(each), needed) for each, set_to in now.limits.budgets()
    )
    return Allowance(now, tuple(budgets))
