"""The month's customers: the figures of each, joined with the month before, account by account in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, takewhile
from typing import NamedTuple

from chalicelib.finance.customer_value import Past, Stage, Standing, ValueTerms, past_of, row_of, standing
from chalicelib.finance.monitor_model import CUSTOMER, Figures, Key, Row, RunningSpread, Sums, of_view
from chalicelib.finance.offered import minor_of
from chalicelib.finance.profit import CLOUD, OTHERS, Billed, with_margin
from chalicelib.finance.tallies import Tallies, Who
from chalicelib.kernel.time import Month

BILLED, PAID = "billed:", "paid:"
POSTED_LATE = "posted_late"
OF_ACCOUNTS = ("payment_fees", "promotions", "bad_debt")
_OF_STAGES, _OF_MOVES = ("customers", "margin", "stood", "used_again"), ("customers",)
Before = Callable[[], Iterator[Row]]
"""The rows of the month before, from the first on, as often as they are asked for."""


class Joined(NamedTuple):
    """An account with what is added up for it this month, and what the month before says of it."""

    who: Who
    sums: dict[str, int]
    past: Past | None

    def named(self, prefix: str) -> dict[str, int]:
        """The figures whose names begin so, without it."""
        return {name.removeprefix(prefix): each for name, each in self.sums.items() if name.startswith(prefix) and each}


@dataclass(slots=True)
class Counted:
    """What all customers of a currency come to, by stage, and from which to which they moved."""

    stages: Sums = field(default_factory=Sums)
    moves: Sums = field(default_factory=Sums)


class CustomerBook:
    """Reads the tallies once for what all come to, and again for the rows each time that they are asked for."""

    def __init__(self, month: Month, tallies: Tallies, before: Before, terms: ValueTerms) -> None:
        self._month, self._tallies, self._before, self._terms = month, tallies, before, terms
        self._weights: Figures = {}
        self.counted = Counted()
        self.totals = Sums()
        self.rows = 0

    def count(self, products: Sums, fixed: Sums, weights: Figures) -> None:
        """Add up stages and totals, and give `products` what accounts cost that names none.

        `fixed` are the costs of no customer, by currency: they stand in the row of none. `weights` are what the cloud
        was used for by all of them, by currency.
        """
        self._weights = weights
        for (currency,), figures in fixed.items():
            for figure, minor in figures.items():
                self._tallies.add((OTHERS, currency), figure, minor)
        for each, figures, found in self._standings():
            self._over_products(each, products)
            self._count(each.who, figures, found)

    def cloud(self) -> dict[str, int]:
        """What the cloud costs, by currency of anybody's."""
        return {currency: minor_of(self._weights.get(currency, 0)) for (currency,), _ in self.totals.items()}

    def all(self, by: str | None = None) -> Iterator[Row]:
        """Stages, moves, and a row for each account: the first one, without a name, is of no customer."""
        if by is None:
            return chain(self._counted_rows(), self._customers())
        return self._customers() if by == CUSTOMER else of_view(self._counted_rows(), by)

    def _customers(self) -> Iterator[Row]:
        for each, figures, found in self._standings():
            billed = each.named(BILLED)
            _, currency = each.who
            if found is None:
                yield Row(CUSTOMER, OTHERS, currency, figures, self._none_before(each))
                continue
            stage = self.counted.stages.of((currency, str(found.stage)))
            expected = found.expected(stage.get("used_again", 0), stage.get("stood", 0))
            more = {} if expected is None else {"expected": expected}
            yield row_of(each.who, found, {**figures, **more}, billed, each.past)

    @staticmethod
    def _none_before(each: Joined) -> Figures | None:
        return each.past.figures if each.past else None

    def _counted_rows(self) -> Iterator[Row]:
        """Stages and moves, also those that only the month before had."""
        early = takewhile(lambda row: row.by != CUSTOMER, self._before())
        before: dict[Key, Figures] = {row.place: row.figures for row in early}
        for by, sums, codes in (("move", self.counted.moves, _OF_MOVES), ("stage", self.counted.stages, _OF_STAGES)):
            now: dict[Key, Figures] = {(by, key, currency): figures for (currency, key), figures in sums.items()}
            for place in sorted(now.keys() | {each for each in before if each[0] == by}):
                figures, (_, key, currency) = now.get(place, {}), place
                yield Row(by, key, currency, {code: figures.get(code, 0) for code in codes}, before.get(place))

    def _count(self, who: Who, figures: Figures, found: Standing | None) -> None:
        self.rows += 1
        _, currency = who
        for figure, amount in figures.items():
            self.totals.add((currency,), figure, amount)
        if found is None:
            return
        self.totals.add((currency,), "customers", 1)
        self.totals.add((currency,), "margin_to_date", found.margin_to_date)
        stages, key = self.counted.stages, (currency, str(found.stage))
        stages.add(key, "customers", 1)
        stages.add(key, "margin", figures["margin"])
        if found.was is not None:
            stages.add((currency, str(found.was)), "stood", 1)
            stages.add((currency, str(found.was)), "used_again", int(found.used))
        was = str(found.was) if found.was is not None else ""
        if was != str(found.stage):
            self.counted.moves.add((currency, f"{was}>{found.stage}"), "customers", 1)

    def _over_products(self, each: Joined, products: Sums) -> None:
        costs = [(figure, each.sums[figure]) for figure in OF_ACCOUNTS if each.sums.get(figure)]
        if not costs:
            return
        before = (each.past.billed if each.past else None) or {}
        billed = Billed(self._month, each.named(BILLED), before, each.named(PAID))
        for figure, minor in costs:
            for product, part in billed.by_product(figure, minor).items():
                products.add((each.who[1], product), figure, part)

    def _standings(self) -> Iterator[tuple[Joined, dict[str, int], Standing | None]]:
        """With the figures of each, and where it stands; None of what is of no customer."""
        clouds: dict[str, RunningSpread] = {}
        for each in self._joined():
            account, currency = each.who
            sums = each.sums
            if currency not in clouds:
                weight = self._weights.get(currency, 0)
                clouds[currency] = RunningSpread(-minor_of(weight), weight)
            cloud = clouds[currency].next(sums.get(CLOUD, 0))
            figures = with_margin({**sums, "cloud": cloud})
            if account == OTHERS:
                yield each, figures, None
                continue
            used = sums.get("sessions", 0) > 0 or figures["revenue"] > 0
            late = sums.get(POSTED_LATE, 0)
            found = standing(each.past, self._month, figures["margin"], self._terms, used=used, late=late)
            more = {POSTED_LATE: late} if late else {}
            yield each, {**figures, "sessions": sums.get("sessions", 0), **more}, found

    def _joined(self) -> Iterator[Joined]:
        """This month's and the month before's accounts, each once, in order."""
        before = (row for row in self._before() if row.by == CUSTOMER)
        past = next(before, None)
        for who, sums in self._tallies.items():
            while past is not None and (past.key, past.currency) < who:
                yield Joined((past.key, past.currency), {}, _past_of(past))
                past = next(before, None)
            if past is not None and (past.key, past.currency) == who:
                yield Joined(who, sums, _past_of(past))
                past = next(before, None)
            else:
                yield Joined(who, sums, None)
        while past is not None:
            yield Joined((past.key, past.currency), {}, _past_of(past))
            past = next(before, None)


def _past_of(row: Row) -> Past:
    """Of no customer there are figures alone."""
    return past_of(row) if row.key != OTHERS else Past(Stage.NEVER_USED, figures=row.figures)
