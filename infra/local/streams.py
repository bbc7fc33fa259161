"""Feeds stream records to handlers as Lambda does: in order, in batches, and again from the first that failed."""

import base64
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.apps import REGION
from infra.local.event_sources import Event, EventSource, failed_items

_PAGE = 1000

GiveUp = Callable[[dict[str, Any]], None]
"""Takes the note that Lambda sends to the failures queue when retries are used up."""


@dataclass
class _Batch:
    records: list[Event]
    tried: int = 0


@dataclass
class StreamPoller:
    """Reads one table's stream for one handler. `poll` handles what is new and says how much that was.

    `at_once` is whether an answer has all that is new, and shards and iterators stay good; so it is in moto.
    """

    client: Any
    stream_arn: str
    source: EventSource
    give_up: GiveUp
    at_once: bool = False
    _read: dict[str, str] = field(default_factory=dict)
    _next: dict[str, str] = field(default_factory=dict)
    _shards: list[str] = field(default_factory=list)

    def poll(self) -> int:
        """Handle every record that was added since the last time."""
        return sum(self._deliver(shard, records) for shard, records in self._new())

    def _new(self) -> Iterator[tuple[str, list[Event]]]:
        if not (self.at_once and self._shards):
            described = self.client.describe_stream(StreamArn=self.stream_arn)["StreamDescription"]
            self._shards = [each["ShardId"] for each in described["Shards"]]
        for shard in self._shards:
            for records in self._pages(shard):
                wanted = [each for each in records if self.source.wants(each)]
                size = self.source.batch_size
                yield from ((shard, wanted[start : start + size]) for start in range(0, len(wanted), size))

    def _pages(self, shard: str) -> Iterator[list[Event]]:
        while records := self._page(shard):
            self._read[shard] = records[-1]["dynamodb"]["SequenceNumber"]
            yield records
            if self.at_once and len(records) < _PAGE:
                return

    def _page(self, shard: str) -> list[Event]:
        found = self.client.get_records(ShardIterator=self._next.get(shard) or self._begun(shard), Limit=_PAGE)
        if self.at_once:
            self._next[shard] = found["NextShardIterator"]
        return [lambda_record(each, self.stream_arn) for each in found["Records"]]

    def _begun(self, shard: str) -> str:
        """An iterator is good for some minutes; where it stays good, each answer has the next one."""
        where = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard in self._read:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._read[shard]}
        return str(self.client.get_shard_iterator(StreamArn=self.stream_arn, ShardId=shard, **where)["ShardIterator"])

    def _deliver(self, shard: str, records: list[Event]) -> int:
        """Call the handler until every record is handled or set aside.

        The first record at fault is retried with what follows it; when it fails at once again it is retried alone, so
        that it cannot take others with it (bisection). The order is kept throughout.
        """
        waiting = deque([_Batch(records)])
        while waiting:
            batch = waiting.popleft()
            left = self._call(batch.records)
            if not left:
                continue
            again = _Batch(left, batch.tried + 1 if len(left) == len(batch.records) else 1)
            if len(left) > 1 and again.tried > 1:
                waiting.extendleft((_Batch(left[1:]), _Batch(left[:1], again.tried)))
            elif again.tried > self.source.retries:
                self.give_up(self._note(shard, left))
            else:
                waiting.appendleft(again)
        return len(records)

    def _call(self, records: list[Event]) -> list[Event]:
        """The records that are still to be handled: from the first failed one on."""
        ids = [each["dynamodb"]["SequenceNumber"] for each in records]
        try:
            failed = failed_items(self.source.invoke({"Records": records}), ids)
        except Exception as error:  # noqa: BLE001 -- Lambda retries whatever a handler raises
            report(self.source, error)
            failed = set(ids)
        first = next((index for index, each in enumerate(ids) if each in failed), len(ids))
        return records[first:]

    def _note(self, shard: str, records: list[Event]) -> dict[str, Any]:
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        return {
            "requestContext": {"condition": "RetryAttemptsExhausted", "functionArn": self.source.handler},
            "version": "1.0",
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "batchSize": len(records),
                "streamArn": self.stream_arn,
            },
        }


def lambda_record(record: Mapping[str, Any], stream_arn: str) -> Event:
    """A record of `GetRecords` as Lambda hands it on. moto's lack the ARN, name another region and carry a datetime."""
    change = dict(record["dynamodb"])
    made = change.get("ApproximateCreationDateTime")
    if isinstance(made, datetime):
        change["ApproximateCreationDateTime"] = made.timestamp()
    for name in ("Keys", "NewImage", "OldImage"):
        if name in change:
            change[name] = _as_json(change[name])
    known = {name: record[name] for name in ("eventID", "eventName", "userIdentity") if record.get(name)}
    return known | {
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }


def _as_json(value: Any) -> Any:  # noqa: ANN401 -- attribute values, as deep as they go
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _as_json(each) for name, each in value.items()}
    return [_as_json(each) for each in value] if isinstance(value, list | set) else value


def report(source: EventSource, error: Exception) -> None:
    """One line for a developer to see; Lambda would log it."""
    print(json.dumps({"handler": source.handler, "failed_with": repr(error)[:500]}), flush=True)
