"""The journal in DynamoDB."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from operator import attrgetter

from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.ledger.errors import BalanceKept, EntryExists
from chalicelib.ledger.model import JournalEntry, Kept, Posted, settled_place, sourced
from chalicelib.ledger.records import (
    KEPT,
    SHARDS,
    EntryRecord,
    KeptRecord,
    PlaceRecord,
    PostedRecord,
    entry_key,
    entry_of,
    entry_records,
    kept_of,
    kept_record,
    late_partition,
    month_partition,
    place_of,
    posted_of,
    posted_partition,
)
from chalicelib.storage.writes import Put


class LedgerStore:
    """Satisfies `ports.Ledger`."""

    def posting(self, entry: JournalEntry) -> Sequence[Write]:
        """All of its items, if none of them is there."""
        exists = EntryExists(reference=entry.reference)
        return [Put(each, exists, type(each).pk.does_not_exist()) for each in entry_records(sourced(entry))]

    def find(self, reference: str) -> JournalEntry | None:
        """Two consistent reads, where it is and itself; one, where the reference says where it is."""
        place = settled_place(reference) or place_of(PlaceRecord.find(f"entry#{reference}", "entry"))
        record = EntryRecord.find(*entry_key(*place, reference)) if place is not None else None
        return entry_of(record) if record else None

    def of_account(self, account_id: str) -> Sequence[JournalEntry]:
        """One query."""
        return [entry_of(each) for each in EntryRecord.listed(f"account#{account_id}")]

    def of_month(self, period: Month, after: str | None = None) -> Iterable[JournalEntry]:
        """One query a shard, merged while reading."""
        shards = [EntryRecord.listed(month_partition(period, shard), after=after) for shard in range(SHARDS)]
        return _merged(shards)

    def page_of_month(self, period: Month, *, limit: int, after: str | None) -> Sequence[JournalEntry]:
        """One query a shard, each for as many at most, merged."""
        shards = [
            EntryRecord.listed(month_partition(period, shard), limit=limit, after=after) for shard in range(SHARDS)
        ]
        return [entry_of(each) for each in islice(heapq.merge(*shards, key=lambda record: record.sk), limit)]

    def posted_to(self, period: Month, since: datetime | None, until: datetime) -> Iterable[JournalEntry]:
        """One query a shard, which sends no others."""
        only = EntryRecord.posted_at <= until
        only = only if since is None else only & (EntryRecord.posted_at > since)
        return _merged([EntryRecord.listed(month_partition(period, shard), only=only) for shard in range(SHARDS)])

    def posted_late(self, since: datetime, until: datetime) -> Iterable[JournalEntry]:
        """One query a shard and month of UTC."""
        between = EntryRecord.sk.between(f"{format_instant(since)}~", f"{format_instant(until)}~")
        month, last = Month.of(since, "UTC"), Month.of(until, "UTC")
        while month <= last:
            for shard in range(SHARDS):
                yield from map(entry_of, EntryRecord.listed(late_partition(month, shard), between))
            month = month.next

    def posted(self, since: datetime, until: datetime) -> Iterable[Posted]:
        """One query a shard and month of UTC."""
        between = PostedRecord.sk.between(format_instant(since), f"{format_instant(until)}~")
        month, last = Month.of(since, "UTC"), Month.of(until, "UTC")
        while month <= last:
            for shard in range(SHARDS):
                for each in PostedRecord.listed(posted_partition(month, shard), between):
                    yield posted_of(each)
            month = month.next

    def kept_before(self, at: datetime) -> Kept | None:
        """One query for the newest."""
        until = KeptRecord.sk <= format_instant(at)
        return next(map(kept_of, KeptRecord.listed(KEPT, until, limit=1, backwards=True)), None)

    def keeping(self, balance: Kept) -> Write:
        """If there is none of that instant."""
        return Put(kept_record(balance), BalanceKept(), KeptRecord.pk.does_not_exist())


def _merged(shards: Iterable[Iterable[EntryRecord]]) -> Iterable[JournalEntry]:
    """By reference, while reading."""
    return heapq.merge(*(map(entry_of, each) for each in shards), key=attrgetter("reference"))
