"""Caps over several products as items.

farecaps   since#<month>   what holds from a month on
"""

from typing import Any

from chalicelib.billing.model import FareCaps
from chalicelib.kernel.time import Month
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName


class FareCapsRecord(Record):
    """Caps over several products, from a month on."""

    class Meta:
        """Owned by billing."""

        table_name = TableName("billing")

    caps: Any = DocumentAttribute()


def fare_caps_record(caps: FareCaps) -> FareCapsRecord:
    """The item of what holds from a month on."""
    return FareCapsRecord(pk="farecaps", sk=f"since#{caps.since}", caps=[dict(row) for row in caps.caps])


def fare_caps_of(record: FareCapsRecord) -> FareCaps:
    """What an item says."""
    return FareCaps(Month.parse(record.sk.removeprefix("since#")), tuple(record.caps))
