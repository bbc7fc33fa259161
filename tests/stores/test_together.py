"""What several acts say alike is one item, from which each of them is read as if it had said it by itself."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.comparison_store import ComparisonStore
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.store import BillingStore
from chalicelib.edge.workers import bodies_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.together import together
from chalicelib.storage.writes import Put, Transaction
from tests.stores.tables import Client, items

pytestmark = pytest.mark.stores
NOW, MAY = datetime(2021, 6, 1, 5, tzinfo=UTC), Month(2021, 5)
LATER = NOW + timedelta(hours=1)
billed, comparisons = BillingStore(), ComparisonStore()


def invoice(account_id: str, at: datetime = NOW) -> Invoice:
    lines = (InvoiceLine("session", "ses-1", Money(950, "EUR")),)
    return Invoice(account_id, MAY, 1, lines, Money(950, "EUR"), at)


def images(dynamodb: Client) -> list[dict[str, str]]:
    """Text attributes of what is in the outbox, as its stream gives them."""
    return [
        {name: value["S"] for name, value in item.items() if "S" in value}
        for table, item in items(dynamodb)
        if table.endswith("outbox")
    ]


def test_invoices_that_are_written_together_are_one_item_by_when_they_were_issued_and_each_is_found(
    commit: Transaction,
) -> None:
    """
    Four are issued at five, the fifth an hour later: two items. A page of so many items may name more invoices.
    """
    made = [invoice(f"acc-{number}") for number in range(4)] + [invoice("acc-4", LATER)]
    apart = [write for each in made for write in billed.adding_invoice(each, each.issued_at)]
    joined = together([*together(apart[:6]), *apart[6:]])
    commit(joined, None)

    assert (len(apart), len(joined)) == (15, 5 + 2 + 1)
    everybody = [(f"acc-{number}", MAY, 1) for number in range(5)]
    assert comparisons.issued(NOW, LATER, limit=9, after=None).rows == everybody
    first = comparisons.issued(NOW, LATER, limit=1, after=None)
    assert first.rows == everybody[:4]
    assert comparisons.issued(NOW, LATER, limit=9, after=first.after).rows == everybody[4:]


def test_messages_of_a_topic_are_one_item_and_each_of_their_facts_is_told_to_a_worker(
    commit: Transaction, dynamodb: Client
) -> None:
    said = [("pay", "a"), ("tell", "b"), ("pay", "c"), ("pay", "d")]
    commit(together([message(topic, key, {"about": key}, NOW) for topic, key in said]), None)

    told = [(image["topic"], facts["about"]) for image in images(dynamodb) for facts in bodies_of(image)]
    assert sorted(told) == sorted(said)
    assert len(images(dynamodb)) == 2


def test_what_is_said_again_by_itself_or_with_others_takes_nothing_from_what_was_said_together(
    commit: Transaction, dynamodb: Client
) -> None:
    """
    Messages that no worker could do are read from the table once more (`make redrive`): none may be gone from it.
    """
    a, b, c = (message("pay", key, {"about": key}, NOW) for key in "abc")
    commit(together([a, b]), None)
    commit([message("pay", "a", {"about": "a", "again": "yes"}, LATER)], None)
    commit(together([a, c]), None)

    told = Counter(facts["about"] for image in images(dynamodb) for facts in bodies_of(image))
    assert told == {"a": 3, "b": 1, "c": 1}


def test_what_is_said_together_twice_is_one_item(commit: Transaction, dynamodb: Client) -> None:
    for _ in range(2):
        commit(together([message("pay", key, {"about": key}, NOW) for key in "ab"]), None)

    assert len(images(dynamodb)) == 1


def test_a_message_alone_is_as_it_was(commit: Transaction) -> None:
    commit(together([message("pay", "a", {"about": "a"}, NOW)]), None)

    assert MessageRecord.find("pay#a", "message") is not None


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 9)), max_size=20), st.integers(0, 20))
def test_in_whatever_portions_it_is_put_together_the_same_is_said(said: list[tuple[str, int]], first: int) -> None:
    writes = [message(topic, str(number), {"about": str(number)}, NOW) for topic, number in said]
    at_once, in_portions = together(writes), together([*together(writes[:first]), *writes[first:]])

    def facts(found: object) -> list[tuple[str, list[str]]]:
        records = [each.record for each in found if isinstance(each, Put)]  # type: ignore[attr-defined]
        return [
            (each.topic, [body["about"] for body in (each.body, *(each.others or ()))])
            for each in records
            if isinstance(each, MessageRecord)
        ]

    assert facts(at_once) == facts(in_portions)
    assert Counter((topic, int(about)) for topic, several in facts(at_once) for about in several) == Counter(said)
