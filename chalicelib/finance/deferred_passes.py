"""What of a month's passes is for days after it: a pass is earned day by day, as long as it is good."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from chalicelib.billing.model import Settlement
from chalicelib.billing.parts import partner_of
from chalicelib.billing.statement import Statement
from chalicelib.finance.facts import AccountMonth
from chalicelib.kernel.time import Month, local_day
from chalicelib.rating import RatedLine
from chalicelib.rating.model import OPERATOR, Use
from chalicelib.rating.once import BOUGHT_S, UNUSED_S

_PASS = "pass"  # noqa: S105 -- a ticket
_BOUGHT_ONCE = "bought_once"
_BOUGHT = frozenset({_BOUGHT_ONCE, "time_paid_back", "uses_paid_back"})
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
    sums: Counter[tuple[str, Good]] = Counter()
    for line, good in _lines(each, uses):
        sums[line.use_id, good] += line.amount.minor
    for (use_id, good), minor in sums.items():
        deferred = left_of(_paid(each, use_id, minor), good.since, good.until, end)
        if deferred:
            by_day = found.setdefault(uses[use_id].tariff.settled_as, {})
            by_day[str(good.until)] = by_day.get(str(good.until), 0) + deferred
    return found


def plans_corrected(settled: Settlement | None) -> list[Month]:
    """Earlier months of which the settlement corrected what plans cost: the operator's own products."""
    changes = settled.adjusted.items() if settled is not None else ()
    return [Month.parse(month) for month, change in changes if any(is_plan(key) for key in change)]


def is_plan(key: str) -> bool:
    """Whether what is settled under the name is a plan."""
    return partner_of(key) == OPERATOR


def ended_passes(stated: Statement, month: Month) -> dict[str, dict[str, int]]:
    """By plan and day, what of passes that an earlier month states and that have ended was deferred beyond this month.

    The day is the one until which each was good before. They are those that were ended in this month, unless the same
    account bought the same plan twice in a month and ended each in another one.
    """
    end = date(month.next.year, month.next.number, 1)
    uses = {use.use_id: use for use in stated.uses if use.quantities.get(UNUSED_S)}
    found: dict[str, dict[str, int]] = {}
    for line in stated.lines:
        if line.code == _BOUGHT_ONCE and line.use_id in uses:
            use = uses[line.use_id]
            good = _of_bought(use, Decimal(0))
            deferred = left_of(line.amount.minor, good.since, good.until, end)
            if deferred:
                by_day = found.setdefault(use.tariff.settled_as, {})
                by_day[str(good.until)] = by_day.get(str(good.until), 0) + deferred
    return found


def _paid(each: AccountMonth, use_id: str, minor: int) -> int:
    """Of a pass what is left of its price where a cap or a ceiling left less of all of its use, rounded half up."""
    cost = each.statement.by_use[use_id]
    lines = [line for line in each.statement.lines if line.use_id == use_id]
    before = minor + sum(line.amount.minor for line in lines if line.kind == "charge" and not _is_of_pass(line))
    if cost >= before:
        return minor
    return (2 * minor * cost + before) // (2 * before) if cost > 0 else 0


def left_of(minor: int, since: date, until: date, at: date) -> int:
    """What of an amount for days from one to another is for those from `at` on, rounded half up."""
    days, left = (until - since).days, (until - max(since, at)).days
    return (2 * minor * left + days) // (2 * days) if left > 0 else 0


def _lines(each: AccountMonth, uses: dict[str, Use]) -> Iterator[tuple[RatedLine, Good]]:
    for line in each.statement.lines:
        if not _is_of_pass(line):
            continue
        if line.code == _PASS and line.facts.get("once_per") == "week":
            yield line, _of_week(line.facts["period"], uses[line.use_id])
        elif line.code in _BOUGHT and BOUGHT_S in uses[line.use_id].quantities:
            use = uses[line.use_id]
            yield line, _of_bought(use, use.quantities.get(UNUSED_S, Decimal(0)))


def _is_of_pass(line: RatedLine) -> bool:
    return line.code == _PASS or line.code in _BOUGHT


def _of_week(week: str, use: Use) -> Good:
    """Of a week, as 2021-W22: from the day of the use with which it was bought until the week is over."""
    year, _, number = week.partition("-W")
    first = date.fromisocalendar(int(year), int(number), 1)
    bought = local_day(use.started_at, use.tariff.zone)
    return Good(min(max(first, bought), first + timedelta(days=_WEEK - 1)), first + timedelta(days=_WEEK))


def _of_bought(use: Use, unused: Decimal) -> Good:
    """Of a pass that was bought for a time: from that day on for as many days, less those that were not used."""
    since = local_day(use.started_at, use.tariff.zone)
    return Good(since, since + timedelta(days=max(1, ceil((use.quantities[BOUGHT_S] - unused) / _DAY))))
