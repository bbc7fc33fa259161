"""What this area needs from outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from chalicelib.billing.loss_model import Loss
from chalicelib.billing.model import (
    CardSetup,
    FareCaps,
    Invoice,
    Parked,
    Payer,
    PaymentMethod,
    ProofHead,
    ProviderEvent,
    SavedCard,
    Settlement,
    ToCollect,
)
from chalicelib.billing.sources import Sources
from chalicelib.billing.taking_ports import Taking
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.rating import Use
from chalicelib.rating.account import NO_TERMS, AccountTerms


class Billed(Protocol):
    """Where payers, settlements, invoices, parked accounts and provider events are kept."""

    def payer(self, account_id: str) -> Payer | None:
        """The payment side of an account, or None."""

    def saving_payer(self, payer: Payer) -> Write:
        """Store it, if the stored version is the one before its own."""

    def can_pay(self, account_id: str) -> Write:
        """Let nothing be written unless the account has a payment method and no failed payment."""

    def detaching(self, account_id: str, method_id: str, now: datetime) -> Write:
        """Have the provider forget a payment method."""

    def watching(self, payer: Payer, expires: Month, zone: str, now: datetime) -> Write:
        """Have the payer's method looked at when its last month begins."""

    def looking_at_method(self, account_id: str, method_id: str, expires: Month, now: datetime) -> Write:
        """Have somebody look at it who may ask the provider."""

    def telling_of_method(self, account_id: str, method: PaymentMethod, now: datetime) -> Write:
        """Have the account told that its method ends."""

    def settlements(self, account_id: str) -> Sequence[Settlement]:
        """All of an account's, by month."""

    def settlements_named(self, names: Sequence[tuple[str, Month]]) -> Sequence[Settlement]:
        """Those of at most 100 accounts and months that there are, in their order."""

    def settled_before(self, settlement: Settlement) -> Settlement | None:
        """The version before it, or None where none is kept."""

    def saving_settlement(self, settlement: Settlement, before: Settlement | None = None) -> Sequence[Write]:
        """Store it, if the stored version is the one before its own; `before`, which is that one, is kept beside it."""

    def invoice(self, account_id: str, month: Month, number: int) -> Invoice | None:
        """The invoice, or None."""

    def to_collect(self, account_id: str, month: Month, number: int) -> ToCollect:
        """What collecting an invoice begins with, all as it is at one time."""

    def invoices_named(self, names: Sequence[tuple[str, Month, int]]) -> Sequence[Invoice | None]:
        """Those of these accounts, months and numbers, at most 100, in their order; None for one that is not there."""

    def invoices(
        self, account_id: str, month: Month | None = None, *, limit: int | None = None, after: str | None = None
    ) -> Sequence[Invoice]:
        """The account's invoices, of one month or all, by month and number; `after` is an invoice's id."""

    def adding_invoice(self, invoice: Invoice, now: datetime) -> Sequence[Write]:
        """Store a new invoice and have it collected."""

    def changing_invoice(self, invoice: Invoice, before: Invoice) -> Write:
        """Store the invoice, if it is still as it was read."""

    def collect_again(self, invoice: Invoice, now: datetime) -> Write:
        """Have the invoice collected once more."""

    def paid_by(self, invoice: Invoice, charge: str) -> Write:
        """Store that a payment paid the invoice."""

    def paid_with(self, charge: str) -> Invoice | None:
        """The invoice that a payment paid, or None if that is not known here."""

    def writing_off(self, invoice: Invoice, who: str, note: str, now: datetime) -> Sequence[Write]:
        """Store who gives the invoice up and why, and have that done."""

    def giving_up(self, invoice: Invoice, now: datetime) -> Write:
        """Have the invoice booked as given up, here and at the provider."""

    def losing(self, loss: Loss, zone: str) -> Write:
        """Keep a loss in the month in which it is booked."""

    def losses(self, month: Month, *, limit: int, after: str | None) -> Sequence[Loss]:
        """A page of those that were booked in a month, by reference, behind one of them."""

    def share_out(self, invoice: Invoice, now: datetime) -> Write:
        """Have the shares of an invoice, which are payable now, sent to its partners."""

    def narrowing(self, account_id: str, at: datetime, now: datetime) -> Write:
        """Have what the account has open end gently, if it has not paid by then."""

    def retrying(self, invoice: Invoice, now: datetime) -> Write:
        """Have the invoice collected once more at its `retry_at`."""

    def looking_when_due(self, invoice: Invoice, at: datetime, now: datetime) -> Write:
        """Have an invoice that its customer pays by itself looked at then."""

    def renewing_hold(self, account_id: str, session_id: str, now: datetime) -> Write:
        """Have what a session holds asked for once more."""

    def settle_again(self, account_id: str, month: Month, now: datetime) -> Write:
        """Have the account's month settled once more."""

    def settle_released(self, parked: Parked, now: datetime) -> Write:
        """Have the month settled of an account that was released."""

    def telling(self, invoice: Invoice, code: str, facts: dict[str, str], now: datetime) -> Write:
        """Have the account told something about an invoice."""

    def parked(self, account_id: str, month: Month) -> Parked | None:
        """Why the account's month is not billed, or None."""

    def parked_among(self, accounts: Sequence[str], month: Month) -> Mapping[str, Parked]:
        """Of at most 100 accounts those whose month is not billed, and why."""

    def all_parked(self, *, limit: int, after: str | None) -> Sequence[Parked]:
        """A page of all parked months, by account and month."""

    def parking(self, parked: Parked) -> Sequence[Write]:
        """Store it."""

    def fare_caps(self, month: Month) -> FareCaps | None:
        """The caps over several products that hold in the month."""

    def saving_fare_caps(self, caps: FareCaps) -> Write:
        """Store what holds from a month on."""

    def last_proof(self, account_id: str) -> ProofHead | None:
        """The newest link of the account's chain."""

    def proofs(self, account_id: str, *, limit: int, after: int) -> Sequence[ProofHead]:
        """A page of the account's chain, by number."""

    def proof(self, account_id: str, number: int) -> Mapping[str, object] | None:
        """The whole proof."""

    def adding_proof(self, head: ProofHead, proof: Mapping[str, object]) -> Sequence[Write]:
        """Store a proof, unless the account has one of that number."""

    def add_event_once(self, event: ProviderEvent) -> Write:
        """Store the event, unless it is stored; the stored item itself starts the worker."""


Paid = Mapping[Month, Mapping[str, int]]
"""By month and product, what a month's uses come to. Minor units."""
NOTHING_STATED: Paid = MappingProxyType({})


def nothing_to_mark(_now: datetime) -> Sequence[Write]:
    """Use needs no mark that it was billed."""
    return ()


class MonthUsed(NamedTuple):
    """The uses that are rated together, the ids of those that belong to the month, and the account's terms.

    `marking` are the writes that mark what is charged beside use as billed, in the settlement that takes it; `sources`
    says what was charged in the month, where that is known.
    """

    uses: Sequence[Use]
    own: frozenset[str]
    terms: AccountTerms = NO_TERMS
    marking: Callable[[datetime], Sequence[Write]] = nothing_to_mark
    sources: Sources | None = None


class Used(Protocol):
    """What an account is billed from (access and the catalogue know)."""

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid = NOTHING_STATED) -> MonthUsed:
        """What is to be rated for the month; earlier uses in it only fill the same caps.

        `paid` is what earlier months came to where it is known better than from their settlements.
        """

    def adjusted_months(self, account_id: str, month: Month) -> Iterable[Month]:
        """Earlier months of which a charge was corrected in this one."""

    def correcting_later(self, account_id: str, month: Month, later: Iterable[Month], now: datetime) -> Sequence[Write]:
        """Have the open month correct what a month that is settled anew changes in `later` ones that are over."""


class Collector(Taking, Protocol):
    """The payment provider: it takes, and knows customers and their cards."""

    def create_customer(self, account_id: str, turn: int) -> str:
        """The provider's id of the account; another one each turn, and `PayerGone` of one that was deleted there."""

    def prepare_card(self, account_id: str, provider_customer: str, key: str) -> CardSetup:
        """Let the app save a card."""

    def saved_card(self, setup_id: str) -> SavedCard | None:
        """The card that the setup saved, or None if it saved none."""
