"""Closes and exports as items.

close#<month>   close              the close of a month
close#<month>   page#<number>      what a page of accounts came to
exports         <month>#<version>  a version of a month's files
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.finance.model import Close, CloseState, Export, FileEntry, Page
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


class ExportRecord(Record):
    """A version of a month's files."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    as_of = InstantAttribute()
    asked_by = UnicodeAttribute()
    ready_at = InstantAttribute(null=True)
    files: Any = DocumentAttribute()


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


def export_key(month: Month, version: int) -> str:
    """Sorts exports by month and version."""
    return f"{month}#{version:06d}"


def export_record(export: Export) -> ExportRecord:
    """The item of an export."""
    return ExportRecord(
        pk="exports",
        sk=export_key(export.month, export.version),
        as_of=export.as_of,
        asked_by=export.asked_by,
        ready_at=export.ready_at,
        files=[
            [each.name, each.rows, each.size, each.sha256, list(each.columns), dict(each.totals)]
            for each in export.files
        ],
    )


def export_of(record: ExportRecord) -> Export:
    """The export of an item."""
    month, version = record.sk.split("#")
    return Export(
        month=Month.parse(month),
        version=int(version),
        as_of=record.as_of,
        asked_by=record.asked_by,
        ready_at=record.ready_at,
        files=tuple(
            FileEntry(name, rows, size, sha256, tuple(columns), totals)
            for name, rows, size, sha256, columns, totals in record.files
        ),
    )
