"""Heads and what they name, as items, written and read by hand: thousands of them go by in a second.

subject#<subject>   head#<month>                  version, totals, newest events, references (packed)
subject#<subject>   page#<month>#<digest>         25 to 1,000 events, compressed; never changed
subject#<subject>   node#<month>#<digest>         references of pages; never changed
subject#<subject>   log#<month>#<digest>          events that a worker has still to count
month#<month>#<n>   subjects#<digest>             subjects that have a head in the month
partner#<partner>   meters                        the newest version of each meter
partner#<partner>   meter#<name>#<version>        each version
partner#<partner>   change#<change>               what was voided, amended or filled anew, and why
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kernel.time import Month, instant_of, micros, parse_instant
from chalicelib.metering.changes import Change, ChangeKind
from chalicelib.metering.columns import columns_of
from chalicelib.metering.fold import Block, Settled
from chalicelib.metering.head import Head, unpack_head
from chalicelib.metering.meters import Total
from chalicelib.metering.model import Event
from chalicelib.metering.packing import digest_of, pack, squeeze, unpack, unsqueeze
from chalicelib.metering.ports import BlockKey, Log, Where
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

FORMAT = 2
FIRST_FORMAT = ("totals", "events")
"""What a head of the format before has and one of this format has not."""
KEPT = timedelta(days=3653)
"""As long as exports are kept (see infra/data.yaml)."""
SHARDS = 8
Item = Mapping[str, Mapping[str, Any]]
Keys = tuple[str, str]
"""Partition and sort key."""


class HeadRecord(Record):
    """One subject's month, where it is one write of several."""

    class Meta:
        """Owned by metering."""

        table_name = TableName("metering")

    version = NumberAttribute()
    state = BinaryAttribute(legacy_encoding=False)


class MetersRecord(Record):
    """A partner's meters, or one version of one."""

    class Meta:
        """Owned by metering."""

        table_name = TableName("metering")

    version = NumberAttribute()
    meters: Any = DocumentAttribute()


class ChangeRecord(Record):
    """A change to what was reported."""

    class Meta:
        """Owned by metering."""

        table_name = TableName("metering")

    subject = UnicodeAttribute()
    kind = UnicodeAttribute()
    reason = UnicodeAttribute()
    made_at = InstantAttribute()
    voided = NumberAttribute()
    added = NumberAttribute()
    months: Any = DocumentAttribute()
    digest = UnicodeAttribute()
    reverted_at = InstantAttribute(null=True)


def change_keys(partner_id: str, change_id: str) -> Keys:
    """Where a change is."""
    return f"partner#{partner_id}", f"change#{change_id}"


def change_record(change: Change) -> ChangeRecord:
    """The item of a change."""
    pk, sk = change_keys(change.partner_id, change.change_id)
    return ChangeRecord(
        pk=pk,
        sk=sk,
        subject=change.subject,
        kind=str(change.kind),
        reason=change.reason,
        made_at=change.made_at,
        voided=change.voided,
        added=change.added,
        months=list(change.months),
        digest=change.digest,
        reverted_at=change.reverted_at,
    )


def change_of(record: ChangeRecord) -> Change:
    """The change of an item."""
    return Change(
        change_id=record.sk.removeprefix("change#"),
        partner_id=record.pk.removeprefix("partner#"),
        subject=record.subject,
        kind=ChangeKind(record.kind),
        reason=record.reason,
        made_at=record.made_at,
        voided=int(record.voided),
        added=int(record.added),
        months=tuple(record.months),
        digest=record.digest,
        reverted_at=record.reverted_at,
    )


def head_keys(where: Where) -> Keys:
    """Where a head is."""
    subject, month = where
    return f"subject#{subject}", _head_key(month)


@lru_cache(maxsize=256)
def _head_key(month: Month) -> str:
    """Which thousands of heads have in common."""
    return f"head#{month}"


def block_keys(key: BlockKey) -> Keys:
    """Where a page or node is."""
    subject, month, kind, digest = key
    return f"subject#{subject}", f"{kind}#{month}#{name_of(digest)}"


def name_of(digest: bytes) -> str:
    """A digest as text: twenty letters."""
    return base64.urlsafe_b64encode(digest).decode()


def head_item(settled: Settled) -> Item:
    """The item of a head."""
    head = settled.head
    pk, sk = head_keys((head.subject, head.month))
    return {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "format": {"N": str(FORMAT)},
        "version": {"N": str(head.version)},
        "state": {"B": settled.state},
    }


def head_record(settled: Settled) -> HeadRecord:
    """The same as a record."""
    head = settled.head
    pk, sk = head_keys((head.subject, head.month))
    return HeadRecord(pk=pk, sk=sk, format=FORMAT, version=head.version, state=settled.state)


def head_of(item: Item) -> Head:
    """The head of an item."""
    subject = item["pk"]["S"].removeprefix("subject#")
    return head_at((subject, Month.parse(item["sk"]["S"].removeprefix("head#"))), item)


def head_at(where: Where, item: Item) -> Head:
    """The head of an item whose keys are known, also of the format before."""
    subject, month = where
    version = int(item["version"]["N"])
    if "state" in item:
        return unpack_head(subject, month, version, bytes(item["state"]["B"]))
    totals = json.loads(item["totals"]["S"])
    rows = json.loads(zlib.decompress(bytes(item["events"]["B"])))
    return Head(
        subject=subject,
        month=month,
        version=version,
        totals={(meter, ()): Total(Decimal(total)) for meter, total in totals.items()},
        tail=columns_of(_first_format(subject, row) for row in rows),
    )


def _first_format(subject: str, row: Sequence[str | None]) -> Event:
    source, event_id, time, name, value, place_id = row
    amount = None if value is None else Decimal(value)
    return Event(str(source), str(event_id), subject, parse_instant(str(time)), str(name), amount, place_id)


def block_item(head: Head, block: Block) -> Item:
    """The item of a page or node, which is there as long as what was billed by it has to be proved."""
    pk, sk = block_keys((head.subject, head.month, block.kind, block.digest))
    return {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "format": {"N": str(FORMAT)},
        "body": {"B": block.body},
        "expires": {"N": str(expires(head.month))},
    }


def expires(month: Month) -> int:
    """When events of the month are no longer kept: ten years after its end, in seconds since 1970."""
    end = datetime(month.next.year, month.next.number, 1, tzinfo=UTC)
    return int((end + KEPT).timestamp())


def roster_items(month: Month, subjects: Sequence[str]) -> list[Item]:
    """That these subjects have a head in the month: as few items as can be, each under a shard of the month."""
    packed = "\n".join(sorted(subjects)).encode()
    digest = digest_of(packed)
    pk = f"month#{month}#{digest[0] % SHARDS}"
    sk = f"subjects#{name_of(digest)}"
    return [{"pk": {"S": pk}, "sk": {"S": sk}, "format": {"N": str(FORMAT)}, "body": {"B": squeeze(packed)}}]


def subjects_in(item: Item) -> list[str]:
    """The subjects of such an item."""
    return unsqueeze(bytes(item["body"]["B"])).decode().split("\n")


def log_item(log: Log) -> tuple[str, Item]:
    """What a log is called, and its item."""
    packed = pack(columns_of(log.events))
    name = name_of(digest_of(packed))
    return name, {
        "pk": {"S": f"subject#{log.subject}"},
        "sk": {"S": f"log#{log.month}#{name}"},
        "format": {"N": str(FORMAT)},
        "received": {"N": str(micros(log.received_at))},
        "expires": {"N": str(expires(log.month))},
        "body": {"B": squeeze(packed)},
    }


def log_of(item: Item) -> Log:
    """The log of an item."""
    subject = item["pk"]["S"].removeprefix("subject#")
    month = Month.parse(item["sk"]["S"].split("#")[1])
    events = unpack(unsqueeze(bytes(item["body"]["B"]))).events(subject)
    return Log(subject, month, tuple(events), _received(item))


def _received(item: Item) -> datetime:
    return instant_of(int(item["received"]["N"]))
