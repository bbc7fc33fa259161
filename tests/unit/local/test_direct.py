"""Calls that are handed to moto directly are answered as on the whole way."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local import direct
from infra.local.engine import Engine

ITEM = {
    "pk": {"S": "a"},
    "sk": {"S": "1"},
    "value": {"M": {"list": {"L": [{"N": "1"}, {"B": b"\x00three"}, {"NULL": True}]}, "B": {"S": "no bytes"}}},
    "bytes": {"BS": [b"\xff", b"two"]},
}
TABLE = "things"
Client = Any
"""botocore publishes no types."""
Answer = Any


def create(client: Client, **more: object) -> str:
    """The table; its stream, if it has one."""
    made = client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )
    return str(made["TableDescription"].get("LatestStreamArn"))


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(seed="direct").start()
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture
def client(engine: Engine) -> Client:
    client = engine.client("dynamodb")
    create(client)
    return client


def _asked(client: Client) -> list[Answer]:
    """Each of the calls, and what it answers."""
    key = {"pk": ITEM["pk"], "sk": {"S": "2"}}
    never = {"ConditionExpression": "attribute_not_exists(pk)"}
    changed = {
        "UpdateExpression": "SET #n = :n",
        "ExpressionAttributeNames": {"#n": "n"},
        "ExpressionAttributeValues": {":n": {"N": "7"}},
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        ("put_item", {"TableName": TABLE, "Item": ITEM}),
        ("put_item", {"TableName": TABLE, "Item": ITEM, **never, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}),
        ("update_item", {"TableName": TABLE, "Key": key, **changed, "ReturnValues": "ALL_NEW"}),
        ("get_item", {"TableName": TABLE, "Key": {"pk": ITEM["pk"], "sk": ITEM["sk"]}}),
        ("get_item", {"TableName": TABLE, "Key": {"pk": {"S": "nobody"}, "sk": {"S": "1"}}}),
        ("get_item", {"TableName": "no-table", "Key": key}),
        ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [key], "ConsistentRead": True}}}),
        (
            "query",
            {
                "TableName": TABLE,
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": {":pk": {"S": "a"}},
                "Limit": 1,
            },
        ),
        ("scan", {"TableName": TABLE, "Limit": 1, "ConsistentRead": True}),
        ("scan", {"TableName": TABLE, "FilterExpression": "attribute_exists(n)"}),
        ("transact_write_items", {"TransactItems": [{"Put": {"TableName": TABLE, "Item": ITEM, **never}}]}),
        ("transact_write_items", {"TransactItems": [{"Delete": {"TableName": TABLE, "Key": key}}]}),
        ("delete_item", {"TableName": TABLE, "Key": key, "ReturnConsumedCapacity": "TOTAL"}),
    ]
    return [_answer(client, name, asked) for name, asked in calls]


def _answer(client: Client, name: str, asked: dict[str, Any]) -> Answer:
    try:
        found = getattr(client, name)(**asked)
    except ClientError as error:
        return {part: error.response.get(part) for part in ("Error", "CancellationReasons", "Item")}
    return {part: value for part, value in found.items() if part != "ResponseMetadata"}


def test_answers_and_errors_are_the_same(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes, nested values, refused conditions, a table that is not there."""
    short = _asked(client)
    monkeypatch.setattr(direct, "_METHODS", {})
    client.delete_item(TableName=TABLE, Key={"pk": ITEM["pk"], "sk": ITEM["sk"]})

    assert short[3] == {"Item": ITEM}
    assert short[1]["Error"]["Code"] == "ConditionalCheckFailedException"
    assert _asked(client) == short


def test_a_streams_records_are_the_same(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    """Bytes, nested values, images of before and after; and what comes after them is asked for as ever."""
    client, streams = engine.client("dynamodb"), engine.client("dynamodbstreams")
    stream = create(client, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    client.put_item(TableName=TABLE, Item=ITEM)
    client.put_item(TableName=TABLE, Item={**ITEM, "n": {"N": "1.50"}, "raw": {"B": b"\x00"}})
    client.delete_item(TableName=TABLE, Key={"pk": ITEM["pk"], "sk": ITEM["sk"]})
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    where = {"StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    began = streams.get_shard_iterator(**where)["ShardIterator"]

    short = streams.get_records(ShardIterator=began)
    few = streams.get_records(ShardIterator=began, Limit=2)
    later = streams.get_records(ShardIterator=short["NextShardIterator"])
    monkeypatch.setattr(direct, "_METHODS", {})
    assert [each["eventName"] for each in short["Records"]] == ["INSERT", "MODIFY", "REMOVE"]
    assert streams.get_records(ShardIterator=began)["Records"] == short["Records"]
    assert few["Records"] == short["Records"][:2]
    assert later["Records"] == []


def test_what_was_read_is_nobodys_to_change(client: Client) -> None:
    """What is stored stays as it is."""
    client.put_item(TableName=TABLE, Item=ITEM)
    key = {"pk": ITEM["pk"], "sk": ITEM["sk"]}
    found = client.get_item(TableName=TABLE, Key=key)["Item"]
    found["value"]["M"]["list"]["L"].clear()
    found["bytes"]["BS"].clear()

    assert client.get_item(TableName=TABLE, Key=key)["Item"] == ITEM


def test_parameters_are_validated_as_ever(client: Client) -> None:
    """By botocore, before anything else."""
    with pytest.raises(Exception, match="Parameter validation failed"):
        client.get_item(TableName=TABLE, Key="no key")
