"""What this area needs from outside."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.model import JournalEntry


class Ledger(Protocol):
    """Where the journal is kept."""

    def posting(self, entry: JournalEntry) -> Sequence[Write]:
        """Write the entry, unless its reference is posted already."""

    def of_account(self, account_id: str) -> Sequence[JournalEntry]:
        """All entries that concern a customer account, by period and reference."""

    def of_month(self, period: Month) -> Iterable[JournalEntry]:
        """All entries of a month, by reference."""
