"""Who decides the tax in bills: the setting, Stripe, billing's own store and the catalogue put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.edge.wiring_money import MoneyWiring

if TYPE_CHECKING:  # as in wiring
    from chalicelib.billing.comparison_model import Difference
    from chalicelib.billing.tax_ports import TaxedSales, Taxing, TaxProvider
    from chalicelib.billing.tax_recording import Recording
    from chalicelib.kernel.time import Month
    from chalicelib.kernel.writes import Commit

_AN_HOUR = timedelta(hours=1)


class TaxWiring(MoneyWiring):
    """What is known of tax that Stripe decides."""

    @cached_property
    def taxed_sales(self) -> TaxedSales:
        """What Stripe Tax has split."""
        from chalicelib.billing.tax_store import TaxStore

        self._use_tables()
        return TaxStore()

    @cached_property
    def tax_provider(self) -> TaxProvider:
        """Stripe Tax."""
        from chalicelib.billing.stripe_taxes import StripeTaxes

        return StripeTaxes(self._stripe_calls)

    def taxing(self) -> Taxing:
        """Who decides the tax in bills; by our own rates nobody is asked."""
        from chalicelib.billing.tax_splitting import ProviderTaxes
        from chalicelib.edge.tax_supplies import CatalogueSupplies

        provider = self.tax_provider if self.settings.tax_by_stripe else None
        supplies, numbers = CatalogueSupplies(self.catalogue.product), self.issuing.numbers
        return ProviderTaxes(provider, self.taxed_sales, supplies, numbers, self.settings.zone)

    def recording_taxes(self, now: datetime) -> Recording:
        """What recording with Stripe goes by."""
        from chalicelib.billing.tax_recording import Recording

        return Recording(self.taxed_sales, self.tax_provider, now, self.commit)

    def settle_later(self, account_id: str, month: Month) -> None:
        """Have a month settled in the hour after the next, once Stripe may be there again; once for each hour."""
        now = self.now()
        at = now.replace(minute=0, second=0, microsecond=0) + 2 * _AN_HOUR
        self.commit([self.taxed_sales.settling_later(account_id, month, at, now)], None)

    def tax_differences(
        self, account_id: str, noting: Callable[[Difference], Commit], now: datetime
    ) -> Iterable[Difference]:
        """What Stripe Tax reports otherwise than our ledger says."""
        from chalicelib.billing.tax_comparing import TaxComparing, compare_taxes

        if not self.settings.tax_by_stripe:
            return ()
        return compare_taxes(account_id, TaxComparing(self.taxed_sales, self.tax_provider, self.ledger, now, noting))
