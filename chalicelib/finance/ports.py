"""What this area needs from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.finance.model import Export
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write


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
