"""Audit records in DynamoDB: written once, never changed, removed by the database when their time is over.

audit#<month of UTC>  <at>#<name>  a read
"""

from collections.abc import Sequence

from pynamodb.attributes import TTLAttribute, UnicodeAttribute

from chalicelib.finance.audit_model import KEPT, AuditRecord, place_of
from chalicelib.finance.errors import AuditRecorded
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.writes import Put


class AuditItem(Record):
    """A read."""

    class Meta:
        """Owned by finance."""

        table_name = TableName("finance")

    at = InstantAttribute()
    name = UnicodeAttribute()
    who = UnicodeAttribute()
    kind = UnicodeAttribute()
    whose = UnicodeAttribute(null=True)
    route = UnicodeAttribute()
    expires = TTLAttribute()


class AuditStore:
    """Satisfies `audit_ports.Audits`."""

    def recording(self, record: AuditRecord) -> Write:
        """Once."""
        item = AuditItem(
            pk=_partition(Month.of(record.at, "UTC")),
            sk=place_of(record),
            at=record.at,
            name=record.name,
            who=record.who,
            kind=record.kind,
            whose=record.whose or None,
            route=record.route,
            expires=record.at + KEPT,
        )
        return Put(item, AuditRecorded(), AuditItem.pk.does_not_exist())

    def of_month(self, month: Month, *, limit: int, after: str | None) -> Sequence[AuditRecord]:
        """One query, backwards."""
        rows = AuditItem.listed(_partition(month), limit=limit, after=after, backwards=True)
        return [AuditRecord(each.at, each.name, each.who, each.kind, each.whose or "", each.route) for each in rows]


def _partition(month: Month) -> str:
    return f"audit#{month}"
