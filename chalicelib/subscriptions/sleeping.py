"""Asleep: nothing is written and nobody is told; it follows from when something was needed last, by rating's rule."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.kernel.time import local_day, midnight
from chalicelib.rating.sleep import falls_asleep_on, is_asleep
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.subscription import State, Subscription


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription stands at an instant, and since when; `since` None: as far back as was looked."""

    state: State
    since: datetime | None


def standing(subscription: Subscription, plan: Plan, last_need: datetime | None, now: datetime, zone: str) -> Standing:
    """Ended, paused, asleep or active.

    It falls asleep at the midnight after as many whole days without need as its plan says, and is asleep from its
    beginning until something is needed: what was never needed costs nothing. The next need wakes it by itself.
    """
    state = subscription.stored_state(now)
    if state is State.ENDED:
        return Standing(state, subscription.ends_at)
    pause = subscription.pause_at(now)
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
