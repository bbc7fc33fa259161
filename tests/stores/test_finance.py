"""Closes and exports in DynamoDB, pages in the queue, files in the bucket."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.finance.audit_model import AuditRecord
from chalicelib.finance.audit_model import place_of as audit_place
from chalicelib.finance.audit_store import AuditStore
from chalicelib.finance.closes_model import SUMS, Close, CloseState, FailedAccount, FailedState, Page, Sent, summed
from chalicelib.finance.closes_store import CloseStore, PageQueue
from chalicelib.finance.errors import (
    AccountSettled,
    AuditRecorded,
    CloseExists,
    ExportExists,
    PageDone,
    PageExists,
    ReconciliationChanged,
    ReconciliationExists,
    StoreRefused,
    SumsChanged,
)
from chalicelib.finance.file_store import ExportFiles, Retention
from chalicelib.finance.model import Export, FileEntry, FinanceNotice, place_of
from chalicelib.finance.packing import PART
from chalicelib.finance.reconciliation_model import (
    Cause,
    Difference,
    Found,
    Going,
    Reconciliation,
    Stage,
    StageSum,
    Step,
)
from chalicelib.finance.reconciliation_store import ReconciliationStore
from chalicelib.finance.records import ExportRecord
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
PAGES = [Page(MAY, number, 50, 1, 49, {"EUR": 4900, "DKK": 0}) for number in (0, 1, 10)]
EXPORT = Export(MAY, 1, NOW, "close", settled_since=NOW - timedelta(minutes=3))
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
    assert said("finance.spread#2021-05:1:0") == {"month": "2021-05", "version": "1", "turn": "0"}


def test_a_close_goes_on_from_the_state_that_was_read(commit: Transaction) -> None:
    commit(closes.opening(CLOSE, NOW), None)
    pages = [Sent(MAY, number, ("acc-1", "acc-2")) for number in range(3)]
    begun, settling = CLOSE.spread(pages[:2], last=False), CLOSE.spread(pages, last=True)
    commit([closes.changing(begun, CLOSE), *map(closes.making, pages[:2])], None)
    with pytest.raises(CloseExists):
        commit([closes.changing(settling, CLOSE)], None)
    with pytest.raises(PageExists):
        commit([closes.making(pages[1])], None)
    assert closes.find(MAY) == begun
    settling = begun.spread(pages[2:], last=True)
    commit([closes.changing(settling, begun), closes.making(pages[2]), closes.page_done(PAGES[1])], None)
    assert closes.unsettled(settling, 0, 9) == [pages[0], pages[2]]
    assert [closes.is_done(each) for each in pages] == [False, True, False]
    closed = settling.finish(NOW)
    commit([closes.changing(closed, settling)], None)

    assert closes.find(MAY) == closed


def test_a_page_is_done_once_and_pages_are_listed_by_number(commit: Transaction) -> None:
    for each in reversed(PAGES):
        commit([closes.page_done(each)], None)
    with pytest.raises(PageDone):
        commit([closes.page_done(replace(PAGES[0], accounts=1))], None)

    assert list(closes.pages(MAY)) == PAGES
    assert list(closes.pages(JUNE)) == []


def test_a_part_of_the_sums_is_written_by_one_page_at_a_time(commit: Transaction) -> None:
    commit(closes.opening(CLOSE, NOW), None)
    first = closes.sums_of_part(MAY, 1, 3).plus(PAGES[0])
    commit([closes.saving_sums(MAY, 1, 3, first)], None)
    with pytest.raises(SumsChanged):
        commit([closes.saving_sums(MAY, 1, 3, first)], None)
    second = closes.sums_of_part(MAY, 1, 3 + SUMS).plus(PAGES[1])
    commit([closes.saving_sums(MAY, 1, 3 + SUMS, second), closes.saving_sums(MAY, 1, 4, first)], None)

    assert sorted(each.pages for each in closes.sums(CLOSE)) == [1, 2]
    assert summed(closes.sums(CLOSE)).invoiced == {"EUR": 3 * 4900, "DKK": 0}


def test_a_close_of_before_there_were_sums_is_summed_up_from_its_pages(commit: Transaction) -> None:
    old = replace(CLOSE, state=CloseState.CLOSED, pages=3, closed_at=NOW)
    commit([*closes.opening(old, NOW), *map(closes.page_done, PAGES)], None)

    found = summed(closes.sums(old))
    assert (found.pages, found.accounts, found.parked, found.invoiced) == (3, 150, 3, {"EUR": 14700, "DKK": 0})


def test_what_could_not_be_settled_is_listed_and_settled_since_once(commit: Transaction) -> None:
    commit(closes.opening(CLOSE, NOW), None)
    failed = [FailedAccount(MAY, name, 0, "TimeoutError", NOW, 5, FailedState.FAILED) for name in ("acc-1", "acc-2")]
    commit([closes.failing(each) for each in failed], None)
    assert closes.failed(CLOSE) == failed
    assert closes.failed(CLOSE, limit=1, after="acc-1") == failed[1:]
    after = replace(failed[0], state=FailedState.SETTLED, tries=6)
    commit([closes.settled_since(after, FailedState.FAILED)], None)
    with pytest.raises(AccountSettled):
        commit([closes.settled_since(after, FailedState.FAILED)], None)
    commit([closes.asking_again(failed[1], NOW)], None)

    assert closes.failed_one(CLOSE, "acc-1") == after
    assert closes.failed_one(CLOSE, "acc-3") is None
    assert said("finance.again#2021-05:acc-2") == {"month": "2021-05", "account_id": "acc-2"}


def test_a_later_version_of_a_close_stands_beside_the_first_with_pages_of_its_own(commit: Transaction) -> None:
    commit(closes.opening(CLOSE, NOW), None)
    again = CLOSE.again("fred", "a tariff was wrong", NOW)
    commit(
        [*closes.opening(again, NOW), closes.page_done(PAGES[0]), closes.page_done(replace(PAGES[0], version=2))], None
    )
    with pytest.raises(CloseExists):
        commit(closes.opening(again, NOW), None)

    assert (closes.find(MAY), closes.find(MAY, 1), closes.find(MAY, 2)) == (again, CLOSE, again)
    assert list(closes.pages(MAY)) == [replace(PAGES[0], version=2)]
    assert said("finance.spread#2021-05:2:0") == {"month": "2021-05", "version": "2", "turn": "0"}


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
    assert [list(closes.exports_before(month)) for month in (JUNE.next, JUNE, MAY)] == [made[::-1], made[2::-1], []]


def test_a_page_is_sent_to_the_queue_that_settles_it(engine: Engine) -> None:
    url = create_queues(engine.client("sqs"), STAGE)["close-pages"]
    PageQueue(url).send(Sent(MAY, 3, ("acc-1", "acc-2"), 2))
    (received,) = engine.client("sqs").receive_message(QueueUrl=url)["Messages"]

    said = {"month": "2021-05", "page": 3, "accounts": ["acc-1", "acc-2"], "version": 2}
    assert json.loads(received["Body"]) == said


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
    assert files.find("exports/2021-05/v1/usage.csv") == content
    assert [files.find(f"exports/2021-05/v1/{name}") for name in ("usage", "manifest.json")] == [None, None]
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
    events = files._bucket._s3.meta.events
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


def test_a_run_of_reconciling_is_asked_for_once_goes_on_turn_by_turn_and_its_differences_are_listed_by_cause(
    commit: Transaction,
) -> None:
    kept, run = ReconciliationStore(), Reconciliation(MAY, NOW, "fred")
    commit(kept.asking(run, NOW), None)
    with pytest.raises(ReconciliationExists):
        commit(kept.asking(run, NOW), None)
    facts = {"month": "2021-05", "asked_at": "2021-06-01T05:00:00.000000Z"}
    assert said("finance.reconcile#2021-05:2021-06-01T05:00:00.000000Z") == facts
    begun = Going(NOW, stopped=False, balances={"EUR": (5, 7)}, compared=NOW)
    rows = [Difference(Stage.BILLED, Cause.PARKED, f"acc-{each}:2021-05", "EUR", each) for each in (1, 2)]
    found = Found([StageSum(Stage.BILLED, "EUR", 30, 0)], rows, {"parked": 2}, {"EUR": -3}, 3, 4)
    first = run.with_more(found, begun.behind("acc-2"))
    writes = [kept.saving(first, run), kept.keeping(first, 3, b"one", NOW), kept.going_on(first, NOW)]
    commit([*writes, *(kept.noting(first, each) for each in rows)], None)
    with pytest.raises(ReconciliationChanged):
        commit([kept.saving(first, run)], None)
    assert said("finance.reconcile#2021-05:2021-06-01T05:00:00.000000Z:1") == facts
    assert kept.find(MAY) == first
    assert kept.newest_done(MAY, None) is None
    other = Difference(Stage.STRIPE, Cause.UNKNOWN, "moved:x", "EUR", -7)
    assert first.going is not None
    further = first.with_more(Found(causes={"unknown": 1}), first.going.behind(None))
    done = replace(further, done_at=NOW + timedelta(minutes=1))
    commit([kept.saving(done, first), kept.noting(done, other), kept.keeping(done, 3, b"two", NOW)], None)
    with pytest.raises(ReconciliationChanged):
        commit([kept.saving(done, first)], None)

    assert [*kept.lines(done, 3)] == [b"one", b"two"]
    assert [*kept.lines(done, 1)] == []
    assert kept.find(MAY) == kept.find(MAY, NOW) == kept.newest_done(MAY, done.done_at) == done
    assert (done.causes, done.going and done.going.step) == ({"parked": 2, "unknown": 1}, Step.PARTNERS)
    assert kept.find(JUNE) is None
    page = kept.differences(done, None, limit=2, after=None)
    assert [each for _, each in page] == rows
    assert [each for _, each in kept.differences(done, None, limit=2, after=page[-1][0])] == [other]
    assert [each for _, each in kept.differences(done, Cause.UNKNOWN, limit=2, after=None)] == [other]
    assert kept.differences(run, None, limit=2, after=None) == []


def test_a_newer_run_that_is_not_done_hides_no_older_one_and_runs_of_before_are_read(commit: Transaction) -> None:
    kept, before = ReconciliationStore(), Reconciliation(MAY, NOW, "fred")
    commit(kept.asking(before, NOW), None)
    ended = replace(before, done_at=NOW + timedelta(minutes=1), sums=(StageSum(Stage.BILLED, "EUR", 1, 0),))
    commit([kept.saving(ended, before)], None)
    row = Difference(Stage.BILLED, Cause.PARKED, "acc-1:2021-05", "EUR", 1)
    commit([kept.noting(ended, row)], None)
    newer = Reconciliation(MAY, NOW + timedelta(hours=1), "fred")
    commit(kept.asking(newer, NOW), None)

    assert kept.find(MAY) == newer
    assert kept.newest_done(MAY, None) == ended
    assert kept.newest_done(MAY, NOW) is None
    assert (ended.as_of, ended.going) == (ended.done_at, None)
    assert [each for _, each in kept.differences(ended, None, limit=2, after=None)] == [row]


def test_an_audit_record_is_written_once_and_goes_when_its_time_is_over(commit: Transaction) -> None:
    audits = AuditStore()
    records = [
        AuditRecord(NOW + timedelta(hours=each), "ab", "fred", "wallet", whose, "GET /x")
        for each, whose in enumerate(("acc-1", ""))
    ]
    for each in records:
        commit([audits.recording(each)], None)
    with pytest.raises(AuditRecorded):
        commit([audits.recording(records[0])], None)

    assert audits.of_month(JUNE, limit=5, after=None) == records[::-1]
    assert audits.of_month(JUNE, limit=1, after=audit_place(records[1])) == records[:1]
    assert audits.of_month(MAY, limit=5, after=None) == []
