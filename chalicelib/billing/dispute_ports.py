"""What disputes need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.dispute_model import Dispute, DisputeState, Evidence, ProviderDispute
from chalicelib.billing.model import ProviderInvoice
from chalicelib.kernel.writes import Write


class Disputes(Protocol):
    """Where disputes and their evidence are kept."""

    def dispute(self, dispute_id: str) -> Dispute | None:
        """The dispute, or None."""

    def listed(self, state: DisputeState | None, *, limit: int, after: str | None) -> Sequence[Dispute]:
        """A page of all disputes, or of those in a state, the oldest first; `after` is `place_of` the last one."""

    def of_account(self, account_id: str) -> Sequence[Dispute]:
        """All about an account's payments."""

    def saving(self, dispute: Dispute, before: Dispute | None) -> Sequence[Write]:
        """Store it, if the stored version is that of `before`."""

    def evidence(self, dispute_id: str) -> Evidence | None:
        """The newest evidence that was asked for, or None."""

    def asking(self, evidence: Evidence, now: datetime) -> Sequence[Write]:
        """Store that it was asked for, unless its number was, and have it written."""

    def evidence_ready(self, evidence: Evidence) -> Write:
        """Store that it is written."""


class DisputesAtProvider(Protocol):
    """The payment provider's disputes."""

    def dispute(self, dispute_id: str) -> ProviderDispute | None:
        """How it stands; None if the provider knows none of that name."""

    def invoice_paid_by(self, payment: str) -> ProviderInvoice | None:
        """The invoice that a payment (a payment intent) paid; None if that is none of ours."""
