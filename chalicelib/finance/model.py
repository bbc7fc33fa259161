"""Exports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.kernel.time import Month


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of an export. `totals` are control totals, in minor units by name and currency."""

    name: str
    rows: int
    size: int
    sha256: str
    columns: tuple[str, ...]
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Export:
    """A version of a month's files, as they stood at `as_of`. Never changed; a later one stands beside it.

    `close` is the version of the close that it shows: one after the first restates the month.
    """

    month: Month
    version: int
    as_of: datetime
    asked_by: str
    ready_at: datetime | None = None
    files: tuple[FileEntry, ...] = field(default=())
    close: int = 1

    @property
    def prefix(self) -> str:
        """Where its files are in the bucket."""
        return f"exports/{self.month}/v{self.version}/"
