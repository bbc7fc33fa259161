"""Credit notes, what becomes of their money, and refunds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.paper_model import Paper, sold_by
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month


class BackAs(StrEnum):
    """How an account has its money back: to where it came from, or as credit that the next bills take."""

    REFUND = "refund"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Goodwill:
    """What an operator gives back of a paid invoice, and why; `name` becomes that of its credit note."""

    account_id: str
    month: Month
    name: str
    invoice_id: str
    amount: Money
    reason: str
    asked_at: datetime

    @property
    def note_id(self) -> str:
        """The id of the credit note that it becomes."""
        return f"{self.account_id}:{self.month}:{self.name}"


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """An account's standing choice, and how many refunds and goodwill notes it had: each of them takes a version.

    `asked` is the goodwill that no credit note was written for yet.
    """

    account_id: str
    choice: BackAs = BackAs.REFUND
    refunds: int = 0
    goodwill: int = 0
    asked: tuple[Goodwill, ...] = ()
    version: int = 0

    def asking(self, asked: Goodwill) -> "MoneyBack":
        """With goodwill to be written."""
        return replace(self, goodwill=self.goodwill + 1, asked=(*self.asked, asked), version=self.version + 1)

    def giving(self, name: str) -> "MoneyBack":
        """With goodwill written."""
        left = tuple(each for each in self.asked if each.name != name)
        return replace(self, asked=left, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A bill the other way round. Its lines add up to its total, and its id is natural.

    `<account>:<month>:c<number>` of a settlement, `<account>:<month>:g<number>` of goodwill, which goes `against` one
    paid invoice. `lowered` says, by invoice, what it took off what that asked for; `refunded` what is on its way back.
    `shares` are what partners have less by it, in minor units; `shared` of how much of the note that was carried out.
    `walleted` is what went back to lots of the wallet that had paid; `kept` what became a lot of its own, `turns` how
    often.
    """

    account_id: str
    month: Month
    name: str
    lines: tuple[InvoiceLine, ...]
    total: Money
    issued_at: datetime
    paper: Paper
    shares: Mapping[str, int] = field(default_factory=dict)
    shared: int = 0
    lowered: Mapping[str, int] = field(default_factory=dict)
    refunded: int = 0
    choice: BackAs | None = None
    against: str | None = None
    reason: str = ""
    version: int = 1
    walleted: int = 0
    kept: int = 0
    turns: int = 0

    @property
    def note_id(self) -> str:
        """Unique, and the same however often the month is settled."""
        return f"{self.account_id}:{self.month}:{self.name}"

    @property
    def of_goodwill(self) -> bool:
        """Whether it was given out of goodwill, also once its bank has returned it: by its name, which stays."""
        return self.name.startswith("g")

    @property
    def left(self) -> int:
        """What is neither taken off an invoice, nor refunded, nor in the wallet."""
        return self.total.minor - sum(self.lowered.values()) - self.refunded - self.walleted - self.kept

    @property
    def is_open(self) -> bool:
        """Whether something of it is left."""
        return self.left > 0

    def fits(self, invoice: Invoice) -> bool:
        """Whether it may give something of the invoice back: what one seller owes is no other's, nor in other money."""
        return sold_by(invoice.paper) == sold_by(self.paper) and invoice.total.currency == self.total.currency

    def lowering(self, invoice_id: str, minor: int) -> "CreditNote":
        """With so much more taken off an invoice; below zero, with so much of it back."""
        lowered = {**self.lowered, invoice_id: self.lowered.get(invoice_id, 0) + minor}
        kept = {name: each for name, each in lowered.items() if each}
        return replace(self, lowered=kept, version=self.version + 1)

    def refunding(self, minor: int) -> "CreditNote":
        """With so much more on its way back; below zero, with so much less."""
        return replace(self, refunded=self.refunded + minor, version=self.version + 1)

    def going_back(self, minor: int) -> "CreditNote":
        """With so much more of it in lots of the wallet that had paid."""
        return replace(self, walleted=self.walleted + minor, version=self.version + 1)

    def keeping(self) -> "CreditNote":
        """With all that is left of it as a lot of the wallet."""
        return replace(self, kept=self.kept + self.left, turns=self.turns + 1, version=self.version + 1)

    def reopened(self, minor: int) -> "CreditNote":
        """With so much of its lot to be refunded after all."""
        return replace(self, kept=self.kept - minor, choice=BackAs.REFUND, version=self.version + 1)

    def chosen(self, choice: BackAs) -> "CreditNote":
        """With a choice of its own."""
        return replace(self, choice=choice, version=self.version + 1)

    def sharing(self) -> tuple["CreditNote", dict[str, int]]:
        """What partners have less now, for as much of the note as is used by now and was not shared before.

        Each part is of all that was used so far less what it was before: so all of them add up to the whole. What
        comes back to the note, because a refund failed, was shared, and is not shared again.
        """
        used = max(self.shared, self.total.minor - self.left)
        parts = {
            partner_id: _part(minor, used, self.total.minor) - _part(minor, self.shared, self.total.minor)
            for partner_id, minor in sorted(self.shares.items())
        }
        return replace(self, shared=used), {partner_id: minor for partner_id, minor in parts.items() if minor}


def _part(share: int, used: int, whole: int) -> int:
    """Half up."""
    size = (2 * abs(share) * used + whole) // (2 * whole)
    return size if share >= 0 else -size


class RefundState(StrEnum):
    """Where a refund is: planned before the provider hears of it, sent, or failed for good."""

    PLANNED = "planned"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money of a payment that goes back to where it came from. `payment` is the provider's name of the payment."""

    account_id: str
    number: int
    note_id: str
    invoice_id: str
    payment: str
    amount: Money
    planned_at: datetime
    state: RefundState = RefundState.PLANNED
    provider_refund: str | None = None
    settled_at: datetime | None = None
    reason: str | None = None

    @property
    def refund_id(self) -> str:
        """Unique, and the key under which the provider hears of it."""
        return f"{self.account_id}:r{self.number}"


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment of an invoice as the provider has it, and what was given back of it there. Minor units."""

    payment: str
    paid: int
    refunded: int
    charge: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """The provider's side of a refund as read just now: of a credit note, or `of_wallet`, each with own numbers."""

    provider_refund: str
    account_id: str
    number: int
    status: str
    reason: str | None = None
    of_wallet: bool = False

    @property
    def failed(self) -> bool:
        """Whether the money does not go back after all."""
        return self.status in {"failed", "canceled"}


def off(asks: Money, left: int, least: Money) -> int:
    """How much of a credit an invoice takes: all of what it asks for, or so much that what remains can be collected."""
    taken = min(asks.minor, left)
    remains = asks.minor - taken
    return max(0, asks.minor - least.minor) if 0 < remains < least.minor else taken


def name_of(document_id: str) -> tuple[Month, str]:
    """Month and name or number of one of our own documents."""
    _, month, name = document_id.rsplit(":", 2)
    return Month.parse(month), name


def refundable(invoice: Invoice, refunds: Mapping[str, int], promised: Mapping[str, int], ahead: int = 0) -> int:
    """What of an invoice's payment was neither given back nor promised, by invoice id; in minor units.

    `ahead` is what the wallet paid of it, where that counts.
    """
    given = refunds.get(invoice.invoice_id, 0) + promised.get(invoice.invoice_id, 0)
    return max(0, invoice.asks.minor + ahead - given)
