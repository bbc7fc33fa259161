"""Decisions about refunds by hand in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.errors import OutsideChanged
from chalicelib.billing.outside_items import (
    ALL,
    REFUND,
    OutsideRecord,
    outside_of,
    outside_partition,
    outside_records,
)
from chalicelib.billing.outside_model import Outside
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class OutsideStore:
    """Satisfies `outside_ports.Outsides`."""

    def outside(self, provider_refund: str) -> Outside | None:
        """One consistent read."""
        record = OutsideRecord.find(outside_partition(provider_refund), REFUND)
        return outside_of(record) if record else None

    def listed(self, *, limit: int, after: str | None) -> Sequence[Outside]:
        """One query."""
        return [outside_of(each) for each in OutsideRecord.listed(ALL, limit=limit, after=after)]

    def saving(self, outside: Outside) -> Sequence[Write]:
        """On the version before; in the list too."""
        changed = OutsideChanged(refund_id=outside.provider_refund)
        before = OutsideRecord.version == outside.version - 1
        main, listed = outside_records(outside)
        return [
            Put(main, changed, OutsideRecord.pk.does_not_exist() if outside.version == 1 else before),
            Put(listed, changed),
        ]

    def book(self, outside: Outside, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"refund_id": outside.provider_refund}
        return message("billing.outside_refund", f"{outside.provider_refund}:{outside.version}", facts, now)
