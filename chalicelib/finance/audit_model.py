"""Who has read what of customers' books through the finance door."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kernel.time import format_instant

KEPT = timedelta(days=2 * 365)
"""So long an audit record stays; then the database removes it."""
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


def place_of(record: AuditRecord) -> str:
    """Sorts records by time."""
    return f"{format_instant(record.at)}#{record.name}"
