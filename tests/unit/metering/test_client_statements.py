"""Heads as statements: many in a request, each on its own condition, done once whatever becomes of the request."""

import json
import socket
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.metering.client import Client, RefusedError, Retrying
from chalicelib.metering.errors import TableBusy
from chalicelib.metering.lean_items import LeanItems
from chalicelib.metering.records import Item
from chalicelib.storage.capacity import counted
from tests.unit.metering import endpoint as does
from tests.unit.metering.endpoint import Endpoint, Step, served
from tests.unit.metering.test_client import APPLIED, PASSING, TABLE, Around, client_of, key

THROTTLED = ("ProvisionedThroughputExceeded", "RequestLimitExceeded", "ThrottlingError")
PAUSES = [1.0, 2.0, 4.0]


def head(number: int, version: int = 1, state: bytes = b"new") -> Item:
    return {**key(number), "format": {"N": "2"}, "version": {"N": str(version)}, "state": {"B": state}}


def heads(count: int) -> list[tuple[Item, int]]:
    """That are new."""
    return [(head(number), 0) for number in range(count)]


@dataclass
class Table:
    """The endpoint's, and the client's way to it."""

    endpoint: Endpoint
    client: Client

    @property
    def items(self) -> LeanItems:
        return LeanItems(self.client, TABLE)

    @property
    def versions(self) -> list[str]:
        return sorted(f"{item['pk']['S']} {item['version']['N']}" for item in self.endpoint.tables.items.values())


def table_at(endpoint: Endpoint, around: Around | None = None, attempts: int = 4) -> Table:
    return Table(endpoint, client_of(endpoint, around, retrying=Retrying(attempts=attempts)))


def test_many_heads_go_twenty_five_in_a_request_and_one_alone_is_a_put() -> None:
    with served() as endpoint, counted() as used:
        items = table_at(endpoint).items

        assert items.put(heads(60)) == [True] * 60
        assert items.put([(head(99), 0)]) == [True]
        assert items.put([]) == []
        assert endpoint.operations == ["BatchExecuteStatement"] * 3 + ["PutItem"]
        assert used.units == 61.0


def test_each_head_has_its_own_condition() -> None:
    """
    New ones that are there already, and later versions of what has changed, are not stored; those beside them are.
    """
    with served() as endpoint:
        table = table_at(endpoint)
        table.items.put([(head(1), 0), (head(2), 0), (head(3), 0)])

        assert table.items.put([(head(1), 0), (head(4), 0)]) == [False, True]
        assert table.items.put([(head(2, 2), 1), (head(3, 3), 2), (head(5, 2), 1)]) == [True, False, False]
        assert table.versions == ["subject#ride-1 1", "subject#ride-2 2", "subject#ride-3 1", "subject#ride-4 1"]


@pytest.mark.parametrize("code", THROTTLED)
def test_a_throttled_statement_is_asked_again_and_no_other_one(code: str) -> None:
    around = Around()
    with served(does.failing("", code), does.failing(code)) as endpoint:
        table = table_at(endpoint, around)

        assert table.items.put(heads(10)) == [True] * 10
        assert [len(each.body["Statements"]) for each in endpoint.requests] == [10, 5, 5]
        assert len(endpoint.tables.applied) == 10
        assert around.slept == PAUSES[:2]


def test_what_stays_throttled_is_told_after_four_times_and_the_others_are_stored() -> None:
    around = Around()
    with served(does.failing("", "ThrottlingError"), otherwise=does.failing("ThrottlingError")) as endpoint:
        table = table_at(endpoint, around)
        with pytest.raises(TableBusy):
            table.items.put(heads(4))

        assert table.versions == ["subject#ride-0 1", "subject#ride-2 1"]
        assert around.slept == PAUSES


def test_a_head_that_a_transaction_holds_is_not_stored() -> None:
    with served(does.failing("TransactionConflict", "")) as endpoint:
        assert table_at(endpoint).items.put(heads(2)) == [False, True]
        assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "code", ["AccessDenied", "ResourceNotFound", "ValidationError", "ItemCollectionSizeLimitExceeded"]
)
def test_what_lasts_is_raised(code: str) -> None:
    with served(does.failing("", code)) as endpoint, pytest.raises(RefusedError) as raised:
        table_at(endpoint).items.put(heads(2))

    assert (raised.value.code, raised.value.uncertain, len(endpoint.requests)) == (code, False, 1)


def test_a_refused_request_is_raised() -> None:
    with served(does.fault("ValidationException")) as endpoint, pytest.raises(RefusedError):
        table_at(endpoint).items.put(heads(2))


@pytest.mark.parametrize("name", APPLIED)
def test_a_write_whose_answer_was_lost_is_known_by_what_is_there(name: str) -> None:
    """
    All of the request is sent again, and each condition fails on its own first attempt: what is there is read once.
    """
    with served(PASSING[name][0]) as endpoint:
        table = table_at(endpoint)

        assert table.items.put(heads(5)) == [True] * 5
        assert endpoint.operations == ["BatchExecuteStatement"] * 2 + ["BatchGetItem"]
        assert len(endpoint.tables.applied) == 5


def test_a_statement_that_broke_after_it_was_done_is_known_by_what_is_there() -> None:
    def step(sock: socket.socket, request: does.Request, tables: does.Tables) -> bool:
        tables.apply(request)
        said = [{"Error": {"Code": "InternalServerError", "Message": ""}}, {}]
        sock.sendall(does.Answer(json.dumps({"Responses": said}).encode()).bytes())
        return True

    with served(step) as endpoint:
        assert table_at(endpoint).items.put(heads(2)) == [True, True]
        assert len(endpoint.tables.applied) == 2


def test_another_writers_head_is_not_taken_for_what_was_lost() -> None:
    with served(does.reset_before) as endpoint:
        table = table_at(endpoint)
        other = head(1, state=b"other")
        endpoint.tables.items[TABLE, "subject#ride-1", "head#2021-05"] = json.loads(
            json.dumps({**other, "state": {"B": "b3RoZXI="}})
        )

        assert table.items.put(heads(3)) == [True, False, True]


def test_an_answer_that_is_not_for_each_statement_is_none() -> None:
    def step(sock: socket.socket, _request: does.Request, _tables: does.Tables) -> bool:
        sock.sendall(does.Answer(b'{"Responses": [{}]}').bytes())
        return True

    with served(step) as endpoint:
        assert table_at(endpoint).items.put(heads(2)) == [True, True]
        assert len(endpoint.requests) == 2


steps = st.lists(st.sampled_from(["", "ThrottlingError", "InternalServerError"]), min_size=1, max_size=5).map(
    lambda codes: does.failing(*codes)
) | st.sampled_from([does.reset_before, does.reset_after, does.cut, does.fault("ThrottlingException")])


@settings(max_examples=40)
@given(script=st.lists(steps, max_size=4), count=st.integers(2, 60))
def test_whatever_becomes_of_requests_and_statements_each_is_stored_once(script: list[Step], count: int) -> None:
    with served(*script) as endpoint:
        table = table_at(endpoint, Around(), attempts=9)

        assert table.items.put(heads(count)) == [True] * count
        assert len(endpoint.tables.applied) == count
