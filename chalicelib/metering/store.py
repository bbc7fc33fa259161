"""Heads in DynamoDB."""

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.metering.errors import HeadChanged
from chalicelib.metering.model import Head
from chalicelib.metering.records import HeadRecord, head_key, head_of, head_record
from chalicelib.storage.writes import Check, Put


class HeadStore:
    """Satisfies `ports.Heads`."""

    def find(self, subject: str, month: Month) -> Head:
        """One consistent read."""
        record = HeadRecord.find(*head_key(subject, month))
        return head_of(record) if record else Head(subject, month)

    def saving(self, head: Head) -> Write:
        """Totals and events change together, on the version before."""
        before = HeadRecord.version == head.version - 1
        condition = HeadRecord.pk.does_not_exist() if head.version == 1 else before
        return Put(head_record(head), HeadChanged(subject=head.subject), condition)

    def unchanged(self, head: Head) -> Write:
        """A condition check on the version."""
        same = HeadRecord.pk.does_not_exist() if head.version == 0 else HeadRecord.version == head.version
        return Check(HeadRecord, head_key(head.subject, head.month), same, HeadChanged(subject=head.subject))
