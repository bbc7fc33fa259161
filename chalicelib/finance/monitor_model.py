"""What a monitor shows: rows of whole numbers, each with those of the month before beside them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from chalicelib.finance.tie import Tie
from chalicelib.kernel.money import shares
from chalicelib.kernel.time import Month

Unit = Literal["money", "seconds", "count"]
Figures = Mapping[str, int]
Key = tuple[str, ...]
NOTHING: Figures = {}

PROFIT, CUSTOMERS, BEHAVIOUR = "profit", "customer-values", "behaviour"
PURCHASES, RECOGNITION = "purchases", "recognition"
MONITORS = (PROFIT, CUSTOMERS, BEHAVIOUR, PURCHASES, RECOGNITION)
CUSTOMER = "customer"
"""The view of customers: its rows come last."""
OF_THE_JOURNAL = ("revenue", "credits", "partner_share", "payment_fees", "promotions", "bad_debt")
"""What of a margin is posted; each is above zero where it earns and below where it costs."""
OF_THE_OPERATION = ("cloud", "upkeep", "depreciation")
"""What of a margin is computed, and in no journal."""
OF_A_MARGIN = (*OF_THE_JOURNAL, *OF_THE_OPERATION)
_MONEY = frozenset(
    {
        *OF_A_MARGIN,
        *("margin", "margin_to_date", "posted_late", "expected", "saved", "amount"),
        *("need", "booked", "accrued", "earlier", "pass_opening", "pass_closing", "recognised"),
        *("opening", "came_in", "used", "paid_back", "closing", "posted", "invoiced", "carried"),
        *("net", "tax", "gross"),
    }
)


def unit_of(figure: str) -> Unit:
    """What the figure counts."""
    if figure in _MONEY:
        return "money"
    return "seconds" if figure.endswith("_s") else "count"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the view `by`. Money is in minor units of `currency`; `before` is the month before, if it had the row.

    `texts` say more of what the row is about; `kept` is what only the next month's monitor reads.
    """

    by: str
    key: str
    currency: str
    figures: Figures
    before: Figures | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, object] = field(default_factory=dict)

    @property
    def place(self) -> Key:
        """Where it stands among the rows of its monitor."""
        return self.by, self.key, self.currency


class Rows(Protocol):
    """A monitor's rows from the first on, or those of a view alone, as often as they are asked for."""

    def __call__(self, by: str | None = None, /) -> Iterator[Row]:
        """As they are in their file."""


def of_view(rows: Iterable[Row], by: str | None = None) -> Iterator[Row]:
    """Those of a view; all of them, where none is named."""
    return iter(rows) if by is None else (row for row in rows if row.by == by)


def compared(row: Row, *, known: bool) -> Row:
    """As it is shown: what a month before that is known did not have was nothing then."""
    return replace(row, before=NOTHING) if known and row.before is None else row


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a monitor's rows: whose they are, what they come to, what ties, and what was stated."""

    monitor: str
    month: Month
    before: Month | None
    rows: int
    totals: Mapping[str, Figures]
    ties: tuple[Tie, ...] = ()
    basis: Mapping[str, str] = field(default_factory=dict)


class Sums:
    """Figures by key. Whatever the order in which they are added, or parts of them put together, they are the same."""

    def __init__(self) -> None:
        self._of: dict[Key, dict[str, int]] = {}

    def add(self, key: Key, figure: str, amount: int) -> None:
        """So much more of a figure."""
        figures = self._of.setdefault(key, {})
        figures[figure] = figures.get(figure, 0) + amount

    def plus_figures(self, key: Key, figures: Figures) -> None:
        """So much more of several."""
        for figure, amount in figures.items():
            self.add(key, figure, amount)

    def plus(self, other: "Sums") -> "Sums":
        """Both together."""
        both = Sums()
        for each in (self, other):
            for key, figures in each.items():
                for figure, amount in figures.items():
                    both.add(key, figure, amount)
        return both

    def of(self, key: Key) -> Figures:
        """The figures of a key."""
        return self._of.get(key, NOTHING)

    def total(self, figure: str) -> int:
        """The figure over all keys."""
        return sum(figures.get(figure, 0) for figures in self._of.values())

    def items(self) -> Iterator[tuple[Key, Figures]]:
        """All, in order of key."""
        return iter(sorted(self._of.items()))

    def __len__(self) -> int:
        return len(self._of)


def totals_of(rows: Iterable[tuple[str, Figures]]) -> dict[str, dict[str, int]]:
    """What figures come to, by currency."""
    sums = Sums()
    for currency, figures in rows:
        for figure, amount in figures.items():
            sums.add((currency,), figure, amount)
    return {currency: dict(sorted(figures.items())) for (currency,), figures in sums.items()}


def spread(whole: int, weights: Mapping[str, int]) -> dict[str, int]:
    """The whole over what weighs something, by largest remainder; over nothing, all of it is nobody's, under ``""``."""
    positive = {name: weight for name, weight in sorted(weights.items()) if weight > 0}
    if not positive:
        return {"": whole}
    return dict(zip(positive, shares(whole, list(positive.values())), strict=True))


class RunningSpread:
    """The whole over weights that come one by one: each part is what the running sum rounds to, less the one before."""

    def __init__(self, whole: int, weight: int) -> None:
        self._whole, self._weight, self._seen, self._given = whole, weight, 0, 0

    def next(self, weight: int) -> int:
        """The next one's part."""
        if not self._weight:
            return 0
        self._seen += weight
        given = self._whole * self._seen // self._weight
        part, self._given = given - self._given, given
        return part
