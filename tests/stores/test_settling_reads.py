"""How often a page of a close, and what follows it, asks DynamoDB and Stripe: so that no reads creep in."""

import pytest

from chalicelib.edge.settling_accounts import settle_together
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.storage.writes import Transaction
from infra.local.stripe_double.trying import trial
from tests.benchmarks import settling
from tests.stores.city import calls, offer_bikes
from tests.stores.riding import MAY
from tests.stores.tables import STAGE

pytestmark = pytest.mark.stores
ACCOUNTS = 3
EACH = {"Query": 8, "GetItem": 10, "BatchGetItem": 1, "PutItem": 1, "TransactWriteItems": 2}
A_PAGE = {"Query": 4, "GetItem": 3}
"""Caps, tax rates, the partner's rule and who sells what; the product, its tariff and the seller."""
TOGETHER = {"Query": 5}
"""Charges with what is open, subscriptions, settlements, charges beside use, and the ledger."""
FOR_ALL = {"GetItem": 1, "BatchGetItem": 4, "TransactWriteItems": 1}
"""The last number; wallets, parked months, buyers and marks; all that is written."""


def test_an_account_of_a_page_is_settled_collected_and_paid_in_so_many_calls(
    commit: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "STAGE", STAGE)
    offer_bikes(commit)
    with trial() as stripe:
        customer = stripe.customer()
        method = stripe.client.v1.payment_methods.list({"customer": customer}).data[0].id
        for number in range(ACCOUNTS):
            settling._store(number, customer, method)
        with calls() as made:
            found = settling.settled(0, ACCOUNTS, stripe.address)

    most = {name: ACCOUNTS * each + A_PAGE.get(name, 0) for name, each in EACH.items()}
    assert {name: number for name, number in made.items() if number > most.get(name, 0)} == {}
    assert (found["paid"], found["calls"]) == (ACCOUNTS, 5 * ACCOUNTS)


def test_accounts_of_a_page_that_are_settled_together_ask_so_much_each_and_so_much_for_all(
    commit: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "STAGE", STAGE)
    offer_bikes(commit)
    names = [settling._account(number) for number in range(ACCOUNTS)]
    for number in range(ACCOUNTS):
        settling._store(number, "cus_1", "pm_1")
    page = BackOffice(settling._environment(""), now=lambda: settling.NOW).page()
    with calls() as made:
        found = settle_together(names, MAY, page)

    most = {name: ACCOUNTS * each for name, each in TOGETHER.items()}
    for name, number in (*A_PAGE.items(), *FOR_ALL.items()):
        most[name] = most.get(name, 0) + number
    assert {name: number for name, number in made.items() if number > most.get(name, 0)} == {}
    assert sorted(found) == names
    assert all(each.invoice is not None for each in found.values())
