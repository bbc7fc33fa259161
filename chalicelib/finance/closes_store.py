"""Closes in DynamoDB, pages in SQS."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.finance.closes_items import (
    CLOSE,
    FAILED,
    PAGE,
    PARKED,
    SENT,
    SUM,
    CloseRecord,
    FailedRecord,
    PageRecord,
    ParkedInCloseRecord,
    SentRecord,
    SumsRecord,
    close_key,
    close_of,
    close_record,
    failed_of,
    failed_record,
    number_key,
    page_of,
    page_record,
    parked_of,
    parked_record,
    partition,
    sent_of,
    sent_record,
    sum_key,
    sums_of,
    sums_record,
)
from chalicelib.finance.closes_model import Close, FailedAccount, FailedState, Page, ParkedAccount, Sent, Sums
from chalicelib.finance.errors import (
    AccountReleased,
    AccountSettled,
    CloseExists,
    PageDone,
    PageExists,
    SumsChanged,
)
from chalicelib.finance.parts_model import Task
from chalicelib.finance.reconciliation_model import Run
from chalicelib.finance.store import ExportStore
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class CloseStore(ExportStore):
    """Satisfies `closes_ports.Closes`."""

    def find(self, month: Month, version: int | None = None) -> Close | None:
        """One query for the newest; one consistent read of a version."""
        if version is not None:
            record = CloseRecord.find(partition(month, 1), close_key(version))
            return close_of(record) if record else None
        newest = CloseRecord.listed(partition(month, 1), CloseRecord.sk.startswith(CLOSE), limit=1, backwards=True)
        return next(map(close_of, newest), None)

    def opening(self, close: Close, now: datetime) -> Sequence[Write]:
        """If there is none, with the word to the worker."""
        put = Put(close_record(close), CloseExists(month=str(close.month)), CloseRecord.pk.does_not_exist())
        return [put, self.spreading(close, 0, now)]

    def changing(self, close: Close, before: Close) -> Write:
        """On the state and turn before; closes of before had no turns."""
        turn = CloseRecord.turn == before.turn
        same = (CloseRecord.state == str(before.state)) & (turn if before.turn else turn | ~CloseRecord.turn.exists())
        return Put(close_record(close), CloseExists(month=str(close.month)), same)

    def spreading(self, close: Close, turn: int, now: datetime) -> Write:
        """The word to the worker."""
        facts = {"month": str(close.month), "version": str(close.version), "turn": str(turn)}
        return message("finance.spread", f"{close.month}:{close.version}:{turn}", facts, now)

    def telling_closed(self, month: Month, now: datetime) -> Write:
        """The word to the worker."""
        return message("finance.closed", str(month), {"month": str(month)}, now)

    def making(self, page: Sent) -> Write:
        """If there is none of that number."""
        return Put(sent_record(page), PageExists(number=page.number), SentRecord.pk.does_not_exist())

    def unsettled(self, close: Close, first: int, last: int) -> Sequence[Sent]:
        """Two queries."""
        where = partition(close.month, close.version)
        between = SentRecord.sk.between(number_key(SENT, first), number_key(SENT, last))
        sent = [sent_of(each) for each in SentRecord.listed(where, between)]
        results = PageRecord.sk.between(number_key(PAGE, first), number_key(PAGE, last))
        done = {page_of(each).number for each in PageRecord.listed(where, results)}
        return [each for each in sent if each.number not in done]

    def is_done(self, page: Sent) -> bool:
        """One consistent read."""
        return PageRecord.find(partition(page.month, page.version), number_key(PAGE, page.number)) is not None

    def pages(self, month: Month) -> Iterable[Page]:
        """One query for the newest close, one for its pages, read as they are asked for."""
        close = self.find(month)
        version = close.version if close is not None else 1
        return map(page_of, PageRecord.listed(partition(month, version), PageRecord.sk.startswith(PAGE)))

    def page_done(self, page: Page) -> Write:
        """The first time; a repeated page has nothing new to say, and its refusal says so."""
        return Put(page_record(page), PageDone(number=page.number), PageRecord.pk.does_not_exist())

    def sums(self, close: Close) -> Sequence[Sums]:
        """One query; of a close of before there were sums, its pages say them."""
        if close.pages and not close.made:
            return [Sums().plus(each) for each in self.pages(close.month)]
        rows = SumsRecord.listed(partition(close.month, close.version), SumsRecord.sk.startswith(SUM))
        return [sums_of(each) for each in rows]

    def sums_of_part(self, month: Month, version: int, page: int) -> Sums:
        """One consistent read."""
        record = SumsRecord.find(partition(month, version), sum_key(page))
        return sums_of(record) if record else Sums()

    def saving_sums(self, month: Month, version: int, page: int, sums: Sums) -> Write:
        """If it was written once less."""
        first = SumsRecord.pk.does_not_exist()
        condition = first if sums.saved == 1 else SumsRecord.saved == sums.saved - 1
        return Put(sums_record(month, version, page, sums), SumsChanged(month=str(month)), condition)

    def failing(self, failed: FailedAccount) -> Write:
        """As it stands now."""
        return Put(failed_record(failed), AccountSettled())

    def settled_since(self, failed: FailedAccount, was: FailedState) -> Write:
        """If it is in that state."""
        return Put(failed_record(failed), AccountSettled(), FailedRecord.state == str(was))

    def failed(self, close: Close, *, limit: int | None = None, after: str | None = None) -> Sequence[FailedAccount]:
        """One query."""
        behind = None if after is None else f"{FAILED}{after}"
        keys = FailedRecord.sk.startswith(FAILED)
        rows = FailedRecord.listed(partition(close.month, close.version), keys, limit=limit, after=behind)
        return [failed_of(each) for each in rows]

    def failed_one(self, close: Close, account_id: str) -> FailedAccount | None:
        """One consistent read."""
        record = FailedRecord.find(partition(close.month, close.version), f"{FAILED}{account_id}")
        return failed_of(record) if record else None

    def parked_one(self, close: Close, account_id: str) -> ParkedAccount | None:
        """One consistent read."""
        record = ParkedInCloseRecord.find(partition(close.month, close.version), f"{PARKED}{account_id}")
        return parked_of(record) if record else None

    def counted_parked(self, parked: ParkedAccount) -> Write:
        """If no more had been decided by then."""
        known = ParkedInCloseRecord.pk.does_not_exist() | (ParkedInCloseRecord.decisions <= parked.decisions)
        return Put(parked_record(parked), AccountReleased(month=str(parked.month)), known)

    def released(self, after: ParkedAccount, before: ParkedAccount | None) -> Write:
        """If it was read as it is."""
        known = ParkedInCloseRecord.pk.does_not_exist()
        if before is not None:
            same = ParkedInCloseRecord.released == before.released
            known = same & (ParkedInCloseRecord.decisions == before.decisions)
        return Put(parked_record(after), AccountSettled(), known)

    def asking_again(self, failed: FailedAccount, now: datetime) -> Write:
        """The word to the worker."""
        facts = {"month": str(failed.month), "account_id": failed.account_id}
        return message("finance.again", f"{failed.month}:{failed.account_id}", facts, now)


class PageQueue:
    """Satisfies `closes_ports.Pages` and `parts_ports.Tasks`."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    @cached_property
    def _sqs(self) -> Any:  # noqa: ANN401 -- boto3 publishes no types
        import boto3  # noqa: PLC0415 -- made when needed: most requests send nothing

        return boto3.client("sqs")

    def send(self, page: Sent) -> None:
        """One message a page."""
        about = {"month": str(page.month), "page": page.number, "accounts": list(page.accounts)}
        self._say({**about, "version": page.version})

    def do(self, task: Task) -> None:
        """One message a task."""
        self._say({"month": str(task.month), "export": task.version, "part": task.part})

    def reconcile(self, run: Run) -> None:
        """One message a run."""
        self._say({"month": str(run.month), "reconcile": format_instant(run.asked_at)})

    def _say(self, body: dict[str, object]) -> None:
        self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(body))
