"""Heads, pages, nodes and logs in DynamoDB."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from pynamodb.exceptions import VerboseClientError

from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.metering.changes import Change
from chalicelib.metering.errors import HeadChanged, MetersChanged, NoSuchPlace, PageMissing
from chalicelib.metering.fold import NODE, PAGE, Settled
from chalicelib.metering.head import Head, meter_of, meter_row, no_head
from chalicelib.metering.limits import Reached
from chalicelib.metering.meters import Meter
from chalicelib.metering.ports import BlockKey, Log, Where
from chalicelib.metering.records import (
    SHARDS,
    ChangeRecord,
    HeadRecord,
    Item,
    Keys,
    MetersRecord,
    block_item,
    block_keys,
    change_keys,
    change_of,
    change_record,
    head_at,
    head_item,
    head_keys,
    head_of,
    head_record,
    log_item,
    log_of,
    roster_items,
    subjects_in,
)
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Busy, Check, Put

FOLD_LATER, LIMIT_REACHED = "metering.fold", "metering.limit"
_TRIES = 6
_MOST_KEYS, _MOST_WRITES = 100, 25
_CONDITION = "ConditionalCheckFailedException"
_PASSING = (
    "TransactionConflictException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
)


class Items(Protocol):
    """Plain items of the metering table. PynamoDB's connection does it, or the lean client."""

    def read(self, keys: Sequence[Keys], *, consistent: bool = True) -> Mapping[Keys, Item]:
        """Those that exist."""

    def read_each(self, parts: Iterable[Sequence[Keys]]) -> Iterator[Mapping[Keys, Item]]:
        """Those that exist, part by part, consistently."""

    def write(self, items: Sequence[Item]) -> None:
        """Store items that are called by what they are, each key once."""

    def remove(self, keys: Sequence[Keys]) -> None:
        """Remove items; those that are not there are no fault."""

    def put(self, items: Sequence[tuple[Item, int]]) -> Sequence[bool]:
        """Store each if the stored version is this one (0: if there is none); whether it was."""

    def under(self, pk: str, prefix: str) -> Iterator[Item]:
        """The items of a partition whose sort key begins so, in order."""


class PynamoItems:
    """Satisfies `Items` on the connection that all records share, without a record for each item."""

    def __init__(self, pause: Callable[[int], None]) -> None:
        self._pause = pause

    def read(self, keys: Sequence[Keys], *, consistent: bool = True) -> Mapping[Keys, Item]:
        """One batch read for each hundred; what DynamoDB gives back is asked again."""
        found: dict[Keys, Item] = {}
        left = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]
        attempt = 0
        while left:
            asked = {_table(): {"Keys": left[:_MOST_KEYS], "ConsistentRead": consistent}}
            said = self._call("BatchGetItem", {"RequestItems": asked})
            rows = said["Responses"].get(_table(), [])
            found |= {(row["pk"]["S"], row["sk"]["S"]): row for row in rows}
            again = said.get("UnprocessedKeys", {}).get(_table(), {}).get("Keys", [])
            attempt = self._waited(attempt, again)
            left = again + left[_MOST_KEYS:]
        return found

    def read_each(self, parts: Iterable[Sequence[Keys]]) -> Iterator[Mapping[Keys, Item]]:
        """One part after the other."""
        return map(self.read, parts)

    def write(self, items: Sequence[Item]) -> None:
        """One batch write for each twenty-five; what DynamoDB gives back is asked again."""
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def remove(self, keys: Sequence[Keys]) -> None:
        """One batch write for each twenty-five."""
        self._write([{"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in keys])

    def _write(self, left: list[Any]) -> None:
        attempt = 0
        while left:
            said = self._call("BatchWriteItem", {"RequestItems": {_table(): left[:_MOST_WRITES]}})
            again = said.get("UnprocessedItems", {}).get(_table(), [])
            attempt = self._waited(attempt, again)
            left = again + left[_MOST_WRITES:]

    def _waited(self, attempt: int, again: Sequence[object]) -> int:
        if not again:
            return 0
        if attempt == _TRIES:
            raise Busy
        self._pause(attempt)
        return attempt + 1

    def put(self, items: Sequence[tuple[Item, int]]) -> Sequence[bool]:
        """One conditional write each, one after the other."""
        return [self._put(item, version) for item, version in items]

    def _put(self, item: Item, version: int) -> bool:
        asked: dict[str, Any] = {"TableName": _table(), "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        if version:
            asked["ConditionExpression"] = "version = :version"
            asked["ExpressionAttributeValues"] = {":version": {"N": str(version)}}
        try:
            self._call("PutItem", asked)
        except VerboseClientError as error:
            if _code(error) == _CONDITION:
                return False
            raise
        return True

    def under(self, pk: str, prefix: str) -> Iterator[Item]:
        """One query for each megabyte."""
        asked: dict[str, Any] = {
            "TableName": _table(),
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":prefix": {"S": prefix}},
        }
        while True:
            said = self._call("Query", dict(asked))
            yield from said["Items"]
            if "LastEvaluatedKey" not in said:
                return
            asked["ExclusiveStartKey"] = said["LastEvaluatedKey"]

    def _call(self, operation: str, asked: dict[str, Any]) -> Mapping[str, Any]:
        """What passes is waited out, as by `storage.writes`."""
        connection = HeadRecord._get_connection().connection  # noqa: SLF001 -- pynamodb offers no public way to it
        for attempt in range(_TRIES):
            try:
                said: Mapping[str, Any] = connection.dispatch(operation, asked)
            except VerboseClientError as error:
                if _code(error) not in _PASSING:
                    raise
                self._pause(attempt)
            else:
                return said
        raise Busy


def _heads_in(found: Mapping[Keys, Item], keys: Mapping[Where, Keys]) -> dict[Where, Head]:
    return {where: head_at(where, found[key]) if key in found else no_head(*where) for where, key in keys.items()}


def _table() -> str:
    return str(HeadRecord.Meta.table_name)


def _code(error: VerboseClientError) -> str:
    return str(error.response["Error"].get("Code", ""))


class HeadStore:
    """Satisfies `ports.Heads`."""

    def __init__(self, items: Items) -> None:
        self._items = items

    def find(self, subject: str, month: Month) -> Head:
        """One consistent read."""
        return self.many([(subject, month)])[subject, month]

    def many(self, wanted: Sequence[Where]) -> Mapping[Where, Head]:
        """One batch read for each hundred."""
        keys = {where: head_keys(where) for where in wanted}
        return _heads_in(self._items.read(list(keys.values())), keys)

    def each_of(self, subjects: Iterable[Sequence[str]], month: Month) -> Iterator[Sequence[Head]]:
        """One batch read for each hundred; the next heads are on their way while some are looked at."""
        under_way: deque[dict[Where, Keys]] = deque()

        def asked() -> Iterator[Sequence[Keys]]:
            for part in subjects:
                under_way.append({(subject, month): head_keys((subject, month)) for subject in part})
                yield list(under_way[-1].values())

        for found in self._items.read_each(asked()):
            yield list(_heads_in(found, under_way.popleft()).values())

    def all_of(self, subject: str) -> Sequence[Head]:
        """One query."""
        return [head_of(item) for item in self._items.under(f"subject#{subject}", "head#")]

    def forget(self, subject: str) -> None:
        """One query for each kind, and a batch write for each twenty-five items."""
        pk = f"subject#{subject}"
        kinds = (PAGE, NODE, "log")
        self._items.remove([(pk, item["sk"]["S"]) for kind in kinds for item in self._items.under(pk, f"{kind}#")])

    def blocks(self, wanted: Sequence[BlockKey]) -> Mapping[BlockKey, bytes]:
        """Never changed, so read at half the price first; what such a read does not show yet, a consistent one does."""
        keys = {each: block_keys(each) for each in wanted}
        found = dict(self._items.read(list(keys.values()), consistent=False))
        missing = [key for key in keys.values() if key not in found]
        if missing:
            found |= self._items.read(missing)
        if any(key not in found for key in missing):
            raise PageMissing(subject=wanted[0][0][:64])
        return {each: bytes(found[key]["body"]["B"]) for each, key in keys.items()}

    def prepare(self, settled: Sequence[Settled]) -> None:
        """Batch writes; one item for the subjects that are new in a month, however many they are."""
        items = [block_item(each.head, block) for each in settled for block in each.blocks]
        new: dict[Month, list[str]] = {}
        for each in settled:
            if each.first:
                new.setdefault(each.head.month, []).append(each.head.subject)
        items += [item for month, subjects in sorted(new.items()) for item in roster_items(month, subjects)]
        if items:
            self._items.write(list({(item["pk"]["S"], item["sk"]["S"]): item for item in items}.values()))

    def put(self, settled: Sequence[Settled]) -> Sequence[bool]:
        """One conditional write each."""
        return self._items.put([(head_item(each), each.head.version - 1) for each in settled])

    def saving(self, settled: Settled) -> Write:
        """Totals and events change together, on the version before."""
        head = settled.head
        before = HeadRecord.version == head.version - 1
        condition = HeadRecord.pk.does_not_exist() if head.version == 1 else before
        return Put(head_record(settled), HeadChanged(subject=head.subject), condition)

    def telling(self, head: Head, reached: Reached, now: datetime) -> Write:
        """A message to the worker."""
        facts = {
            "subject": head.subject,
            "month": str(head.month),
            "meter": reached.meter,
            "percent": str(reached.part),
            "most": plain(reached.most),
            "reached_at": format_instant(now),
        }
        return message(
            LIMIT_REACHED, "#".join([head.subject, str(head.month), reached.meter, str(reached.part)]), facts, now
        )

    def unchanged(self, head: Head) -> Write:
        """A condition check on the version."""
        same = HeadRecord.pk.does_not_exist() if head.version == 0 else HeadRecord.version == head.version
        return Check(HeadRecord, head_keys((head.subject, head.month)), same, HeadChanged(subject=head.subject))

    def spill(self, log: Log, now: datetime) -> Sequence[Write]:
        """The log first: a message without it would be worth nothing, a log without a message is sent again."""
        name, item = log_item(log)
        self._items.write([item])
        facts = {"subject": log.subject, "month": str(log.month), "digest": name}
        return [message(FOLD_LATER, name, facts, now)]

    def spilled(self, subject: str, month: Month, digest: str) -> Log | None:
        """One consistent read."""
        key = (f"subject#{subject}", f"log#{month}#{digest}")
        item = self._items.read([key]).get(key)
        return log_of(item) if item else None

    def logs(self, subject: str, month: Month) -> Iterator[Log]:
        """One query."""
        return map(log_of, self._items.under(f"subject#{subject}", f"log#{month}#"))

    def meters(self, partner_id: str) -> Mapping[str, Meter]:
        """One consistent read."""
        key = (f"partner#{partner_id}", "meters")
        item = self._items.read([key]).get(key)
        rows = json.loads(item["meters"]["S"]) if item else {}
        return {name: meter_of(name, row) for name, row in rows.items()}

    def meter_version(self, partner_id: str, name: str, version: int) -> Meter | None:
        """One consistent read."""
        key = (f"partner#{partner_id}", f"meter#{name}#{version:06d}")
        item = self._items.read([key]).get(key)
        return meter_of(name, json.loads(item["meters"]["S"])[name]) if item else None

    def defining(self, partner_id: str, meters: Mapping[str, Meter], new: Meter) -> Sequence[Write]:
        """The newest of all, counted by how often any was changed, and the version by itself."""
        pk, changed = f"partner#{partner_id}", MetersChanged(meter=new.name)
        revision = sum(each.version for each in meters.values())
        rows = {name: meter_row(each) for name, each in meters.items()}
        newest = MetersRecord(pk=pk, sk="meters", version=revision, meters=rows)
        own = MetersRecord(
            pk=pk, sk=f"meter#{new.name}#{new.version:06d}", version=new.version, meters={new.name: meter_row(new)}
        )
        first = MetersRecord.pk.does_not_exist()
        return [
            Put(newest, changed, first if revision == 1 else MetersRecord.version == revision - 1),
            Put(own, changed, first),
        ]

    def change(self, partner_id: str, change_id: str) -> Change | None:
        """One consistent read."""
        record = ChangeRecord.find(*change_keys(partner_id, change_id))
        return change_of(record) if record else None

    def changing(self, change: Change, *, first: bool) -> Sequence[Write]:
        """On condition that it is new, or is not reverted; who is overtaken reads again."""
        condition = ChangeRecord.pk.does_not_exist() if first else ChangeRecord.reverted_at.does_not_exist()
        return [Put(change_record(change), HeadChanged(change_id=change.change_id), condition)]

    def subjects_of(self, month: Month) -> Iterator[str]:
        """One query a shard, or more where it is large; a subject may have been noted twice."""
        seen: set[str] = set()
        for _, subject in self.noted(month):
            if subject not in seen:
                seen.add(subject)
                yield subject

    def noted(self, month: Month, after: str | None = None) -> Iterator[tuple[str, str]]:
        """The same queries; a page begins with the shard in which the one before ended."""
        begun = _noted_place(after) if after else (0, "", -1)
        for shard in range(begun[0], SHARDS):
            for item in self._items.under(f"month#{month}#{shard}", "subjects#"):
                for number, subject in enumerate(subjects_in(item)):
                    place = (shard, item["sk"]["S"].removeprefix("subjects#"), number)
                    if place > begun:
                        yield "|".join(map(str, place)), subject


def _noted_place(text: str) -> tuple[int, str, int]:
    try:
        shard, name, number = text.split("|")
        return int(shard), name, int(number)
    except ValueError as error:
        raise NoSuchPlace from error
