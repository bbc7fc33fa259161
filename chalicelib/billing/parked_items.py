"""Parked months as items of billing's table.

account#<id>    parked#<month>               why the month is not billed, and what was decided before
parked          <account id>#<month>         the same, to list all of them
"""

from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.billing.model import Parked
from chalicelib.billing.records import partition
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")


class ParkedRecord(Record):
    """Why an account's month is not billed."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    month = UnicodeAttribute()
    reason = UnicodeAttribute()
    facts: Any = DocumentAttribute()
    parked_at = InstantAttribute()
    released_by = UnicodeAttribute(null=True)
    released_at = InstantAttribute(null=True)
    note = UnicodeAttribute()
    earlier: Any = DocumentAttribute(null=True)


def parked_records(parked: Parked) -> tuple[ParkedRecord, ParkedRecord]:
    """The two items of a parked month: under its account, and in the list of all."""
    return (
        _parked(parked, pk=partition(parked.account_id), sk=f"parked#{parked.month}"),
        _parked(parked, pk="parked", sk=f"{parked.account_id}#{parked.month}"),
    )


def _parked(parked: Parked, *, pk: str, sk: str) -> ParkedRecord:
    return ParkedRecord(
        pk=pk,
        sk=sk,
        account_id=parked.account_id,
        month=str(parked.month),
        reason=parked.reason,
        facts=dict(parked.facts),
        parked_at=parked.parked_at,
        released_by=parked.released_by,
        released_at=parked.released_at,
        note=parked.note,
        earlier=[_decision(each) for each in parked.earlier] or None,
    )


def parked_of(record: ParkedRecord) -> Parked:
    """The parked month of an item."""
    return Parked(
        account_id=record.account_id,
        month=Month.parse(record.month),
        reason=record.reason,
        facts=record.facts,
        parked_at=record.parked_at,
        released_by=record.released_by,
        released_at=record.released_at,
        note=record.note,
        earlier=tuple(_decided(record, each) for each in record.earlier or ()),
    )


def _decision(parked: Parked) -> dict[str, object]:
    """What was parked before, and how that was decided."""
    return {
        "reason": parked.reason,
        "facts": dict(parked.facts),
        "parked_at": format_instant(parked.parked_at),
        "released_by": parked.released_by,
        "released_at": format_instant(parked.released_at) if parked.released_at else None,
        "note": parked.note,
    }


def _decided(record: ParkedRecord, row: Mapping[str, Any]) -> Parked:
    released_at = parse_instant(row["released_at"]) if row["released_at"] else None
    return Parked(
        account_id=record.account_id,
        month=Month.parse(record.month),
        reason=row["reason"],
        facts=row["facts"],
        parked_at=parse_instant(row["parked_at"]),
        released_by=row["released_by"],
        released_at=released_at,
        note=row["note"],
    )
