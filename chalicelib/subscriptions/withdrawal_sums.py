"""What is owed of a fee that recurs, as rating will charge it: in whole minor units, rounded down.

Rating rounds a month of an agreement once, to the nearest unit. What of the last stretch is no whole unit is therefore
not counted: the instant up to which it counts lies at most one unit's time before the withdrawal.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil
from typing import NamedTuple

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, Month

_MOMENT = timedelta(microseconds=1)
_HALF = Fraction(1, 2)


class Piece(NamedTuple):
    """A stretch within one month, and what the whole month costs."""

    price: Money
    within: Interval
    month: Interval

    @property
    def exact(self) -> Fraction:
        """What it comes to, in minor units."""
        return Fraction(self.price.minor * (self.within.length // _MOMENT), self.month.length // _MOMENT)


class Counted(NamedTuple):
    """What is owed, and up to which instant the last stretch counts; None where there is none."""

    owed: int
    until: datetime | None


def months_of(stretch: Interval, zone: str) -> list[tuple[Interval, Interval]]:
    """A stretch cut up by months: each part, and the whole month that it is of."""
    found = []
    start = stretch.start
    while start < stretch.end:
        month = Month.of(start, zone).interval(zone)
        found.append((Interval(start, min(month.end, stretch.end)), month))
        start = found[-1][0].end
    return found


def counted(pieces: Sequence[Piece]) -> Counted:
    """Of all pieces in their order, rounded down together."""
    if not pieces:
        return Counted(0, None)
    months = [list(each) for _, each in groupby(pieces, key=lambda each: each.month)]
    before = sum(int(sum((each.exact for each in month), Fraction()) + _HALF) for month in months[:-1])
    last, others = months[-1][-1], sum((each.exact for each in months[-1][:-1]), Fraction())
    whole = int(sum((each.exact for each in pieces), Fraction()))
    asked = max(0, min(int(others + last.exact), whole - before))
    owed = asked if asked >= others else int(others + _HALF)
    if not last.price.minor:
        return Counted(before + owed, last.within.end)
    needs = max(Fraction(), asked - others) * (last.month.length // _MOMENT) / last.price.minor
    return Counted(before + owed, min(last.within.end, last.within.start + ceil(needs) * _MOMENT))
