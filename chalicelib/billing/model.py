"""Payers, settlements, invoices."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from chalicelib.billing.paper_model import Paper
from chalicelib.billing.sources import Stood
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

Reason = Literal[
    "currency_changed", "negative_total", "differs_from_ledger", "many_times_the_usual", "differs_from_provider"
]
"""Why a month is parked."""
DIFFERS_THERE: Final[Reason] = "differs_from_provider"
"""Where an invoice of it is not at the provider what it is here."""


class InvoiceState(StrEnum):
    """Where an invoice is in its life."""

    DUE = "due"
    PAID = "paid"
    FAILED = "failed"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class Payer:
    """The payment side of an account.

    `failed` names what nothing is started before: invoices whose payment failed and that are still due, and, as
    `dispute:<id>`, disputes that are not decided, or lost and not made good. `days_net` is within how many days it pays
    its bills by itself, where finance has granted that. `method_since` is when the method was saved, chosen or taken
    away: what was saved before then is not charged because its webhook comes late, or again.
    """

    account_id: str
    provider_customer: str
    payment_method: str | None = None
    failed: frozenset[str] = frozenset()
    version: int = 0
    days_net: int | None = None
    method_since: datetime | None = None

    @property
    def can_pay(self) -> bool:
        """Whether there is something to collect by: a payment method, or a term by invoice."""
        return self.payment_method is not None or self.days_net is not None

    def on_terms(self, days_net: int | None) -> "Payer":
        """Paying by invoice within so many days; None: by its payment method again."""
        return replace(self, days_net=days_net, version=self.version + 1)

    def with_card(self, payment_method: str, since: datetime | None = None) -> "Payer":
        """With another payment method."""
        return replace(self, payment_method=payment_method, method_since=since, version=self.version + 1)

    def decided_after(self, saved_at: datetime | None) -> bool:
        """Whether something else was said since a method was saved; the provider counts whole seconds."""
        since = self.method_since
        return since is not None and saved_at is not None and saved_at < since.replace(microsecond=0)

    def anew(self, provider_customer: str) -> "Payer":
        """Under another name at the provider, who knew the one before no more."""
        return replace(self, provider_customer=provider_customer, payment_method=None, version=self.version + 1)

    def decided_before(self, saved_at: datetime) -> bool:
        """Whether what is charged was saved or chosen in a second before a method was saved, for all that is known."""
        return self.method_since is not None and self.method_since.replace(microsecond=0) < saved_at

    def without_method(self, since: datetime) -> "Payer":
        """With nothing to be charged."""
        return replace(self, payment_method=None, method_since=since, version=self.version + 1)

    def after(self, invoice: "Invoice") -> "Payer":
        """As the invoice leaves it: in order again once nothing failed is left."""
        failed = self.failed | {invoice.invoice_id} if invoice.state is InvoiceState.FAILED else self.failed
        left = failed - {invoice.invoice_id} if invoice.state is InvoiceState.PAID else failed
        return replace(self, failed=left, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line: what for (a session, a product, an adjusted month, what was carried), and how much."""

    about: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is collected at once. Its lines add up to its total, and its id is natural: `<account>:<month>:<number>`.

    `shares` are what partners have of it once it is paid, by partner, in minor units. `credited` is what credit notes
    took off what it asks for; `part_paid` what holds have paid of that, and is posted, before the rest was; `claimed`
    what is being captured of holds for it, off which credit takes nothing any more; `paper` what makes it a document.
    `from_wallet` is what lots of the wallet paid of it when it was made, in their order, and `back_to_wallet` how much
    of that went back to them. `due_at` is until when its customer pays it without being charged, `days_net` after it
    was drafted.
    """

    account_id: str
    month: Month
    number: int
    lines: tuple[InvoiceLine, ...]
    total: Money
    issued_at: datetime
    state: InvoiceState = InvoiceState.DUE
    provider_invoice: str | None = None
    attempts: int = 0
    paid_at: datetime | None = None
    decline_code: str | None = None
    shares: Mapping[str, int] = field(default_factory=dict)
    failures: int = 0
    retry_at: datetime | None = None
    link: str | None = None
    pdf: str | None = None
    credited: int = 0
    paper: Paper | None = None
    from_wallet: tuple[tuple[str, int], ...] = ()
    back_to_wallet: int = 0
    part_paid: int = 0
    claimed: int = 0
    days_net: int | None = None
    due_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether its customer has it and pays it by itself: then nobody collects it."""
        return self.due_at is not None and self.link is not None

    @property
    def paid_ahead(self) -> Money:
        """What the wallet paid of it."""
        return Money(sum(minor for _, minor in self.from_wallet), self.total.currency)

    @property
    def collected(self) -> Money:
        """What the provider's invoice is about: the total without what the wallet paid."""
        return self.total - self.paid_ahead

    @property
    def asks(self) -> Money:
        """What is to be paid, or was: the total without what the wallet paid and what was credited."""
        return Money(self.collected.minor - self.credited, self.total.currency)

    @property
    def rest(self) -> Money:
        """What of that no hold has paid, or is about to."""
        return Money(self.asks.minor - self.part_paid - self.claimed, self.total.currency)

    @property
    def invoice_id(self) -> str:
        """Unique, and the same however often the month is settled."""
        return f"{self.account_id}:{self.month}:{self.number}"


@dataclass(frozen=True, slots=True)
class Sold:
    """What documents of one seller took of a settlement, and how many they were. Minor units."""

    invoiced: int = 0
    documents: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    taxes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a month came to, by product, and what became of it.

    `charges` is the month's own use; `adjusted` what earlier months were corrected by; `carried_in` what all other
    months left, too small to collect or taken too much; `invoiced` what invoices took of all that. Minor units.

    `parts` and `parts_adjusted` say the same of tax and partners' shares (`parts.py`); `shares_invoiced`, by
    partner, what of the shares invoices took along, and `taxes_invoiced` what of each rate. Credit notes take of all
    that what is below zero; `credits` counts them. `sold` says how much of all that documents of other sellers than the
    operator's took, by seller. `proof` and `digest` are those of the newest proof of the account's chain at that time;
    `stood` says when that was, and what the month was rated from.
    """

    account_id: str
    month: Month
    currency: str
    version: int = 0
    charges: Mapping[str, int] = field(default_factory=dict)
    adjusted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    carried_in: int = 0
    invoiced: int = 0
    invoices: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    parts_adjusted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    shares_invoiced: Mapping[str, int] = field(default_factory=dict)
    taxes_invoiced: Mapping[str, int] = field(default_factory=dict)
    credits: int = 0
    sold: Mapping[str, Sold] = field(default_factory=dict)
    proof: int = 0
    digest: str = ""
    stood: Stood | None = None

    @property
    def link(self) -> "Link":
        """The end of the account's chain of proofs when it was settled."""
        return Link(self.proof, self.digest)

    @property
    def gross(self) -> int:
        """What the month's own use costs."""
        return sum(self.charges.values())

    @property
    def posted(self) -> dict[str, int]:
        """By product, what the ledger holds of this settlement."""
        sums = dict(self.charges)
        for change in self.adjusted.values():
            for product, minor in change.items():
                sums[product] = sums.get(product, 0) + minor
        return sums

    @property
    def left(self) -> int:
        """What its own invoices did not take, or took from other months."""
        return sum(self.posted.values()) - self.invoiced

    @property
    def carried_out(self) -> int:
        """What is left for the next month to collect; negative when we owe the account."""
        return self.carried_in + self.left


@dataclass(frozen=True, slots=True)
class Parked:
    """An account's month that is not billed until somebody has looked at it and said so.

    `earlier` are the reasons for which it was parked before, each with the decision that released it.
    """

    account_id: str
    month: Month
    reason: str
    facts: Mapping[str, str]
    parked_at: datetime
    released_by: str | None = None
    released_at: datetime | None = None
    note: str = ""
    earlier: tuple["Parked", ...] = ()

    @property
    def decisions(self) -> int:
        """How many were taken about it."""
        return len(self.earlier) + (self.released_at is not None)

    def knows(self, parked: "Parked") -> bool:
        """Whether this very trouble has it parked, or was decided about."""
        return any(each.is_same(parked) for each in (self, *self.earlier))

    def followed_by(self, parked: "Parked") -> "Parked":
        """Parked once more; what was decided before is kept."""
        return replace(parked, earlier=(*self.earlier, replace(self, earlier=())))

    def is_same(self, parked: "Parked") -> bool:
        """Whether it is the same trouble: of what differs at the provider, about the same, else of the same kind."""
        return self.reason == parked.reason and (self.reason != DIFFERS_THERE or self.facts == parked.facts)


@dataclass(frozen=True, slots=True)
class FareCaps:
    """Caps of every account over several products, from a month on; rows as `rating.account_document` reads them."""

    since: Month
    caps: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A proof in an account's chain, as the next one names it."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class ProofHead:
    """A link of an account's chain of proofs: what it is about, its digest, and that of the one before."""

    account_id: str
    number: int
    month: Month
    digest: str
    previous: str
    made_at: datetime

    @property
    def link(self) -> Link:
        """What the next one names."""
        return Link(self.number, self.digest)


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A webhook's event: enough to re-read what it is about. What it says itself is never trusted."""

    event_id: str
    kind: str
    object_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class CardSetup:
    """What the app needs to save a card with the provider; no card data comes here."""

    setup_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that was saved: whose, by which name the provider knows it, and when it was entered there."""

    account_id: str
    provider_customer: str
    payment_method: str
    expires: Month | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A saved card or wallet as it may be shown. `expires` is the last month in which it is good, if it says one."""

    method_id: str
    kind: str
    brand: str | None = None
    last4: str | None = None
    wallet: str | None = None
    expires: Month | None = None


@dataclass(frozen=True, slots=True)
class ProviderInvoice:
    """The provider's side of an invoice as read just now; `charges` are the payments that paid it.

    `under_way` says that a payment of it is: a bank that is debited may take days to say whether it pays.
    """

    provider_invoice: str
    account_id: str
    month: Month
    number: int
    status: str
    total: Money
    paid: Money
    attempted: bool
    paid_at: datetime | None
    decline_code: str | None
    advice_code: str | None = None
    link: str | None = None
    pdf: str | None = None
    charges: tuple[str, ...] = ()
    credited: int = 0
    under_way: bool = False


class ToCollect(NamedTuple):
    """An invoice, who pays it, why its month is not billed, and whether all collection is stopped."""

    invoice: Invoice | None
    payer: Payer | None
    held: Parked | None
    stopped: bool
