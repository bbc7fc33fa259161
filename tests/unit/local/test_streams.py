"""Stream records reach a handler as Lambda delivers them: in order, again until done, and never silently lost."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local.apps import LoadedApp, load_app
from infra.local.engine import Engine
from infra.local.event_sources import EventSource, failed_items, passes, stream_sources, template_properties
from infra.local.streams import StreamPoller
from infra.tables import create_all

TABLE = "adgang-local-outbox"


@pytest.fixture
def workers() -> LoadedApp:
    return load_app(Path(__file__).with_name("sample_workers.py"), "sample_workers")


@pytest.fixture
def source(workers: LoadedApp) -> EventSource:
    (found,) = stream_sources(workers)
    return replace(found, retries=3)


class Desk:
    """Writes items, polls, and keeps what was given up."""

    def __init__(self, engine: Engine, source: EventSource) -> None:
        self.dynamodb = engine.client("dynamodb")
        create_all(self.dynamodb, "local")
        stream = self.dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
        self.given_up: list[dict[str, Any]] = []
        self.poller = StreamPoller(engine.client("dynamodbstreams"), stream, source, self.given_up.append)

    def write(self, *names: str) -> None:
        for name in names:
            self.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": name}, "sk": {"S": "message"}})


@pytest.fixture
def desk(engine: Engine, source: EventSource) -> Desk:
    return Desk(engine, source)


def named(record: dict[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


def failing(record: dict[str, Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}


def test_the_source_is_read_from_the_apps_decorator(source: EventSource) -> None:
    assert (source.handler, source.source, source.batch_size) == ("outbox", "outbox", 4)


def test_records_come_in_order_and_in_batches_and_once(desk: Desk, workers: LoadedApp) -> None:
    desk.write("a", "b", "c", "d", "e")

    assert desk.poller.poll() == 5
    assert workers.module.batches == [["a", "b", "c", "d"], ["e"]]
    assert desk.poller.poll() == 0
    desk.write("f")
    assert desk.poller.poll() == 1
    assert workers.module.batches[-1] == ["f"]


def test_a_record_has_the_shape_that_lambda_gives_it(desk: Desk, workers: LoadedApp) -> None:
    """
    moto's own records lack the ARN, name another region, and hold bytes and a datetime, which no JSON could.
    """
    desk.dynamodb.put_item(
        TableName=TABLE, Item={"pk": {"S": "a"}, "sk": {"S": "m"}, "packed": {"B": b"\x00\xff"}, "n": {"N": "1.50"}}
    )

    desk.poller.poll()

    (record,) = workers.module.events
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:eu-north-1:123456789012:table/adgang-local-outbox/")
    assert (record["awsRegion"], record["eventSource"], record["eventName"]) == (
        "eu-north-1",
        "aws:dynamodb",
        "INSERT",
    )
    assert record["dynamodb"]["NewImage"]["packed"] == {"B": "AP8="}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)
    assert isinstance(record["dynamodb"]["SequenceNumber"], str)
    assert "OldImage" not in record["dynamodb"]


def test_a_batch_is_retried_from_the_first_record_that_failed(desk: Desk, workers: LoadedApp) -> None:
    once = iter([True])
    workers.module.told["outbox"] = lambda records: (
        failing(records[2]) if len(records) == 4 and next(once, False) else None
    )
    desk.write("a", "b", "c", "d")

    assert desk.poller.poll() == 4
    assert workers.module.batches == [["a", "b", "c", "d"], ["c", "d"]]
    assert desk.given_up == []


def test_a_handler_that_raises_gets_the_whole_batch_again(desk: Desk, workers: LoadedApp) -> None:
    calls = Counter[str]()

    def stumble(_records: list[Any]) -> None:
        calls["all"] += 1
        if calls["all"] == 1:
            raise RuntimeError("once")

    workers.module.told["outbox"] = stumble
    desk.write("a", "b")

    desk.poller.poll()

    assert workers.module.batches == [["a", "b"], ["a", "b"]]
    assert desk.given_up == []


@pytest.mark.parametrize("how", ["raises", "reports"])
def test_a_record_that_always_fails_is_set_aside_and_takes_no_other_with_it(
    desk: Desk, workers: LoadedApp, how: str
) -> None:
    def handle(records: list[Any]) -> Any:  # noqa: ANN401 -- as Lambda has it
        bad = [each for each in records if named(each) == "bad"]
        if bad and how == "raises":
            raise RuntimeError("bad")
        return failing(bad[0]) if bad else None

    workers.module.told["outbox"] = handle
    desk.write("a", "bad", "b", "c")

    assert desk.poller.poll() == 4
    (note,) = desk.given_up
    assert note["DDBStreamBatchInfo"]["batchSize"] == 1
    assert note["DDBStreamBatchInfo"]["streamArn"] == desk.poller.stream_arn
    assert workers.module.batches[-1] == ["b", "c"]
    assert desk.poller.poll() == 0


def test_a_batch_that_is_reported_wrongly_counts_as_failed(desk: Desk, workers: LoadedApp) -> None:
    workers.module.told["outbox"] = lambda _records: {"batchItemFailures": [{"itemIdentifier": "unknown"}]}
    desk.write("a")

    desk.poller.poll()

    assert len(workers.module.batches) == 4
    assert len(desk.given_up) == 1


def test_what_a_handler_writes_is_handled_too(desk: Desk, workers: LoadedApp) -> None:
    workers.module.told["outbox"] = lambda records: desk.write("reply") if named(records[0]) == "ask" else None
    desk.write("ask")

    assert desk.poller.poll() == 2


def test_a_failed_transaction_leaves_no_record_and_no_gap(desk: Desk, workers: LoadedApp) -> None:
    desk.write("a")
    desk.poller.poll()
    item = {"pk": {"S": "a"}, "sk": {"S": "message"}}
    taken = {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
    other = {"Put": {"TableName": TABLE, "Item": item | {"pk": {"S": "b"}}}}
    with pytest.raises(desk.dynamodb.exceptions.TransactionCanceledException):
        desk.dynamodb.transact_write_items(TransactItems=[other, taken])
    assert desk.poller.poll() == 0

    desk.write("c")

    assert desk.poller.poll() == 1
    assert workers.module.batches == [["a"], ["c"]]


def test_records_that_a_filter_holds_back_wake_nobody(engine: Engine, source: EventSource, workers: LoadedApp) -> None:
    inserted = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "event#"}]}}}}
    desk = Desk(engine, replace(source, filters=(inserted,)))

    desk.write("event#1", "invoice#1", "event#1", "event#2")

    assert desk.poller.poll() == 2
    assert workers.module.batches == [["event#1", "event#2"]]


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({"a": ["x"]}, True),
        ({"a": ["y", "x"]}, True),
        ({"a": ["y"]}, False),
        ({"a": [{"anything-but": ["y"]}]}, True),
        ({"b": [{"exists": False}]}, True),
        ({"a": [{"exists": False}]}, False),
        ({"c": {"d": [1]}}, True),
        ({"c": {"e": [1]}}, False),
        ({"a": ["x"], "b": ["z"]}, False),
        ({}, True),
    ],
)
def test_filters_are_read_as_lambda_reads_them(pattern: dict[str, Any], *, fits: bool) -> None:
    assert passes(pattern, {"a": "x", "c": {"d": 1}}) is fits


def test_a_filter_that_the_local_run_does_not_know_is_said_to_be_unknown() -> None:
    with pytest.raises(ValueError, match="does not know"):
        passes({"a": [{"numeric": ["<", 5]}]}, {"a": 3})


def test_failures_that_are_reported_are_the_failures() -> None:
    assert failed_items(None, ["1"]) == set()
    assert failed_items({"batchItemFailures": []}, ["1"]) == set()
    assert failed_items({"batchItemFailures": [{"itemIdentifier": "2"}]}, ["1", "2"]) == {"2"}
    assert failed_items({"batchItemFailures": [{"itemIdentifier": ""}]}, ["1", "2"]) == {"1", "2"}


def test_the_real_workers_are_woken_as_their_merge_template_says() -> None:
    """
    What CloudFormation will set up holds locally: which records wake the inbox, and how often a batch is tried.
    """
    properties = template_properties("workers", "inbox")

    assert properties["MaximumRetryAttempts"] == 10
    assert "INSERT" in properties["FilterCriteria"]["Filters"][0]["Pattern"]
    assert template_properties("workers", "close_page")["ScalingConfig"]
    assert template_properties("sample_workers", "outbox") == {}
