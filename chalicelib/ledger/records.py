"""The journal as items; an entry is written under what it is read by, without an index.

account#<account id>        <period>#<reference>      the entry, among its account's
month#<period>#<shard>      <reference>               the entry, among its month's
late#<utc month>#<shard>    <posted at>#<reference>   the entry, in order of posting, if its month had been over for
                                                      about a month by then
entry#<reference>           entry                     where it is, so that a reference is posted once in any month,
                                                      unless the reference says that, as a settlement's does
posted#<utc month>#<shard>  <posted at>#<reference>   what it sums up to, in order of posting, with others of its act
balances                    <instant>                 the balances of all that was posted before the instant
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kernel.money import Money
from chalicelib.kernel.text import canonical
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.ledger.model import Balances, JournalEntry, Kept, Posted, Posting, settled_place
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.together import Joined

_TABLE = TableName("ledger")
SHARDS = 8
_ANY_ZONE = timedelta(days=1)
"""No month ends so much earlier in UTC than where the operator is."""
KEPT = "balances"


class EntryRecord(Record):
    """One journal entry."""

    class Meta:
        """Owned by ledger."""

        table_name = _TABLE

    reference = UnicodeAttribute()
    kind = UnicodeAttribute()
    account_id = UnicodeAttribute()
    period = UnicodeAttribute()
    posted_at = InstantAttribute()
    postings: Any = DocumentAttribute()


class PlaceRecord(Record):
    """Where the entry of a reference is."""

    class Meta:
        """Owned by ledger."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    period = UnicodeAttribute()


class PostedRecord(Joined):
    """What an entry sums up to, or several that were posted in one transaction; one of them names it."""

    class Meta:
        """Owned by ledger."""

        table_name = _TABLE

    sums: Any = DocumentAttribute()
    entries = NumberAttribute(null=True)

    @property
    def alike(self) -> str:
        """When its entries were posted."""
        return self.sk.partition("#")[0]

    @classmethod
    def joined(cls, records: Sequence["PostedRecord"]) -> "PostedRecord":
        """What all of them sum up to."""
        sums, entries = dict[tuple[str, str], int](), 0
        for each in map(posted_of, records):
            entries += each.entries
            for key, minor in each.balances.items():
                sums[key] = sums.get(key, 0) + minor
        return cls(records[0].pk, records[0].sk, sums=_rows(sums), entries=entries)


class KeptRecord(Record):
    """A balance that is kept, compressed."""

    class Meta:
        """Owned by ledger."""

        table_name = _TABLE

    entries = NumberAttribute()
    sums = BinaryAttribute(legacy_encoding=False)


def month_partition(period: Month, shard: int) -> str:
    """One of the partitions over which a month's entries are spread."""
    return f"month#{period}#{shard}"


def posted_partition(month: Month, shard: int) -> str:
    """One of the partitions over which is spread what was posted in a month of UTC."""
    return f"posted#{month}#{shard}"


def late_partition(month: Month, shard: int) -> str:
    """One of the partitions over which is spread what was posted late in a month of UTC."""
    return f"late#{month}#{shard}"


def shard_of(reference: str) -> int:
    """Which one an entry is in."""
    return hashlib.sha256(reference.encode()).digest()[0] % SHARDS


def entry_records(entry: JournalEntry) -> tuple[Record, ...]:
    """The items of an entry; a settlement's lies where its reference says."""
    shard, place = shard_of(entry.reference), (entry.account_id, entry.period)
    return (
        _record(entry, *entry_key(*place, entry.reference)),
        _record(entry, month_partition(entry.period, shard), entry.reference),
        *([_late_record(entry)] if _is_late(entry) else []),
        *([] if settled_place(entry.reference) else [_place_record(entry)]),
        PostedRecord(
            posted_partition(Month.of(entry.posted_at, "UTC"), shard),
            f"{format_instant(entry.posted_at)}#{entry.reference}",
            sums=_rows(entry.summed),
        ),
    )


def entry_key(account_id: str, period: Month, reference: str) -> tuple[str, str]:
    """Where an entry is among its account's."""
    return f"account#{account_id}", f"{period}#{reference}"


def place_of(record: PlaceRecord | None) -> tuple[str, Month] | None:
    """The account and the month of an item."""
    return None if record is None else (record.account_id, Month.parse(record.period))


def _place_record(entry: JournalEntry) -> PlaceRecord:
    return PlaceRecord(f"entry#{entry.reference}", "entry", account_id=entry.account_id, period=str(entry.period))


def _is_late(entry: JournalEntry) -> bool:
    return entry.period < Month.of(entry.posted_at + _ANY_ZONE, "UTC").previous


def _late_record(entry: JournalEntry) -> EntryRecord:
    partition = late_partition(Month.of(entry.posted_at, "UTC"), shard_of(entry.reference))
    return _record(entry, partition, f"{format_instant(entry.posted_at)}#{entry.reference}")


def _record(entry: JournalEntry, pk: str, sk: str) -> EntryRecord:
    return EntryRecord(
        pk=pk,
        sk=sk,
        reference=entry.reference,
        kind=entry.kind,
        account_id=entry.account_id,
        period=str(entry.period),
        posted_at=entry.posted_at,
        postings=[_posting_row(each) for each in entry.postings],
    )


def _posting_row(posting: Posting) -> list[object]:
    row = [posting.ledger_account, posting.amount.minor, posting.amount.currency]
    return [*row, posting.source] if posting.source else row


def entry_of(record: EntryRecord) -> JournalEntry:
    """The entry of an item; postings of before name no source."""
    return JournalEntry(
        reference=record.reference,
        kind=record.kind,
        account_id=record.account_id,
        period=Month.parse(record.period),
        posted_at=record.posted_at,
        postings=tuple(
            Posting(name, Money(minor, currency), *source) for name, minor, currency, *source in record.postings
        ),
    )


def posted_of(record: PostedRecord) -> Posted:
    """What entries sum up to; an item of before is one entry's."""
    return Posted(_balances(record.sums), int(record.entries or 1))


def kept_record(kept: Kept) -> KeptRecord:
    """The item of a balance."""
    packed = zlib.compress(canonical(_rows(kept.balances)))
    return KeptRecord(KEPT, _instant_key(kept.until), entries=kept.entries, sums=packed)


def kept_of(record: KeptRecord) -> Kept:
    """The balance of an item."""
    return Kept(parse_instant(record.sk), int(record.entries), _balances(json.loads(zlib.decompress(record.sums))))


def _instant_key(instant: datetime) -> str:
    return format_instant(instant)


def _rows(sums: Balances) -> list[list[object]]:
    return [[name, currency, minor] for (name, currency), minor in sorted(sums.items())]


def _balances(rows: list[tuple[str, str, int]]) -> Balances:
    return {(name, currency): minor for name, currency, minor in rows}
