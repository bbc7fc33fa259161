"""Wishes in DynamoDB: one item an account, read where a price is quoted and a notice told, never at a start.

account#<id>   wishes   what the customer wishes
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from chalicelib.access.limit_store import wishing
from chalicelib.access.limits import Budget
from chalicelib.access.wishes import NO_WISHES, ProductBudget, Quiet, Wishes
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Write
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.writes import Put

_SK = "wishes"


class WishesRecord(Record):
    """A customer's wishes."""

    class Meta:
        """Owned by access."""

        table_name = TableName("access")

    wishes: Any = DocumentAttribute()


class WishStore:
    """Satisfies `wish_ports.AccountWishes`."""

    def find(self, account_id: str) -> Wishes:
        """One consistent read."""
        record = WishesRecord.find(f"account#{account_id}", _SK)
        return NO_WISHES if record is None else _wishes(record.wishes)

    def setting(self, account_id: str, wishes: Wishes, at: datetime | None = None) -> Sequence[Write]:
        """The item, and on the item of the limits that there are new ones, which starts go by."""
        record = WishesRecord(pk=f"account#{account_id}", sk=_SK, wishes=_document(wishes))
        return [Put(record, Conflict(account_id=account_id)), wishing(account_id, restrict=wishes.restrict, at=at)]


def _document(wishes: Wishes) -> dict[str, object]:
    quiet, asking = wishes.quiet, wishes.without_asking
    return {
        "budgets": {
            product: {
                str(period): [each.amount.minor, each.amount.currency, each.hard] for period, each in own.budgets()
            }
            for product, own in wishes.budgets.items()
        },
        "stop_after": None if wishes.stop_after is None else int(wishes.stop_after.total_seconds()),
        "without_asking": None if asking is None else sorted(asking),
        "quiet": None if quiet is None else [quiet.since.isoformat(), quiet.until.isoformat()],
        "languages": list(wishes.languages),
    }


def _wishes(said: Mapping[str, Any]) -> Wishes:
    quiet, asking, seconds = said["quiet"], said["without_asking"], said["stop_after"]
    return Wishes(
        budgets={
            product: ProductBudget(_budget(own.get("day")), _budget(own.get("month")))
            for product, own in said["budgets"].items()
        },
        stop_after=None if seconds is None else timedelta(seconds=seconds),
        without_asking=None if asking is None else frozenset(asking),
        quiet=None if quiet is None else Quiet(*map(time.fromisoformat, quiet)),
        languages=tuple(said["languages"]),
    )


def _budget(row: Sequence[Any] | None) -> Budget | None:
    return None if row is None else Budget(Money(row[0], row[1]), row[2])
