"""Closes and exports in DynamoDB, pages in the queue, files in the bucket."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.finance.errors import CloseExists, ExportExists, PageDone, StoreRefused
from chalicelib.finance.file_store import ExportFiles, Retention
from chalicelib.finance.model import Close, Export, FileEntry, FinanceNotice, Page, place_of
from chalicelib.finance.packing import PART
from chalicelib.finance.records import ExportRecord
from chalicelib.finance.store import CloseStore, PageQueue
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
    file = FileEntry("usage.csv.gz", 2, 40, "a" * 64, ("month", "amount"), {"rated_EUR": 950}, 90, "b" * 64)
    ready = replace(EXPORT, ready_at=NOW, files=(file,), partners=2)
    commit([closes.export_ready(ready)], None)
    for late in (replace(ready, files=()), replace(EXPORT, refused={"code": "unmapped_account"})):
        with pytest.raises(ExportExists):
            commit([closes.export_ready(late)], None)

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


def test_an_export_that_cannot_be_written_keeps_the_reason_for_good(commit: Transaction) -> None:
    commit(closes.asking(EXPORT, NOW), None)
    refused = replace(EXPORT, refused={"code": "unmapped_account", "ledger_account": "tax:0.14"})
    commit([closes.export_ready(refused)], None)
    with pytest.raises(ExportExists):
        commit([closes.export_ready(replace(EXPORT, ready_at=NOW))], None)

    assert closes.export(MAY, 1) == refused
    assert refused.state == "refused"


def test_an_export_of_before_files_were_packed_is_still_read(commit: Transaction) -> None:
    row = ["usage.csv", 2, 40, "a" * 64, ["month", "amount"], {"rated_EUR": 950}]
    ExportRecord("exports", "2021-05#000001", as_of=NOW, asked_by="close", ready_at=NOW, files=[row]).save()

    (export,) = closes.exports(MAY)
    assert export.files == (FileEntry("usage.csv", 2, 40, "a" * 64, ("month", "amount"), {"rated_EUR": 950}),)
    assert (export.state, export.partners, commit is not None) == ("ready", 0, True)


def test_partners_files_of_a_version_are_found_by_name_and_listed_in_pages(commit: Transaction) -> None:
    files = [FileEntry(f"partners/par-{each}.csv.gz", each, 40, "a" * 64, (), {}, 90, "b" * 64) for each in range(3)]
    for _ in range(2):
        commit(list(closes.adding_files(EXPORT, files)), None)

    assert closes.files(EXPORT, limit=2, after=None) == files[:2]
    assert closes.files(EXPORT, limit=2, after=files[1].name) == files[2:]
    assert closes.file(EXPORT, files[1].name) == files[1]
    assert closes.file(EXPORT, "partners/par-9.csv.gz") is None
    assert closes.files(replace(EXPORT, version=2), limit=2, after=None) == []


def test_what_finance_is_told_is_listed_the_newest_first(commit: Transaction) -> None:
    told = [
        FinanceNotice("export_ready", f"2021-05/{each}", {"version": str(each)}, NOW + timedelta(hours=each))
        for each in range(3)
    ]
    for each in told:
        commit([closes.noticing(each)], None)

    assert closes.notices(limit=2, after=None) == [told[2], told[1]]
    assert closes.notices(limit=2, after=place_of(told[1])) == [told[0]]


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
    _uploads_are_seen_whole_or_not_at_all(files, s3, bucket)


def _uploads_are_seen_whole_or_not_at_all(files: ExportFiles, s3: Any, bucket: str) -> None:  # noqa: ANN401 -- boto3's
    """In parts, locked for as long as is said; aborted ones leave nothing, and a bucket that is none says so.

    moto forgets the lock of an upload in parts: that one is read off the request.
    """

    def keys() -> set[str]:
        return {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    now = datetime(2031, 6, 1, tzinfo=UTC)
    files = ExportFiles(bucket, None, Retention("GOVERNANCE", 3653, lambda: now))
    asked: list[dict[str, Any]] = []
    events = files._s3.meta.events
    events.register("provide-client-params.s3.CreateMultipartUpload", lambda params, **_: asked.append(dict(params)))
    before, parts = keys(), [b"a" * PART, b"b" * PART, b"rest"]
    upload = files.begin("exports/2021-05/v1/big.csv.gz", "application/gzip")
    for each in parts[:-1]:
        upload.part(each)
    upload.last(parts[-1])
    assert keys() == before
    upload.finish()
    upload.abort()
    big = s3.get_object(Bucket=bucket, Key="exports/2021-05/v1/big.csv.gz")
    assert big["Body"].read() == b"".join(parts)
    assert big["ContentType"] == asked[0]["ContentType"] == "application/gzip"
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": now + timedelta(days=3653)}
    assert {name: asked[0][name] for name in lock} == lock

    small = files.begin("exports/2021-05/v1/small.csv.gz", "application/gzip")
    small.last(b"few")
    assert "exports/2021-05/v1/small.csv.gz" not in keys()
    small.finish()
    found = s3.get_object(Bucket=bucket, Key="exports/2021-05/v1/small.csv.gz")
    assert {name: found[name] for name in lock} == lock

    broken = files.begin("exports/2021-05/v1/broken.csv.gz", "application/gzip")
    broken.part(parts[0])
    broken.abort()
    broken.abort()
    assert "exports/2021-05/v1/broken.csv.gz" not in keys()
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    with pytest.raises(StoreRefused) as error:
        ExportFiles("adgang-nobodys-exports").write("exports/x", b"", "text/plain")
    assert error.value.facts == {"operation": "put_object", "reason": "NoSuchBucket"}
