"""Closes and exports in DynamoDB, pages in the queue, files in the bucket."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.finance.closes_model import Close, Page
from chalicelib.finance.closes_store import CloseStore, PageQueue
from chalicelib.finance.errors import CloseExists, ExportExists, PageDone
from chalicelib.finance.model import Export, FileEntry
from chalicelib.finance.store import ExportFiles
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from infra.local.engine import Engine
from infra.tables import create_bucket, create_queues
from tests.stores.tables import STAGE

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, 5, tzinfo=UTC)
MAY, JUNE = Month(2021, 5), Month(2021, 6)
CLOSE = Close(MAY, NOW)
EXPORT = Export(MAY, 1, NOW, "close")
closes = CloseStore()


def said(key: str) -> dict[str, str] | None:
    found = MessageRecord.find(key, "message")
    return found.body if found else None


def test_a_close_is_opened_once_and_the_worker_hears_of_it(commit: Transaction) -> None:
    assert closes.find(MAY) is None
    commit(closes.opening(CLOSE, NOW), None)
    with pytest.raises(CloseExists):
        commit(closes.opening(replace(CLOSE, opened_at=NOW + timedelta(hours=1)), NOW), None)

    assert closes.find(MAY) == CLOSE
    assert said("finance.spread#2021-05") == {"month": "2021-05"}


def test_a_close_goes_on_from_the_state_that_was_read(commit: Transaction) -> None:
    commit(closes.opening(CLOSE, NOW), None)
    settling = CLOSE.spread(3)
    commit([closes.changing(settling, CLOSE)], None)
    with pytest.raises(CloseExists):
        commit([closes.changing(CLOSE.spread(4), CLOSE)], None)
    closed = settling.finish(NOW)
    commit([closes.changing(closed, settling)], None)

    assert closes.find(MAY) == closed


def test_a_page_is_done_once_and_pages_are_listed_by_number(commit: Transaction) -> None:
    pages = [Page(MAY, number, 50, 1, 49, {"EUR": 4900, "DKK": 0}) for number in (0, 2, 10)]
    for each in reversed(pages):
        commit([closes.page_done(each)], None)
    with pytest.raises(PageDone):
        commit([closes.page_done(replace(pages[0], accounts=1))], None)

    assert closes.pages(MAY) == pages
    assert closes.pages(JUNE) == []


def test_an_export_is_asked_for_once_a_version_and_becomes_ready_once(commit: Transaction) -> None:
    commit(closes.asking(EXPORT, NOW), None)
    assert said("finance.export#2021-05:1") == {"month": "2021-05", "version": "1"}
    with pytest.raises(ExportExists):
        commit(closes.asking(replace(EXPORT, asked_by="bo"), NOW), None)
    file = FileEntry("usage.csv", 2, 40, "a" * 64, ("month", "amount"), {"rated_EUR": 950})
    ready = replace(EXPORT, ready_at=NOW, files=(file,))
    commit([closes.export_ready(ready)], None)
    with pytest.raises(ExportExists):
        commit([closes.export_ready(replace(ready, files=()))], None)

    assert closes.export(MAY, 1) == ready
    assert closes.export(MAY, 2) is None


def test_exports_are_listed_by_month_and_version_in_pages(commit: Transaction) -> None:
    made = [replace(EXPORT, month=month, version=version) for month in (MAY, JUNE) for version in (1, 2, 10)]
    for each in reversed(made):
        commit(closes.asking(each, NOW), None)

    assert closes.exports(JUNE) == made[3:]
    assert closes.all_exports(limit=4, after=None) == made[:4]
    assert closes.all_exports(limit=4, after="2021-06#000001") == made[4:]


def test_a_page_is_sent_to_the_queue_that_settles_it(engine: Engine) -> None:
    url = create_queues(engine.client("sqs"), STAGE)["close-pages"]
    PageQueue(url).send(MAY, 3, ["acc-1", "acc-2"])
    (received,) = engine.client("sqs").receive_message(QueueUrl=url)["Messages"]

    assert json.loads(received["Body"]) == {"month": "2021-05", "page": 3, "accounts": ["acc-1", "acc-2"]}


def test_a_file_is_stored_under_its_key_and_has_a_signed_address_for_a_while(engine: Engine) -> None:
    s3 = engine.client("s3")
    bucket = create_bucket(s3, STAGE)
    files = ExportFiles(bucket)
    content = b"month,amount\n2021-05,9.50\n"
    for _ in range(2):
        files.write("exports/2021-05/v1/usage.csv", content, "text/csv; charset=utf-8")
    stored = s3.get_object(Bucket=bucket, Key="exports/2021-05/v1/usage.csv")
    link = urlsplit(files.link("exports/2021-05/v1/usage.csv", 300))

    assert hashlib.sha256(stored["Body"].read()).digest() == hashlib.sha256(content).digest()
    assert stored["ContentType"] == "text/csv; charset=utf-8"
    assert link.path.endswith("/exports/2021-05/v1/usage.csv")
    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
    assert parse_qs(link.query)["X-Amz-Signature"]
