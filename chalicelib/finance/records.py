"""Exports as items.

exports         <month>#<version>  a version of a month's files
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.finance.model import Export, FileEntry
from chalicelib.kernel.time import Month
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("finance")


class ExportRecord(Record):
    """A version of a month's files."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    as_of = InstantAttribute()
    asked_by = UnicodeAttribute()
    ready_at = InstantAttribute(null=True)
    files: Any = DocumentAttribute()
    close = NumberAttribute(default=1)


def export_key(month: Month, version: int) -> str:
    """Sorts exports by month and version."""
    return f"{month}#{version:06d}"


def export_record(export: Export) -> ExportRecord:
    """The item of an export."""
    return ExportRecord(
        pk="exports",
        sk=export_key(export.month, export.version),
        as_of=export.as_of,
        asked_by=export.asked_by,
        ready_at=export.ready_at,
        close=export.close,
        files=[
            [each.name, each.rows, each.size, each.sha256, list(each.columns), dict(each.totals)]
            for each in export.files
        ],
    )


def export_of(record: ExportRecord) -> Export:
    """The export of an item."""
    month, version = record.sk.split("#")
    return Export(
        month=Month.parse(month),
        version=int(version),
        as_of=record.as_of,
        asked_by=record.asked_by,
        ready_at=record.ready_at,
        close=int(record.close),
        files=tuple(
            FileEntry(name, rows, size, sha256, tuple(columns), totals)
            for name, rows, size, sha256, columns, totals in record.files
        ),
    )
