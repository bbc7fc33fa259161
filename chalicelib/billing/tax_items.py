"""What a tax provider has split, as items of billing's table.

account#<id>   taxed#<month>#<version>#<number>   what one calculation split, its records, what was taken back
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.tax_model import TakenBack, TaxedSale, TaxLine
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

START = "taxed#"


class TaxedRecord(Record):
    """One calculation."""

    class Meta:
        """Owned by billing."""

        table_name = TableName("billing")

    currency = UnicodeAttribute()
    settled_at = InstantAttribute()
    posted_at = InstantAttribute()
    calculation = UnicodeAttribute()
    lines: Any = DocumentAttribute()
    transaction = UnicodeAttribute(null=True)
    backs: Any = DocumentAttribute(null=True)
    refused = UnicodeAttribute(null=True)
    revision = NumberAttribute()


def taxed_key(name: str) -> str:
    """The sort key of a sale by its name within its account."""
    month, version, number = name.split(":")
    return f"{START}{month}#{int(version):06d}#{int(number):03d}"


def taxed_record(pk: str, sale: TaxedSale) -> TaxedRecord:
    """The item of a sale."""
    return TaxedRecord(
        pk=pk,
        sk=taxed_key(sale.name),
        currency=sale.currency,
        settled_at=sale.at,
        posted_at=sale.posted_at,
        calculation=sale.calculation,
        lines=[
            [each.product, str(each.used_in), each.rate, each.gross, each.tax, each.provider_line]
            for each in sale.lines
        ],
        transaction=sale.transaction,
        backs=[
            [each.name, format_instant(each.at), [list(part) for part in each.parts], each.transaction]
            for each in sale.backs
        ]
        or None,
        refused=sale.refused,
        revision=sale.revision,
    )


def sale_of(record: TaxedRecord) -> TaxedSale:
    """The sale of an item."""
    month, version, number = record.sk.removeprefix(START).split("#")
    return TaxedSale(
        account_id=record.pk.partition("#")[2],
        month=Month.parse(month),
        version=int(version),
        number=int(number),
        currency=record.currency,
        at=record.settled_at,
        posted_at=record.posted_at,
        calculation=record.calculation,
        lines=tuple(TaxLine(product, Month.parse(used), *rest) for product, used, *rest in record.lines),
        transaction=record.transaction,
        backs=tuple(
            TakenBack(name, parse_instant(at), tuple((place, gross, tax) for place, gross, tax in parts), transaction)
            for name, at, parts, transaction in record.backs or ()
        ),
        refused=record.refused,
        revision=int(record.revision),
    )
