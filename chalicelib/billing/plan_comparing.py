"""What a plan costs, what a subscription has come to, and what an account's past would have come to under another."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.billing.agreement_uses import SubscriptionUses, fee_of
from chalicelib.billing.ports import Used
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Interval, Month
from chalicelib.rating import Need, Tariff, Use, rate
from chalicelib.rating.held import Held, Stretch
from chalicelib.subscriptions.plan import Plan, PlanKind

TariffOf = Callable[[str, str], Tariff | None]
"""What a product (`par_1:bike`) is had at under a fare of that name, or at its own tariff where the name is empty."""


class Compared(NamedTuple):
    """What a stretch comes to under either version of a plan."""

    before: Money
    after: Money


@dataclass(frozen=True, slots=True)
class PlanCosts:
    """Rates plans by themselves: what no cap, ceiling or coupon of the account takes off is in it."""

    subscribed: SubscriptionUses
    zone: str
    currency: str

    def price(self, plan: Plan, seats: int, at: datetime) -> Money | None:
        """Of a pass what it costs once, of any other plan the month in which the instant lies; None without a fee."""
        fee = fee_of(plan, self.zone)
        if fee is None:
            return None
        month = Month.of(at, self.zone).interval(self.zone)
        start, end = (at, at) if plan.kind is PlanKind.PASS else (month.start, month.end)
        needs = (Need(start, end, "in_use"),) if start < end else ()
        held = Held(plan.tariff_id, (Stretch(start, end),) if start < end else (), seats)
        use = Use(plan.tariff_id, fee, start, end, open=False, quantities={}, needs=needs, kind="agreement", held=held)
        return self._sum([use])

    def so_far(self, account_id: str, subscription_id: str, since: datetime, now: datetime) -> Money:
        """What all months of a subscription come to, the one that goes on as far as it has come."""
        months = self._months(Interval(since, max(since, now)))
        return total((self._sum(self._own(account_id, subscription_id, each, now)) for each in months), self.currency)

    def compared(
        self,
        whose: tuple[str, str],
        plans: tuple[Plan, Plan],
        within: Interval,
        *,
        used: Used,
        tariff_of: TariffOf,
    ) -> Compared:
        """The fee, and the uses of products that the two plans have at different fares; `whose` is account and id."""
        moved = _moved(plans[0].fares, plans[1].fares)
        sums = [Money.zero(self.currency), Money.zero(self.currency)]
        for month in self._months(within):
            own = self._own(*whose, month, within.end)
            found = used.month(whose[0], month, within.end) if moved else None
            uses = [use for use in found.uses if use.use_id in found.own and use.product in moved] if found else []
            for which, plan in enumerate(plans):
                fee = fee_of(plan, self.zone)
                priced = [use.under(fee) for use in own] if fee is not None else []
                priced += _under(uses, plan, tariff_of)
                sums[which] += self._sum(priced)
        return Compared(*sums)

    def _own(self, account_id: str, subscription_id: str, month: Month, now: datetime) -> list[Use]:
        uses = self.subscribed.uses(account_id, month, now)
        return [use for use in uses if use.held is not None and use.held.agreement == subscription_id]

    def _months(self, within: Interval) -> Iterator[Month]:
        month = Month.of(within.start, self.zone)
        while month.interval(self.zone).start <= within.end:
            yield month
            month = month.next

    def _sum(self, uses: Iterable[Use]) -> Money:
        return total((line.amount for line in rate(list(uses))), self.currency)


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    return {product for product in {*before, *after} if before.get(product) != after.get(product)}


def _under(uses: Iterable[Use], plan: Plan, tariff_of: TariffOf) -> Iterator[Use]:
    """Each use at what the plan has its product at; one that there is no tariff for stays at its own."""
    for use in uses:
        tariff = tariff_of(use.product, plan.fares.get(use.product, ""))
        yield use if tariff is None else use.under(tariff)
