"""Batches: whatever DynamoDB gives back is asked again, and at last told; nothing is lost on the way."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.metering.client import (
    Expression,
    Item,
    Query,
    RefusedError,
    Retrying,
    UnansweredError,
    UnprocessedError,
    Written,
)
from chalicelib.storage.capacity import counted
from tests.unit.metering import endpoint as does
from tests.unit.metering.endpoint import Step, served
from tests.unit.metering.test_client import TABLE, Around, client_of, failure_of, head, key


def by_name(items: list[Item]) -> list[str]:
    return sorted(item["pk"]["S"] for item in items)


def test_any_number_of_keys_is_read_in_parts_of_a_hundred() -> None:
    with served() as endpoint, counted() as used:
        client = client_of(endpoint)
        client.batch_write(TABLE, puts=[head(1, number) for number in range(230)])
        found = client.batch_get(TABLE, [key(number) for number in range(250)])

        assert by_name(found.items) == by_name([head(1, number) for number in range(230)])
        assert found.units == 3.0
        assert endpoint.operations == ["BatchWriteItem"] * 10 + ["BatchGetItem"] * 3
        assert used.units == 13.0


def test_nothing_to_do_asks_nothing() -> None:
    with served() as endpoint:
        client = client_of(endpoint)

        assert client.batch_get(TABLE, []) == ([], 0.0)
        assert client.batch_write(TABLE) == Written(0.0)
        assert client.write([]) == []
        assert endpoint.requests == []


def test_items_are_put_and_deleted() -> None:
    with served() as endpoint:
        client = client_of(endpoint)
        client.batch_write(TABLE, puts=[head(1, 1), head(1, 2)])
        client.batch_write(TABLE, puts=[head(1, 3)], deletes=[key(1)])

        assert by_name(client.batch_get(TABLE, [key(1), key(2), key(3)]).items) == by_name([head(1, 2), head(1, 3)])


@settings(max_examples=25)
@given(left=st.lists(st.integers(0, 30), max_size=6), count=st.integers(1, 120), reads=st.booleans())
def test_whatever_is_given_back_everything_is_done_at_last(left: list[int], count: int, reads: bool) -> None:  # noqa: FBT001 -- as given
    script = [does.leaving(number) for number in left]
    with served(*script) as endpoint:
        client = client_of(endpoint, Around(), retrying=Retrying(attempts=8))
        if reads:
            for number in range(count):
                endpoint.tables.items[TABLE, f"subject#ride-{number}", "head#2021-05"] = key(number)
            done = client.batch_get(TABLE, [key(number) for number in range(count)]).items
        else:
            client.batch_write(TABLE, puts=[key(number) for number in range(count)])
            done = list(endpoint.tables.items.values())
            assert len(endpoint.tables.applied) == count

        assert by_name(done) == by_name([key(number) for number in range(count)])


def test_a_part_that_comes_back_waits_a_little_and_a_whole_batch_as_for_throttling() -> None:
    around = Around()
    with served(does.leaving(5), does.leaving(5), does.leaving(5), does.leaving(2)) as endpoint:
        client_of(endpoint, around).batch_get(TABLE, [key(number) for number in range(10)])

        assert around.slept == [0.025, 2.0, 4.0, 0.025]
        assert [len(request.body["RequestItems"][TABLE]["Keys"]) for request in endpoint.requests] == [10, 5, 5, 5, 2]


def test_what_is_never_processed_is_told_with_what_was_found() -> None:
    around = Around()
    with served(does.leaving(1), otherwise=does.leaving(1)) as endpoint:
        endpoint.tables.items[TABLE, "subject#ride-0", "head#2021-05"] = key(0)
        failure = failure_of(lambda: client_of(endpoint, around).batch_get(TABLE, [key(0), key(1)]))

        assert isinstance(failure, UnprocessedError)
        assert (failure.left, failure.found) == ([key(1)], [key(0)])
        assert (len(endpoint.requests), len(around.slept)) == (4, 3)


def test_writes_that_are_never_processed_are_told() -> None:
    with served(otherwise=does.leaving(1)) as endpoint:
        failure = failure_of(lambda: client_of(endpoint).batch_write(TABLE, puts=[head(1, 0), head(1, 1)]))

        assert isinstance(failure, UnprocessedError)
        assert failure.left == [{"PutRequest": {"Item": head(1, 1)}}]


def test_parts_without_an_answer_are_told_as_left_beside_what_was_done() -> None:
    """
    Of two parts one is answered; the other's endpoint breaks four times.
    """
    with served(does.ok, *[does.reset_before] * 4) as endpoint:
        client = client_of(endpoint, width=1)
        failure = failure_of(lambda: client.batch_write(TABLE, puts=[head(1, number) for number in range(30)]))

        assert isinstance(failure, UnprocessedError)
        assert len(failure.left) == 5
        assert len(endpoint.tables.items) == 25


def test_a_lasting_refusal_of_a_part_is_told_at_once() -> None:
    with served(does.fault("ValidationException")) as endpoint:
        failure = failure_of(lambda: client_of(endpoint).batch_get(TABLE, [key()]))

        assert isinstance(failure, RefusedError)
        assert len(endpoint.requests) == 1


def test_the_deadline_holds_for_the_whole_batch() -> None:
    around = Around()
    with served(otherwise=does.leaving(1)) as endpoint:
        client = client_of(endpoint, around)
        deadline = client.deadline(1.5)
        failure = failure_of(lambda: client.batch_get(TABLE, [key()], deadline=deadline))

        assert isinstance(failure, UnprocessedError)
        assert around.slept == [1.0]


@pytest.mark.parametrize("step", [does.ok, does.chunked, does.reset_after, does.wrong_checksum, does.bare(503)])
def test_a_query_goes_through_all_pages_in_order(step: Step) -> None:
    rows: list[Item] = [{"pk": {"S": "p"}, "sk": {"S": f"{number:03}"}} for number in range(23)]
    with served() as endpoint:
        client = client_of(endpoint)
        client.batch_write(TABLE, puts=rows)
        endpoint.script.extend([does.ok, step])
        query = Query(TABLE, Expression("pk = :pk", {":pk": {"S": "p"}}), page=10)
        pages = list(client.pages(query))

        assert [row for page in pages for row in page.items] == rows
        assert [page.last for page in pages] == [rows[9], rows[19], None]


def test_a_page_is_asked_for_only_when_it_is_wanted() -> None:
    with served() as endpoint:
        client = client_of(endpoint)
        client.batch_write(TABLE, puts=[{"pk": {"S": "p"}, "sk": {"S": f"{number:03}"}} for number in range(23)])
        query = Query(TABLE, Expression("pk = :pk", {":pk": {"S": "p"}}), page=10)
        first = next(client.pages(query))

        assert endpoint.operations.count("Query") == 1
        after = next(client.pages(Query(TABLE, query.keys, page=10, after=first.last)))
        assert after.items[0]["sk"] == {"S": "010"}


def test_a_query_without_an_answer_is_told() -> None:
    with served(otherwise=does.bare(503)) as endpoint:
        client = client_of(endpoint)
        query = Query(TABLE, Expression("pk = :pk", {":pk": {"S": "p"}}))
        failure = failure_of(lambda: list(client.pages(query)))

        assert isinstance(failure, UnansweredError)


def test_parts_are_read_in_turn_and_the_next_is_asked_before_the_present_one_is_looked_at() -> None:
    with served() as endpoint:
        client = client_of(endpoint)
        client.batch_write(TABLE, puts=[head(1, number) for number in range(25)])
        parts = [[key(number) for number in range(first, first + 5)] for first in range(0, 25, 5)]
        found = client.batch_gets(TABLE, parts)
        first = next(found)
        patience = time.monotonic() + 5
        while (asked := endpoint.operations.count("BatchGetItem")) < 2 and time.monotonic() < patience:
            time.sleep(0.01)  # the endpoint is another thread
        rest = list(found)

        assert [by_name(each.items) for each in (first, *rest)] == [by_name(part) for part in parts]
        assert asked == 2
        assert endpoint.operations.count("BatchGetItem") == 5


def test_parts_that_nobody_waits_for_leave_no_answer_behind_for_the_next_call() -> None:
    with served() as endpoint:
        client = client_of(endpoint)
        client.batch_write(TABLE, puts=[head(1, number) for number in range(4)])
        found = client.batch_gets(TABLE, [[key(number)] for number in range(4)])
        assert by_name(next(found).items) == by_name([key(0)])
        found.close()

        assert by_name(client.batch_get(TABLE, [key(3)]).items) == by_name([key(3)])


def test_a_part_whose_first_answer_fails_is_asked_again() -> None:
    with served(does.leaving(2), does.leaving(1)) as endpoint:
        client = client_of(endpoint, Around(), retrying=Retrying(attempts=8))
        for number in range(6):
            endpoint.tables.items[TABLE, f"subject#ride-{number}", "head#2021-05"] = key(number)
        parts = [[key(number) for number in range(3)], [key(number) for number in range(3, 6)]]

        assert [by_name(each.items) for each in client.batch_gets(TABLE, parts)] == [by_name(part) for part in parts]
