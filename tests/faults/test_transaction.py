"""A transaction waits out what passes, gives up in time, and never takes one kind of trouble for another."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError
from pynamodb.exceptions import PutError, PynamoDBException, TransactWriteError

from chalicelib.storage.record import Database
from chalicelib.storage.writes import Busy, Put, Transaction
from infra.local.engine import Engine
from infra.tables import create_all
from tests.faults.faults import WRITES
from tests.stores.tables import PREFIX, STAGE, empty
from tests.stores.test_storage import Taken, new, stored

REAL = BaseClient._make_api_call
TRANSACTION, ALONE = [new("a"), new("b")], [new("a")]


@pytest.fixture(scope="module", autouse=True)
def tables(engine: Engine) -> None:
    create_all(engine.client("dynamodb"), STAGE)
    Database.use(PREFIX)


@pytest.fixture(autouse=True)
def emptied(engine: Engine) -> Iterator[None]:
    yield
    empty(engine.client("dynamodb"))


def refused(code: str, *reasons: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "CancellationReasons": [{"Code": each} for each in reasons]}
    return ClientError(answer, "TransactWriteItems")


class Trouble:
    """Every write fails like this, so many times; then they work."""

    def __init__(self, error: Exception, times: int = 99) -> None:
        self.error, self.times, self.calls = error, times, 0
        self.pauses: list[int] = []

    def commit(self, writes: list[Put]) -> None:
        trouble = self

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 -- botocore's
            if operation in WRITES:
                trouble.calls += 1
                if trouble.calls <= trouble.times:
                    raise trouble.error
            return REAL(client, operation, parameters)

        with patch.object(BaseClient, "_make_api_call", call):
            Transaction(pause=self.pauses.append)(writes, None)


PASSING = [
    refused("TransactionCanceledException", "TransactionConflict", "None"),
    refused("TransactionCanceledException", "None", "ThrottlingError"),
    refused("TransactionCanceledException", "ProvisionedThroughputExceeded", "None"),
    refused("TransactionInProgressException"),
    refused("ThrottlingException"),
    refused("RequestLimitExceeded"),
]


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_what_passes_is_waited_out_with_growing_pauses(error: ClientError) -> None:
    trouble = Trouble(error, times=5)
    trouble.commit(TRANSACTION)

    assert stored() == ["a", "b"]
    assert trouble.pauses == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("writes", [TRANSACTION, ALONE], ids=["transaction", "alone"])
def test_what_does_not_pass_is_busy_after_six_tries_and_nothing_was_written(writes: list[Put]) -> None:
    code = "ProvisionedThroughputExceededException"
    trouble = Trouble(refused(code))
    with pytest.raises(Busy):
        trouble.commit(writes)

    assert trouble.calls == 6
    assert stored() == []


def test_a_conflict_of_a_write_alone_is_waited_out_too() -> None:
    trouble = Trouble(refused("TransactionConflictException"), times=3)
    trouble.commit(ALONE)

    assert stored() == ["a"]


def test_a_condition_that_fails_beside_a_conflict_is_the_answer() -> None:
    """
    DynamoDB may name both; the condition will not hold on the next try either.
    """
    trouble = Trouble(refused("TransactionCanceledException", "TransactionConflict", "ConditionalCheckFailed"))
    with pytest.raises(Taken) as refusal:
        trouble.commit(TRANSACTION)

    assert refusal.value.facts == {"sk": "b"}
    assert trouble.calls == 1


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ReadTimeoutError(endpoint_url="https://dynamodb.example"), TransactWriteError),
        (refused("AccessDeniedException"), TransactWriteError),
        (refused("ValidationException"), TransactWriteError),
        (refused("TransactionCanceledException", "ValidationError", "None"), TransactWriteError),
        (refused("InternalServerError"), TransactWriteError),
    ],
    ids=str,
)
def test_a_failure_is_neither_a_refusal_nor_retried_here(error: Exception, raised: type[PynamoDBException]) -> None:
    """
    After a timeout nobody knows whether it was applied: whoever owns the act asks again under its key.
    """
    trouble = Trouble(error)
    with pytest.raises(raised):
        trouble.commit(TRANSACTION)

    assert trouble.calls == 1
    assert trouble.pauses == []


def test_a_failure_of_a_write_alone_is_one_too() -> None:
    with pytest.raises(PutError):
        Trouble(refused("ValidationException")).commit(ALONE)


def test_the_real_pauses_are_random_and_short() -> None:
    """
    Six tries under constant trouble, with the pauses of production, take less than the seconds that a door has.
    """
    with (
        patch.object(BaseClient, "_make_api_call", side_effect=refused("ThrottlingException")) as calls,
        pytest.raises(Busy),
    ):
        Transaction()(TRANSACTION, None)

    assert calls.call_count == 6
