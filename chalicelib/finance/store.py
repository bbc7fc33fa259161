"""Exports in DynamoDB."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chalicelib.finance.errors import ExportExists
from chalicelib.finance.model import Export, FileEntry, FinanceNotice
from chalicelib.finance.records import (
    NOTICES,
    ExportRecord,
    FileRecord,
    NoticeRecord,
    export_key,
    export_of,
    export_record,
    file_of,
    file_record,
    files_partition,
    notice_of,
    notice_record,
)
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class ExportStore:
    """Satisfies `ports.Exports`."""

    def exports(self, month: Month) -> Sequence[Export]:
        """One query."""
        rows = ExportRecord.listed("exports", ExportRecord.sk.startswith(f"{month}#"))
        return [export_of(each) for each in rows]

    def exports_before(self, month: Month) -> Iterable[Export]:
        """One query, read as far as somebody asks."""
        return map(export_of, ExportRecord.listed("exports", ExportRecord.sk < str(month), backwards=True))

    def all_exports(self, *, limit: int, after: str | None) -> Sequence[Export]:
        """One query."""
        return [export_of(each) for each in ExportRecord.listed("exports", limit=limit, after=after)]

    def export(self, month: Month, version: int) -> Export | None:
        """One consistent read."""
        record = ExportRecord.find("exports", export_key(month, version))
        return export_of(record) if record else None

    def asking(self, export: Export, now: datetime) -> Sequence[Write]:
        """If that version is new, with the word to the worker."""
        exists = ExportExists(month=str(export.month), version=export.version)
        facts = {"month": str(export.month), "version": str(export.version)}
        key = f"{export.month}:{export.version}"
        put = Put(export_record(export), exists, ExportRecord.pk.does_not_exist())
        return [put, message("finance.export", key, facts, now)]

    def export_ready(self, export: Export) -> Write:
        """Once."""
        exists = ExportExists(month=str(export.month), version=export.version)
        unknown = ExportRecord.ready_at.does_not_exist() & ExportRecord.refused.does_not_exist()
        return Put(export_record(export), exists, unknown)

    def adding_files(self, export: Export, files: Sequence[FileEntry]) -> Sequence[Write]:
        """Replaced by the same."""
        exists = ExportExists(month=str(export.month), version=export.version)
        return [Put(file_record(export, each), exists) for each in files]

    def file(self, export: Export, name: str) -> FileEntry | None:
        """One consistent read."""
        record = FileRecord.find(files_partition(export), f"file#{name}")
        return file_of(record) if record else None

    def files(self, export: Export, *, limit: int, after: str | None) -> Sequence[FileEntry]:
        """One query."""
        behind = None if after is None else f"file#{after}"
        return [file_of(each) for each in FileRecord.listed(files_partition(export), limit=limit, after=behind)]

    def noticing(self, notice: FinanceNotice) -> Write:
        """A repeat replaces itself."""
        return Put(notice_record(notice), ExportExists(about=notice.about))

    def notices(self, *, limit: int, after: str | None) -> Sequence[FinanceNotice]:
        """One query, backwards."""
        rows = NoticeRecord.listed(NOTICES, limit=limit, after=after, backwards=True)
        return [notice_of(each) for each in rows]
