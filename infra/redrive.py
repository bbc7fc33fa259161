"""Has the workers do once more what no retry could bring through: `make redrive STAGE=staging`.

Lambda leaves a note in the queue `stream-failures` for each batch that it gave up: which shard, from which record to
which. Each item of the batch is touched, so that its table's stream starts the worker again; workers may be started
twice. Where the stream has forgotten the records (after a day), the outbox is searched for messages of that time.

In the queue `device-failures` are whole messages of devices, as the function of the partner door got them or, from IoT
Core's rule, with their topic; in `timer-failures` are timers, with what they were set for. The function that could not
do it gets each once more.
"""

import base64
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import boto3

_MOST = 10
_AROUND = timedelta(minutes=2)
_GIVEN_AGAIN = (("device-failures", "partner", "Signals"), ("timer-failures", "workers", "Timer"))
"""Queue, stack, and the function in it."""
Client = Any
"""One of boto3's, which publishes no types."""
Key = dict[str, dict[str, str]]


def main(stage: str) -> int:
    """How many notes could not be done; they stay in the queue."""
    sqs, dynamodb, streams = (boto3.client(name) for name in ("sqs", "dynamodb", "dynamodbstreams"))
    done, left = redrive(f"adgang-{stage}-", sqs, dynamodb, streams)
    print(f"{done} items are done again, {left} notes are left")
    stacks, functions = boto3.client("cloudformation"), boto3.client("lambda")
    for queue, stack, resource in _GIVEN_AGAIN:
        found = stacks.describe_stack_resource(StackName=f"adgang-{stage}-{stack}", LogicalResourceId=resource)
        function = found["StackResourceDetail"]["PhysicalResourceId"]
        told, unreadable = give_again(f"adgang-{stage}-{queue}", sqs, functions, function)
        print(f"{told} messages of {queue} are given again, {unreadable} cannot be read")
        left += unreadable
    return left


def give_again(queue_name: str, sqs: Client, functions: Client, function: str) -> tuple[int, int]:
    """How many messages the function was given again; what fails again comes back into the queue.

    And how many cannot be read: they stay where they are.
    """
    queue, told, unreadable = sqs.get_queue_url(QueueName=queue_name)["QueueUrl"], 0, 0
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=_MOST).get("Messages"):
        for message in messages:
            try:
                payload = json.dumps(_as_given(json.loads(message["Body"]))).encode()
            except (ValueError, KeyError, TypeError):
                unreadable += 1
                continue
            functions.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            told += 1
    return told, unreadable


def _as_given(body: dict[str, Any]) -> dict[str, Any]:
    """What the function gets; a rule of IoT Core that failed leaves the payload as it was published, and the topic."""
    if "base64OriginalPayload" not in body:
        return body
    _, _, partner_id, device_id, _ = body["topic"].split("/")
    published = json.loads(base64.b64decode(body["base64OriginalPayload"]))
    return {"readings": published["readings"], "partner_id": partner_id, "device_id": device_id}


def redrive(prefix: str, sqs: Client, dynamodb: Client, streams: Client) -> tuple[int, int]:
    """Items touched, and notes that could not be done. A note is removed once all of its items were touched."""
    queue = sqs.get_queue_url(QueueName=f"{prefix}stream-failures")["QueueUrl"]
    done, left = 0, 0
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=_MOST).get("Messages"):
        for message in messages:
            try:
                batch = json.loads(message["Body"])["DDBStreamBatchInfo"]
                keys = list(_keys(batch, prefix, dynamodb, streams))
            except (ValueError, KeyError, TypeError):
                keys = []
            if not keys:
                left += 1
                continue
            table = batch["streamArn"].split("/")[1]
            done += sum(_touched(dynamodb, table, key) for key in keys)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return done, left


def _touched(dynamodb: Client, table: str, key: Key) -> bool:
    """An identical write would not be in the stream; a number that grows is. What is gone by now needs nothing."""
    try:
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="ADD redriven :one",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _keys(batch: dict[str, Any], prefix: str, dynamodb: Client, streams: Client) -> Iterator[Key]:
    try:
        yield from _still_in_stream(batch, streams)
    except (streams.exceptions.TrimmedDataAccessException, streams.exceptions.ResourceNotFoundException):
        if batch["streamArn"].split("/")[1] == f"{prefix}outbox":
            yield from _said_then(batch, f"{prefix}outbox", dynamodb)


def _still_in_stream(batch: dict[str, Any], streams: Client) -> Iterator[Key]:
    """The keys of the batch's records."""
    last = int(batch["endSequenceNumber"])
    iterator = streams.get_shard_iterator(
        StreamArn=batch["streamArn"],
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"],
    ).get("ShardIterator")
    while iterator:
        found = streams.get_records(ShardIterator=iterator)
        for record in found["Records"]:
            if int(record["dynamodb"]["SequenceNumber"]) > last:
                return
            if record["eventName"] != "REMOVE":
                yield record["dynamodb"]["Keys"]
        if not found["Records"]:
            return
        iterator = found.get("NextShardIterator")


def _said_then(batch: dict[str, Any], table: str, dynamodb: Client) -> Iterator[Key]:
    """Messages of about that time."""
    first, last = (
        datetime.fromisoformat(batch[name]) + around
        for name, around in (("approximateArrivalOfFirstRecord", -_AROUND), ("approximateArrivalOfLastRecord", _AROUND))
    )
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="said_at BETWEEN :first AND :last",
        ExpressionAttributeValues={":first": {"S": first.isoformat()}, ":last": {"S": last.isoformat()}},
        ProjectionExpression="pk, sk",
    )
    for page in pages:
        yield from page["Items"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)
