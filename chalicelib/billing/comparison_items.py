"""Comparisons as items of billing's table.

comparisons           <asked at>           a comparison
comparison#<asked>    <about>#<cause>      a difference that it found
comparisons-read      until                up to when the balance was read
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.comparison_model import Comparison, Difference, Step
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
ALL, READ, UNTIL = "comparisons", "comparisons-read", "until"


class ComparisonRecord(Record):
    """A comparison."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    asked_by = UnicodeAttribute()
    since = InstantAttribute(null=True)
    step = UnicodeAttribute()
    after = UnicodeAttribute(null=True)
    movements = NumberAttribute()
    fees = NumberAttribute()
    invoices = NumberAttribute()
    done_at = InstantAttribute(null=True)
    sums: Any = DocumentAttribute()
    version = NumberAttribute()


class DifferenceRecord(Record):
    """A difference."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    about = UnicodeAttribute()
    cause = UnicodeAttribute()
    done = UnicodeAttribute()
    facts: Any = DocumentAttribute()


class ReadRecord(Record):
    """Up to when the balance was read."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    until = InstantAttribute()


def differences_partition(asked_at: str) -> str:
    """Where the differences of a comparison are."""
    return f"comparison#{asked_at}"


def comparison_record(comparison: Comparison) -> ComparisonRecord:
    """The item of a comparison."""
    return ComparisonRecord(
        pk=ALL,
        sk=format_instant(comparison.asked_at),
        asked_by=comparison.asked_by,
        since=comparison.since,
        step=str(comparison.step),
        after=comparison.after,
        movements=comparison.movements,
        fees=comparison.fees,
        invoices=comparison.invoices,
        done_at=comparison.done_at,
        sums={"clearing": dict(comparison.clearing), "balance": dict(comparison.balance)},
        version=comparison.version,
    )


def comparison_of(record: ComparisonRecord) -> Comparison:
    """The comparison of an item."""
    sums: dict[str, dict[str, int]] = record.sums
    return Comparison(
        asked_at=parse_instant(record.sk),
        asked_by=record.asked_by,
        since=record.since,
        step=Step(record.step),
        after=record.after,
        movements=int(record.movements),
        fees=int(record.fees),
        invoices=int(record.invoices),
        done_at=record.done_at,
        clearing=sums["clearing"],
        balance=sums["balance"],
        version=int(record.version),
    )


def difference_record(asked_at: str, difference: Difference) -> DifferenceRecord:
    """The item of a difference."""
    return DifferenceRecord(
        pk=differences_partition(asked_at),
        sk=f"{difference.about}#{difference.cause}",
        about=difference.about,
        cause=difference.cause,
        done=difference.done,
        facts=dict(difference.facts),
    )


def difference_of(record: DifferenceRecord) -> Difference:
    """The difference of an item."""
    return Difference(record.about, record.cause, record.done, record.facts)
