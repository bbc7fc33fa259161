"""Who has read what is held about a customer: staff through the finance door, partners through theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kernel.time import format_instant

KEPT = timedelta(days=2 * 365)
"""So long a customer can see it; then the database removes it."""
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Access:
    """A read: when, by whom (`STAFF`, or a partner's id), of what kind, about which thing, by which route.

    Which member of staff it was stands in the operator's own audit, and is not the customer's to know.
    """

    account_id: str
    at: datetime
    name: str
    by: str
    kind: str
    about: str
    route: str

    @property
    def place(self) -> str:
        """Sorts reads by time."""
        return f"{format_instant(self.at)}#{self.name}"
