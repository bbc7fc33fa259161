"""Who has read what of customers' books through the finance door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kernel.time import format_instant

KEPT = timedelta(days=2 * 365)
"""So long an audit record stays; then the database removes it."""
MOST_LOOKED_AT = 2000
"""So many records are looked at for one page of those that are wanted."""
_PAGE = 200
MANY = "*"
"""Of a list, which is about many accounts."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One read: who, when, what kind, whose account by its pseudonym, and by which route. Nothing of what was read.

    `whose` is `MANY` of a list, and empty where the id that was asked for belongs to no account.
    """

    at: datetime
    name: str
    who: str
    kind: str
    whose: str
    route: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are wanted; None: whichever."""

    who: str | None = None
    kind: str | None = None
    whose: str | None = None

    def has(self, record: AuditRecord) -> bool:
        """Whether it is one of them."""
        pairs = ((self.who, record.who), (self.kind, record.kind), (self.whose, record.whose))
        return all(wanted is None or wanted == given for wanted, given in pairs)


@dataclass(frozen=True, slots=True)
class Found:
    """A page: the records, and behind which place to go on; None at the end. It may be empty, and not the last."""

    records: tuple[AuditRecord, ...]
    after: str | None


def place_of(record: AuditRecord) -> str:
    """Sorts records by time."""
    return f"{format_instant(record.at)}#{record.name}"


def page_of(
    wanted: Wanted, limit: int, after: str | None, read: Callable[[int, str | None], Sequence[AuditRecord]]
) -> Found:
    """A page of those that are wanted. `read` gives so many behind a place."""
    records: list[AuditRecord] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        rows = read(_PAGE, after)
        for row in rows:
            after = place_of(row)
            if wanted.has(row):
                records.append(row)
            if len(records) == limit:
                return Found(tuple(records), after)
        looked_at += len(rows)
        if len(rows) < _PAGE:
            return Found(tuple(records), None)
    return Found(tuple(records), after)
