"""What this area needs from outside."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.model import JournalEntry, Kept, Posted


class Ledger(Protocol):
    """Where the journal is kept."""

    def posting(self, entry: JournalEntry) -> Sequence[Write]:
        """Write the entry, unless its reference is posted already. `Unsourced` where a posting names no source."""

    def find(self, reference: str) -> JournalEntry | None:
        """The entry of a reference, or None."""

    def of_account(self, account_id: str) -> Sequence[JournalEntry]:
        """All entries that concern an account, by period and reference."""

    def of_month(self, period: Month, after: str | None = None) -> Iterable[JournalEntry]:
        """All entries of a month, by reference; behind one of them, if that is named."""

    def page_of_month(self, period: Month, *, limit: int, after: str | None) -> Sequence[JournalEntry]:
        """So many entries of a month, by reference, behind one of them; no more than these are read of each shard."""

    def posted_to(self, period: Month, since: datetime | None, until: datetime) -> Iterable[JournalEntry]:
        """Entries of a month that were posted after an instant, or ever, and by another, by reference."""

    def posted_late(self, since: datetime, until: datetime) -> Iterable[JournalEntry]:
        """What was posted after an instant, and by another, to a month that had been over for a month by then."""

    def posted(self, since: datetime, until: datetime) -> Iterable[Posted]:
        """What the entries sum up to that were posted from the one instant to the other, both included."""

    def kept_before(self, at: datetime) -> Kept | None:
        """The newest balance that is kept of what was posted before some instant, at or before this one."""

    def keeping(self, balance: Kept) -> Write:
        """Keep the balance, unless that of its instant is kept."""
