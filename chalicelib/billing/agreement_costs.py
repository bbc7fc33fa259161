"""What a subscription has come to by itself, and what an account's own past would have come to under another plan."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.billing.agreement_uses import Agreements, fee_of
from chalicelib.billing.ports import Used
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Interval, Month
from chalicelib.rating import Tariff, Use
from chalicelib.rating.rate import rate
from chalicelib.subscriptions.plan import Plan

TariffOf = Callable[[str, str], Tariff | None]
"""The tariff of a product that goes by a fare's name now; its own, where that is empty."""


class Compared(NamedTuple):
    """What a stretch came to, and what it would have."""

    before: Money
    after: Money


@dataclass(frozen=True, slots=True)
class AgreementCosts:
    """Rates an account's agreements by themselves: what no cap or budget of the account takes off is in it."""

    agreements: Agreements
    zone: str
    currency: str

    def so_far(self, account_id: str, subscription_id: str, since: datetime, now: datetime) -> Money:
        """What all months of the subscription come to, the one that goes on as far as it has come."""
        return self._sum(
            use
            for month in self._months(Interval(since, max(since, now)))
            for use in rated_together(self.agreements.uses(account_id, month, now), subscription_id)
        )

    def compared(
        self, account_id: str, subscription_id: str, plans: tuple[Plan, Plan], within: Interval, *, of: PastOf
    ) -> Compared:
        """The fee, and the uses of products that the plan's versions have at different fares, under either."""
        before, after = plans
        fees = {plan.version: fee_of(plan, self.zone) for plan in plans}
        moved = _moved(before.fares, after.fares)
        sums = [Money.zero(self.currency), Money.zero(self.currency)]
        for month in self._months(within):
            own = rated_together(self.agreements.uses(account_id, month, within.end), subscription_id)
            used = [use for use in of.uses(account_id, month, within.end) if use.product in moved]
            for which, plan in enumerate(plans):
                fee = fees[plan.version]
                priced = [use.under(fee) for use in own] if fee is not None else []
                priced += [use.under(of.tariff(use, plan)) for use in used]
                sums[which] += self._sum(iter(priced))
        return Compared(*sums)
