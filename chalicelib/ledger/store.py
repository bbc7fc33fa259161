"""The journal in DynamoDB."""

import heapq
from collections.abc import Iterable, Sequence

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.errors import EntryExists
from chalicelib.ledger.model import JournalEntry
from chalicelib.ledger.records import SHARDS, EntryRecord, entry_of, entry_records, month_partition
from chalicelib.storage.writes import Put


class LedgerStore:
    """Satisfies `ports.Ledger`."""

    def posting(self, entry: JournalEntry) -> Sequence[Write]:
        """Both items, if neither is there."""
        exists = EntryExists(reference=entry.reference)
        return [Put(each, exists, EntryRecord.pk.does_not_exist()) for each in entry_records(entry)]

    def of_account(self, account_id: str) -> Sequence[JournalEntry]:
        """One query."""
        return [entry_of(each) for each in EntryRecord.listed(f"account#{account_id}")]

    def of_month(self, period: Month) -> Iterable[JournalEntry]:
        """One query a shard, merged while reading."""
        shards = [EntryRecord.listed(month_partition(period, shard)) for shard in range(SHARDS)]
        return (entry_of(each) for each in heapq.merge(*shards, key=lambda record: record.sk))
