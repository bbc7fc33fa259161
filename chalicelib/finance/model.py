"""Closes and exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.finance.errors import MonthNotEnded
from chalicelib.kernel.time import Month, format_instant

PAGE_OF_ACCOUNTS = 50
MANIFEST = "manifest.json"
"""The file that makes an export of files."""


class CloseState(StrEnum):
    """Where a close is."""

    OPENED = "opened"
    SETTLING = "settling"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Close:
    """The close of a month: opened, spread over pages of accounts, closed when each page is done."""

    month: Month
    opened_at: datetime
    state: CloseState = CloseState.OPENED
    pages: int | None = None
    closed_at: datetime | None = None

    def spread(self, pages: int) -> "Close":
        """Over that many pages."""
        return replace(self, state=CloseState.SETTLING, pages=pages)

    def finish(self, at: datetime) -> "Close":
        """Done."""
        return replace(self, state=CloseState.CLOSED, closed_at=at)


@dataclass(frozen=True, slots=True)
class Page:
    """What settling a page of accounts came to. `invoiced` is in minor units by currency.

    `shares` are the partners, with the months, that have a share of it.
    """

    month: Month
    number: int
    accounts: int
    parked: int
    invoices: int
    invoiced: Mapping[str, int]
    shares: frozenset[tuple[str, Month]] = frozenset()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a close is."""

    close: Close
    pages: tuple[Page, ...]

    @property
    def done(self) -> bool:
        """Whether every page is settled."""
        return self.close.pages is not None and len(self.pages) >= self.close.pages


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
    `refused` says why it could not be written: its code and facts.
    """

    month: Month
    version: int
    as_of: datetime
    asked_by: str
    ready_at: datetime | None = None
    files: tuple[FileEntry, ...] = field(default=())
    partners: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)

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


def check_ended(month: Month, zone: str, now: datetime, grace: timedelta = timedelta(0)) -> None:
    """A month can be closed once it is over, in the operator's zone, and the grace for late reports has passed."""
    if now < month.interval(zone).end + grace:
        raise MonthNotEnded(month=str(month))


def month_to_close(now: datetime, zone: str, grace: timedelta) -> Month | None:
    """The month that ended last, once its grace has passed; None before that."""
    month = Month.of(now, zone).previous
    return month if now >= month.interval(zone).end + grace else None


def pages_of(accounts: Sequence[str]) -> list[list[str]]:
    """The accounts in pages."""
    return [list(accounts[first : first + PAGE_OF_ACCOUNTS]) for first in range(0, len(accounts), PAGE_OF_ACCOUNTS)]
