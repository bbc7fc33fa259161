"""Queued messages reach a handler as Lambda delivers them, and move to the failures queue when they keep failing."""

from pathlib import Path
from typing import Any

import pytest

from infra.local.apps import LoadedApp, load_app
from infra.local.engine import Engine
from infra.local.event_sources import queue_sources
from infra.local.queues import QueuePoller
from infra.tables import create_queues


class Desk:
    """Sends messages, polls, and looks into the failures queue."""

    def __init__(self, engine: Engine, workers: LoadedApp) -> None:
        self.sqs = engine.client("sqs")
        self.urls = create_queues(self.sqs, "local")
        (source,) = queue_sources(workers)
        assert (source.handler, source.source, source.batch_size) == ("close_page", "close-pages", 3)
        self.poller = QueuePoller(self.sqs, self.urls["close-pages"], "arn:aws:sqs:eu-north-1:1:close-pages", source)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.urls["close-pages"], MessageBody=body)

    def failures(self) -> list[str]:
        received = self.sqs.receive_message(QueueUrl=self.urls["close-pages-failures"], MaxNumberOfMessages=10)
        return [each["Body"] for each in received.get("Messages", [])]


@pytest.fixture
def workers() -> LoadedApp:
    return load_app(Path(__file__).with_name("sample_workers.py"), "sample_workers")


@pytest.fixture
def desk(engine: Engine, workers: LoadedApp) -> Desk:
    return Desk(engine, workers)


def test_messages_are_handled_and_gone(desk: Desk, workers: LoadedApp) -> None:
    desk.send("1", "2", "3", "4")

    assert desk.poller.poll() == 4
    assert sorted(body for batch in workers.module.batches for body in batch) == ["1", "2", "3", "4"]
    assert desk.poller.poll() == 0
    assert desk.failures() == []


def test_a_message_has_the_shape_that_lambda_gives_it(desk: Desk, workers: LoadedApp) -> None:
    desk.sqs.send_message(
        QueueUrl=desk.urls["close-pages"],
        MessageBody="{}",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "page"}},
    )

    desk.poller.poll()

    (record,) = workers.module.events
    assert (record["eventSource"], record["awsRegion"], record["body"]) == ("aws:sqs", "eu-north-1", "{}")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["kind"]["stringValue"] == "page"
    assert record["messageId"]
    assert record["eventSourceARN"] == desk.poller.queue_arn


def test_only_what_failed_comes_again(desk: Desk, workers: LoadedApp) -> None:
    failed_once = iter([True])

    def handle(records: list[Any]) -> Any:  # noqa: ANN401 -- as Lambda has it
        bad = [each["messageId"] for each in records if each["body"] == "2" and next(failed_once, False)]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}

    workers.module.told["close_page"] = handle
    desk.send("1", "2", "3")

    assert desk.poller.poll() == 4
    assert workers.module.batches[-1] == ["2"]


def test_a_message_that_keeps_failing_moves_to_the_failures_queue(desk: Desk, workers: LoadedApp) -> None:
    """
    Five times, as the queue's redrive policy says; the others are not held up.
    """

    def handle(records: list[Any]) -> Any:  # noqa: ANN401 -- as Lambda has it
        if any(each["body"] == "bad" for each in records):
            raise RuntimeError("bad")

    workers.module.told["close_page"] = handle
    desk.send("bad")
    desk.poller.poll()
    desk.send("good")
    desk.poller.poll()

    assert workers.module.batches.count(["bad"]) == 5
    assert ["good"] in workers.module.batches
    assert desk.failures() == ["bad"]
