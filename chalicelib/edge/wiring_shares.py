"""What billing asks about tax and partners' shares, put together from billing's own store and from partners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in wiring
    from chalicelib.billing.share_model import ShareRow
    from chalicelib.billing.share_ports import ShareRows
    from chalicelib.kernel.time import Month
    from chalicelib.kernel.writes import Write
    from chalicelib.partners.share_ports import SharesAgreed
    from chalicelib.rating.figures import TaxRates
    from chalicelib.rating.share import ShareRule


@dataclass(frozen=True, slots=True)
class SharedWithPartners:
    """Satisfies `billing.share_ports.Shared`; each rate and rule is read once for the act that it is made for."""

    kept: ShareRows
    agreed: SharesAgreed
    _rates: dict[Month, TaxRates] = field(default_factory=dict)
    _rules: dict[tuple[str, Month], ShareRule | None] = field(default_factory=dict)

    def tax_rates(self, month: Month) -> TaxRates:
        """As they were stated; none as long as none were."""
        from chalicelib.rating.figures import TaxRates

        if month not in self._rates:
            found = self.kept.stated_rates(month)
            self._rates[month] = found.rates if found is not None else TaxRates()
        return self._rates[month]

    def rule(self, partner_id: str, month: Month) -> ShareRule | None:
        """As it was set last before the month began."""
        key = (partner_id, month)
        if key not in self._rules:
            found = self.agreed.share_terms(partner_id, month)
            self._rules[key] = found.rule if found is not None else None
        return self._rules[key]

    def saving_row(self, row: ShareRow) -> Write:
        """Billing's own."""
        return self.kept.saving_row(row)
