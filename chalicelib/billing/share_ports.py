"""What billing needs from outside about tax and partners' shares."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.share_model import ShareRow, StatedRates
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.rating.figures import TaxRates
from chalicelib.rating.share import ShareRule


class Shared(Protocol):
    """By what a bill is split, and where it is kept what each partner has of it."""

    def tax_rates(self, month: Month) -> TaxRates:
        """The tax in the prices of a month."""

    def rule(self, partner_id: str, month: Month) -> ShareRule | None:
        """The rule of a partner's share of a month; None where none was agreed."""

    def saving_row(self, row: ShareRow) -> Write:
        """Store what an account's month came to, in place of what it came to before."""


class ShareRows(Protocol):
    """Where tax rates and partners' rows are kept."""

    def stated_rates(self, month: Month) -> StatedRates | None:
        """What holds for a month: of those since then or before the latest, and of these what was set last."""

    def stating_rates(self, stated: StatedRates) -> Write:
        """Store what holds from a month on, beside what was stated before."""

    def rows(self, partner_id: str, month: Month) -> Sequence[ShareRow]:
        """What each account's month came to at a partner's products."""

    def saving_row(self, row: ShareRow) -> Write:
        """Store what an account's month came to, in place of what it came to before."""

    def statement(self, partner_id: str, month: Month) -> PartnerStatement | None:
        """A partner's month as it was stated last."""

    def statements(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[PartnerStatement]:
        """A page of a partner's statements, by month."""

    def saving_statement(self, stated: PartnerStatement) -> Write:
        """Store it, if the stored version is the one before its own."""

    def stating(self, partner_id: str, month: Month, now: datetime) -> Write:
        """Have a partner's month stated, once more if it was."""
