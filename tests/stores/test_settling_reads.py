"""How often a page of a close, and what follows it, asks DynamoDB and Stripe: so that no reads creep in."""

import pytest

from chalicelib.storage.writes import Transaction
from infra.local.stripe_double.trying import trial
from tests.benchmarks import settling
from tests.stores.city import calls, offer_bikes
from tests.stores.tables import STAGE

pytestmark = pytest.mark.stores
ACCOUNTS = 3
EACH = {"Query": 9, "GetItem": 10, "BatchGetItem": 1, "PutItem": 1, "TransactWriteItems": 2}
A_PAGE = {"Query": 4, "GetItem": 3}
"""Caps, tax rates, the partner's rule and who sells what; the product, its tariff and the seller."""


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
