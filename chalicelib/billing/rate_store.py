"""The count of calls of the provider, in DynamoDB: one item of billing's table.

stripe#calls   count   the instant up to which calls are reserved
"""

from pynamodb.attributes import NumberAttribute

from chalicelib.billing.errors import CallsReserved
from chalicelib.kernel.writes import Commit
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.writes import Put

_KEY = ("stripe#calls", "count")


class CountRecord(Record):
    """The instant up to which calls are reserved, in milliseconds."""

    class Meta:
        """Owned by billing."""

        table_name = TableName("billing")

    until_ms = NumberAttribute()


class RateStore:
    """Satisfies `rate_limit.Counts`."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit

    def reserved_until(self) -> int:
        """One consistent read."""
        record = CountRecord.find(*_KEY)
        return int(record.until_ms) if record else 0

    def reserve(self, before_ms: int, until_ms: int) -> bool:
        """One write, on what it was before."""
        pk, sk = _KEY
        condition = CountRecord.until_ms == before_ms if before_ms else CountRecord.pk.does_not_exist()
        put = Put(CountRecord(pk=pk, sk=sk, until_ms=until_ms), CallsReserved(), condition)
        try:
            return self._commit([put], outcome=True)
        except CallsReserved:
            return False
