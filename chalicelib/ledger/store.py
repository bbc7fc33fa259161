"""The journal in DynamoDB."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import attrgetter

from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.ledger.errors import BalanceKept, EntryExists
from chalicelib.ledger.model import JournalEntry, Kept, Posted, sourced
from chalicelib.ledger.records import (
    KEPT,
    SHARDS,
    EntryRecord,
    KeptRecord,
    PlaceRecord,
    PostedRecord,
    entry_of,
    entry_records,
    kept_of,
    kept_record,
    month_partition,
    posted_at,
    posted_of,
    posted_partition,
    summed_record,
)
from chalicelib.storage.writes import Put


class LedgerStore:
    """Satisfies `ports.Ledger`."""

    def posting(self, entry: JournalEntry) -> Sequence[Write]:
        """All of its items, if none of them is there."""
        exists = EntryExists(reference=entry.reference)
        return [Put(each, exists, type(each).pk.does_not_exist()) for each in entry_records(sourced(entry))]

    def together(self, writes: Sequence[Write]) -> Sequence[Write]:
        """Their sums are added; the reference of each is taken as it would be."""
        others: list[Write] = []
        of_instant = defaultdict[str, list[Put]](list)
        for each in writes:
            if isinstance(each, Put) and isinstance(each.record, PostedRecord):
                of_instant[posted_at(each.record)].append(each)
            else:
                others.append(each)
        return [*others, *map(_summed, of_instant.values())]

    def find(self, reference: str) -> JournalEntry | None:
        """Two consistent reads: where it is, and itself."""
        place = PlaceRecord.find(f"entry#{reference}", "entry")
        if place is None:
            return None
        record = EntryRecord.find(f"account#{place.account_id}", f"{place.period}#{reference}")
        return entry_of(record) if record else None

    def of_account(self, account_id: str) -> Sequence[JournalEntry]:
        """One query."""
        return [entry_of(each) for each in EntryRecord.listed(f"account#{account_id}")]

    def of_month(self, period: Month, after: str | None = None) -> Iterable[JournalEntry]:
        """One query a shard, merged while reading."""
        shards = [EntryRecord.listed(month_partition(period, shard), after=after) for shard in range(SHARDS)]
        return heapq.merge(*(map(entry_of, each) for each in shards), key=attrgetter("reference"))

    def page_of_month(self, period: Month, *, limit: int, after: str | None) -> Sequence[JournalEntry]:
        """One query a shard, each for as many at most, merged."""
        shards = [
            EntryRecord.listed(month_partition(period, shard), limit=limit, after=after) for shard in range(SHARDS)
        ]
        return [entry_of(each) for each in islice(heapq.merge(*shards, key=lambda record: record.sk), limit)]

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


def _summed(puts: Sequence[Put]) -> Put:
    records = [each.record for each in puts if isinstance(each.record, PostedRecord)]
    return puts[0] if len(records) == 1 else replace(puts[0], record=summed_record(records))
