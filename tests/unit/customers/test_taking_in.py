"""Whoever signs up twice has one account; the terms that were shown are the ones that count."""

import random
from datetime import UTC, datetime

import pytest

from chalicelib.customers.errors import AccountClosed, AlreadySignedUp, NotSignedUp
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.service import customer_of, take_in
from chalicelib.kernel.errors import Conflict
from chalicelib.subscriptions.errors import AlreadyAgreed, NoActiveAgreement, TermsNotShown
from chalicelib.subscriptions.model import ACTIVE, PAY_PER_USE, Agreement
from chalicelib.subscriptions.service import SignUp, sign_up
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 5, 1, tzinfo=UTC)


class CustomersInMemory:
    """Satisfies `customers.ports.Customers`."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Customer, Account]] = {}

    def by_subject(self, subject: str) -> Customer | None:
        return self.kept[subject][0] if subject in self.kept else None

    def account(self, account_id: str) -> Account | None:
        return next((account for _, account in self.kept.values() if account.account_id == account_id), None)

    def adding(self, customer: Customer, account: Account) -> list[InMemory]:
        subject = customer.subject
        add = write(
            AlreadySignedUp(),
            lambda: self.kept.update({subject: (customer, account)}),
            holds=lambda: subject not in self.kept,
        )
        return [add]

    def account_is_open(self, account_id: str) -> InMemory:
        return write(AccountClosed(), holds=lambda: self.account(account_id) is not None)


class AgreementsInMemory:
    """Satisfies `subscriptions.ports.Agreements`."""

    def __init__(self) -> None:
        self.kept: dict[str, Agreement] = {}

    def find(self, account_id: str) -> Agreement | None:
        return next((each for each in self.kept.values() if each.account_id == account_id), None)

    def adding(self, agreement: Agreement, _now: datetime) -> list[InMemory]:
        subject = agreement.subject
        add = write(
            AlreadyAgreed(),
            lambda: self.kept.update({subject: agreement}),
            holds=lambda: subject not in self.kept,
        )
        return [add]

    def is_active(self, account_id: str) -> InMemory:
        return write(NoActiveAgreement(), holds=lambda: self.find(account_id) is not None)


def agree(agreements: AgreementsInMemory, terms: str = "2", subject: str = "sub-1", seed: int = 1) -> Agreement:
    return sign_up(
        SignUp(subject, "fi", terms),
        terms_in_force="2",
        currency="EUR",
        agreements=agreements,
        random_bytes=random.Random(seed).randbytes,
        now=NOW,
        commit=Commits(),
    )


def test_signing_up_is_agreeing_to_pay_for_use_and_nothing_else() -> None:
    agreement = agree(AgreementsInMemory())

    assert (agreement.plan, agreement.state, agreement.terms_version) == (PAY_PER_USE, ACTIVE, "2")
    assert agreement.account_id.startswith("acc_")
    assert agreement.customer_id.startswith("cus_")


@pytest.mark.parametrize("terms", ["1", "3", "", "x" * 500])
def test_other_terms_than_those_in_force_are_not_accepted(terms: str) -> None:
    agreements = AgreementsInMemory()
    with pytest.raises(TermsNotShown) as refused:
        agree(agreements, terms)

    assert not agreements.kept
    assert len(str(refused.value.facts["accepted"])) <= 40


def test_a_sign_in_agrees_once() -> None:
    agreements = AgreementsInMemory()
    first = agree(agreements)
    with pytest.raises(AlreadyAgreed):
        agree(agreements, seed=2)

    assert agreements.kept == {"sub-1": first}


def test_an_account_is_opened_once_however_often_the_worker_hears_of_it() -> None:
    customers = CustomersInMemory()
    first, again = Customer("cus-1", "acc-1", "sub-1", "fi", NOW), Customer("cus-2", "acc-2", "sub-1", "fi", NOW)

    for customer in (first, first, again):
        account = Account(customer.account_id, "EUR", NOW)
        assert take_in(customer, account, customers=customers, commit=Commits()) == first
    assert customers.account("acc-2") is None


def test_a_sign_in_that_nobody_signed_up_with_is_no_customer() -> None:
    with pytest.raises(NotSignedUp):
        customer_of("sub-9", customers=CustomersInMemory())


def test_a_refusal_of_the_store_that_is_no_repeat_is_not_taken_for_one() -> None:
    class Busy(CustomersInMemory):
        def adding(self, customer: Customer, account: Account) -> list[InMemory]:
            return [*super().adding(customer, account), write(Conflict(), holds=lambda: False)]

    with pytest.raises(Conflict):
        take_in(
            Customer("cus-1", "acc-1", "sub-1", "fi", NOW),
            Account("acc-1", "EUR", NOW),
            customers=Busy(),
            commit=Commits(),
        )
