"""Exports, and what finance is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.kernel.time import Month, format_instant

MANIFEST = "manifest.json"
"""The file that makes an export of files."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of an export as it is stored. `totals` are control totals, in minor units by name and currency.

    `unpacked` and `unpacked_sha256` are the size and digest of what is packed in it; of what is not, its own.
    """

    name: str
    rows: int
    size: int
    sha256: str
    columns: tuple[str, ...]
    totals: Mapping[str, int]
    unpacked: int = 0
    unpacked_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A version of a month's files, as they stood at `as_of`. Never changed; a later one stands beside it.

    `files` are those of the whole month; each partner's own stands beside them, and `partners` counts those.
    `refused` says why it could not be written: its code and facts. `close` is the version of the close that it shows:
    one after the first restates the month. Of what was settled from `settled_since` on, it shows what that was
    rated from; None of one that shows all as it stands.
    """

    month: Month
    version: int
    as_of: datetime
    asked_by: str
    ready_at: datetime | None = None
    files: tuple[FileEntry, ...] = field(default=())
    partners: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    close: int = 1
    settled_since: datetime | None = None

    @property
    def state(self) -> str:
        """Ready, being written, or refused."""
        if self.ready_at is not None:
            return "ready"
        return "refused" if self.refused else "being_written"

    @property
    def prefix(self) -> str:
        """Where its files are in the bucket."""
        return f"exports/{self.month}/v{self.version}/"


@dataclass(frozen=True, slots=True)
class FinanceNotice:
    """What finance is told: a code with facts, about what, and when."""

    code: str
    about: str
    facts: Mapping[str, str]
    told_at: datetime


def place_of(notice: FinanceNotice) -> str:
    """Its place in the list of notices: in order of time."""
    return f"{format_instant(notice.told_at)}#{notice.code}#{notice.about}"
