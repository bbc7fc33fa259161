"""Closes and exports in DynamoDB, pages in SQS."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.finance.errors import CloseExists, ExportExists, PageDone
from chalicelib.finance.model import Close, Export, FileEntry, FinanceNotice, Page
from chalicelib.finance.records import (
    NOTICES,
    CloseRecord,
    ExportRecord,
    FileRecord,
    NoticeRecord,
    PageRecord,
    close_of,
    close_record,
    export_key,
    export_of,
    export_record,
    file_of,
    file_record,
    files_partition,
    notice_of,
    notice_record,
    page_of,
    page_record,
)
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class CloseStore:
    """Satisfies `ports.Closes`."""

    def find(self, month: Month) -> Close | None:
        """One consistent read."""
        record = CloseRecord.find(f"close#{month}", "close")
        return close_of(record) if record else None

    def opening(self, close: Close, now: datetime) -> Sequence[Write]:
        """If there is none, with the word to the worker."""
        exists = CloseExists(month=str(close.month))
        put = Put(close_record(close), exists, CloseRecord.pk.does_not_exist())
        return [put, message("finance.spread", str(close.month), {"month": str(close.month)}, now)]

    def changing(self, close: Close, before: Close) -> Write:
        """On the state before."""
        same = CloseRecord.state == str(before.state)
        return Put(close_record(close), CloseExists(month=str(close.month)), same)

    def telling_closed(self, month: Month, now: datetime) -> Write:
        """The word to the worker."""
        return message("finance.closed", str(month), {"month": str(month)}, now)

    def pages(self, month: Month) -> Sequence[Page]:
        """One query."""
        return [page_of(each) for each in PageRecord.listed(f"close#{month}", PageRecord.sk.startswith("page#"))]

    def page_done(self, page: Page) -> Write:
        """The first time; a repeated page has nothing new to say, and its refusal says so."""
        return Put(page_record(page), PageDone(number=page.number), PageRecord.pk.does_not_exist())

    def exports(self, month: Month) -> Sequence[Export]:
        """One query."""
        rows = ExportRecord.listed("exports", ExportRecord.sk.startswith(f"{month}#"))
        return [export_of(each) for each in rows]

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


class PageQueue:
    """Satisfies `ports.Pages`."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    @cached_property
    def _sqs(self) -> Any:  # noqa: ANN401 -- boto3 publishes no types
        import boto3  # noqa: PLC0415 -- made when needed: most requests send nothing

        return boto3.client("sqs")

    def send(self, month: Month, number: int, accounts: Sequence[str]) -> None:
        """One message a page."""
        body = json.dumps({"month": str(month), "page": number, "accounts": list(accounts)})
        self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=body)
