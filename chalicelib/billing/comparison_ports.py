"""What comparing needs from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from chalicelib.billing.comparison_model import BalanceMove, Comparison, Difference, TheirInvoice
from chalicelib.billing.model import ProviderInvoice, SavedCard
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write

Row = TypeVar("Row")


class Read(NamedTuple, Generic[Row]):
    """A page, and behind what to go on; None at the end."""

    rows: Sequence[Row]
    after: str | None


Named = tuple[str, Month, int]
"""An invoice by its account, month and number."""


class Comparisons(Protocol):
    """Where comparisons, their differences, and how far the balance was read are kept."""

    def comparison(self, asked_at: datetime) -> Comparison | None:
        """The one that was asked for at an instant, or None."""

    def of_day(self, day: str) -> Sequence[Comparison]:
        """Those of a day of UTC, by instant."""

    def all(self, *, limit: int, after: str | None) -> Sequence[Comparison]:
        """A page of all, the newest first."""

    def differences(self, asked_at: datetime, *, limit: int) -> Sequence[Difference]:
        """What one has found so far."""

    def saving(self, comparison: Comparison) -> Write:
        """Store it, if the stored version is the one before its own."""

    def noting(self, asked_at: datetime, difference: Difference) -> Write:
        """Store a difference; the same one again replaces itself."""

    def going_on(self, comparison: Comparison, now: datetime) -> Write:
        """Have a worker go on with it."""

    def read_until(self) -> datetime | None:
        """Up to when the balance was read by a comparison that came to its end; None before the first."""

    def reading_until(self, instant: datetime) -> Write:
        """Store that."""

    def issued(self, since: datetime, until: datetime, *, limit: int, after: str | None) -> Read[Named]:
        """A page of our invoices, in order of issue."""


class ProviderBooks(Protocol):
    """The provider's side: lists, newest first, in pages."""

    def moves(self, since: datetime, until: datetime, after: str | None) -> Read[BalanceMove]:
        """Movements on our balance."""

    def invoices(self, since: datetime, until: datetime, after: str | None) -> Read[TheirInvoice]:
        """Invoices by when they were made."""

    def setups(self, since: datetime, until: datetime, after: str | None) -> Read[SavedCard]:
        """Cards that were saved for accounts of ours and are not taken away, by when that was begun."""

    def balance(self) -> Mapping[str, int]:
        """What it holds for us, available or not yet, by currency."""

    def invoice_paid_by(self, payment: str) -> ProviderInvoice | None:
        """The invoice that a payment intent paid; None if that is none of ours."""

    def invoice(self, provider_invoice: str) -> ProviderInvoice | None:
        """How an invoice stands; None if there is none of that name, or it is none of ours."""

    def discard_draft(self, provider_invoice: str) -> None:
        """Remove a draft, if it is there and still one."""

    def give_up(self, provider_invoice: str) -> None:
        """Mark an open invoice as uncollectible; one that is not open stays as it is."""
