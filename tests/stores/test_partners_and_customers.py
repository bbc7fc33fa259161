"""Partners with their keys, customers with their accounts and agreements, as DynamoDB keeps them."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.customers.errors import AccountClosed, AlreadySignedUp
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.store import CustomerStore
from chalicelib.kernel.errors import Conflict
from chalicelib.partners.errors import IdTaken, KeyRefused, UnknownKey
from chalicelib.partners.model import ApiKey, Partner
from chalicelib.partners.service import KeyMaker, authenticate, create_partner, issue_key, revoke_key
from chalicelib.partners.store import PartnerStore
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction
from chalicelib.subscriptions.errors import AlreadyAgreed, NoActiveAgreement
from chalicelib.subscriptions.model import ACTIVE, Agreement
from chalicelib.subscriptions.store import AgreementStore

pytestmark = pytest.mark.stores
NOW = datetime(2021, 5, 1, 6, tzinfo=UTC)
PARTNER = Partner("par-1", "Töölö bikes", NOW)
KEY = ApiKey("key-1", "par-1", "test", "first", "a" * 64, NOW)
CUSTOMER, ACCOUNT = Customer("cus-1", "acc-1", "sub-1", "fi", NOW), Account("acc-1", "EUR", NOW)
AGREEMENT = Agreement("acc-1", "cus-1", "sub-1", "pay-per-use", "2", ACTIVE, "fi", "EUR", NOW)
partners, customers, agreements = PartnerStore(), CustomerStore(), AgreementStore()


def something() -> list[object]:
    """A write for a check to restrict."""
    return [message("x", "y", {}, NOW)]


def test_a_partner_and_its_keys_come_back_as_they_were(commit: Transaction) -> None:
    other = ApiKey("key-2", "par-1", "live", "second", "b" * 64, NOW, NOW)
    commit([*partners.adding(PARTNER), *partners.adding_key(KEY), *partners.adding_key(other)], None)

    assert partners.find("par-1") == PARTNER
    assert [partners.key("key-1"), partners.key("key-2")] == [KEY, other]
    assert partners.keys_of("par-1") == [KEY, other]
    assert (partners.find("par-9"), partners.key("key-9"), partners.keys_of("par-9")) == (None, None, [])


def test_ids_of_partners_and_keys_are_taken_once(commit: Transaction) -> None:
    commit([*partners.adding(PARTNER), *partners.adding_key(KEY)], None)

    for again in (partners.adding(PARTNER), partners.adding_key(KEY)):
        with pytest.raises(IdTaken):
            commit(again, None)


def test_partners_are_listed_from_their_creation_on_in_order_of_id(commit: Transaction) -> None:
    others = [Partner(f"par-{number}", f"Bikes {number}", NOW) for number in (3, 2)]
    for each in (*others, PARTNER):
        commit(partners.adding(each), None)

    assert list(partners.all()) == [PARTNER, *reversed(others)]
    assert list(partners.all(limit=1)) == [PARTNER]
    assert list(partners.all(limit=5, after="par-1")) == [*reversed(others)]


def test_a_partner_that_is_older_than_the_list_is_in_it_from_its_next_key_on(commit: Transaction) -> None:
    commit(partners.adding(PARTNER)[:1], None)
    assert list(partners.all()) == []
    maker = KeyMaker("test", b"pepper", random.Random(1).randbytes)
    for label in ("second", "third"):
        issue_key("par-1", label, partners=partners, maker=maker, now=NOW + timedelta(days=9), commit=commit)

    assert list(partners.all()) == [PARTNER]


def test_a_revocation_is_seen_by_its_id_and_in_the_partners_list_at_once(commit: Transaction) -> None:
    commit([*partners.adding(PARTNER), *partners.adding_key(KEY)], None)
    revoked = KEY.revoke(NOW + timedelta(days=1))
    commit(partners.revoking(revoked), None)

    assert partners.key("key-1") == revoked
    assert partners.keys_of("par-1") == [revoked]
    with pytest.raises(UnknownKey):
        commit(partners.revoking(ApiKey("key-9", "par-1", "test", "", "", NOW)), None)


def test_a_key_opens_until_it_is_revoked(commit: Transaction) -> None:
    maker = KeyMaker("test", b"pepper", random.Random(1).randbytes)
    issued = create_partner("Bikes", partners=partners, maker=maker, now=NOW, commit=commit)
    assert authenticate(issued.text, partners=partners, mode="test", pepper=b"pepper") == issued.key
    revoke_key(issued.partner.partner_id, issued.key.key_id, partners=partners, now=NOW, commit=commit)

    with pytest.raises(KeyRefused):
        authenticate(issued.text, partners=partners, mode="test", pepper=b"pepper")


def test_a_customer_and_the_account_come_back_as_they_were(commit: Transaction) -> None:
    commit(customers.adding(CUSTOMER, ACCOUNT), None)

    assert customers.by_subject("sub-1") == CUSTOMER
    assert customers.account("acc-1") == ACCOUNT
    assert (customers.by_subject("sub-9"), customers.account("acc-9")) == (None, None)


@pytest.mark.parametrize(
    ("customer", "account"),
    [
        (Customer("cus-2", "acc-2", "sub-1", "fi", NOW), Account("acc-2", "EUR", NOW)),
        (Customer("cus-2", "acc-1", "sub-2", "fi", NOW), Account("acc-1", "EUR", NOW)),
    ],
    ids=["the same sign-in", "the same account"],
)
def test_neither_a_sign_in_nor_an_account_is_taken_twice(
    commit: Transaction, customer: Customer, account: Account
) -> None:
    commit(customers.adding(CUSTOMER, ACCOUNT), None)
    with pytest.raises(AlreadySignedUp):
        commit(customers.adding(customer, account), None)

    assert customers.by_subject("sub-1") == CUSTOMER
    assert customers.by_subject("sub-2") is None


def test_nothing_is_written_for_an_account_that_is_closed_or_not_there(commit: Transaction) -> None:
    commit(customers.adding(CUSTOMER, ACCOUNT), None)
    commit(
        customers.adding(Customer("c", "acc-2", "sub-2", "fi", NOW), Account("acc-2", "EUR", NOW, closed=True)), None
    )
    for account_id in ("acc-2", "acc-9"):
        with pytest.raises(AccountClosed):
            commit([customers.account_is_open(account_id), *something()], None)
    assert MessageRecord.find("x#y", "message") is None

    commit([customers.account_is_open("acc-1"), *something()], None)
    assert MessageRecord.find("x#y", "message") is not None


def test_an_agreement_comes_back_as_it_was_and_the_worker_hears_of_it(commit: Transaction) -> None:
    commit(agreements.adding(AGREEMENT, NOW), None)

    assert agreements.find("acc-1") == AGREEMENT
    assert agreements.find("acc-9") is None
    said = MessageRecord.find("customers.sign_up#acc-1", "message")
    assert said is not None
    assert said.body == {"account_id": "acc-1"}


def test_a_sign_in_agrees_once_and_the_second_leaves_nothing(commit: Transaction) -> None:
    commit(agreements.adding(AGREEMENT, NOW), None)
    second = Agreement("acc-2", "cus-2", "sub-1", "pay-per-use", "2", ACTIVE, "fi", "EUR", NOW)
    with pytest.raises(AlreadyAgreed):
        commit(agreements.adding(second, NOW), None)

    assert agreements.find("acc-2") is None
    assert MessageRecord.find("customers.sign_up#acc-2", "message") is None


@pytest.mark.parametrize("state", ["paused", "ended", None])
def test_nothing_is_written_without_an_active_agreement(commit: Transaction, state: str | None) -> None:
    if state:
        ended = Agreement("acc-1", "cus-1", "sub-1", "pay-per-use", "2", state, "fi", "EUR", NOW)
        commit(agreements.adding(ended, NOW), None)
    with pytest.raises(NoActiveAgreement) as refused:
        commit([agreements.is_active("acc-1"), *something()], None)

    assert not isinstance(refused.value, Conflict)
    assert MessageRecord.find("x#y", "message") is None
