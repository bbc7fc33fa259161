"""The journal, the notices and the saved answers, as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib.dialogue.model import Notice
from chalicelib.dialogue.store import NoticeStore
from chalicelib.edge.answers import find_answer, saving_answer
from chalicelib.edge.idempotency import AlreadyAnswered, Answer, RequestKey
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import receivable, revenue
from chalicelib.ledger.errors import EntryExists
from chalicelib.ledger.model import JournalEntry, Posting, balance, settlement_reference
from chalicelib.ledger.records import EntryRecord
from chalicelib.ledger.store import LedgerStore
from chalicelib.storage.writes import Transaction
from tests.stores.tables import Client, items

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, 5, tzinfo=UTC)
MAY, JUNE = Month(2021, 5), Month(2021, 6)
ledger, notices = LedgerStore(), NoticeStore()


def entry(reference: str, account_id: str = "acc-1", period: Month = MAY, minor: int = 950) -> JournalEntry:
    postings = (
        Posting(receivable(account_id), Money(minor, "EUR"), "proof:1:1"),
        Posting(revenue("par-1:bike"), Money(-minor, "EUR"), "proof:1:1"),
    )
    return JournalEntry(reference, "settlement", account_id, period, NOW, postings)


def test_an_entry_is_read_by_its_account_and_by_its_month(commit: Transaction) -> None:
    may, june, other = entry("s:1"), entry("s:2", period=JUNE), entry("s:3", "acc-2")
    for each in (june, other, may):
        commit(ledger.posting(each), None)

    assert ledger.of_account("acc-1") == [may, june]
    assert list(ledger.of_month(MAY)) == [may, other]
    assert list(ledger.of_month(JUNE)) == [june]
    assert ledger.of_account("acc-9") == list(ledger.of_month(JUNE.next)) == []


def test_a_page_of_a_month_is_behind_a_reference_and_asks_no_partition_for_more_than_it_shows(
    commit: Transaction,
) -> None:
    august = Month(2021, 8)
    references = [f"page:acc-{number:02d}" for number in range(30)]
    for reference in references:
        commit(ledger.posting(entry(reference, reference, august)), None)
    asked: list[int | None] = []
    call: Any = EntryRecord.listed

    def listed(*about: Any, **how: Any) -> Any:  # noqa: ANN401 -- as it is
        asked.append(how["limit"])
        return call(*about, **how)

    found: list[str] = []
    with patch.object(EntryRecord, "listed", listed):
        while page := ledger.page_of_month(august, limit=7, after=found[-1] if found else None):
            found += [each.reference for each in page]

    assert found == references
    assert set(asked) == {7}


def test_what_was_posted_to_a_month_after_an_instant_is_found_whenever_that_was(commit: Transaction) -> None:
    """
    To March of 2022 something is posted on 1 and 2 April, and on 1 May and 3 June, when it had been over for a month.
    """
    march = Month(2022, 3)
    instants = [datetime(2022, *day, 5, tzinfo=UTC) for day in ((4, 1), (4, 2), (5, 1), (6, 3))]
    posted = [
        replace(entry(f"late:{number}", period=march), posted_at=instant) for number, instant in enumerate(instants)
    ]
    for each in (*posted, replace(entry("other", period=march.next), posted_at=instants[1])):
        commit(ledger.posting(each), None)
    first, second, third, fourth = instants

    assert list(ledger.posted_to(march, None, second)) == posted[:2]
    assert list(ledger.posted_to(march, first, third)) == posted[1:3]
    assert list(ledger.posted_late(first, fourth)) == posted[2:]
    assert list(ledger.posted_late(third, fourth - timedelta(days=1))) == []
    assert list(ledger.of_month(march)) == posted


def test_a_month_is_read_in_order_of_reference_over_all_its_partitions(commit: Transaction) -> None:
    references = [f"settlement:acc-{number:02d}" for number in range(40)]
    for reference in reversed(references):
        commit(ledger.posting(entry(reference)), None)

    found = list(ledger.of_month(MAY))
    assert [each.reference for each in found] == references
    assert balance(posting for each in found for posting in each.postings) == {"EUR": 0}


def test_a_settlements_entry_is_found_and_posted_once_without_an_item_that_says_where_it_is(
    commit: Transaction, dynamodb: Client
) -> None:
    first = entry(settlement_reference("acc-1", MAY, 1))
    commit(ledger.posting(first), None)

    assert not [item for _, item in items(dynamodb) if item["pk"]["S"].startswith("entry#")]
    assert ledger.find(first.reference) == first
    assert ledger.find(settlement_reference("acc-1", MAY, 2)) is None
    with pytest.raises(EntryExists):
        commit(ledger.posting(entry(first.reference, minor=1)), None)


def test_a_reference_is_posted_once_and_the_first_stays(commit: Transaction) -> None:
    commit(ledger.posting(entry("s:1")), None)
    with pytest.raises(EntryExists):
        commit(ledger.posting(entry("s:1", minor=1)), None)

    assert ledger.of_account("acc-1") == [entry("s:1")]


def notice(hours: int, code: str = "payment_failed") -> Notice:
    return Notice("acc-1", "inv-1", code, {"amount": "9.50 EUR"}, NOW + timedelta(hours=hours))


def test_notices_are_read_newest_first_in_pages(commit: Transaction) -> None:
    for hours in (2, 0, 1):
        commit([notices.telling(notice(hours))], None)
    first = notices.of_account("acc-1", limit=2, after=None)

    assert [each for _, each in first] == [notice(2), notice(1)]
    assert [each for _, each in notices.of_account("acc-1", limit=2, after=first[-1][0])] == [notice(0)]
    assert notices.of_account("acc-2", limit=2, after=None) == []


def test_a_notice_told_again_replaces_itself(commit: Transaction) -> None:
    for _ in range(2):
        commit([notices.telling(notice(0))], None)

    assert len(notices.of_account("acc-1", limit=9, after=None)) == 1


KEY = RequestKey.of("key-1", caller="mobile:sub-1", what=["POST", "/v1/quotes"], body=b"{}")


def test_an_answer_is_saved_once_and_given_again_as_it_was(commit: Transaction) -> None:
    answer = Answer(KEY.request, 201, b'{"name":"T\xc3\xb6\xc3\xb6l\xc3\xb6"}')
    assert find_answer(KEY) is None
    commit([saving_answer(KEY, answer, NOW)], None)
    with pytest.raises(AlreadyAnswered):
        commit([saving_answer(KEY, Answer("other", 200, b""), NOW)], None)

    assert find_answer(KEY) == answer


def test_an_empty_answer_is_one_too(commit: Transaction) -> None:
    commit([saving_answer(KEY, Answer(KEY.request, 204, b""), NOW)], None)

    assert find_answer(KEY) == Answer(KEY.request, 204, b"")


def test_what_is_told_of_one_thing_at_one_instant_is_several_notices_and_each_is_told_once(commit: Transaction) -> None:
    for percent in ("50", "80", "100", "80"):
        commit([notices.telling(Notice("acc-1", "ses-1", "usage_limit", {"percent": percent}, NOW))], None)

    told = [each.facts["percent"] for _, each in notices.of_account("acc-1", limit=9, after=None)]
    assert sorted(told) == ["100", "50", "80"]
