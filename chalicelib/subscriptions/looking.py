"""How subscriptions stand: looked at, never written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.kernel.time import Interval
from chalicelib.subscriptions.life_ports import Needs
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.ports import Plans
from chalicelib.subscriptions.publishing import plan_of
from chalicelib.subscriptions.sleeping import Standing, standing
from chalicelib.subscriptions.subscription import State, Subscription

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
        """How it stands now. When something was needed last is asked only where a plan sleeps."""
        plan = self.plan(subscription)
        last = None
        sleeps = plan.asleep_after_days is not None
        if sleeps and subscription.stored_state(self.now) is State.ACTIVE:
            since = max(subscription.subscribed_at, self.now - FURTHEST_BACK)
            last = self.needs.last_needed(subscription.account_id, plan.fares.keys(), Interval(since, self.now))
        return Seen(subscription, plan, standing(subscription, plan, last, self.now, self.zone))

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
