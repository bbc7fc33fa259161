"""Asleep: nothing is written and nobody is told; it follows from when something was needed last, by rating's rule."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.kernel.time import Interval, local_day, midnight
from chalicelib.rating.sleep import awake_days, falls_asleep_on, is_asleep
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.subscription import State, Subscription

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription stands at an instant, and since when; `since` None: as far back as was looked."""

    state: State
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Slept:
    """How often something fell asleep, and woke by itself."""

    asleep: int = 0
    woken: int = 0


def standing(subscription: Subscription, plan: Plan, last_need: datetime | None, now: datetime, zone: str) -> Standing:
    """Ended, paused, asleep or active.

    It falls asleep at the midnight after as many whole days without need as its plan says, and is asleep from its
    beginning until something is needed: what was never needed costs nothing. The next need wakes it by itself.
    """
    state = subscription.state_at(now)
    if state is State.ENDED:
        over = subscription.ends_at
        return Standing(state, over if over is not None and over <= now else None)
    pause = subscription.rest_at(now)
    if pause is not None:
        return Standing(state, pause.since)
    days = plan.asleep_after_days
    needed_on = None if last_need is None else local_day(last_need, zone)
    if days is None or not is_asleep(local_day(now, zone), needed_on, days):
        return Standing(state, _active_since(subscription, now))
    fell = subscription.subscribed_at if needed_on is None else midnight(falls_asleep_on(needed_on, days), zone)
    return Standing(State.ASLEEP, max(subscription.subscribed_at, fell))


def _active_since(subscription: Subscription, now: datetime) -> datetime:
    """From the last pause that is known here, else from the beginning."""
    pause = subscription.pause
    over = pause.until if pause is not None else None
    return over if over is not None and over <= now else subscription.subscribed_at


def slept(
    subscription: Subscription, after_days: int, needed: Iterable[Interval], within: Interval, zone: str
) -> Slept:
    """How often it fell asleep and woke at the days of the interval, by what was needed in it and before.

    A subscription begins asleep, so that its first need wakes it.
    """
    first, last = local_day(subscription.subscribed_at, zone), local_day(within.end - _MOMENT, zone)
    ends = subscription.ends_at
    last = last if ends is None else min(last, local_day(ends, zone))
    days_needed = {day for each in needed for day in _days(local_day(each.start, zone), _last_day(each, zone))}
    begins = local_day(within.start, zone)
    days = list(_days(max(first, begins - timedelta(days=after_days + 1)), last))
    awake = awake_days(days, days_needed, after_days)
    seen = [day for day in days if day >= begins]
    before = {day: day - _DAY in awake for day in seen}
    asleep = sum(before[day] and day not in awake for day in seen)
    return Slept(asleep, sum(not before[day] and day in awake for day in seen))


def _last_day(needed: Interval, zone: str) -> date:
    return local_day(max(needed.start, needed.end - _MOMENT), zone)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
