"""Exports as items.

exports         <month>#<version>  a version of a month's files
export#<month>#<version>  file#<name>  one of partners' files of a version
notices         <told at>#<code>#<about>  what finance was told
"""

from dataclasses import replace
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.finance.model import Export, FileEntry, FinanceNotice, place_of
from chalicelib.kernel.time import Month
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("finance")
NOTICES = "notices"


class ExportRecord(Record):
    """A version of a month's files."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    as_of = InstantAttribute()
    asked_by = UnicodeAttribute()
    ready_at = InstantAttribute(null=True)
    files: Any = DocumentAttribute()
    partners = NumberAttribute(null=True)
    refused: Any = DocumentAttribute(null=True)
    close = NumberAttribute(default=1)
    settled_since = InstantAttribute(null=True)


class FileRecord(Record):
    """One of partners' files of an export."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    file: Any = DocumentAttribute()


class NoticeRecord(Record):
    """What finance was told."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    code = UnicodeAttribute()
    about = UnicodeAttribute()
    facts: Any = DocumentAttribute()
    told_at = InstantAttribute()


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
        files=[_row(each) for each in export.files],
        partners=export.partners or None,
        refused=dict(export.refused) or None,
        close=export.close,
        settled_since=export.settled_since,
    )


def _row(file: FileEntry) -> list[object]:
    plain = file.unpacked, file.unpacked_sha256
    return [file.name, file.rows, file.size, file.sha256, list(file.columns), dict(file.totals), *plain]


def _entry(row: list[Any]) -> FileEntry:
    """Rows of before files were packed say nothing of what is in them."""
    name, rows, size, sha256, columns, totals, *plain = row
    return FileEntry(name, rows, size, sha256, tuple(columns), totals, *plain)


def files_partition(export: Export) -> str:
    """Where partners' files of a version are."""
    return f"export#{export_key(export.month, export.version)}"


def file_record(export: Export, file: FileEntry) -> FileRecord:
    """The item of a partner's file; its columns are the same for all."""
    return FileRecord(pk=files_partition(export), sk=f"file#{file.name}", file=_row(replace(file, columns=())))


def file_of(record: FileRecord) -> FileEntry:
    """The file of an item."""
    return _entry(record.file)


def notice_record(notice: FinanceNotice) -> NoticeRecord:
    """The item of a notice."""
    facts = dict(notice.facts)
    return NoticeRecord(
        NOTICES, place_of(notice), code=notice.code, about=notice.about, facts=facts, told_at=notice.told_at
    )


def notice_of(record: NoticeRecord) -> FinanceNotice:
    """The notice of an item."""
    return FinanceNotice(record.code, record.about, record.facts, record.told_at)


def export_of(record: ExportRecord) -> Export:
    """The export of an item."""
    month, version = record.sk.split("#")
    return Export(
        month=Month.parse(month),
        version=int(version),
        as_of=record.as_of,
        asked_by=record.asked_by,
        ready_at=record.ready_at,
        files=tuple(_entry(each) for each in record.files),
        partners=int(record.partners or 0),
        refused=record.refused or {},
        close=int(record.close),
        settled_since=record.settled_since,
    )
