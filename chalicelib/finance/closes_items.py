"""Closes as items.

close#<month>             close                the close of a month
close#<month>             close#<version>      a later version of it, which restates it
close#<month>[#<version>] sent#<number>        which accounts a page has
close#<month>[#<version>] page#<number>        what a page of accounts came to
close#<month>[#<version>] sums#<part>          what pages came to together
close#<month>[#<version>] failed#<account>     an account that could not be settled
close#<month>[#<version>] parked#<account>     an account that was parked, or released while the close went on
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.finance.closes_model import (
    SUMS,
    Close,
    CloseState,
    FailedAccount,
    FailedState,
    Page,
    ParkedAccount,
    Sent,
    Sums,
)
from chalicelib.kernel.time import Month
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("finance")
CLOSE, SENT, PAGE, SUM, FAILED, PARKED = "close", "sent#", "page#", "sums#", "failed#", "parked#"


class CloseRecord(Record):
    """The close of a month."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    opened_at = InstantAttribute()
    state = UnicodeAttribute()
    pages = NumberAttribute(null=True)
    closed_at = InstantAttribute(null=True)
    turn = NumberAttribute(default=0)
    made = NumberAttribute(default=0)
    after = UnicodeAttribute(null=True)
    opened_by = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)


class SentRecord(Record):
    """Which accounts a page has."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    accounts: Any = DocumentAttribute()


class PageRecord(Record):
    """What a page of accounts came to."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    accounts = NumberAttribute()
    parked = NumberAttribute()
    failed = NumberAttribute(default=0)
    invoices = NumberAttribute()
    invoiced: Any = DocumentAttribute()
    shares: Any = DocumentAttribute(null=True)


class SumsRecord(Record):
    """What pages came to together."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    pages = NumberAttribute()
    accounts = NumberAttribute()
    parked = NumberAttribute()
    failed = NumberAttribute()
    invoices = NumberAttribute()
    invoiced: Any = DocumentAttribute()
    saved = NumberAttribute()


class FailedRecord(Record):
    """An account that could not be settled."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    page = NumberAttribute()
    code = UnicodeAttribute()
    at = InstantAttribute()
    tries = NumberAttribute()
    state = UnicodeAttribute()


class ParkedInCloseRecord(Record):
    """An account that was parked, or released while the close went on."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    decisions = NumberAttribute()
    page = NumberAttribute()
    invoices = NumberAttribute()
    invoiced: Any = DocumentAttribute()
    released = BooleanAttribute()


def partition(month: Month, version: int) -> str:
    """Where all of a version of a close is, but its own item."""
    return f"close#{month}" if version == 1 else f"close#{month}#{version:06d}"


def close_key(version: int) -> str:
    """Sorts the versions of a close."""
    return CLOSE if version == 1 else f"{CLOSE}#{version:06d}"


def number_key(kind: str, number: int) -> str:
    """Sorts the pages of a close."""
    return f"{kind}{number:06d}"


def sum_key(page: int) -> str:
    """The part in which a page is summed up."""
    return f"{SUM}{page % SUMS:02d}"


def close_record(close: Close) -> CloseRecord:
    """The item of a close."""
    return CloseRecord(
        pk=partition(close.month, 1),
        sk=close_key(close.version),
        opened_at=close.opened_at,
        state=str(close.state),
        pages=close.pages,
        closed_at=close.closed_at,
        turn=close.turn,
        made=close.made,
        after=close.after,
        opened_by=close.opened_by or None,
        reason=close.reason or None,
    )


def close_of(record: CloseRecord) -> Close:
    """The close of an item."""
    return Close(
        month=Month.parse(record.pk.removeprefix("close#")),
        opened_at=record.opened_at,
        state=CloseState(record.state),
        pages=None if record.pages is None else int(record.pages),
        closed_at=record.closed_at,
        version=int(record.sk.partition("#")[2] or "1"),
        turn=int(record.turn),
        made=int(record.made),
        after=record.after,
        opened_by=record.opened_by or "",
        reason=record.reason or "",
    )


def sent_record(page: Sent) -> SentRecord:
    """The item of what a page has."""
    return SentRecord(
        pk=partition(page.month, page.version), sk=number_key(SENT, page.number), accounts=list(page.accounts)
    )


def sent_of(record: SentRecord) -> Sent:
    """What a page has."""
    month, version = _named(record.pk)
    return Sent(month, int(record.sk.removeprefix(SENT)), tuple(record.accounts), version)


def page_record(page: Page) -> PageRecord:
    """The item of a page."""
    return PageRecord(
        pk=partition(page.month, page.version),
        sk=number_key(PAGE, page.number),
        accounts=page.accounts,
        parked=page.parked,
        failed=page.failed,
        invoices=page.invoices,
        invoiced=dict(page.invoiced),
        shares=sorted([partner_id, str(month)] for partner_id, month in page.shares) or None,
    )


def page_of(record: PageRecord) -> Page:
    """The page of an item."""
    month, version = _named(record.pk)
    return Page(
        month=month,
        number=int(record.sk.removeprefix(PAGE)),
        accounts=int(record.accounts),
        parked=int(record.parked),
        invoices=int(record.invoices),
        invoiced=record.invoiced,
        shares=frozenset((partner_id, Month.parse(month)) for partner_id, month in record.shares or ()),
        failed=int(record.failed),
        version=version,
    )


def sums_record(month: Month, version: int, page: int, sums: Sums) -> SumsRecord:
    """The item of a part of the sums."""
    return SumsRecord(
        pk=partition(month, version),
        sk=sum_key(page),
        pages=sums.pages,
        accounts=sums.accounts,
        parked=sums.parked,
        failed=sums.failed,
        invoices=sums.invoices,
        invoiced=dict(sums.invoiced),
        saved=sums.saved,
    )


def sums_of(record: SumsRecord) -> Sums:
    """A part of the sums."""
    return Sums(
        pages=int(record.pages),
        accounts=int(record.accounts),
        parked=int(record.parked),
        failed=int(record.failed),
        invoices=int(record.invoices),
        invoiced=record.invoiced,
        saved=int(record.saved),
    )


def failed_record(failed: FailedAccount) -> FailedRecord:
    """The item of an account that could not be settled."""
    return FailedRecord(
        pk=partition(failed.month, failed.version),
        sk=f"{FAILED}{failed.account_id}",
        page=failed.page,
        code=failed.code,
        at=failed.at,
        tries=failed.tries,
        state=str(failed.state),
    )


def failed_of(record: FailedRecord) -> FailedAccount:
    """The account of an item."""
    month, version = _named(record.pk)
    return FailedAccount(
        month=month,
        account_id=record.sk.removeprefix(FAILED),
        page=int(record.page),
        code=record.code,
        at=record.at,
        tries=int(record.tries),
        state=FailedState(record.state),
        version=version,
    )


def parked_record(parked: ParkedAccount) -> ParkedInCloseRecord:
    """The item of an account that was parked."""
    return ParkedInCloseRecord(
        pk=partition(parked.month, parked.version),
        sk=f"{PARKED}{parked.account_id}",
        decisions=parked.decisions,
        page=parked.page,
        invoices=parked.invoices,
        invoiced=dict(parked.invoiced),
        released=parked.released,
    )


def parked_of(record: ParkedInCloseRecord) -> ParkedAccount:
    """The parked account of an item."""
    month, version = _named(record.pk)
    return ParkedAccount(
        month=month,
        account_id=record.sk.removeprefix(PARKED),
        decisions=int(record.decisions),
        page=int(record.page),
        invoices=int(record.invoices),
        invoiced=record.invoiced,
        released=record.released,
        version=version,
    )


def _named(pk: str) -> tuple[Month, int]:
    month, _, version = pk.removeprefix("close#").partition("#")
    return Month.parse(month), int(version or "1")
