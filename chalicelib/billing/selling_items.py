"""Who sells what as items of billing's table, and what a settlement keeps of it.

selling    <partner>[:<product>]#<month>#<set at>    who sells it from the month on
"""

from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.billing.model import Sold
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName

SELLING = "selling"


class SellingRecord(Record):
    """Who sells a partner's products, or one of them."""

    class Meta:
        """Owned by billing."""

        table_name = TableName("billing")

    scope = UnicodeAttribute()
    since = UnicodeAttribute()
    seller_id = UnicodeAttribute(null=True)
    set_by = UnicodeAttribute()
    set_at = InstantAttribute()


def sold_rows(sold: Mapping[str, Sold]) -> dict[str, object]:
    """What a settlement keeps, by seller."""
    return {name: [each.invoiced, each.documents, dict(each.shares), dict(each.taxes)] for name, each in sold.items()}


def sold_of(rows: Mapping[str, Any]) -> dict[str, Sold]:
    """What was kept."""
    return {name: Sold(*row) for name, row in rows.items()}
