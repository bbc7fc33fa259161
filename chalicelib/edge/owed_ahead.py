"""Charges beside use as a close reads them: with what the account's months came to, which it asks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge.reading_once import Instead

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Sequence

    from chalicelib.billing.model import Settlement
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.billing.owed_ports import Charges
    from chalicelib.billing.ports import Billed


class OwedAhead(Instead):
    """Satisfies `billing.owed_ports.Charges` of a page's accounts, as they were when settlements were read."""

    def __init__(self, charges: Charges) -> None:
        super().__init__(charges)
        self._charges = charges
        self._known: dict[str, Sequence[PartnerCharge]] = {}

    def of_account(self, account_id: str) -> Sequence[PartnerCharge]:
        """What was read, if anything was."""
        known = self._known.get(account_id)
        return self._charges.of_account(account_id) if known is None else known

    def settlements(self, account_id: str) -> Sequence[Settlement]:
        """Read now, with the charges."""
        found, self._known[account_id] = self._charges.with_settlements(account_id)
        return found


class BilledWithOwed(Instead):
    """Satisfies `billing.ports.Billed`; who reads settlements has read the charges."""

    def __init__(self, billed: Billed, owed: OwedAhead) -> None:
        super().__init__(billed)
        self.settlements = owed.settlements
