"""Sleep: what is not needed for a number of days costs nothing until it is needed again."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta


def awake_days(
    days: Iterable[date], needed: Collection[date], after_days: int, last_need_on: date | None = None
) -> set[date]:
    """Which of the days, in their order, are awake: those with need, and `after_days` days after the last of them.

    With 0 only days with shown need are awake. `last_need_on` is the last need before the first of the days.
    """
    last = last_need_on
    awake: set[date] = set()
    for day in days:
        last = day if day in needed else last
        if last is not None and (day - last).days <= after_days:
            awake.add(day)
    return awake


def falls_asleep_on(last_need_on: date, after_days: int) -> date:
    """The first day asleep if nothing is needed before it."""
    return last_need_on + timedelta(days=after_days + 1)


def is_asleep(on: date, last_need_on: date | None, after_days: int) -> bool:
    """Whether an agreement sleeps on the day; one that was never needed does."""
    return last_need_on is None or on >= falls_asleep_on(last_need_on, after_days)
