"""Withdrawals and announcements put together: what doors ask for, and what the worker goes on with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.billing.plan_comparing import PlanCosts
from chalicelib.catalogue.errors import NoTariff
from chalicelib.catalogue.service import tariff_in_force
from chalicelib.edge.subscription_areas import NeededInSessions, keeping
from chalicelib.rating.errors import NoTariffInForce
from chalicelib.subscriptions.announcing import Announcing
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.withdrawing import Withdrawing

if TYPE_CHECKING:  # as in wiring
    from datetime import datetime

    from chalicelib.billing.credit_ports import Numbers
    from chalicelib.customers.model import Customer
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.money import Money
    from chalicelib.kernel.time import Interval
    from chalicelib.kernel.writes import Commit
    from chalicelib.rating import Tariff
    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.subscription import Subscription


def withdrawing_of(wired: Wiring, now: datetime, commit: Commit, by: Customer) -> Withdrawing:
    """What looks at withdrawals and makes them."""
    kept = keeping(wired, now, commit, by)
    residents = ResidentsOfBills(wired.issuing.numbers)
    costs = CostsByRating(wired, now)
    return Withdrawing(kept, wired.withdrawals, residents, NeededInSessions(wired, now), costs, wired.settings.currency)


def announcing_of(wired: Wiring, now: datetime, commit: Commit) -> Announcing:
    """What announces plans' new versions and tells customers."""
    residents = ResidentsOfBills(wired.issuing.numbers)
    return Announcing(keeping(wired, now, commit), wired.announcements, residents, CostsByRating(wired, now))


@dataclass(frozen=True, slots=True)
class ResidentsOfBills:
    """Satisfies `subscriptions.law_ports.Residents`: the country on an account's bills, else that of who sells."""

    numbers: Numbers

    def country(self, account_id: str) -> str | None:
        """Two reads at most."""
        buyer = self.numbers.buyer(account_id)
        if buyer is not None and buyer.country:
            return buyer.country
        seller = self.numbers.default_seller()
        return seller.country if seller is not None else None


@dataclass(frozen=True, slots=True)
class CostsByRating:
    """Satisfies `subscriptions.law_ports.Costs` and `.Pasts` out of billing and the catalogue."""

    wired: Wiring
    now: datetime

    @property
    def _costs(self) -> PlanCosts:
        settings = self.wired.settings
        return PlanCosts(self.wired.subscribed, settings.zone, settings.currency)

    def price(self, plan: Plan, seats: int, at: datetime) -> Money | None:
        """As rating has it."""
        return self._costs.price(plan, seats, at)

    def so_far(self, subscription: Subscription, now: datetime) -> Money:
        """Its own uses of all its months."""
        named = subscription.account_id, subscription.subscription_id
        return self._costs.so_far(*named, subscription.subscribed_at, now)

    def compared(self, subscription: Subscription, before: Plan, after: Plan, within: Interval) -> Difference:
        """Each month by itself."""
        whose = subscription.account_id, subscription.subscription_id
        found = self._costs.compared(whose, (before, after), within, used=self.wired.used, tariff_of=self._tariff)
        return Difference(within, *found)

    def _tariff(self, product: str, fare: str) -> Tariff | None:
        partner_id, _, product_id = product.partition(":")
        found = self.wired.catalogue.product(partner_id, product_id)
        if found is None:
            return None
        try:
            return tariff_in_force(found, self.now, catalogue=self.wired.catalogue, fare=fare)
        except (NoTariff, NoTariffInForce):
            return None
