"""Closes in DynamoDB, pages in SQS."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.finance.closes_items import CloseRecord, PageRecord, close_of, close_record, page_of, page_record
from chalicelib.finance.closes_model import Close, Page
from chalicelib.finance.errors import CloseExists, PageDone
from chalicelib.finance.store import ExportStore
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class CloseStore(ExportStore):
    """Satisfies `closes_ports.Closes`."""

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


class PageQueue:
    """Satisfies `closes_ports.Pages`."""

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
