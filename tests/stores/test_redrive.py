"""What no retry brought through is done again: by the stream's own records, or, when these are gone, by time."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction
from infra.local.engine import MOTO, Engine
from infra.redrive import give_again, redrive
from tests.stores.tables import PREFIX, Client

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clients(engine: Engine, dynamodb: Client) -> Iterator[tuple[Client, Client, Client]]:
    if engine.kind != MOTO:
        pytest.skip("queues are moto's")
    sqs = engine.client("sqs")
    queue = sqs.create_queue(QueueName=f"{PREFIX}stream-failures")["QueueUrl"]
    yield sqs, dynamodb, engine.client("dynamodbstreams")
    sqs.delete_queue(QueueUrl=queue)


def note(clients: tuple[Client, Client, Client], **change: Any) -> None:  # noqa: ANN401 -- members of Lambda's note
    """As Lambda leaves it."""
    sqs, dynamodb, streams = clients
    arn = dynamodb.describe_table(TableName=f"{PREFIX}outbox")["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    numbers = [each["dynamodb"]["SequenceNumber"] for each in streams.get_records(ShardIterator=iterator)["Records"]]
    said = {
        "streamArn": arn,
        "shardId": shard["ShardId"],
        "startSequenceNumber": numbers[-2],
        "endSequenceNumber": numbers[-2],
        "approximateArrivalOfFirstRecord": "2021-06-01T12:00:00.100Z",
        "approximateArrivalOfLastRecord": "2021-06-01T12:00:00.200Z",
        **change,
    }
    queue = sqs.get_queue_url(QueueName=f"{PREFIX}stream-failures")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"DDBStreamBatchInfo": said}))


def redriven(dynamodb: Client) -> dict[str, str]:
    rows = dynamodb.scan(TableName=f"{PREFIX}outbox")["Items"]
    return {row["pk"]["S"]: row["redriven"]["N"] for row in rows if "redriven" in row}


def test_the_records_of_a_note_are_touched_and_the_note_is_gone(
    commit: Transaction, clients: tuple[Client, Client, Client]
) -> None:
    for name in ("a", "b", "c"):
        commit([message("x", name, {}, NOW)], None)
    note(clients)

    assert redrive(PREFIX, *clients) == (1, 0)
    assert redriven(clients[1]) == {"x#b": "1"}
    assert redrive(PREFIX, *clients) == (0, 0)
    assert MessageRecord.find("x#b", "message") is not None


def test_what_the_stream_has_forgotten_is_found_by_when_it_was_said(
    commit: Transaction, clients: tuple[Client, Client, Client]
) -> None:
    for hours in range(3):
        commit([message("x", f"{hours}", {}, NOW + timedelta(hours=hours - 1))], None)

    class Forgotten:
        """A stream whose records of yesterday are gone."""

        exceptions = clients[2].exceptions

        def get_shard_iterator(self, **_asked: str) -> Any:  # noqa: ANN401 -- it never answers
            raise self.exceptions.TrimmedDataAccessException({}, "GetShardIterator")

    note(clients)

    assert redrive(PREFIX, clients[0], clients[1], Forgotten()) == (1, 0)
    assert redriven(clients[1]) == {"x#1": "1"}


def test_a_note_that_cannot_be_read_stays_and_holds_up_no_other(
    commit: Transaction, clients: tuple[Client, Client, Client]
) -> None:
    queue = clients[0].get_queue_url(QueueName=f"{PREFIX}stream-failures")["QueueUrl"]
    for body in ("no json", "{}", '{"DDBStreamBatchInfo": {"streamArn": "x"}}'):
        clients[0].send_message(QueueUrl=queue, MessageBody=body)
    for name in ("a", "b", "c"):
        commit([message("x", name, {}, NOW)], None)
    note(clients)

    assert redrive(PREFIX, *clients) == (1, 3)


class Functions:
    """Lambda, as far as it is asked."""

    def __init__(self) -> None:
        self.invoked: list[tuple[str, str, Any]] = []

    def invoke(self, **asked: Any) -> None:  # noqa: ANN401 -- boto3's arguments
        self.invoked.append((asked["FunctionName"], asked["InvocationType"], json.loads(asked["Payload"])))


def test_what_a_function_or_a_rule_could_not_do_is_given_once_more_and_what_cannot_be_read_stays(
    engine: Engine,
) -> None:
    if engine.kind != MOTO:
        pytest.skip("queues are moto's")
    sqs, functions = engine.client("sqs"), Functions()
    queue = sqs.create_queue(QueueName=f"{PREFIX}device-failures")["QueueUrl"]
    readings = [{"id": "1", "time": "2021-06-01T12:00:00Z", "signal": "moving"}]
    message = {"readings": readings, "partner_id": "par_1", "device_id": "lock-7"}
    published = base64.b64encode(json.dumps({"readings": readings, "partner_id": "par_other"}).encode()).decode()
    ruled = {"topic": "adgang/test/par_1/lock-7/signals", "base64OriginalPayload": published, "failures": []}
    timer = {"at": "2021-06-01T12:00:00Z", "topic": "access.stop", "facts": "{}"}
    for body in (message, ruled, timer, {**ruled, "base64OriginalPayload": "bm8ganNvbg=="}, {**ruled, "topic": "x"}):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))

    assert give_again(f"{PREFIX}device-failures", sqs, functions, "function-1") == (3, 2)
    assert functions.invoked == [("function-1", "Event", each) for each in (message, message, timer)]
    sqs.delete_queue(QueueUrl=queue)
