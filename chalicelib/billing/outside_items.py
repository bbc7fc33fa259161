"""Decisions about refunds by hand as items of billing's table.

outside#<refund>    refund                  the decision
outsides            <asked at>#<refund>     the same, among all
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.outside_model import Outside, OutsidePart, OutsideState, PartKind, place_of
from chalicelib.kernel.money import Money
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

ALL, REFUND = "outsides", "refund"


class OutsideRecord(Record):
    """A decision."""

    class Meta:
        """Owned by billing."""

        table_name = TableName("billing")

    provider_refund = UnicodeAttribute()
    asked_at = InstantAttribute()
    asked_by = UnicodeAttribute()
    note = UnicodeAttribute()
    state = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    paid = UnicodeAttribute(null=True)
    amount: Any = DocumentAttribute(null=True)
    parts: Any = DocumentAttribute(null=True)
    version = NumberAttribute()


def outside_partition(provider_refund: str) -> str:
    """Where it is by its own name."""
    return f"outside#{provider_refund}"


def outside_records(outside: Outside) -> tuple[OutsideRecord, OutsideRecord]:
    """The item that its version is kept by, and the one in the list."""
    main = _record(outside, outside_partition(outside.provider_refund), REFUND)
    return main, _record(outside, ALL, place_of(outside))


def _record(outside: Outside, pk: str, sk: str) -> OutsideRecord:
    return OutsideRecord(
        pk=pk,
        sk=sk,
        provider_refund=outside.provider_refund,
        asked_at=outside.asked_at,
        asked_by=outside.asked_by,
        note=outside.note,
        state=str(outside.state),
        reason=outside.reason or None,
        account_id=outside.account_id or None,
        paid=outside.paid or None,
        amount=[outside.amount.minor, outside.amount.currency] if outside.amount is not None else None,
        parts=[[str(each.kind), each.number, each.minor] for each in outside.parts] or None,
        version=outside.version,
    )


def outside_of(record: OutsideRecord) -> Outside:
    """The decision of an item."""
    return Outside(
        provider_refund=record.provider_refund,
        asked_at=record.asked_at,
        asked_by=record.asked_by,
        note=record.note,
        state=OutsideState(record.state),
        reason=record.reason or "",
        account_id=record.account_id or "",
        paid=record.paid or "",
        amount=Money(*record.amount) if record.amount is not None else None,
        parts=tuple(OutsidePart(PartKind(kind), number, minor) for kind, number, minor in record.parts or ()),
        version=int(record.version),
    )
