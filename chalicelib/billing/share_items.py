"""Tax rates and partners' rows as items of billing's table.

taxrates                  since#<month>#<set at>   the tax in prices, from a month on
shares#<partner>#<month>  account#<account>        what an account's month came to at a partner's products
partner#<partner>         statement#<month>        the partner's month as it was stated last
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.share_model import ShareRow, StatedRates
from chalicelib.kernel.quantity import plain, quantity
from chalicelib.kernel.time import Month, format_instant
from chalicelib.rating.share_document import (
    figures_document,
    figures_from_document,
    share_line_document,
    share_line_from_document,
)
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
RATES = "taxrates"
_ACCOUNT = "account#"


class RatesRecord(Record):
    """Tax rates from a month on."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    rates: Any = DocumentAttribute()
    set_by = UnicodeAttribute()
    set_at = InstantAttribute()


class RowRecord(Record):
    """What an account's month came to at a partner's products."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    figures: Any = DocumentAttribute()
    posted: Any = DocumentAttribute()
    proof = UnicodeAttribute()


class StatementRecord(Record):
    """A partner's month as it was stated last."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    currency = UnicodeAttribute()
    version = NumberAttribute()
    figures: Any = DocumentAttribute()
    lines: Any = DocumentAttribute()
    posted: Any = DocumentAttribute()
    trued_up: Any = DocumentAttribute()
    bills = NumberAttribute()
    proof = NumberAttribute()
    digest = UnicodeAttribute()
    stated_at = InstantAttribute()
    first_stated_at = InstantAttribute()


def rates_key(since: Month) -> str:
    """What the sort keys of all rates from a month on begin with."""
    return f"since#{since}#"


def rates_record(stated: StatedRates) -> RatesRecord:
    """The item of what holds from a month on."""
    return RatesRecord(
        pk=RATES,
        sk=rates_key(stated.since) + format_instant(stated.set_at),
        rates={
            "by_product": {name: plain(percent) for name, percent in stated.by_product.items()},
            "by_category": {name: plain(percent) for name, percent in stated.by_category.items()},
            "others": plain(stated.others),
            **(
                {"by_kind": {kind: plain(percent) for kind, percent in stated.by_kind.items()}}
                if stated.by_kind
                else {}
            ),
        },
        set_by=stated.set_by,
        set_at=stated.set_at,
    )


def rates_of(record: RatesRecord) -> StatedRates:
    """What an item says."""
    return StatedRates(
        since=Month.parse(record.sk.split("#")[1]),
        by_product={name: quantity(percent) for name, percent in record.rates["by_product"].items()},
        by_category={name: quantity(percent) for name, percent in record.rates["by_category"].items()},
        others=quantity(record.rates["others"]),
        set_by=record.set_by,
        set_at=record.set_at,
        by_kind={kind: quantity(percent) for kind, percent in record.rates.get("by_kind", {}).items()},
    )


def rows_partition(partner_id: str, month: Month) -> str:
    """Where the rows of a partner's month are."""
    return f"shares#{partner_id}#{month}"


def row_record(row: ShareRow) -> RowRecord:
    """The item of a row."""
    return RowRecord(
        pk=rows_partition(row.partner_id, row.month),
        sk=_ACCOUNT + row.account_id,
        figures={product: figures_document(each) for product, each in row.figures.items()},
        posted=dict(row.posted),
        proof=row.proof,
    )


def row_of(record: RowRecord) -> ShareRow:
    """The row of an item."""
    _, partner_id, month = record.pk.split("#")
    return ShareRow(
        partner_id=partner_id,
        month=Month.parse(month),
        account_id=record.sk.removeprefix(_ACCOUNT),
        figures={product: figures_from_document(each) for product, each in record.figures.items()},
        posted=record.posted,
        proof=record.proof,
    )


def statement_key(month: Month) -> str:
    """The sort key of a partner's month."""
    return f"statement#{month}"


def partner_partition(partner_id: str) -> str:
    """Where what a partner is paid for is."""
    return f"partner#{partner_id}"


def statement_record(stated: PartnerStatement) -> StatementRecord:
    """The item of a statement."""
    return StatementRecord(
        pk=partner_partition(stated.partner_id),
        sk=statement_key(stated.month),
        currency=stated.currency,
        version=stated.version,
        figures={product: figures_document(each) for product, each in stated.figures.items()},
        lines=[share_line_document(line) for line in stated.lines],
        posted=dict(stated.posted),
        trued_up=dict(stated.trued_up),
        bills=stated.bills,
        proof=stated.proof,
        digest=stated.digest,
        stated_at=stated.stated_at,
        first_stated_at=stated.first_stated_at,
    )


def statement_of(record: StatementRecord) -> PartnerStatement:
    """The statement of an item."""
    return PartnerStatement(
        partner_id=record.pk.removeprefix("partner#"),
        month=Month.parse(record.sk.removeprefix("statement#")),
        currency=record.currency,
        version=int(record.version),
        figures={product: figures_from_document(each) for product, each in record.figures.items()},
        lines=tuple(share_line_from_document(line) for line in record.lines),
        posted=record.posted,
        trued_up=record.trued_up,
        bills=int(record.bills),
        proof=int(record.proof),
        digest=record.digest,
        stated_at=record.stated_at,
        first_stated_at=record.first_stated_at,
    )
