"""Credit notes, refunds, sellers and numbers in memory, and a provider that gives money back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.billing.credit_model import CreditNote, Goodwill, MoneyBack, ProviderPayment, ProviderRefund, Refund
from chalicelib.billing.errors import (
    BuyerChanged,
    CollectorUnavailable,
    CreditNoteChanged,
    NumberTaken,
    PrefixTaken,
    RefundRefused,
    SellerChanged,
)
from chalicelib.billing.model import Invoice, ProviderInvoice
from chalicelib.billing.paper_model import Buyer, Seller, Series
from chalicelib.billing.selling import NamedSeller, Selling
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from tests.unit.memory import InMemory, write


class NotesInMemory:
    """Satisfies `billing.credit_ports.Notes`."""

    def __init__(self) -> None:
        self.heads: dict[str, MoneyBack] = {}
        self.kept: dict[str, CreditNote] = {}
        self.sent: dict[int, Refund] = {}
        self.said: list[str] = []
        self.told: list[str] = []

    def money_back(self, account_id: str) -> MoneyBack:
        return self.heads.get(account_id, MoneyBack(account_id))

    def saving_money_back(self, money_back: MoneyBack) -> InMemory:
        return write(
            CreditNoteChanged(),
            lambda: self.heads.update({money_back.account_id: money_back}),
            holds=lambda: self.money_back(money_back.account_id).version == money_back.version - 1,
        )

    def note(self, account_id: str, month: Month, name: str) -> CreditNote | None:
        return self.kept.get(f"{account_id}:{month}:{name}")

    def notes(self, _account_id: str, *, limit: int | None = None, after: str | None = None) -> list[CreditNote]:
        assert (limit, after) == (None, None)
        return [self.kept[name] for name in sorted(self.kept)]

    def adding_note(self, note: CreditNote) -> InMemory:
        fresh = lambda: note.note_id not in self.kept  # noqa: E731 -- as short as it is
        return write(CreditNoteChanged(), lambda: self.kept.update({note.note_id: note}), holds=fresh)

    def changing_note(self, note: CreditNote) -> InMemory:
        return write(
            CreditNoteChanged(),
            lambda: self.kept.update({note.note_id: note}),
            holds=lambda: self.kept[note.note_id].version == note.version - 1,
        )

    def refunds(self, _account_id: str) -> list[Refund]:
        return [self.sent[number] for number in sorted(self.sent)]

    def refund(self, _account_id: str, number: int) -> Refund | None:
        return self.sent.get(number)

    def saving_refund(self, refund: Refund, before: Refund | None) -> InMemory:
        def same() -> bool:
            now = self.sent.get(refund.number)
            return (now.state if now else None) == (before.state if before else None)

        return write(CreditNoteChanged(), lambda: self.sent.update({refund.number: refund}), holds=same)

    def give_back(self, _account_id: str, about: str, _now: datetime) -> InMemory:
        return write(CreditNoteChanged(), lambda: self.said.append(about))

    def give_goodwill(self, asked: Goodwill, _now: datetime) -> InMemory:
        return write(CreditNoteChanged(), lambda: self.said.append(asked.note_id))

    def telling(self, note: CreditNote, code: str, facts: Mapping[str, str], _now: datetime) -> InMemory:
        return write(CreditNoteChanged(), lambda: self.told.append(f"{code} {note.name} {facts['amount']}"))


class NumbersInMemory:
    """Satisfies `billing.credit_ports.Numbers`."""

    def __init__(self) -> None:
        self.default: Seller | None = None
        self.known: dict[str, Seller] = {}
        self.buyers: dict[str, Buyer] = {}
        self.ends: dict[tuple[str, int], datetime] = {}
        self.last: dict[tuple[str, Series], int] = {}
        self.prefixes: dict[str, tuple[str, Series]] = {}

    def default_seller(self) -> Seller | None:
        return self.default

    def seller(self, seller_id: str, version: int | None = None) -> Seller | None:
        assert version is None
        return self.known.get(seller_id)

    def sellers(self) -> list[Seller]:
        return list(self.known.values())

    def saving_seller(self, seller: Seller, *, default: bool) -> list[InMemory]:
        def save() -> None:
            self.known[seller.seller_id] = seller
            self.default = seller if default else self.default

        claims = {prefix: (seller.seller_id, series) for series, prefix in seller.prefixes.items()}
        free = lambda: all(self.prefixes.get(each, claim) == claim for each, claim in claims.items())  # noqa: E731
        return [write(SellerChanged(), save), write(PrefixTaken(), lambda: self.prefixes.update(claims), holds=free)]

    def buyer(self, account_id: str, version: int | None = None) -> Buyer | None:
        assert version is None
        return self.buyers.get(account_id)

    def saving_buyer(self, buyer: Buyer) -> list[InMemory]:
        return [write(BuyerChanged(), lambda: self.buyers.update({buyer.account_id: buyer}))]

    def letting_buyers_go(self, account_id: str, ends: Mapping[int, datetime]) -> list[InMemory]:
        named = {(account_id, version): end for version, end in ends.items()}
        return [write(BuyerChanged(), lambda: self.ends.update(named))]

    def last_number(self, seller_id: str, series: Series) -> int:
        return self.last.get((seller_id, series), 0)

    def taking_number(self, seller_id: str, series: Series, number: int, count: int = 1) -> InMemory:
        key = (seller_id, series)
        free = lambda: self.last.get(key, 0) == number - count  # noqa: E731 -- as short as it is
        return write(NumberTaken(), lambda: self.last.update({key: number}), holds=free)


@dataclass
class Stripe:
    """Satisfies what crediting needs of the provider: invoices that are open or paid, and what was given back."""

    invoices: dict[str, ProviderInvoice] = field(default_factory=dict)
    given: dict[str, dict[int, int]] = field(default_factory=dict)
    done: dict[str, ProviderRefund] = field(default_factory=dict)
    trouble: Callable[[], str] = lambda: ""

    def holds(self, name: str, invoice: Invoice, *, paid: bool) -> None:
        """Have it hold an invoice that is open, or was paid."""
        nothing = Money.zero(invoice.total.currency)
        self.invoices[name] = ProviderInvoice(
            provider_invoice=name,
            account_id=invoice.account_id,
            month=invoice.month,
            number=invoice.number,
            status="paid" if paid else "open",
            total=invoice.total,
            paid=invoice.total if paid else nothing,
            attempted=paid,
            paid_at=invoice.issued_at if paid else None,
            decline_code=None,
        )

    def pay_rest(self, name: str) -> ProviderInvoice:
        """What is still asked is paid."""
        found = self.invoices[name]
        paid = Money(found.total.minor - found.credited, found.total.currency)
        self.invoices[name] = replace(found, status="paid", paid=paid, attempted=True)
        return self.invoices[name]

    def read(self, name: str) -> ProviderInvoice:
        return self.invoices[name]

    def credit(self, name: str, _invoice: Invoice, minor: int) -> None:
        self._passing()
        found = self.invoices[name]
        if found.status == "open":
            credited = found.credited + minor
            assert credited <= found.total.minor
            status = "paid" if credited == found.total.minor else "open"
            self.invoices[name] = replace(found, credited=credited, status=status)

    def payments(self, name: str) -> list[ProviderPayment]:
        given = sum(self.given.get(name, {}).values())
        return [ProviderPayment(name, self.invoices[name].paid.minor, given, f"ch-{name}")]

    def refund(self, refund: Refund) -> ProviderRefund:
        self._passing()
        given = self.given.setdefault(refund.payment, {})
        if refund.number not in given:
            if self.trouble() == "refused":
                raise RefundRefused(reason="charge_disputed")
            assert sum(given.values()) + refund.amount.minor <= self.invoices[refund.payment].paid.minor
            given[refund.number] = refund.amount.minor
        if self.trouble() == "answer lost":
            raise CollectorUnavailable
        return ProviderRefund(f"re-{refund.number}", refund.account_id, refund.number, "succeeded")

    def refund_stands(self, name: str) -> ProviderRefund | None:
        return self.done.get(name)

    def failed(self, refund: Refund) -> ProviderRefund:
        """The bank could not give it back after all."""
        del self.given[refund.payment][refund.number]
        return ProviderRefund(f"re-{refund.number}", refund.account_id, refund.number, "failed", "lost_or_stolen_card")

    def _passing(self) -> None:
        if self.trouble() == "lost":
            raise CollectorUnavailable


class SellsInMemory:
    """Satisfies `billing.selling.Sells`."""

    def __init__(self) -> None:
        self.said: list[NamedSeller] = []

    def selling(self) -> Selling:
        return Selling(tuple(self.said))

    def naming(self, named: NamedSeller) -> InMemory:
        return write(Conflict(), lambda: self.said.append(named))
