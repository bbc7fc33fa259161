"""A month is closed when it is over, page by page; every step may run twice and stop anywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.model import Parked, Settlement
from chalicelib.billing.settling import Settled
from chalicelib.finance.closing import close_by_timer, open_close, progress, settle_page, spread
from chalicelib.finance.errors import CloseExists, ExportExists, MonthNotEnded, NotClosed, PageDone
from chalicelib.finance.model import Close, CloseState, Export, FileEntry, FinanceNotice, Page, month_to_close, pages_of
from chalicelib.kernel.time import Month
from tests.unit.memory import Commits, InMemory, write

ZONE = "Europe/Helsinki"
MAY = Month(2021, 5)
OVER = datetime(2021, 5, 31, 21, 0, tzinfo=UTC)  # midnight in Helsinki
GRACE = timedelta(hours=3)
NOW = OVER + timedelta(hours=4)


class ClosesInMemory:
    """Satisfies `finance.ports.Closes`."""

    def __init__(self) -> None:
        self.kept: dict[Month, Close] = {}
        self.done: dict[tuple[Month, int], Page] = {}
        self.asked: dict[tuple[Month, int], Export] = {}
        self.said: list[str] = []
        self.of_partners: dict[tuple[Month, int, str], FileEntry] = {}
        self.noticed: list[FinanceNotice] = []

    def find(self, month: Month) -> Close | None:
        return self.kept.get(month)

    def opening(self, close: Close, _now: datetime) -> list[InMemory]:
        month = close.month
        put = write(CloseExists(), lambda: self.kept.update({month: close}), holds=lambda: month not in self.kept)
        return [put, write(CloseExists(), lambda: self.said.append(f"spread {month}"))]

    def changing(self, close: Close, before: Close) -> InMemory:
        month = close.month
        return write(
            CloseExists(),
            lambda: self.kept.update({month: close}),
            holds=lambda: self.kept[month].state is before.state,
        )

    def pages(self, month: Month) -> list[Page]:
        return [page for (of, _), page in sorted(self.done.items()) if of == month]

    def page_done(self, page: Page) -> InMemory:
        key = (page.month, page.number)
        return write(PageDone(), lambda: self.done.update({key: page}), holds=lambda: key not in self.done)

    def exports(self, month: Month) -> list[Export]:
        return [export for (of, _), export in sorted(self.asked.items()) if of == month]

    def export(self, month: Month, version: int) -> Export | None:
        return self.asked.get((month, version))

    def asking(self, export: Export, _now: datetime) -> list[InMemory]:
        key = (export.month, export.version)
        return [write(ExportExists(), lambda: self.asked.update({key: export}), holds=lambda: key not in self.asked)]

    def telling_closed(self, month: Month, _now: datetime) -> InMemory:
        return write(CloseExists(), lambda: self.said.append(f"closed {month}"))

    def export_ready(self, export: Export) -> InMemory:
        key = (export.month, export.version)
        return write(
            ExportExists(),
            lambda: self.asked.update({key: export}),
            holds=lambda: self.asked[key].state == "being_written",
        )

    def adding_files(self, export: Export, files: Sequence[FileEntry]) -> list[InMemory]:
        found = {(export.month, export.version, each.name): each for each in files}
        return [write(ExportExists(), lambda: self.of_partners.update(found))]

    def file(self, export: Export, name: str) -> FileEntry | None:
        return self.of_partners.get((export.month, export.version, name))

    def noticing(self, notice: FinanceNotice) -> InMemory:
        return write(ExportExists(), lambda: self.noticed.append(notice))


@dataclass
class Active:
    """What of `access.ports.Sessions` the close asks."""

    accounts: Sequence[str]

    def active_accounts(self, _month: Month) -> Sequence[str]:
        return self.accounts


@dataclass
class Queue:
    """Satisfies `finance.ports.Pages`; breaks at a page."""

    breaks_at: int | None = None
    sent: dict[int, list[str]] = field(default_factory=dict)

    def send(self, _month: Month, number: int, accounts: Sequence[str]) -> None:
        if number == self.breaks_at:
            raise OSError
        self.sent[number] = list(accounts)


@dataclass
class Office:
    """The close of a month with so many accounts."""

    accounts: int = 120
    closes: ClosesInMemory = field(default_factory=ClosesInMemory)
    queue: Queue = field(default_factory=Queue)
    commit: Commits = field(default_factory=Commits)
    settled: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [f"acc-{number:04d}" for number in range(self.accounts)]

    def open(self, now: datetime = NOW) -> Close:
        return open_close(MAY, ZONE, closes=self.closes, now=now, commit=self.commit)

    def spread(self) -> Close | None:
        return spread(
            MAY, closes=self.closes, sessions=Active(self.names), pages=self.queue, now=NOW, commit=self.commit
        )

    def settle(self, account_id: str, month: Month) -> Settled:
        self.settled.append(account_id)
        if account_id == "acc-0007":
            return Settled(Settlement(account_id, month, "EUR"), parked=Parked(account_id, month, "x", {}, NOW))
        return Settled(Settlement(account_id, month, "EUR", 1, {"par-1:bike": 100}, invoiced=100, invoices=1))

    def pages(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            settle_page(
                MAY,
                number,
                self.queue.sent[number],
                settle=self.settle,
                closes=self.closes,
                now=NOW,
                commit=self.commit,
            )


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (OVER, None),
        (OVER + GRACE - timedelta(microseconds=1), None),
        (OVER + GRACE, MAY),
        (OVER + timedelta(days=29), MAY),
        (datetime(2021, 6, 30, 20, 59, tzinfo=UTC), MAY),
        (datetime(2021, 1, 1, 1, 0, tzinfo=UTC), Month(2020, 12)),
    ],
)
def test_the_month_that_ended_last_is_due_once_its_grace_has_passed(now: datetime, month: Month | None) -> None:
    assert month_to_close(now, ZONE, GRACE) == month


def test_a_month_is_not_closed_before_it_is_over_where_the_operator_is() -> None:
    office = Office()
    with pytest.raises(MonthNotEnded):
        office.open(OVER - timedelta(microseconds=1))

    assert office.open(OVER).state is CloseState.OPENED


def test_the_timer_opens_a_close_once_and_leaves_one_that_somebody_opened() -> None:
    office = Office()

    def tick(now: datetime) -> Close | None:
        return close_by_timer(ZONE, GRACE, closes=office.closes, now=now, commit=office.commit)

    assert tick(OVER) is None
    opened = tick(OVER + GRACE)
    assert tick(OVER + 2 * GRACE) is None
    assert office.open(OVER + 3 * GRACE) == opened
    assert office.closes.said == ["spread 2021-05"]


@given(st.integers(0, 400))
def test_each_account_is_on_one_page_of_at_most_fifty(count: int) -> None:
    accounts = [f"acc-{number}" for number in range(count)]
    pages = pages_of(accounts)

    assert [account for page in pages for account in page] == accounts
    assert all(0 < len(page) <= 50 for page in pages)


def test_the_last_page_closes_the_month_and_asks_for_its_export_whichever_it_is() -> None:
    office = Office()
    office.open()
    office.spread()
    office.pages([2, 0])
    assert progress(MAY, closes=office.closes).done is False
    office.pages([1])

    found = progress(MAY, closes=office.closes)
    assert (found.close.state, found.done) == (CloseState.CLOSED, True)
    assert [export.version for export in office.closes.exports(MAY)] == [1]
    assert sum(page.accounts for page in found.pages) == 120
    assert sum(page.parked for page in found.pages) == 1
    assert sum(page.invoiced["EUR"] for page in found.pages) == 119 * 100


def test_pages_delivered_again_and_a_second_spread_change_nothing() -> None:
    office = Office()
    office.open()
    for _ in range(2):
        office.spread()
        office.pages([0, 0, 1, 2, 1])
    before = (dict(office.closes.kept), dict(office.closes.done), dict(office.closes.asked))
    office.spread()
    office.pages([0, 1, 2])

    assert (office.closes.kept, office.closes.done, office.closes.asked) == before
    assert len(office.closes.asked) == 1


@pytest.mark.parametrize("breaks_at", [0, 1, 2])
def test_a_spread_that_broke_off_between_pages_sends_the_others_when_it_runs_again(breaks_at: int) -> None:
    office = Office(queue=Queue(breaks_at))
    office.open()
    with pytest.raises(OSError):  # noqa: PT011 -- the queue's
        office.spread()
    office.queue.breaks_at = None
    office.spread()
    office.pages([0, 1, 2])

    assert sorted(office.settled) == office.names
    assert progress(MAY, closes=office.closes).close.state is CloseState.CLOSED


def test_a_month_without_use_closes_by_itself() -> None:
    office = Office(accounts=0)
    office.open()
    closed = office.spread()

    assert closed is not None
    assert closed.state is CloseState.CLOSED
    assert len(office.closes.asked) == 1


def test_a_close_that_nobody_opened_has_no_progress_and_is_not_spread() -> None:
    office = Office()
    with pytest.raises(NotClosed):
        progress(MAY, closes=office.closes)

    assert office.spread() is None
    assert office.queue.sent == {}


def test_a_page_that_fails_is_not_counted_as_done() -> None:
    office = Office()
    office.open()
    office.spread()

    def broken(_account_id: str, _month: Month) -> Settled:
        raise OSError

    office_broken = replace(office)
    office_broken.settle = broken  # type: ignore[method-assign]
    with pytest.raises(OSError):  # noqa: PT011 -- settling's
        office_broken.pages([0])
    assert office.closes.done == {}


def test_an_account_that_cannot_be_settled_stops_none_of_its_page_and_is_told_of() -> None:
    office = Office()
    told: list[str] = []
    office.open()
    office.spread()

    def settle(account_id: str, month: Month) -> Settled:
        if account_id == "acc-0001" and not told:
            raise OSError
        return office.settle(account_id, month)

    def settle_first_page() -> None:
        settle_page(
            MAY,
            0,
            office.queue.sent[0],
            settle=settle,
            closes=office.closes,
            now=NOW,
            commit=office.commit,
            failed=lambda account_id, _error: told.append(account_id),
        )

    with pytest.raises(OSError):  # noqa: PT011 -- settling's
        settle_first_page()
    assert told == ["acc-0001"]
    assert [each for each in office.queue.sent[0] if each not in office.settled] == told
    assert office.closes.done == {}
    settle_first_page()
    assert office.closes.done[MAY, 0].accounts == 50
