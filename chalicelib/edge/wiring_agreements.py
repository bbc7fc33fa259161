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
    from chalicelib.kernel.writes import Write
    from chalicelib.metering.ports import Heads
    from chalicelib.subscriptions.life_ports import Difference
    from chalicelib.subscriptions.living import Act
    from chalicelib.subscriptions.ports import Lives, Plans, Saved
    from chalicelib.subscriptions.subscription import Lived, Phase, Subscription

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FaresOfSubscriptions:
    """Satisfies `access.member_fare.MemberFares`: one query for a quote, and none for a start, which loads nothing."""

    wired: Wiring

    def of(self, account_id: str, customer_id: str, product: str, now: datetime) -> Sequence[MemberFare]:
        """By the phase that holds; a pass that has no uses left gives nothing."""
        from chalicelib.access.member_fare import MemberFare
        from chalicelib.subscriptions.subscription import State

        found = []
        for each in (lived.subscription for lived in self.wired.lives.lived(account_id, Interval(now, now + _MOMENT))):
            takes_part = customer_id in each.members and each.uses_left != 0
            if not takes_part or each.stored_state(now) is not State.ACTIVE:
                continue
            phase = each.phase_at(now)
            plan = self.wired.plans.plan(phase.plan_id, phase.plan_version)
            fare = plan.fares.get(product) if plan is not None else None
            if fare is not None:
                counts, until = each.uses_left is not None, _known_until(each, now)
                found.append(MemberFare(each.subscription_id, each.revision, fare, counts, until))
        return found

    def starting(self, account_id: str, member_fare: MemberFare) -> Sequence[Write]:
        """One write."""
        store, what = self.wired.lives, (account_id, member_fare.subscription_id, member_fare.revision)
        return [store.using(*what) if member_fare.counts else store.in_force(*what)]

    def reserving(self, account_id: str, member_fare: MemberFare) -> Sequence[Write]:
        """One condition."""
        return [self.wired.lives.in_force(account_id, member_fare.subscription_id, member_fare.revision)]


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
    """Satisfies `subscriptions.life_ports.Beside`: whatever an act changes is billed with the month that it is in."""

    sessions: Sessions
    zone: str

    def writes(self, act: Act) -> Sequence[Write]:
        """The account is looked at when this month is closed, and those at which something was agreed to begin.

        A pass that ends early is paid back in the month in which it was bought; what is annulled, in all that it had.
        """
        after, this = act.after, Month.of(act.at, self.zone)
        pause, upcoming = after.pause, after.next_phase
        agreed = [pause.until if pause is not None else None, upcoming.since if upcoming is not None else None]
        later = {Month.of(each, self.zone) for each in agreed if each is not None} - {this}
        account = after.account_id
        marked = [self.sessions.active_in(account, this, self._bought_in(act), *self._annulled(act, this))]
        return [*marked, *(self.sessions.active_in(account, each) for each in sorted(later))]

    def _annulled(self, act: Act, this: Month) -> Sequence[Month]:
        months = []
        month = Month.of(act.after.subscribed_at, self.zone)
        while act.after.annulled and month < this:
            months.append(month)
            month = month.next
        return months

    def _bought_in(self, act: Act) -> Month | None:
        before, after = act.before, act.after
        ends = before is not None and before.ended_at is None and after.ended_at is not None
        early = before is not None and before.phase.until != after.ended_at
        return Month.of(after.phase.since, self.zone) if after.is_pass and ends and early else None


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
        from chalicelib.subscriptions.life_ports import Difference

        within = Interval(wished.since, Month.of(wished.since, self.zone).interval(self.zone).end)
        cost = partial(cost_of_phases, lived, within=within, plans=self.plans, zone=self.zone, currency=self.currency)
        return Difference(within, cost(lived.phases), cost([wished]))

    def saved(self, account_id: str, month: Month, now: datetime) -> Mapping[str, Saved]:
        """As the lines of the month's statement say it."""
        from chalicelib.billing.agreement_costs import saved_by_rest
        from chalicelib.subscriptions.ports import Saved

        found = saved_by_rest(self.uses.uses(account_id, month, now), self.currency)
        return {name: Saved(*each) for name, each in found.items()}
