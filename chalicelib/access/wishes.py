"""What customers wish of what is started in their name: what, for how much, how long; and when to be left alone.

Wishes stand beside the limits (`limits`), which are the account's as a whole.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.access.errors import BadWish
from chalicelib.access.limits import Budget, BudgetNow, BudgetPeriod, Spent
from chalicelib.kernel.money import Money

MOST_PRODUCTS = 50
"""So many products can have a budget of their own, and so many may be named that start without asking."""
SHORTEST_STOP, LONGEST_STOP = timedelta(minutes=1), timedelta(days=31)
_PRODUCT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class ProductBudget:
    """What a product may cost on a day and in a month."""

    day: Budget | None = None
    month: Budget | None = None

    def budgets(self) -> Iterator[tuple[BudgetPeriod, Budget]]:
        """Those that are set."""
        for period, budget in ((BudgetPeriod.DAY, self.day), (BudgetPeriod.MONTH, self.month)):
            if budget is not None:
                yield period, budget


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of each day, in the stage's time zone, in which nothing is told that can wait; they may pass midnight."""

    since: time
    until: time

    def over_at(self, now: datetime, zone: str) -> datetime | None:
        """When the quiet that holds now is over; None: none holds. An hour that a clock change leaves out is passed."""
        here = now.astimezone(ZoneInfo(zone))
        for days in (-1, 0):
            day = here.date() + timedelta(days=days)
            begin = datetime.combine(day, self.since, here.tzinfo)
            end_day = day if self.until > self.since else day + timedelta(days=1)
            end = datetime.combine(end_day, self.until, here.tzinfo)
            if begin.timestamp() <= now.timestamp() < end.timestamp():
                return end.astimezone(now.tzinfo)
        return None


@dataclass(frozen=True, slots=True)
class Wishes:
    """All of a customer's. `without_asking` None: whatever it is; else only these start without being confirmed.

    `stop_after` is when a session ends by itself whose customer has said nothing else. `budgets` is by product, as in
    `par_1:bike`.
    """

    budgets: Mapping[str, ProductBudget] = field(default_factory=dict)
    stop_after: timedelta | None = None
    without_asking: frozenset[str] | None = None
    quiet: Quiet | None = None
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, products in (("budgets", self.budgets), ("without_asking", self.without_asking or ())):
            if len(products) > MOST_PRODUCTS:
                raise BadWish(pointer=f"/{name}", reason=f"at most {MOST_PRODUCTS} products")
            wrong = next((each for each in products if not _PRODUCT.fullmatch(each)), None)
            if wrong is not None:
                raise BadWish(pointer=f"/{name}", reason="a product is named as in par_1:bike", product=wrong[:140])
        negative = [key for key, of in self.budgets.items() if any(b.amount.minor < 0 for _, b in of.budgets())]
        if negative:
            raise BadWish(pointer="/budgets", reason="not negative", product=negative[0])
        if self.stop_after is not None and not SHORTEST_STOP <= self.stop_after <= LONGEST_STOP:
            raise BadWish(pointer="/stop_after_minutes", reason="one minute to 31 days")
        if self.quiet is not None and self.quiet.since == self.quiet.until:
            raise BadWish(pointer="/quiet", reason="it begins and ends at different times")

    @property
    def restrict(self) -> bool:
        """Whether a start has to know of them."""
        return bool(self.budgets) or self.stop_after is not None or self.without_asking is not None

    def asks_for(self, product: str) -> bool:
        """Whether a start of the product has to be confirmed."""
        return self.without_asking is not None and product not in self.without_asking


NO_WISHES = Wishes()


def judged_of(product: str, wishes: Wishes, spent: Spent, running: Money, needed: Money) -> Sequence[BudgetNow]:
    """The product's own budgets beside what counts against them; all that runs counts today and this month."""
    own = wishes.budgets.get(product)
    if own is None:
        return ()
    now = (BudgetNow(period, budget, spent.over(period), running, needed) for period, budget in own.budgets())
    return [replace(each, product=product) for each in now]
