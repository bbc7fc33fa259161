"""The journal as items; each entry is written twice, to be read by account and by month without an index.

account#<account id>      <period>#<reference>   the entry, among its account's
month#<period>#<shard>    <reference>            the entry, among its month's
"""

import hashlib
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

SHARDS = 8


class EntryRecord(Record):
    """One journal entry."""

    class Meta:
        """Owned by ledger."""

        table_name = TableName("ledger")

    reference = UnicodeAttribute()
    kind = UnicodeAttribute()
    account_id = UnicodeAttribute()
    period = UnicodeAttribute()
    posted_at = InstantAttribute()
    postings: Any = DocumentAttribute()


def month_partition(period: Month, shard: int) -> str:
    """One of the partitions over which a month's entries are spread."""
    return f"month#{period}#{shard}"


def shard_of(reference: str) -> int:
    """Which one an entry is in."""
    return hashlib.sha256(reference.encode()).digest()[0] % SHARDS


def entry_records(entry: JournalEntry) -> tuple[EntryRecord, EntryRecord]:
    """The two items of an entry."""
    month = month_partition(entry.period, shard_of(entry.reference))
    return (
        _record(entry, pk=f"account#{entry.account_id}", sk=f"{entry.period}#{entry.reference}"),
        _record(entry, pk=month, sk=entry.reference),
    )


def _record(entry: JournalEntry, *, pk: str, sk: str) -> EntryRecord:
    return EntryRecord(
        pk=pk,
        sk=sk,
        reference=entry.reference,
        kind=entry.kind,
        account_id=entry.account_id,
        period=str(entry.period),
        posted_at=entry.posted_at,
        postings=[[each.ledger_account, each.amount.minor, each.amount.currency] for each in entry.postings],
    )


def entry_of(record: EntryRecord) -> JournalEntry:
    """The entry of an item."""
    return JournalEntry(
        reference=record.reference,
        kind=record.kind,
        account_id=record.account_id,
        period=Month.parse(record.period),
        posted_at=record.posted_at,
        postings=tuple(Posting(name, Money(minor, currency)) for name, minor, currency in record.postings),
    )
