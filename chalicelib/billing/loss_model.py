"""Losses: each change of what is owed, or was paid, and nobody pays; kept in the month in which it is booked."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.dispute_model import Dispute
from chalicelib.billing.model import Invoice

BAD_DEBT, RECOVERY, LOSS = "bad-debt", "recovery", "dispute-loss"


@dataclass(frozen=True, slots=True)
class Loss:
    """What was lost of something `before` and is `lost` from an instant on, in minor units.

    `kind` and `name` make the reference of its journal entry; `source` names what is owed, or was paid, as postings do.
    """

    kind: str
    name: str
    account_id: str
    source: str
    currency: str
    before: int
    lost: int
    at: datetime

    @property
    def reference(self) -> str:
        """Under which it is booked."""
        return f"{self.kind}:{self.name}"

    @property
    def invoice_id(self) -> str | None:
        """The invoice that is not paid after all; None of a top-up."""
        kind, _, name = self.source.partition(":")
        return name if kind == "invoice" else None


def given_up(invoice: Invoice, now: datetime) -> Loss:
    """What is still asked for."""
    named = BAD_DEBT, invoice.invoice_id, invoice.account_id, f"invoice:{invoice.invoice_id}"
    return Loss(*named, invoice.rest.currency, 0, invoice.rest.minor, now)


def recovered(invoice: Invoice, was_lost: int, now: datetime) -> Loss:
    """What was given up and is paid."""
    named = RECOVERY, invoice.invoice_id, invoice.account_id, f"invoice:{invoice.invoice_id}"
    return Loss(*named, invoice.total.currency, was_lost, 0, now)


def decided(before: Dispute | None, after: Dispute, now: datetime) -> Loss | None:
    """What a bank's decision makes of it; None where it changes nothing."""
    was = before.lost if before is not None else 0
    if after.lost == was:
        return None
    named = LOSS, f"{after.dispute_id}:{after.version}", after.account_id, after.paid
    return Loss(*named, after.amount.currency, was, after.lost, now)
