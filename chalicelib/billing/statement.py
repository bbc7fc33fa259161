"""What an account owes for a month, line by line, as it stands."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.ports import NOTHING_STATED, MonthUsed, Paid, Used
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Month
from chalicelib.rating import RatedLine, Use
from chalicelib.rating.account import rate_account
from chalicelib.rating.best_fare import BestFare

_NOTHING = MonthUsed((), frozenset())


@dataclass(frozen=True, slots=True)
class Statement:
    """A month's rated lines. `open_uses` are still running: their lines may grow, the others are as sealed.

    `fares` are the best fares, with what they saved; `rated_from` is all that the lines were made of.
    """

    account_id: str
    month: Month
    currency: str
    lines: tuple[RatedLine, ...]
    uses: tuple[Use, ...]
    open_uses: frozenset[str]
    rated_from: MonthUsed = _NOTHING
    fares: tuple[BestFare, ...] = ()

    @property
    def total(self) -> Money:
        """The sum of all lines."""
        return total((line.amount for line in self.lines), self.currency)

    @property
    def by_session(self) -> list[tuple[Use, list[RatedLine]]]:
        """Each session with its lines, in order of end."""
        lines: dict[str, list[RatedLine]] = {use.use_id: [] for use in self.uses}
        for line in self.lines:
            lines[line.use_id].append(line)
        return [(use, lines[use.use_id]) for use in self.uses]

    @property
    def by_use(self) -> dict[str, int]:
        """Minor units by session, in order of end."""
        sums: dict[str, int] = {use.use_id: 0 for use in self.uses}
        for line in self.lines:
            sums[line.use_id] += line.amount.minor
        return sums

    @property
    def by_product(self) -> dict[str, int]:
        """Minor units by product (`<partner>:<product>`)."""
        products = {use.use_id: use.tariff.settled_as for use in self.uses}
        sums: dict[str, int] = defaultdict(int)
        for line in self.lines:
            sums[products[line.use_id]] += line.amount.minor
        return dict(sums)


def statement(
    account_id: str,
    month: Month,
    currency: str,
    *,
    used: Used,
    now: datetime,
    paid: Paid = NOTHING_STATED,
    as_rated: bool = False,
) -> Statement:
    """Rate the month with all that shares its caps, and keep what belongs to it.

    `paid` is what earlier months came to where it is known better than from their settlements. `as_rated` is for who
    looks back at a month: it stays in the currency in which it was rated, whichever accounts settle in by now.
    """
    found = used.month(account_id, month, now, paid)
    rated = rate_account(found.uses, found.terms)
    lines = tuple(line for line in rated.lines if line.use_id in found.own)
    currency = lines[0].amount.currency if as_rated and lines else currency
    total((line.amount for line in lines), currency)  # one account, one currency: anything else is refused here
    own = (use for use in found.uses if use.use_id in found.own)
    mine = sorted(own, key=lambda use: (use.open, use.ended_at, use.use_id))
    return Statement(
        account_id=account_id,
        month=month,
        currency=currency,
        lines=lines,
        uses=tuple(mine),
        open_uses=frozenset(use.use_id for use in mine if use.open),
        rated_from=found,
        fares=rated.fares,
    )
