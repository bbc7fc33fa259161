"""How subscriptions stand: looked at, never written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.kernel.time import Interval, Month
from chalicelib.subscriptions.life_ports import Needs
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.ports import Plans
from chalicelib.subscriptions.publishing import plan_of
from chalicelib.subscriptions.sleeping import Slept, Standing, slept, standing
from chalicelib.subscriptions.subscription import State, Subscription

_MOMENT = timedelta(microseconds=1)
FURTHEST_BACK = timedelta(days=400)
"""How far back it is looked for what was needed last; what lies before is said as not known."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A subscription with the plan in force and how it stands."""

    subscription: Subscription
    plan: Plan
    standing: Standing


@dataclass(frozen=True, slots=True)
class Looking:
    """What looking needs. Each version of a plan is read once for all that is looked at."""

    plans: Plans
    needs: Needs
    zone: str
    now: datetime
    _known: dict[tuple[str, int], Plan] = field(default_factory=dict)

    def at(self, subscription: Subscription) -> Seen:
        """How it stands now. When something was needed is asked only where a plan sleeps."""
        plan, days = self.plan(subscription), None
        if subscription.state_at(self.now) is State.ACTIVE:
            days = plan.asleep_after_days
        last = None if days is None else self._last_need(subscription, plan, days)
        return Seen(subscription, plan, standing(subscription, plan, last, self.now, self.zone))

    def _last_need(self, subscription: Subscription, plan: Plan, days: int) -> datetime | None:
        """Looked for where it would keep it awake first: what sleeps is looked for further back, once."""
        first = max(subscription.subscribed_at, self.now - FURTHEST_BACK)
        near = max(first, self.now - timedelta(days=days + 2))
        for within in (Interval(near, self.now + _MOMENT), Interval(first, near)):
            found = self.needs.needed(subscription.account_id, plan.fares.keys(), within) if within.length else ()
            if found:
                return max(max(each.start, each.end - _MOMENT) for each in found)
        return None

    def slept(self, subscription: Subscription, month: Month) -> Slept:
        """How often it fell asleep and woke in the month, up to now."""
        plan, within = self.plan(subscription), month.interval(self.zone)
        if plan.asleep_after_days is None:
            return Slept()
        since = max(subscription.subscribed_at, within.start - timedelta(days=plan.asleep_after_days + 2))
        if since >= min(within.end, self.now):
            return Slept()
        found = self.needs.needed(subscription.account_id, plan.fares.keys(), Interval(since, within.end))
        return slept(
            subscription, plan.asleep_after_days, found, Interval(within.start, min(within.end, self.now)), self.zone
        )

    def each(self, subscriptions: Iterable[Subscription]) -> Sequence[Seen]:
        """How each stands."""
        return [self.at(each) for each in subscriptions]

    def plan(self, subscription: Subscription) -> Plan:
        """The plan in force."""
        phase = subscription.phase_at(self.now)
        key = phase.plan_id, phase.plan_version
        if key not in self._known:
            self._known[key] = plan_of(*key, plans=self.plans)
        return self._known[key]
