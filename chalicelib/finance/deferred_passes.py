"""What of a month's passes is for days after it: a pass is earned day by day, as long as it is good."""

from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from chalicelib.finance.facts import AccountMonth
from chalicelib.kernel.time import Month, local_day
from chalicelib.rating import RatedLine
from chalicelib.rating.model import Use
from chalicelib.rating.once import BOUGHT_S, UNUSED_S

_PASS = "pass"  # noqa: S105 -- a ticket
_BOUGHT = frozenset({"bought_once", "time_paid_back", "uses_paid_back"})
_WEEK, _DAY = 7, 86_400


class Good(NamedTuple):
    """From which day on, and until which it is good no more."""

    since: date
    until: date


def deferred_passes(each: AccountMonth, month: Month) -> dict[str, dict[str, int]]:
    """By what was bought and until which day, what of the passes that the month states is for days after it.

    Those of a week, and those that were bought for a time. Not one for a number of uses alone, or for ever.
    """
    end = date(month.next.year, month.next.number, 1)
    found: dict[str, dict[str, int]] = {}
    uses = {use.use_id: use for use in each.statement.uses}
    for line, good in _lines(each, uses):
        minor = left_of(line.amount.minor, good.since, good.until, end)
        if minor:
            by_day = found.setdefault(uses[line.use_id].tariff.settled_as, {})
            by_day[str(good.until)] = by_day.get(str(good.until), 0) + minor
    return found


def left_of(minor: int, since: date, until: date, at: date) -> int:
    """What of an amount for days from one to another is for those from `at` on, rounded half up."""
    days, left = (until - since).days, (until - max(since, at)).days
    return (2 * minor * left + days) // (2 * days) if left > 0 else 0


def _lines(each: AccountMonth, uses: dict[str, Use]) -> Iterator[tuple[RatedLine, Good]]:
    for line in each.statement.lines:
        if line.code == _PASS and line.facts.get("once_per") == "week":
            yield line, _of_week(line.facts["period"])
        elif line.code in _BOUGHT and BOUGHT_S in uses[line.use_id].quantities:
            yield line, _of_bought(uses[line.use_id])


def _of_week(week: str) -> Good:
    """Of a week, as 2021-W22."""
    year, _, number = week.partition("-W")
    first = date.fromisocalendar(int(year), int(number), 1)
    return Good(first, first + timedelta(days=_WEEK))


def _of_bought(use: Use) -> Good:
    """Of a pass that was bought for a time: from that day on for as many days, or until it was ended before."""
    seconds = use.quantities[BOUGHT_S] - use.quantities.get(UNUSED_S, 0)
    since = local_day(use.started_at, use.tariff.zone)
    return Good(since, since + timedelta(days=max(1, ceil(seconds / _DAY))))
