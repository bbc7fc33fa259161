"""What a door does to AWS is noted as the rights that it needs."""

import threading
from collections.abc import Iterator

import pytest

from infra.local.calls import CallRecord, at_work
from infra.local.engine import Engine
from infra.tables import create_all, create_bucket, create_queues


@pytest.fixture
def record(engine: Engine) -> Iterator[CallRecord]:
    create_all(engine.client("dynamodb"), "local")
    record = CallRecord("local")
    with record.listening():
        yield record


def key(name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": name}, "sk": {"S": "it"}}


def test_a_call_is_noted_by_door_action_and_short_table_name(engine: Engine, record: CallRecord) -> None:
    dynamodb = engine.client("dynamodb")

    with at_work("mobile"):
        dynamodb.get_item(TableName="adgang-local-catalogue", Key=key("a"))
        dynamodb.put_item(TableName="adgang-local-access", Item=key("a"))

    assert record.recorded() == {
        ("mobile", "dynamodb:GetItem", "catalogue"),
        ("mobile", "dynamodb:PutItem", "access"),
    }


def test_a_transaction_needs_the_rights_of_its_parts(engine: Engine, record: CallRecord) -> None:
    dynamodb = engine.client("dynamodb")
    check = {"TableName": "adgang-local-customers", "Key": key("x"), "ConditionExpression": "attribute_not_exists(pk)"}
    write = [
        {"ConditionCheck": check},
        {"Put": {"TableName": "adgang-local-access", "Item": key("a")}},
        {"Update": {"TableName": "adgang-local-billing", "Key": key("b"), "UpdateExpression": "REMOVE x"}},
        {"Delete": {"TableName": "adgang-local-ledger", "Key": key("c")}},
    ]

    with at_work("workers", "outbox"):
        dynamodb.transact_write_items(TransactItems=write)
        dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": "adgang-local-access", "Key": key("a")}}])
        dynamodb.batch_get_item(RequestItems={"adgang-local-metering": {"Keys": [key("a")]}})

    assert record.recorded_by_function() == {
        ("workers", "outbox", "dynamodb:ConditionCheckItem", "customers"),
        ("workers", "outbox", "dynamodb:PutItem", "access"),
        ("workers", "outbox", "dynamodb:UpdateItem", "billing"),
        ("workers", "outbox", "dynamodb:DeleteItem", "ledger"),
        ("workers", "outbox", "dynamodb:GetItem", "access"),
        ("workers", "outbox", "dynamodb:BatchGetItem", "metering"),
    }


def test_a_call_counts_even_when_it_is_refused(engine: Engine, record: CallRecord) -> None:
    dynamodb = engine.client("dynamodb")

    with at_work("mobile"), pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.get_item(TableName="adgang-local-elsewhere", Key=key("a"))

    assert record.recorded() == {("mobile", "dynamodb:GetItem", "elsewhere")}


def test_objects_queues_and_parameters_are_noted_too(engine: Engine, record: CallRecord) -> None:
    bucket = create_bucket(engine.client("s3"), "local")
    queues = create_queues(engine.client("sqs"), "local")
    engine.client("ssm").put_parameter(Name="/adgang/local/key", Value="x", Type="SecureString")

    with at_work("workers"):
        engine.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")
        engine.client("s3").head_object(Bucket=bucket, Key="a")
        engine.client("sqs").send_message(QueueUrl=queues["close-pages"], MessageBody="x")
        engine.client("ssm").get_parameter(Name="/adgang/local/key", WithDecryption=True)
    with at_work("finance"):
        engine.client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})

    assert record.recorded() == {
        ("workers", "s3:PutObject", "exports"),
        ("workers", "s3:GetObject", "exports"),
        ("workers", "sqs:SendMessage", "close-pages"),
        ("workers", "ssm:GetParameter", "/adgang/local/key"),
        ("finance", "s3:GetObject", "exports"),
    }


def test_what_the_local_run_does_itself_is_nobodys(engine: Engine, record: CallRecord) -> None:
    engine.client("dynamodb").list_tables()

    assert record.recorded() == set()


def test_doors_at_work_at_once_are_told_apart(engine: Engine, record: CallRecord) -> None:
    def work(door: str, table: str) -> None:
        with at_work(door):
            for _ in range(5):
                engine.client("dynamodb").get_item(TableName=f"adgang-local-{table}", Key=key("a"))

    pairs = [("mobile", "access"), ("partner", "metering"), ("finance", "ledger")]
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert record.recorded() == {(door, "dynamodb:GetItem", table) for door, table in pairs}
