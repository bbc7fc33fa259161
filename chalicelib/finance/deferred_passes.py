"""What of a month's passes is for days after it: a pass is earned day by day, as long as it is good."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from chalicelib.billing.agreement_uses import EndedPass
from chalicelib.billing.model import Settlement
from chalicelib.billing.parts import partner_of
from chalicelib.billing.statement import Statement
from chalicelib.finance.facts import AccountMonth
from chalicelib.kernel.time import Month, local_day
from chalicelib.rating import RatedLine, rate
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


class Deferred(NamedTuple):
    """So much of a pass that was bought in a month is for days after it, until a day."""

    key: str
    until: date
    minor: int


def deferred_passes(each: AccountMonth, month: Month, paid_back: Collection[str] = ()) -> dict[str, dict[str, int]]:
    """By what was bought and until which day, what of the passes that the month states is for days after it.

    Those of a week, and those that were bought for a time. Not one for a number of uses alone, or for ever. Of what is
    named as `paid_back` by later settlements, passes that ended later are deferred as they were bought.
    """
    found: dict[str, Counter[str]] = {}
    uses = {use.use_id: use for use in each.statement.uses}
    sums: Counter[tuple[str, Good]] = Counter()
    later = [one for key in paid_back for one in _of_plan(each, month, key) if _ended_in(one) > month]
    ended = {one.use.use_id for one in later}
    for line, good in _lines(each, uses):
        if line.use_id not in ended:
            sums[line.use_id, good] += line.amount.minor
    stated = [
        Deferred(uses[use_id].tariff.settled_as, good.until, _after(month, _paid(each, use_id, minor), good))
        for (use_id, good), minor in sums.items()
    ]
    for key, until, minor in (*stated, *(_as_bought(one, month) for one in later)):
        if minor:
            found.setdefault(key, Counter())[str(until)] += minor
    return {key: dict(by_day) for key, by_day in found.items()}


def plans_paid_back(stated: Statement, settled: Settlement | None, afterwards: Sequence[Settlement]) -> list[Month]:
    """Months of which less is taken for plans than was at first: earlier ones by this one's settlement, and itself."""
    found = {Month.parse(month) for month, change in (settled.adjusted if settled else {}).items() if _is_less(change)}
    taken = [(key, minor) for key, minor in (settled.charges if settled else {}).items() if is_plan(key)]
    less = any(minor > stated.by_product.get(key, 0) for key, minor in taken)
    if less or any(_is_less(each.adjusted[str(stated.month)]) for each in afterwards):
        found.add(stated.month)
    return sorted(found)


def _is_less(change: Mapping[str, int]) -> bool:
    return any(is_plan(key) and minor < 0 for key, minor in change.items())


def is_plan(key: str) -> bool:
    """Whether what is settled under the name is a plan."""
    return partner_of(key) == OPERATOR


def ended_passes(each: AccountMonth, bought: Month, key: str) -> list[Deferred]:
    """What of passes that were bought in an earlier month and ended in this one was for days after that one."""
    return [_as_bought(one, bought) for one in _of_plan(each, bought, key) if _ended_in(one) == each.month]


def _of_plan(each: AccountMonth, bought: Month, key: str) -> list[EndedPass]:
    """Those that were bought for a time."""
    known = each.ended.get(bought, ())
    return [one for one in known if one.use.tariff.settled_as == key and BOUGHT_S in one.use.quantities]


def _as_bought(ended: EndedPass, month: Month) -> Deferred:
    """What of a pass that was bought in the month was for days after it, as long as nobody knew that it would end."""
    good, minor = _of_bought(ended.use, Decimal(0)), sum(line.amount.minor for line in rate([ended.use]))
    return Deferred(ended.use.tariff.settled_as, good.until, _after(month, minor, good))


def _ended_in(ended: EndedPass) -> Month:
    return Month.of(ended.ended_at, ended.use.tariff.zone)


def _after(month: Month, minor: int, good: Good) -> int:
    return left_of(minor, good.since, good.until, first_of(month.next))


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


def left_at(minor: int, until: date, since: Month, at: Month) -> int:
    """What of an amount that is deferred as a month begins is so still as a later one does, month by month."""
    while since < at:
        minor, since = left_of(minor, first_of(since), until, first_of(since.next)), since.next
    return minor


def first_of(month: Month) -> date:
    """Its first day."""
    return date(month.year, month.number, 1)


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
