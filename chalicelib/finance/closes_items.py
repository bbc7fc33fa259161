"""Closes as items.

close#<month>   close              the close of a month
close#<month>   page#<number>      what a page of accounts came to
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.finance.closes_model import Close, CloseState, Page
from chalicelib.kernel.time import Month
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("finance")


class CloseRecord(Record):
    """The close of a month."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    opened_at = InstantAttribute()
    state = UnicodeAttribute()
    pages = NumberAttribute(null=True)
    closed_at = InstantAttribute(null=True)


class PageRecord(Record):
    """What a page of accounts came to."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    accounts = NumberAttribute()
    parked = NumberAttribute()
    invoices = NumberAttribute()
    invoiced: Any = DocumentAttribute()
    shares: Any = DocumentAttribute(null=True)


def close_record(close: Close) -> CloseRecord:
    """The item of a close."""
    return CloseRecord(
        pk=f"close#{close.month}",
        sk="close",
        opened_at=close.opened_at,
        state=str(close.state),
        pages=close.pages,
        closed_at=close.closed_at,
    )


def close_of(record: CloseRecord) -> Close:
    """The close of an item."""
    return Close(
        month=Month.parse(record.pk.removeprefix("close#")),
        opened_at=record.opened_at,
        state=CloseState(record.state),
        pages=None if record.pages is None else int(record.pages),
        closed_at=record.closed_at,
    )


def page_record(page: Page) -> PageRecord:
    """The item of a page."""
    return PageRecord(
        pk=f"close#{page.month}",
        sk=f"page#{page.number:06d}",
        accounts=page.accounts,
        parked=page.parked,
        invoices=page.invoices,
        invoiced=dict(page.invoiced),
        shares=sorted([partner_id, str(month)] for partner_id, month in page.shares) or None,
    )


def page_of(record: PageRecord) -> Page:
    """The page of an item."""
    return Page(
        month=Month.parse(record.pk.removeprefix("close#")),
        number=int(record.sk.removeprefix("page#")),
        accounts=int(record.accounts),
        parked=int(record.parked),
        invoices=int(record.invoices),
        invoiced=record.invoiced,
        shares=frozenset((partner_id, Month.parse(month)) for partner_id, month in record.shares or ()),
    )
