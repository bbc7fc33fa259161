"""What collecting an invoice needs of the payment provider, or of something before it."""

from typing import Protocol

from chalicelib.billing.model import Invoice, ProviderInvoice
from chalicelib.kernel.money import Money


class Taking(Protocol):
    """Each call may be repeated: it says the same thing under the same key."""

    def draft(self, invoice: Invoice, provider_customer: str) -> str:
        """Make a draft; its id."""

    def add_lines(self, provider_invoice: str, invoice: Invoice) -> Money:
        """Add the lines; the draft's total as the provider has it."""

    def discard(self, provider_invoice: str, invoice: Invoice) -> None:
        """Remove a draft."""

    def finalize(self, provider_invoice: str, invoice: Invoice) -> None:
        """Make it final: from now on it is owed."""

    def pay(self, provider_invoice: str, invoice: Invoice, payment_method: str) -> None:
        """Try to collect; whether it worked is learnt by reading."""

    def read(self, provider_invoice: str) -> ProviderInvoice | None:
        """How it stands; None for one that is none of ours."""
