"""How subscriptions moved, by month and plan, as their acts say it: what a count goes up by with each act."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.time import Month
from chalicelib.subscriptions.living import Act
from chalicelib.subscriptions.subscription import Pause, Phase, Subscription


class Moved(StrEnum):
    """From one state into another. What falls asleep and wakes by itself is in no act, and so not among these."""

    NEW = "new"
    CHANGED = "changed"
    PAUSED = "paused"
    WOKEN = "woken"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, order=True)
class Counted:
    """What is counted: a move in a month, under the plan that held then (of a change the new one)."""

    month: Month
    plan_id: str
    move: Moved


def counts_of(act: Act, zone: str) -> dict[Counted, int]:
    """By how much an act changes each count: also of months to come, and down where it calls off what was to come."""
    counts = Counter(_facts(act.after, act.over, zone))
    counts.subtract(Counter(_facts(act.before, (), zone)) if act.before is not None else {})
    return {each: many for each, many in sorted(counts.items()) if many}


def recounted(subscription: Subscription, over: Iterable[Phase | Pause], zone: str) -> dict[Counted, int]:
    """The same from a whole life, of which `over` is all that is over."""
    return dict(Counter(_facts(subscription, tuple(over), zone)))


def _facts(subscription: Subscription, over: tuple[Phase | Pause, ...], zone: str) -> Iterable[Counted]:
    phases = [each for each in over if isinstance(each, Phase)] + [subscription.phase]
    phases += [subscription.next_phase] if subscription.next_phase is not None else []
    pauses = [each for each in over if isinstance(each, Pause) and not each.lapsed]
    pauses += [subscription.pause] if subscription.pause is not None else []

    def counted(at: datetime, move: Moved) -> Counted:
        holding = [each for each in phases if each.since <= at] or phases[:1]
        return Counted(Month.of(at, zone), holding[-1].plan_id, move)

    for phase in phases:
        move = Moved.NEW if phase.since == subscription.subscribed_at else Moved.CHANGED
        yield Counted(Month.of(phase.since, zone), phase.plan_id, move)
    for pause in pauses:
        yield counted(pause.since, Moved.PAUSED)
        if pause.until is not None and pause.until != subscription.ended_at:
            yield counted(pause.until, Moved.WOKEN)
    if subscription.ends_at is not None:
        yield Counted(Month.of(subscription.ends_at, zone), phases[-1].plan_id, Moved.ENDED)
