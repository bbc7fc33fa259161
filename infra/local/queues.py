"""Feeds queued messages to handlers as Lambda does; what fails comes again, and moves on by the queue's redrive."""

import json
from dataclasses import dataclass
from typing import Any

from infra.local.apps import REGION
from infra.local.event_sources import Event, EventSource, failed_items
from infra.local.streams import report

_MOST_AT_ONCE = 10


@dataclass
class QueuePoller:
    """Reads one queue for one handler. `poll` handles what is visible and says how much that was."""

    client: Any
    queue_url: str
    queue_arn: str
    source: EventSource

    def poll(self) -> int:
        """Receive one batch after the other until nothing is visible."""
        handled = 0
        while messages := self._receive():
            handled += len(messages)
            failed = self._call(messages)
            for message in messages:
                self._settle(message["ReceiptHandle"], again=message["MessageId"] in failed)
        return handled

    def _receive(self) -> list[dict[str, Any]]:
        received = self.client.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=min(self.source.batch_size, _MOST_AT_ONCE),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = received.get("Messages", [])
        return messages

    def _call(self, messages: list[dict[str, Any]]) -> set[str]:
        ids = [each["MessageId"] for each in messages]
        try:
            records = [lambda_record(each, self.queue_arn) for each in messages]
            return failed_items(self.source.invoke({"Records": records}), ids)
        except Exception as error:  # noqa: BLE001 -- Lambda puts the batch back whatever a handler raises
            report(self.source, error)
            return set(ids)

    def _settle(self, receipt: str, *, again: bool) -> None:
        if again:  # in production after the visibility timeout; here at once, for nobody else reads the queue
            self.client.change_message_visibility(QueueUrl=self.queue_url, ReceiptHandle=receipt, VisibilityTimeout=0)
        else:
            self.client.delete_message(QueueUrl=self.queue_url, ReceiptHandle=receipt)


def lambda_record(message: dict[str, Any], queue_arn: str) -> Event:
    """A received message as Lambda hands it on."""
    attributes = {
        name: {
            "stringValue": each.get("StringValue"),
            "binaryValue": None,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": each["DataType"],
        }
        for name, each in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": json.loads(json.dumps(message.get("Attributes", {}), default=str)),
        "messageAttributes": attributes,
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
