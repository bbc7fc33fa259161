"""What one area asks of others about an account, put together from theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.edge.settings import Settings

if TYPE_CHECKING:  # as in wiring
    from chalicelib.access.ports import Sessions
    from chalicelib.billing.ports import Billed, MonthUsed, Paid
    from chalicelib.catalogue.ports import Catalogue
    from chalicelib.customers.ports import Customers
    from chalicelib.kernel.time import Month
    from chalicelib.kernel.writes import Write
    from chalicelib.metering.ports import Heads
    from chalicelib.subscriptions.ports import Agreements


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """Satisfies `access.ports.Standing`: each area's condition, for the start's one transaction."""

    customers: Customers
    agreements: Agreements
    billed: Billed

    def conditions(self, account_id: str) -> Sequence[Write]:
        """The account is open, its agreement active, its payment in order."""
        return [
            self.customers.account_is_open(account_id),
            self.agreements.is_active(account_id),
            self.billed.can_pay(account_id),
        ]


@dataclass(frozen=True, slots=True)
class UsedByAccounts:
    """Satisfies `billing.ports.Used` out of access."""

    catalogue: Catalogue
    sessions: Sessions
    heads: Heads
    billed: Billed
    settings: Settings

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid | None = None) -> MonthUsed:
        """The uses to be rated together, which of them belong to the month, and the account's terms."""
        from chalicelib.access.uses import month_of_use
        from chalicelib.billing.ports import MonthUsed
        from chalicelib.billing.terms import caps_of, terms_of

        zone, caps = self.settings.zone, caps_of(self.billed.fare_caps(month))
        found = month_of_use(
            account_id,
            month,
            now,
            zone,
            catalogue=self.catalogue,
            sessions=self.sessions,
            heads=self.heads,
            shared=frozenset(cap.period for cap in caps),
        )
        has_ceiling = any(product.ceiling for product in found.products.values())
        terms = terms_of(
            month,
            zone,
            self.settings.currency,
            products=found.products,
            caps=caps,
            earlier=frozenset(use.use_id for use in found.uses) - found.own,
            settled=self.billed.settlements(account_id) if has_ceiling else (),
            catalogue=self.catalogue,
            paid=paid or {},
        )
        return MonthUsed(found.uses, found.own, terms)

    def adjusted_months(self, account_id: str, month: Month) -> Sequence[Month]:
        """Earlier months of which a charge was corrected in this one."""
        return self.sessions.adjusted_months(account_id, month)
