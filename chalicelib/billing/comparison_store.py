"""Comparisons in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.comparison_items import (
    ALL,
    READ,
    UNTIL,
    ComparisonRecord,
    DifferenceRecord,
    ReadRecord,
    comparison_of,
    comparison_record,
    difference_of,
    difference_record,
    differences_partition,
)
from chalicelib.billing.comparison_model import Comparison, Difference
from chalicelib.billing.comparison_ports import Named, Read
from chalicelib.billing.errors import ComparisonChanged
from chalicelib.billing.index_items import IssuedRecord, issued_partition
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put

COMPARE = "billing.compare"


class ComparisonStore:
    """Satisfies `comparison_ports.Comparisons`."""

    def comparison(self, asked_at: datetime) -> Comparison | None:
        """One consistent read."""
        record = ComparisonRecord.find(ALL, format_instant(asked_at))
        return comparison_of(record) if record else None

    def of_day(self, day: str) -> Sequence[Comparison]:
        """One query."""
        return [comparison_of(each) for each in ComparisonRecord.listed(ALL, ComparisonRecord.sk.startswith(day))]

    def all(self, *, limit: int, after: str | None) -> Sequence[Comparison]:
        """One query."""
        rows = ComparisonRecord.listed(ALL, limit=limit, after=after, backwards=True)
        return [comparison_of(each) for each in rows]

    def differences(self, asked_at: datetime, *, limit: int) -> Sequence[Difference]:
        """One query."""
        pk = differences_partition(format_instant(asked_at))
        return [difference_of(each) for each in DifferenceRecord.listed(pk, limit=limit)]

    def saving(self, comparison: Comparison) -> Write:
        """On the version before."""
        before = ComparisonRecord.version == comparison.version - 1
        condition = ComparisonRecord.pk.does_not_exist() if comparison.version == 1 else before
        return Put(comparison_record(comparison), ComparisonChanged(), condition)

    def noting(self, asked_at: datetime, difference: Difference) -> Write:
        """In place of the same one."""
        return Put(difference_record(format_instant(asked_at), difference), ComparisonChanged())

    def going_on(self, comparison: Comparison, now: datetime) -> Write:
        """A message to the worker."""
        asked_at = format_instant(comparison.asked_at)
        facts = {"asked_at": asked_at, "asked_by": comparison.asked_by, "version": str(comparison.version)}
        return message(COMPARE, f"{asked_at}:{comparison.version}", facts, now)

    def read_until(self) -> datetime | None:
        """One consistent read."""
        record = ReadRecord.find(READ, UNTIL)
        return record.until if record else None

    def reading_until(self, instant: datetime) -> Write:
        """In place of what it was."""
        return Put(ReadRecord(READ, UNTIL, until=instant), ComparisonChanged())

    def issued(self, since: datetime, until: datetime, *, limit: int, after: str | None) -> Read[Named]:
        """One query a month of UTC, until there are enough."""
        begin = format_instant(since) if after is None else f"{after}~"
        month, last = (
            Month.of(since if after is None else parse_instant(after.partition("#")[0]), "UTC"),
            Month.of(until, "UTC"),
        )
        found: list[IssuedRecord] = []
        while month <= last and len(found) < limit:
            between = IssuedRecord.sk.between(begin, f"{format_instant(until)}~")
            found += IssuedRecord.listed(issued_partition(month), between, limit=limit - len(found))
            month = month.next
        return Read([name for each in found for name in each.named], found[-1].sk if len(found) == limit else None)
