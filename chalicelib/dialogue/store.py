"""Notices in DynamoDB."""

from collections.abc import Sequence

from chalicelib.dialogue.model import Notice
from chalicelib.dialogue.records import NoticeRecord, notice_of, notice_record
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Put


class NoticeStore:
    """Satisfies `ports.Notices`."""

    def telling(self, notice: Notice) -> Write:
        """Its key is natural, so telling it twice leaves one."""
        return Put(notice_record(notice), Conflict(about=notice.about))

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[tuple[str, Notice]]:
        """One query."""
        rows = NoticeRecord.listed(f"account#{account_id}", limit=limit, after=after, backwards=True)
        return [(each.sk, notice_of(each)) for each in rows]
