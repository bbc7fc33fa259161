"""Closes: a month is opened, spread over pages of accounts, and closed; opened again, it has a version beside that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.finance.errors import MonthNotEnded
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month

PAGE_OF_ACCOUNTS = 90
PAGES_A_TURN = 22
"""So many pages are made in one transaction."""
MOST_TRIES = 5
"""As often the queue sends a page before it is set aside (`infra/data.yaml` says the same)."""
SUMS = 16
"""Over so many items the sums of pages are spread, so that pages that end together seldom wait for one another."""
BY_THE_TIMER = "timer"
ON_TIME = timedelta(days=2)
"""For so long after its grace a month is closed by the timer whatever was before; later, where that was closed too."""


class CloseState(StrEnum):
    """Where a close is: being spread over pages, settling them, closed."""

    OPENED = "opened"
    SETTLING = "settling"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Close:
    """The close of a month: opened, spread over pages of accounts, closed when each page is done.

    `turn` counts the transactions in which pages were made, `made` the pages, `after` is the last account in them;
    `pages` is how many there are, once all are made. A later `version` restates what the one before it closed:
    `opened_by` has decided that, for a `reason`.
    """

    month: Month
    opened_at: datetime
    state: CloseState = CloseState.OPENED
    pages: int | None = None
    closed_at: datetime | None = None
    version: int = 1
    turn: int = 0
    made: int = 0
    after: str | None = None
    opened_by: str = ""
    reason: str = ""

    def spread(self, pages: Sequence["Sent"], *, last: bool) -> "Close":
        """With so many more pages."""
        made = self.made + len(pages)
        after = pages[-1].accounts[-1] if pages else self.after
        onward = replace(self, turn=self.turn + 1, made=made, after=after)
        return replace(onward, state=CloseState.SETTLING, pages=made) if last else onward

    def finish(self, at: datetime) -> "Close":
        """Done."""
        return replace(self, state=CloseState.CLOSED, closed_at=at)

    def again(self, by: str, reason: str, at: datetime) -> "Close":
        """The next version, whose settling restates the month."""
        return Close(self.month, at, version=self.version + 1, opened_by=by, reason=reason)


@dataclass(frozen=True, slots=True)
class Sent:
    """A page of accounts that are to be settled."""

    month: Month
    number: int
    accounts: tuple[str, ...]
    version: int = 1


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
    failed: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Sums:
    """What pages came to together; `saved` counts how often the item of a part was written."""

    pages: int = 0
    accounts: int = 0
    parked: int = 0
    failed: int = 0
    invoices: int = 0
    invoiced: Mapping[str, int] = field(default_factory=dict)
    saved: int = 0

    def plus(self, page: Page, pages: int = 1) -> "Sums":
        """With a page; or, as no page, with what an account of one came to since."""
        more = Sums(pages, page.accounts, page.parked, page.failed, page.invoices, page.invoiced, 1)
        return summed([self, more])


def summed(parts: Sequence[Sums]) -> Sums:
    """All of them together."""
    invoiced: dict[str, int] = {}
    for part in parts:
        for currency, minor in part.invoiced.items():
            invoiced[currency] = invoiced.get(currency, 0) + minor
    counts = ((each.pages, each.accounts, each.parked, each.failed, each.invoices, each.saved) for each in parts)
    pages, accounts, parked, failed, invoices, saved = map(sum, zip(*counts, strict=True)) if parts else (0,) * 6
    return Sums(pages, accounts, parked, failed, invoices, invoiced, saved)


class FailedState(StrEnum):
    """Where an account is that could not be settled: it is tried again, waits for somebody, or was settled since."""

    TRYING = "trying"
    FAILED = "failed"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class FailedAccount:
    """An account that could not be settled, with the code of the reason and nothing else of it."""

    month: Month
    account_id: str
    page: int
    code: str
    at: datetime
    tries: int = 1
    state: FailedState = FailedState.TRYING
    version: int = 1


@dataclass(frozen=True, slots=True)
class ParkedAccount:
    """An account that was parked in a close, and what its page counted of it; or one that is `released` since.

    `decisions` says how many had been taken about the account's month by then: so it is known what is newer.
    """

    month: Month
    account_id: str
    decisions: int = 0
    page: int = 0
    invoices: int = 0
    invoiced: Mapping[str, int] = field(default_factory=dict)
    released: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a close is."""

    close: Close
    sums: Sums

    @property
    def done(self) -> bool:
        """Whether every page is settled."""
        return self.close.pages is not None and self.sums.pages >= self.close.pages


def code_of(error: Exception) -> str:
    """What may be said of an error: a refusal's code, else only of which kind it is; its text may hold anything."""
    return error.code if isinstance(error, Refusal) else type(error).__name__


def check_ended(month: Month, zone: str, now: datetime, grace: timedelta = timedelta(0)) -> None:
    """A month can be closed once it is over, in the operator's zone, and the grace for late reports has passed."""
    if now < month.interval(zone).end + grace:
        raise MonthNotEnded(month=str(month))


def month_to_close(now: datetime, zone: str, grace: timedelta) -> Month:
    """The newest month that has ended, and whose grace for late reports has passed."""
    return Month.of(now - grace, zone).previous


def is_late(month: Month, now: datetime, zone: str, grace: timedelta) -> bool:
    """Whether the timer would have closed the month some days ago."""
    return now >= month.interval(zone).end + grace + ON_TIME


def pages_of(close: Close, accounts: Sequence[str]) -> list[Sent]:
    """The accounts in pages, behind those that are made."""
    firsts = range(0, len(accounts), PAGE_OF_ACCOUNTS)
    return [
        Sent(close.month, close.made + turn, tuple(accounts[first : first + PAGE_OF_ACCOUNTS]), close.version)
        for turn, first in enumerate(firsts)
    ]
