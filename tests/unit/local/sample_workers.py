"""A Chalice app whose handlers do as they are told and remember what they were given."""

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice, DynamoDBEvent, SQSEvent

app = Chalice(app_name="sample-workers", configure_logs=False)
batches: list[list[Any]] = []
events: list[dict[str, Any]] = []
told: dict[str, Callable[[list[Any]], Any]] = {}


@app.on_dynamodb_record(stream_arn={"Fn::ImportValue": {"Fn::Sub": "adgang-${Stage}-outbox-stream-arn"}}, batch_size=4)
def outbox(event: DynamoDBEvent) -> Any:  # noqa: ANN401 -- as told
    records = event.to_dict()["Records"]
    events.extend(records)
    batches.append([each["dynamodb"]["Keys"]["pk"]["S"] for each in records])
    return told["outbox"](records) if "outbox" in told else None


@app.on_sqs_message(queue_arn={"Fn::ImportValue": {"Fn::Sub": "adgang-${Stage}-close-pages-arn"}}, batch_size=3)
def close_page(event: SQSEvent) -> Any:  # noqa: ANN401 -- as told
    records = event.to_dict()["Records"]
    events.extend(records)
    batches.append([each["body"] for each in records])
    return told["close_page"](records) if "close_page" in told else None
