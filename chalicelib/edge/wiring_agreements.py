"""What subscriptions, access and billing ask one another, put together from theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.kernel.time import Interval, Month

if TYPE_CHECKING:  # as in wiring
    from datetime import datetime

    from chalicelib.access.member_fare import MemberFare
    from chalicelib.access.ports import Sessions
    from chalicelib.billing.agreement_ports import Needed
    from chalicelib.billing.agreement_uses import SubscriptionUses
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.money import Money
    from chalicelib.kernel.writes import Write
    from chalicelib.metering.ports import Heads
    from chalicelib.subscriptions.difference import Difference
    from chalicelib.subscriptions.living import Act
    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.ports import Plans, Saved
    from chalicelib.subscriptions.subscription import Has, Lived, Phase, Subscription

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FaresOfSubscriptions:
    """Satisfies `access.member_fare.MemberFares`: one query for a quote, and none for a start, which loads nothing."""

    wired: Wiring

    def of(self, account_id: str, customer_id: str, product: str, now: datetime) -> Sequence[MemberFare]:
        """By the phase that holds; a pass that has no uses left gives nothing."""
        from chalicelib.access.member_fare import MemberFare
        from chalicelib.edge.subscription_areas import shown_until_of

        found = []
        for each in (lived.subscription for lived in self.wired.lives.lived(account_id, Interval(now, now + _MOMENT))):
            phase = each.phase_at(now)
            if not each.lets(customer_id, phase.plan, now):
                continue
            plan = self.wired.plans.plan(phase.plan_id, phase.plan_version)
            fare = plan.fares.get(product) if plan is not None else None
            if plan is None or fare is None:
                continue
            shown_until = shown_until_of(self.wired.shows, customer_id, plan.requires, now)
            if shown_until is None or now < shown_until:
                until = min((at for at in (shown_until, _known_until(each, now)) if at is not None), default=None)
                by = (each.subscription_id, customer_id, phase.plan, fare)
                found.append(MemberFare(*by, each.uses_left is not None, plan.requires, until))
        return found

    def starting(self, account_id: str, member_fare: MemberFare) -> Sequence[Write]:
        """One write; of a pass that counts its uses another, by which it is put away once they are all taken."""
        store, has, shown = self.wired.lives, self._has(account_id, member_fare), self._shown(member_fare)
        return (
            [store.using(has), store.looking_at(has), *shown] if member_fare.counts else [store.in_force(has), *shown]
        )

    def reserving(self, account_id: str, member_fare: MemberFare) -> Sequence[Write]:
        """One condition, and one for each thing that the plan requires."""
        return [self.wired.lives.in_force(self._has(account_id, member_fare)), *self._shown(member_fare)]

    def _has(self, account_id: str, by: MemberFare) -> Has:
        from chalicelib.subscriptions.subscription import Has

        return Has(account_id, by.subscription_id, by.customer_id, by.plan, self.wired.now())

    def _shown(self, by: MemberFare) -> Sequence[Write]:
        """What the plan requires is good at the start too."""
        from chalicelib.kernel.requirement import Requirement
        from chalicelib.subscriptions.errors import SubscriptionChanged

        refused, now = (
            SubscriptionChanged(subscription_id=by.subscription_id, requires=list(by.requires)),
            self.wired.now(),
        )
        return [
            self.wired.shows.has_shown(by.customer_id, Requirement.parse(each), now, refused) for each in by.requires
        ]


def _known_until(subscription: Subscription, now: datetime) -> datetime | None:
    """When what holds now will hold no more, as far as that is agreed."""
    pause = subscription.pause
    ends = [subscription.phase_at(now).until, subscription.ends_at, pause.since if pause is not None else None]
    return min((each for each in ends if each is not None and each > now), default=None)


@dataclass(frozen=True, slots=True)
class NeededBySessions:
    """Satisfies `billing.agreement_ports.Needs` out of access."""

    sessions: Sessions
    heads: Callable[[], Heads]
    zone: str

    def needed(self, account_id: str, within: Interval, now: datetime) -> Collection[Needed]:
        """By charge records, and what is open by its evidence."""
        from chalicelib.access.needed import needed_in
        from chalicelib.billing.agreement_ports import Needed

        found = needed_in(account_id, within, now, self.zone, sessions=self.sessions, heads=self.heads())
        return [Needed(*each) for each in found]


@dataclass(frozen=True, slots=True)
class BilledSubscriptions:
    """Satisfies `subscriptions.life_ports.Beside`. Months after those that an act begins follow at each close."""

    sessions: Sessions
    zone: str

    def writes(self, act: Act) -> Sequence[Write]:
        """The account is billed for each month in which something begins to cost by the act, now or as agreed.

        Of a pass that ends early, for the month in which it was bought: as what this month is adjusted by. Of what is
        annulled, for all its months in the same way.
        """
        account, this = act.after.account_id, Month.of(act.at, self.zone)
        if act.after.annulled:
            return [self.sessions.active_in(account, this, *self._months(act.after.subscribed_at, this))]
        if act.ends_a_pass:
            return [self.sessions.active_in(account, this, Month.of(act.after.phase.since, self.zone))]
        months = {Month.of(at, self.zone) for at in act.begins_to_cost()}
        return [self.sessions.active_in(account, each) for each in sorted(months)]

    def _months(self, since: datetime, until: Month) -> Sequence[Month]:
        months = [Month.of(since, self.zone)]
        while months[-1].next < until:
            months.append(months[-1].next)
        return months


@dataclass(frozen=True, slots=True)
class FeesOfSubscriptions:
    """Satisfies `subscriptions.ports.Fees` and `subscriptions.life_ports.ChangeCosts` out of billing."""

    plans: Plans
    uses: SubscriptionUses
    zone: str
    currency: str

    def difference(self, lived: Lived, wished: Phase, now: datetime) -> Difference:  # noqa: ARG002 -- the port has it
        """What the rest of the month in which the wished phase begins costs as agreed, and with it."""
        from chalicelib.billing.agreement_costs import cost_of_phases
        from chalicelib.subscriptions.difference import Difference

        within = Interval(wished.since, Month.of(wished.since, self.zone).interval(self.zone).end)
        cost = partial(cost_of_phases, lived, within=within, plans=self.plans, zone=self.zone, currency=self.currency)
        return Difference(within, cost(lived.phases), cost([wished]))

    def price(self, plan: Plan, seats: int = 1) -> Money | None:
        """As its prices say it; what is due each day counts for thirty of them."""
        from chalicelib.billing.agreement_costs import price_of

        return price_of(plan, seats, self.zone)

    def saved(self, account_id: str, month: Month, now: datetime) -> Mapping[str, Saved]:
        """As the lines of the month's statement say it."""
        from chalicelib.billing.agreement_costs import saved_by_rest
        from chalicelib.subscriptions.ports import Saved

        found = saved_by_rest(self.uses.uses(account_id, month, now), self.currency)
        return {name: Saved(*each) for name, each in found.items()}
