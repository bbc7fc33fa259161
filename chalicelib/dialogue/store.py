"""Notices in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.dialogue.model import Notice
from chalicelib.dialogue.records import NoticeRecord, notice_of, notice_record
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Put

TELL, QUIET_OVER = "dialogue.tell", "dialogue.quiet_over"


class NoticeStore:
    """Satisfies `ports.Notices`."""

    def telling(self, notice: Notice) -> Write:
        """Its key is natural, so telling it twice leaves one."""
        return Put(notice_record(notice), Conflict(about=notice.about))

    def telling_at(self, notice: Notice, at: datetime, now: datetime) -> Write:
        """A timer with all that is to be told."""
        about = {"account_id": notice.account_id, "about": notice.about, "code": notice.code}
        facts = {**notice.facts, **about, "told_at": format_instant(notice.told_at)}
        return setting(Timer(at, QUIET_OVER, facts), now)

    def saying(self, facts: Mapping[str, str], now: datetime) -> Write:
        """A message to the worker."""
        return message(TELL, digest(dict(facts)), dict(facts), now)

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[tuple[str, Notice]]:
        """One query."""
        rows = NoticeRecord.listed(f"account#{account_id}", limit=limit, after=after, backwards=True)
        return [(each.sk, notice_of(each)) for each in rows]
