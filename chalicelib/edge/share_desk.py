"""Tax rates and partners' shares at the finance door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.billing.share_model import StatedRates
from chalicelib.billing.stating import statement_of
from chalicelib.billing.taxing import set_tax_rates
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.routes import get, put
from chalicelib.edge.share_shapes import (
    ShareBody,
    TaxRatesBody,
    rates_of,
    rule_of,
    show_rates,
    show_share,
    show_shares,
)
from chalicelib.edge.statement_shapes import StatementShown, show_statement
from chalicelib.kernel.time import Month
from chalicelib.partners.share_terms import ShareTerms
from chalicelib.partners.sharing import set_share, shares_of

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice


class ShareDesk:
    """Finance says what is included in prices, and what partners have of them."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @put("/v1/partners/{partner_id}/share/{month}", takes=ShareBody, shows=show_share, needs=ACT)
    def put_share(self, call: Call[Staff, ShareBody], partner_id: str, month: str) -> ShareTerms:
        """Agree on a partner's share from a month to come on; it is kept who set it, and what was set before."""
        wired = self._wired
        return set_share(
            partner_id,
            Month.parse(month),
            rule_of(call.body, wired.settings.currency),
            by=call.caller.subject,
            zone=wired.settings.zone,
            partners=wired.partners,
            agreed=wired.shares_agreed,
            now=call.now,
            commit=call.commit,
        )

    @get("/v1/partners/{partner_id}/shares", shows=show_shares, needs=READ)
    def shares(self, _call: Call[Staff, None], partner_id: str) -> list[ShareTerms]:
        """All rules of a partner's share that were ever set, by month and by when that was."""
        return shares_of(partner_id, partners=self._wired.partners, agreed=self._wired.shares_agreed)

    @get("/v1/partners/{partner_id}/statements/{month}", needs=READ)
    def statement(self, _call: Call[Staff, None], partner_id: str, month: str) -> StatementShown:
        """A partner's month as it was stated last; its proofs are those of the account of that id."""
        wired, wanted = self._wired, Month.parse(month)
        stated = statement_of(partner_id, wanted, kept=wired.share_rows)
        return show_statement(stated, wired.payouts.moved(partner_id, wanted))

    @put("/v1/tax-rates/{month}", takes=TaxRatesBody, shows=show_rates, needs=ACT)
    def put_tax_rates(self, call: Call[Staff, TaxRatesBody], month: str) -> StatedRates:
        """State the tax that is in prices, from a month to come on: it splits what is billed and changes no price."""
        stated = rates_of(Month.parse(month), call.body, call.caller.subject, call.now)
        wired = self._wired
        return set_tax_rates(stated, wired.settings.zone, kept=wired.share_rows, now=call.now, commit=call.commit)

    @get("/v1/tax-rates/{month}", shows=show_rates, needs=READ)
    def tax_rates(self, _call: Call[Staff, None], month: str) -> StatedRates | None:
        """The tax in the prices of a month."""
        return self._wired.share_rows.stated_rates(Month.parse(month))
