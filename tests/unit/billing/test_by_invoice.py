"""Who pays by invoice is sent its bills and charged by nobody; what is overdue counts as a payment that failed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from chalicelib.billing.collecting import collect, take_note
from chalicelib.billing.errors import CollectorUnavailable, NothingToPay, PayerGone
from chalicelib.billing.model import Invoice, InvoiceState, Payer, ProviderInvoice
from chalicelib.billing.overdue import look_when_due
from chalicelib.billing.payment_terms import PaymentTerm, carry_out, set_term
from chalicelib.billing.retrying import pay_now
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.stripe_terms import StripeAddresses
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from infra.local.stripe_double.trying import SECRET_KEY, Trial, trial
from tests.unit.billing.books import ACCOUNT, MAY, ZONE, Books
from tests.unit.billing.test_collecting import INVOICE, NOW, Provider, stands
from tests.unit.memory import InMemory, write

DUE_AT = NOW + timedelta(days=14)
NAME = INVOICE.invoice_id


@dataclass
class Sending(Provider):
    """A provider that has a page for each invoice that is final, and charges nothing that is sent."""

    def pay(self, name: str, invoice: Invoice, method: str) -> None:
        if invoice.due_at is None:
            super().pay(name, invoice, method)
        else:
            self._call()

    def read(self, name: str) -> ProviderInvoice:
        found = super().read(name)
        return replace(found, link=f"https://pay/{name}") if found.status != "draft" else found


@pytest.fixture
def books() -> Books:
    found = Books()
    found.billed.made[MAY, 1] = INVOICE
    found.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", version=2, days_net=14)
    return found


def collected(books: Books, provider: Provider) -> Invoice | None:
    how = {"billed": books.billed, "collector": provider, "credit": books.crediting(provider)}
    failed = books.billed.made[MAY, 1].failures
    return collect(ACCOUNT, MAY, 1, failed, **how, now=NOW, commit=books.commit)  # type: ignore[arg-type]


def looked(books: Books, provider: Provider, at: datetime) -> Invoice | None:
    kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
    return look_when_due(ACCOUNT, MAY, 1, collector=provider, zone=ZONE, now=at, commit=books.commit, **kept)  # type: ignore[arg-type]


def noted(books: Books, said: ProviderInvoice) -> Invoice | None:
    kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
    return take_note(said, zone=ZONE, now=NOW, commit=books.commit, **kept)  # type: ignore[arg-type]


@pytest.mark.parametrize("breaks", range(6))
def test_it_is_sent_once_with_its_link_and_day_wherever_that_broke_off(books: Books, breaks: int) -> None:
    provider = Sending(breaks=breaks)
    if breaks < 5:
        with pytest.raises(CollectorUnavailable):
            collected(books, provider)
    provider.breaks = None
    collected(books, provider)
    collected(books, provider)

    invoice = books.billed.made[MAY, 1]
    assert (invoice.state, invoice.due_at, invoice.link) == (InvoiceState.DUE, DUE_AT, "https://pay/in-0")
    assert (provider.status, provider.paid_with) == ({"in-0": "open"}, [])
    assert books.billed.told == [f"invoice_to_pay {NAME}", f"look {NAME} 06-12", f"look {NAME} 06-15"]


def test_a_card_beside_the_term_is_not_charged_nor_a_saved_one_later(books: Books) -> None:
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-1", version=2, days_net=14)
    provider = Sending()
    collected(books, provider)
    collected(books, provider)
    assert provider.paid_with == []
    with pytest.raises(NothingToPay):
        pay_now(ACCOUNT, NAME, billed=books.billed, now=NOW, commit=books.commit)


def test_it_is_a_receivable_until_it_is_paid_and_then_booked_once(books: Books) -> None:
    provider = Sending()
    collected(books, provider)
    assert not books.journal.entries
    for _ in range(2):
        noted(books, replace(stands("paid", 950), link="https://pay/in-0"))

    assert [books.journal.sum_of(each) for each in (STRIPE_CLEARING, receivable(ACCOUNT))] == [950, -950]


def test_a_try_at_its_page_that_is_declined_fails_nothing_before_it_is_due(books: Books) -> None:
    collected(books, Sending())
    assert noted(books, stands("open", code="lost_card")) is None
    assert books.billed.made[MAY, 1].state is InvoiceState.DUE


def test_it_is_reminded_of_before_it_is_due_and_after_and_bars_its_account_from_then_until_it_is_paid(
    books: Books,
) -> None:
    provider = Sending()
    collected(books, provider)
    books.billed.told.clear()
    looked(books, provider, DUE_AT - timedelta(days=3))
    assert (books.billed.told, books.billed.payers[ACCOUNT].failed) == ([f"invoice_due_soon {NAME}"], frozenset())

    for _ in range(2):
        looked(books, provider, DUE_AT)
    assert books.billed.payers[ACCOUNT].failed == {NAME}
    assert books.billed.told[1:] == [f"invoice_overdue {NAME} overdue", f"look {NAME} 06-22", "narrow 06-18 05:00"]
    looked(books, provider, DUE_AT + timedelta(days=7))
    assert books.billed.told[-1] == f"invoice_still_overdue {NAME} overdue"
    collected(books, provider)
    assert provider.paid_with == []
    noted(books, stands("paid", 950))
    assert (books.billed.payers[ACCOUNT].failed, books.billed.made[MAY, 1].state) == (frozenset(), InvoiceState.PAID)


def test_what_was_paid_is_not_overdue_although_its_webhook_never_came(books: Books) -> None:
    provider = Sending()
    collected(books, provider)
    provider.status["in-0"] = "paid"
    kept = provider.read
    provider.read = lambda name: replace(kept(name), paid=INVOICE.total)  # type: ignore[method-assign]
    looked(books, provider, DUE_AT)

    assert books.billed.made[MAY, 1].state is InvoiceState.PAID
    assert books.billed.payers[ACCOUNT].failed == frozenset()
    assert looked(books, provider, DUE_AT) is None


def test_a_bill_with_nothing_to_collect_it_by_is_told_to_its_customer(books: Books) -> None:
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", version=2)
    provider = Sending()
    assert collected(books, provider) is None
    assert (provider.calls, books.billed.told) == (0, [f"payment_method_missing {NAME}"])


class TermsInMemory:
    """Satisfies `payment_terms.Terms`."""

    def __init__(self) -> None:
        self.kept: list[PaymentTerm] = []

    def terms(self, _account_id: str) -> Sequence[PaymentTerm]:
        return self.kept[::-1]

    def setting(self, term: PaymentTerm) -> Sequence[InMemory]:
        return [write(CollectorUnavailable(), lambda: self.kept.append(term))]

    def looking(self, _named: Mapping[str, str], _now: datetime) -> InMemory:
        return write(CollectorUnavailable())


@dataclass
class Customers:
    """Makes customers, has their addresses, and forgets one that is `gone`."""

    gone: str = ""
    made: dict[str, str | None] = field(default_factory=dict)

    def create_customer(self, _account_id: str, turn: int) -> str:
        self.made.setdefault(f"cus-{turn}", None)
        return f"cus-{turn}"

    def address(self, provider_customer: str, term: PaymentTerm) -> None:
        if provider_customer == self.gone:
            raise PayerGone
        self.made[provider_customer] = term.email


@dataclass
class Firm:
    """An account, finance's decisions about it, and the worker."""

    books: Books = field(default_factory=Books)
    terms: TermsInMemory = field(default_factory=TermsInMemory)
    customers: Customers = field(default_factory=Customers)

    def decide(self, days: int | None, email: str | None = "ap@firm.example") -> None:
        term = PaymentTerm(ACCOUNT, days, email if days else None, "tove", NOW, "as agreed")
        set_term(term, terms=self.terms, commit=self.books.commit)
        for _ in range(2):
            self.carried_out()

    def carried_out(self) -> Payer | None:
        how = {"terms": self.terms, "billed": self.books.billed, "collector": self.customers}
        return carry_out(ACCOUNT, provider=self.customers, now=NOW, commit=self.books.commit, **how)  # type: ignore[arg-type]

    @property
    def payer(self) -> Payer:
        return self.books.billed.payers[ACCOUNT]


class TestGranting:
    """Finance decides, and a worker carries it out."""

    def test_who_never_saved_a_card_can_start_with_a_term_and_its_bills_have_an_address(self) -> None:
        firm = Firm()
        firm.decide(30)
        assert (firm.payer.days_net, firm.payer.can_pay, firm.payer.payment_method) == (30, True, None)
        assert firm.customers.made == {"cus-1": "ap@firm.example"}

    def test_a_card_stays_and_counts_again_once_the_term_is_taken_back(self) -> None:
        firm = Firm()
        firm.books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-7", "pm-1", version=4)
        firm.decide(14)
        firm.decide(None)
        assert (firm.payer.days_net, firm.payer.payment_method) == (None, "pm-1")
        assert [each.days for each in firm.terms.kept] == [14, None]

    def test_the_same_again_is_no_new_decision(self) -> None:
        firm = Firm()
        firm.decide(14)
        firm.decide(14)
        assert [each.version for each in firm.terms.kept] == [1]

    def test_a_customer_that_was_deleted_at_the_provider_is_made_anew(self) -> None:
        firm = Firm(customers=Customers(gone="cus-7"))
        firm.books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-7", "pm-1", version=4)
        firm.decide(14)
        assert (firm.payer.provider_customer, firm.payer.days_net, firm.payer.payment_method) == ("cus-5", 14, None)

    def test_a_bill_that_waited_for_a_method_is_sent_now(self) -> None:
        firm = Firm()
        firm.books.billed.made[MAY, 1] = INVOICE
        firm.decide(14)
        assert f"collect {NAME}" in firm.books.billed.told

    def test_where_nothing_was_decided_or_there_is_nothing_to_take_back_nothing_happens(self) -> None:
        firm = Firm()
        assert firm.carried_out() is None
        firm.books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-7", "pm-1", version=4)
        firm.decide(None)
        assert firm.payer.version == 4


@pytest.fixture(scope="module")
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


def test_stripe_has_it_open_until_the_day_with_a_page_of_its_own(stripe: Trial) -> None:
    """Through the real SDK against the double; a second try of each call says the same."""
    calls = StripeCalls(SECRET_KEY, stripe.address)
    gateway, customer = StripeGateway(calls), stripe.customer()
    invoice = replace(INVOICE, days_net=14, due_at=DUE_AT)
    StripeAddresses(calls).address(customer, PaymentTerm(ACCOUNT, 14, "ap@firm.example", "tove", NOW, "x"))
    made = gateway.draft(invoice, customer)
    assert gateway.draft(invoice, customer) == made
    assert gateway.add_lines(made, invoice) == invoice.total
    gateway.finalize(made, invoice)
    gateway.pay(made, invoice, stripe.save_card(customer))
    found, there = gateway.read(made), stripe.client.v1.invoices.retrieve(made, options=stripe.key())

    assert found is not None
    assert (found.status, found.attempted, found.link) == ("open", False, there.hosted_invoice_url)
    assert (there.collection_method, there.due_date - there.created) == ("send_invoice", 14 * 86_400)


def test_stripe_makes_none_for_a_customer_without_an_address(stripe: Trial) -> None:
    import stripe as sdk  # noqa: PLC0415 -- takes long, and only this test names its errors

    invoice = replace(INVOICE, account_id="acc-2", days_net=14, due_at=DUE_AT)
    nobody = stripe.client.v1.customers.create({"metadata": {"account_id": "acc-2"}}, stripe.key())
    with pytest.raises(sdk.InvalidRequestError, match="Missing email"):
        StripeGateway(StripeCalls(SECRET_KEY, stripe.address)).draft(invoice, nobody.id)
