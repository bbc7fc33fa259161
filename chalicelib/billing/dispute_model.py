"""Disputes: a bank takes a payment back, or asks about one, until it has decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.billing.wallet_model import FromLots
from chalicelib.kernel.money import Money


class DisputeState(StrEnum):
    """Where a dispute is. A bank that only asks (`inquiry`) takes nothing; one that was lost may be made good."""

    INQUIRY = "inquiry"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    MADE_GOOD = "made_good"


_STATES: Mapping[str, DisputeState] = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.CLOSED,
    "needs_response": DisputeState.NEEDS_RESPONSE,
    "under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
BARS = frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW, DisputeState.LOST})
"""In these nothing is started by the account."""
_FINAL = frozenset({DisputeState.LOST, DisputeState.MADE_GOOD})
UNDECIDED = (DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)
"""In these the bank has still to say something."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A movement of money for a dispute: below zero what was taken from us, above what came back; and its fee."""

    movement_id: str
    amount: Money
    fee: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """The provider's side of a dispute as read just now."""

    dispute_id: str
    charge: str
    payment: str | None
    status: str
    reason: str
    amount: Money
    opened_at: datetime
    due_by: datetime | None
    movements: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute about a payment of one of our invoices, or of a top-up of a wallet.

    `paid` is what was paid, as postings name it. `posted` names the movements that the ledger has; `held` is what of
    them is out, in minor units, and `from_lots` what of that was taken off the wallet that was topped up.
    """

    dispute_id: str
    account_id: str
    paid: str
    reason: str
    amount: Money
    opened_at: datetime
    due_by: datetime | None
    state: DisputeState
    charge: str
    posted: tuple[str, ...] = ()
    held: int = 0
    from_lots: FromLots = ()
    made_good_by: str | None = None
    made_good_at: datetime | None = None
    note: str = ""
    version: int = 0

    @property
    def invoice_id(self) -> str | None:
        """The invoice whose payment is disputed; None of a top-up."""
        kind, _, name = self.paid.partition(":")
        return name if kind == "invoice" else None

    @property
    def top_up_id(self) -> str | None:
        """The top-up whose payment is disputed; None of an invoice."""
        return self.paid.rpartition(":")[2] if self.invoice_id is None else None

    @property
    def from_wallet(self) -> int:
        """What of it was taken off the wallet, in minor units."""
        return sum(minor for _, minor in self.from_lots)

    @property
    def lost(self) -> int:
        """What is a bad debt, in minor units: what the bank keeps and the wallet did not have."""
        return self.held - self.from_wallet if self.state in _FINAL else 0

    @property
    def bar(self) -> str:
        """By which name it stands among what bars its account."""
        return f"dispute:{self.dispute_id}"

    @property
    def bars(self) -> bool:
        """Whether nothing may be started by its account."""
        return self.state in BARS

    def as_it_stands(self, stands: ProviderDispute) -> "Dispute":
        """With what the provider says by now. What was made good stays so, unless it is won after all."""
        state = _STATES.get(stands.status, DisputeState.CLOSED)
        if self.state is DisputeState.MADE_GOOD and state is DisputeState.LOST:
            state = self.state
        return replace(
            self,
            reason=stands.reason,
            amount=stands.amount,
            due_by=stands.due_by,
            state=state,
            posted=tuple(each.movement_id for each in stands.movements),
            held=-sum(each.amount.minor for each in stands.movements),
        )

    def made_good(self, by: str, note: str, now: datetime) -> "Dispute":
        """The account may start again: it has paid otherwise, or it is let off."""
        good = replace(self, state=DisputeState.MADE_GOOD, made_good_by=by, made_good_at=now, note=note)
        return replace(good, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file of evidence about a dispute: asked for, and written by a worker as things stood then."""

    dispute_id: str
    number: int
    asked_at: datetime
    asked_by: str
    ready_at: datetime | None = None
    sha256: str | None = None
    size: int = 0

    @property
    def key(self) -> str:
        """Where the file is."""
        return f"exports/disputes/{self.dispute_id}/evidence-{self.number:03d}.zip"
