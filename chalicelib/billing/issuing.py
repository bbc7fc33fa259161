"""The document that takes along all that an account's settlements have left: an invoice, or a credit note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing import differences
from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.model import Invoice, InvoiceLine, Settlement
from chalicelib.billing.paper_model import Paper
from chalicelib.billing.paper_taxes import adding_up, rows_of, taxes_due
from chalicelib.billing.share_rows import shares_due
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month


@dataclass(frozen=True, slots=True)
class Taking:
    """What is taken: the settlement that takes it, the lines that say of what, and what was settled before."""

    settlement: Settlement
    lines: Sequence[InvoiceLine]
    known: Mapping[Month, Settlement]
    due: Money

    def invoice(self, paper: Paper, now: datetime) -> tuple[Settlement, Invoice]:
        """What the account owes more."""
        after, shares, taxes = self._taken()
        after = replace(after, invoices=after.invoices + 1)
        paper = replace(paper, taxes=rows_of(taxes))
        what = (after.account_id, after.month, after.invoices, tuple(self.lines), self.due, now)
        return after, Invoice(*what, shares=shares, paper=paper)

    def credit_note(self, paper: Paper, now: datetime) -> tuple[Settlement, CreditNote]:
        """What the account owes less: each line with its sign turned."""
        after, shares, taxes = self._taken()
        after = replace(after, credits=after.credits + 1)
        paper = replace(paper, taxes=rows_of(taxes, sign=-1))
        lines = tuple(replace(line, amount=-line.amount) for line in self.lines)
        what = (after.account_id, after.month, f"c{after.credits}", lines, -self.due, now, paper)
        return after, CreditNote(*what, shares=shares)

    def _taken(self) -> tuple[Settlement, dict[str, int], dict[str, int]]:
        settlement = self.settlement
        shares = shares_due(settlement, self.known)
        taxes = adding_up(taxes_due(settlement, self.known), self.due.minor)
        after = replace(
            settlement,
            invoiced=settlement.invoiced + self.due.minor,
            shares_invoiced=differences.summed(settlement.shares_invoiced, shares),
            taxes_invoiced=differences.summed(settlement.taxes_invoiced, taxes),
        )
        return after, shares, taxes
