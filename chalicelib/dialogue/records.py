"""Notices as items.

account#<id>   notice#<instant>#<about>#<code>#<digest of the facts>   a notice

Told again it is the same item; what is told of one thing at one instant, as of 50, 80 and 100 % of a limit, is several.
"""

from typing import Any

from pynamodb.attributes import TTLAttribute, UnicodeAttribute

from chalicelib.dialogue.model import Notice
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import format_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_DIGITS = 12


class NoticeRecord(Record):
    """A notice."""

    class Meta:
        """Owned by dialogue."""

        table_name = TableName("dialogue")

    about = UnicodeAttribute()
    code = UnicodeAttribute()
    facts: Any = DocumentAttribute()
    told_at = InstantAttribute()
    expires = TTLAttribute(null=True)


def notice_record(notice: Notice) -> NoticeRecord:
    """The item of a notice."""
    return NoticeRecord(
        pk=f"account#{notice.account_id}",
        sk=_key(notice),
        about=notice.about,
        code=notice.code,
        facts=dict(notice.facts),
        told_at=notice.told_at,
    )


def _key(notice: Notice) -> str:
    said = digest(dict(notice.facts))[:_DIGITS]
    return f"notice#{format_instant(notice.told_at)}#{notice.about}#{notice.code}#{said}"


def notice_of(record: NoticeRecord) -> Notice:
    """The notice of an item."""
    account_id = record.pk.removeprefix("account#")
    return Notice(account_id, record.about, record.code, record.facts, record.told_at)
