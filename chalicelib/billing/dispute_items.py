"""Disputes as items of billing's table, written under what they are read by.

account#<id>        dispute#<id>            a dispute, among what its account has
dispute#<id>        dispute                 the same
disputes            <opened at>#<id>        the same, among all
disputes#<state>    <opened at>#<id>        the same, among those in its state
dispute#<id>        evidence                the newest evidence that was asked for
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.dispute_model import Dispute, DisputeState, Evidence
from chalicelib.billing.records import partition
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
EVIDENCE = "evidence"
OF_ACCOUNT = "dispute"


class DisputeRecord(Record):
    """A dispute. Those that were written before top-ups were disputed say the month and number of their invoice."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    dispute_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    paid = UnicodeAttribute(null=True)
    month = UnicodeAttribute(null=True)
    number = NumberAttribute(null=True)
    reason = UnicodeAttribute()
    minor = NumberAttribute()
    currency = UnicodeAttribute()
    opened_at = InstantAttribute()
    due_by = InstantAttribute(null=True)
    state = UnicodeAttribute()
    charge = UnicodeAttribute()
    posted: Any = DocumentAttribute()
    held = NumberAttribute()
    from_lots: Any = DocumentAttribute(null=True)
    made_good_by = UnicodeAttribute(null=True)
    made_good_at = InstantAttribute(null=True)
    note = UnicodeAttribute(null=True)
    version = NumberAttribute()


class EvidenceRecord(Record):
    """Evidence that was asked for."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    number = NumberAttribute()
    asked_at = InstantAttribute()
    asked_by = UnicodeAttribute()
    ready_at = InstantAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    size = NumberAttribute()


def dispute_partition(dispute_id: str) -> str:
    """Where a dispute is by its own name."""
    return f"dispute#{dispute_id}"


def list_partition(state: DisputeState | None) -> str:
    """Where all are, or those in a state."""
    return f"disputes#{state}" if state is not None else "disputes"


def main_record(dispute: Dispute) -> DisputeRecord:
    """The item that its version is kept by."""
    return _record(dispute, dispute_partition(dispute.dispute_id), "dispute")


def listed_record(dispute: Dispute, state: DisputeState | None) -> DisputeRecord:
    """The item in a list."""
    return _record(dispute, list_partition(state), f"{format_instant(dispute.opened_at)}#{dispute.dispute_id}")


def account_record(dispute: Dispute) -> DisputeRecord:
    """The item among those of its account."""
    return _record(dispute, partition(dispute.account_id), f"{OF_ACCOUNT}#{dispute.dispute_id}")


def _record(dispute: Dispute, pk: str, sk: str) -> DisputeRecord:
    return DisputeRecord(
        pk=pk,
        sk=sk,
        dispute_id=dispute.dispute_id,
        account_id=dispute.account_id,
        paid=dispute.paid,
        reason=dispute.reason,
        minor=dispute.amount.minor,
        currency=dispute.amount.currency,
        opened_at=dispute.opened_at,
        due_by=dispute.due_by,
        state=str(dispute.state),
        charge=dispute.charge,
        posted=list(dispute.posted),
        held=dispute.held,
        from_lots=[list(each) for each in dispute.from_lots] or None,
        made_good_by=dispute.made_good_by,
        made_good_at=dispute.made_good_at,
        note=dispute.note or None,
        version=dispute.version,
    )


def dispute_of(record: DisputeRecord) -> Dispute:
    """The dispute of an item."""
    return Dispute(
        dispute_id=record.dispute_id,
        account_id=record.account_id,
        paid=record.paid or f"invoice:{record.account_id}:{record.month}:{int(record.number or 0)}",
        reason=record.reason,
        amount=Money(int(record.minor), record.currency),
        opened_at=record.opened_at,
        due_by=record.due_by,
        state=DisputeState(record.state),
        charge=record.charge,
        posted=tuple(record.posted),
        held=int(record.held),
        from_lots=tuple((name, minor) for name, minor in record.from_lots or ()),
        made_good_by=record.made_good_by,
        made_good_at=record.made_good_at,
        note=record.note or "",
        version=int(record.version),
    )


def evidence_record(evidence: Evidence) -> EvidenceRecord:
    """The item of evidence."""
    return EvidenceRecord(
        pk=dispute_partition(evidence.dispute_id),
        sk=EVIDENCE,
        number=evidence.number,
        asked_at=evidence.asked_at,
        asked_by=evidence.asked_by,
        ready_at=evidence.ready_at,
        sha256=evidence.sha256,
        size=evidence.size,
    )


def evidence_of(record: EvidenceRecord) -> Evidence:
    """The evidence of an item."""
    return Evidence(
        dispute_id=record.pk.removeprefix("dispute#"),
        number=int(record.number),
        asked_at=record.asked_at,
        asked_by=record.asked_by,
        ready_at=record.ready_at,
        sha256=record.sha256,
        size=int(record.size),
    )
