"""What crediting, refunding and numbering need from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.billing.credit_model import CreditNote, Goodwill, MoneyBack, ProviderPayment, ProviderRefund, Refund
from chalicelib.billing.model import Invoice, Settlement
from chalicelib.billing.paper_model import Buyer, Seller, Series
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write

if TYPE_CHECKING:
    from chalicelib.billing.selling import Sells
    from chalicelib.billing.tax_ports import Taxing


class Notes(Protocol):
    """Where credit notes and refunds are kept."""

    def money_back(self, account_id: str) -> MoneyBack:
        """The account's choice and counts; before the first, a refund and none."""

    def saving_money_back(self, money_back: MoneyBack) -> Write:
        """Store it, if the stored version is the one before its own."""

    def note(self, account_id: str, month: Month, name: str) -> CreditNote | None:
        """The credit note, or None."""

    def given_goodwill(self, accounts: Sequence[str]) -> Sequence[str]:
        """Those of at most 100 accounts that were ever given something out of goodwill."""

    def notes(self, account_id: str, *, limit: int | None = None, after: str | None = None) -> Sequence[CreditNote]:
        """The account's credit notes, by month and name; `after` is a note's id."""

    def adding_note(self, note: CreditNote) -> Write:
        """Store a new one."""

    def changing_note(self, note: CreditNote) -> Write:
        """Store it, if the stored version is the one before its own."""

    def refunds(self, account_id: str) -> Sequence[Refund]:
        """All of an account's, by number."""

    def refund(self, account_id: str, number: int) -> Refund | None:
        """The refund, or None."""

    def saving_refund(self, refund: Refund, before: Refund | None) -> Write:
        """Store it, if it is still as it was read; if that was not at all, if it is new."""

    def give_back(self, account_id: str, about: str, now: datetime) -> Write:
        """Have the money of open credit notes go where it belongs, because of something."""

    def give_goodwill(self, asked: Goodwill, now: datetime) -> Write:
        """Have goodwill written that was asked for."""

    def telling(self, note: CreditNote, code: str, facts: Mapping[str, str], now: datetime) -> Write:
        """Have the account told something about a credit note."""


class Numbers(Protocol):
    """Where sellers, buyers, and the numbers of documents are kept."""

    def default_seller(self) -> Seller | None:
        """Under whom bills go out; None as long as finance has named nobody."""

    def seller(self, seller_id: str, version: int | None = None) -> Seller | None:
        """A seller as it is, or as it was in a version."""

    def sellers(self) -> Sequence[Seller]:
        """All of them as they are, by id."""

    def saving_seller(self, seller: Seller, *, default: bool) -> Sequence[Write]:
        """Store it, if the stored version is the one before its own; as the default one, if that is said."""

    def buyer(self, account_id: str, version: int | None = None) -> Buyer | None:
        """The account's details as they are, or as they were in a version; None where there are none."""

    def buyers(self, accounts: Sequence[str]) -> Mapping[str, Buyer]:
        """The details, as they are, of those of at most 100 accounts that have any."""

    def saving_buyer(self, buyer: Buyer) -> Sequence[Write]:
        """Store them, if the stored version is the one before their own."""

    def letting_buyers_go(self, account_id: str, ends: Mapping[int, datetime]) -> Sequence[Write]:
        """Have these versions of an account's details removed, each after its instant."""

    def last_number(self, seller_id: str, series: Series) -> int:
        """The number that was taken last; 0 before the first."""

    def taking_number(self, seller_id: str, series: Series, number: int, count: int = 1) -> Write:
        """Take so many numbers up to that one, if the one before them was taken last: otherwise `NumberTaken`."""


class Ahead(Protocol):
    """What pays an invoice when it is made, before anybody is asked to."""

    def pay(
        self, invoice: Invoice, before: Settlement, after: Settlement, now: datetime
    ) -> tuple[Invoice, Sequence[Write]]:
        """The invoice with what was paid of it, and what writes that; the settlements are those that it takes from."""

    def covers(self, total: Money, before: Settlement, after: Settlement, now: datetime) -> bool:
        """Whether it would pay an invoice of so much wholly."""


class NothingAhead:
    """Nothing does."""

    def pay(
        self, invoice: Invoice, _before: Settlement, _after: Settlement, _now: datetime
    ) -> tuple[Invoice, Sequence[Write]]:
        """The invoice as it is."""
        return invoice, ()

    def covers(self, _total: Money, _before: Settlement, _after: Settlement, _now: datetime) -> bool:
        """Not a cent of it."""
        return False


def _own_taxes() -> "Taxing":
    from chalicelib.billing.tax_ports import OwnTaxes  # noqa: PLC0415 -- few that read documents issue any

    return OwnTaxes()


@dataclass(frozen=True, slots=True)
class Issuing:
    """By what documents are issued."""

    notes: Notes
    numbers: Numbers
    ahead: Ahead = field(default_factory=NothingAhead)
    taxes: "Taxing" = field(default_factory=_own_taxes)
    sells: "Sells | None" = None


class Refunder(Protocol):
    """The payment provider. Each call may be repeated: it says the same thing under the same key."""

    def credit(self, provider_invoice: str, invoice: Invoice, minor: int) -> None:
        """Have an open invoice ask for so much less, unless it was paid meanwhile."""

    def payments(self, provider_invoice: str) -> Sequence[ProviderPayment]:
        """How an invoice was paid."""

    def refund(self, refund: Refund) -> ProviderRefund:
        """Give it back, once; `RefundRefused` where the provider says no."""

    def refund_stands(self, provider_refund: str) -> ProviderRefund | None:
        """How a refund stands; None for one that is none of ours."""
