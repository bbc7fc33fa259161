"""What refunds by hand need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.model import ProviderInvoice
from chalicelib.billing.outside_model import Outside, OutsideStands
from chalicelib.kernel.writes import Write


class Outsides(Protocol):
    """Where decisions about them are kept."""

    def outside(self, provider_refund: str) -> Outside | None:
        """The decision, or None."""

    def listed(self, *, limit: int, after: str | None) -> Sequence[Outside]:
        """A page of all, the oldest first; `after` is `place_of` the last one."""

    def saving(self, outside: Outside) -> Sequence[Write]:
        """Store it, if the stored version is the one before its own: otherwise `OutsideChanged`."""

    def book(self, outside: Outside, now: datetime) -> Write:
        """Have a worker book it."""


class OutsideProvider(Protocol):
    """The payment provider's refunds, whoever made them."""

    def outside(self, provider_refund: str) -> OutsideStands | None:
        """How it stands; None if the provider knows none of that name."""

    def invoice_paid_by(self, payment: str) -> ProviderInvoice | None:
        """The invoice that a payment (a payment intent) paid; None if that is none of ours."""
