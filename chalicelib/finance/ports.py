"""What this area needs from outside."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.finance.facts import AccountMonth, BookFile
from chalicelib.finance.model import Export
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.model import JournalEntry


class Reader(Protocol):
    """Is shown a month once: first each account that was active in it, then each journal entry of its period.

    Both come in an order that stays the same. What it keeps is bounded by products, partners and assets, never by
    accounts or entries: a month may have a million of these.
    """

    def account(self, each: AccountMonth) -> None:
        """An account's month."""

    def entry(self, entry: JournalEntry) -> None:
        """A journal entry, posted by the export's instant."""


class Book(Reader, Protocol):
    """A reader that leaves files of its own in the export, when all of the month was shown to it."""

    def files(self) -> Iterable[BookFile]:
        """Its files, in order of name. The same month gives the same bytes."""


Books = Callable[[Export], Sequence[Book]]
"""The books that one export fills, empty: another try begins with others."""


class Exports(Protocol):
    """Where exports are kept."""

    def exports(self, month: Month) -> Sequence[Export]:
        """All versions, oldest first."""

    def all_exports(self, *, limit: int, after: str | None) -> Sequence[Export]:
        """A page of all exports by month and version."""

    def export(self, month: Month, version: int) -> Export | None:
        """One version, or None."""

    def asking(self, export: Export, now: datetime) -> Sequence[Write]:
        """Store a version that was asked for and have it written, unless there is one of that number."""

    def export_ready(self, export: Export) -> Write:
        """Store the version with its files."""


class Files(Protocol):
    """Where exports are written."""

    def write(self, key: str, content: bytes, content_type: str) -> None:
        """Store a file under its key."""

    def link(self, key: str, seconds: int) -> str:
        """A signed address that is good for so long."""
