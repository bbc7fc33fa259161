"""How often a page of a close, and what follows it, asks DynamoDB and Stripe: so that no reads creep in."""

from collections import Counter
from collections.abc import Mapping

import pytest

from chalicelib.edge.settling_accounts import settle_together
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import bodies_of, invoice_named
from chalicelib.storage.writes import Transaction
from infra.local.stripe_double.trying import trial
from tests.benchmarks import settling
from tests.stores.city import calls, offer_bikes
from tests.stores.riding import MAY
from tests.stores.tables import STAGE, Client, items

pytestmark = pytest.mark.stores
ACCOUNTS = 3
EACH = {"Query": 7, "GetItem": 2, "BatchGetItem": 2, "PutItem": 1, "TransactWriteItems": 1}
"""With collecting its invoice and taking note of its payment."""
A_PAGE = {"Query": 4, "GetItem": 3}
"""Caps, tax rates, the partner's rule and who sells what; the product, its tariff and the seller."""
TOGETHER = {"Query": 3}
"""Sessions' charges with what is open, settlements with charges beside use, and the ledger."""
FOR_ALL = {"GetItem": 1, "BatchGetItem": 5, "TransactWriteItems": 1}
"""The last number; wallets, parked months, buyers, marks, and who ever had a plan; all that is written."""


def _most(of_each: Mapping[str, int]) -> Counter[str]:
    """What a page of so many accounts may ask."""
    return Counter({name: ACCOUNTS * number for name, number in of_each.items()}) + Counter(A_PAGE) + Counter(FOR_ALL)


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

    assert {name: number for name, number in made.items() if number > _most(EACH)[name]} == {}
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

    assert {name: number for name, number in made.items() if number > _most(TOGETHER)[name]} == {}
    assert sorted(found) == names
    assert all(each.invoice is not None for each in found.values())


def test_each_invoice_of_accounts_that_are_settled_together_is_to_be_collected_and_found_by_its_issue(
    commit: Transaction, monkeypatch: pytest.MonkeyPatch, dynamodb: Client
) -> None:
    """
    One item says it of all of them; a worker that is told it collects each.
    """
    monkeypatch.setattr(settling, "STAGE", STAGE)
    offer_bikes(commit)
    names = [settling._account(number) for number in range(ACCOUNTS)]
    for number in range(ACCOUNTS):
        settling._store(number, "cus_1", "pm_1")
    page = BackOffice(settling._environment(""), now=lambda: settling.NOW).page()
    settle_together(names, MAY, page)

    images = [item for table, item in items(dynamodb) if table.endswith("outbox")]
    (image,) = [
        {name: value["S"] for name, value in each.items() if "S" in value}
        for each in images
        if each["topic"]["S"] == "billing.collect"
    ]
    assert sorted(invoice_named(facts) for facts in bodies_of(image)) == [(name, MAY, 1) for name in names]
    issued = page.comparisons.issued(settling.NOW, settling.NOW, limit=9, after=None)
    assert sorted(issued.rows) == [(name, MAY, 1) for name in names]
