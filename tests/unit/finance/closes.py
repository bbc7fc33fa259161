"""Closes in memory, and a close of a month with so many accounts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.billing.model import Parked, Settlement
from chalicelib.billing.settling import Settled
from chalicelib.finance.closes_model import (
    SUMS,
    Close,
    FailedAccount,
    FailedState,
    Page,
    ParkedAccount,
    Sent,
    Sums,
)
from chalicelib.finance.closing import open_close, spread
from chalicelib.finance.errors import (
    AccountReleased,
    AccountSettled,
    CloseExists,
    ExportExists,
    PageDone,
    PageExists,
    SumsChanged,
)
from chalicelib.finance.model import Export, FileEntry, FinanceNotice
from chalicelib.finance.settling_pages import SettlingPages, settle_page
from chalicelib.kernel.time import Month
from tests.unit.memory import Commits, InMemory, write

ZONE = "Europe/Helsinki"
MAY = Month(2021, 5)
OVER = datetime(2021, 5, 31, 21, 0, tzinfo=UTC)  # midnight in Helsinki
GRACE = timedelta(hours=3)
NOW = OVER + timedelta(hours=4)


class ClosesInMemory:
    """Satisfies `finance.closes_ports.Closes`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Month, int], Close] = {}
        self.made: dict[tuple[Month, int, int], Sent] = {}
        self.done: dict[tuple[Month, int, int], Page] = {}
        self.parts: dict[tuple[Month, int, int], Sums] = {}
        self.not_settled: dict[tuple[Month, int, str], FailedAccount] = {}
        self.parked: dict[tuple[Month, int, str], ParkedAccount] = {}
        self.asked: dict[tuple[Month, int], Export] = {}
        self.said: list[str] = []
        self.of_partners: dict[tuple[Month, int, str], FileEntry] = {}
        self.noticed: list[FinanceNotice] = []

    def find(self, month: Month, version: int | None = None) -> Close | None:
        versions = [number for of, number in self.kept if of == month]
        return self.kept.get((month, version or max(versions, default=1)))

    def opening(self, close: Close, now: datetime) -> list[InMemory]:
        key = close.month, close.version
        put = write(CloseExists(), lambda: self.kept.update({key: close}), holds=lambda: key not in self.kept)
        return [put, self.spreading(close, 0, now)]

    def changing(self, close: Close, before: Close) -> InMemory:
        key = close.month, close.version

        def same() -> bool:
            return (self.kept[key].state, self.kept[key].turn) == (before.state, before.turn)

        return write(CloseExists(), lambda: self.kept.update({key: close}), holds=same)

    def spreading(self, close: Close, turn: int, _now: datetime) -> InMemory:
        return write(CloseExists(), lambda: self.said.append(f"spread {close.month} {close.version} {turn}"))

    def making(self, page: Sent) -> InMemory:
        key = page.month, page.version, page.number
        return write(PageExists(), lambda: self.made.update({key: page}), holds=lambda: key not in self.made)

    def unsettled(self, close: Close, first: int, last: int) -> list[Sent]:
        keys = ((close.month, close.version, number) for number in range(first, last + 1))
        return [self.made[key] for key in keys if key in self.made and key not in self.done]

    def is_done(self, page: Sent) -> bool:
        return (page.month, page.version, page.number) in self.done

    def pages(self, month: Month) -> list[Page]:
        return [page for (of, _, _), page in sorted(self.done.items()) if of == month]

    def page_done(self, page: Page) -> InMemory:
        key = page.month, page.version, page.number
        return write(PageDone(), lambda: self.done.update({key: page}), holds=lambda: key not in self.done)

    def sums(self, close: Close) -> list[Sums]:
        return [sums for key, sums in self.parts.items() if key[:2] == (close.month, close.version)]

    def sums_of_part(self, month: Month, version: int, page: int) -> Sums:
        return self.parts.get((month, version, page % SUMS), Sums())

    def saving_sums(self, month: Month, version: int, page: int, sums: Sums) -> InMemory:
        def once_less() -> bool:
            return self.sums_of_part(month, version, page).saved == sums.saved - 1

        key = month, version, page % SUMS
        return write(SumsChanged(), lambda: self.parts.update({key: sums}), holds=once_less)

    def failing(self, failed: FailedAccount) -> InMemory:
        key = failed.month, failed.version, failed.account_id
        return write(AccountSettled(), lambda: self.not_settled.update({key: failed}))

    def settled_since(self, failed: FailedAccount, was: FailedState) -> InMemory:
        key = failed.month, failed.version, failed.account_id

        def still() -> bool:
            return self.not_settled[key].state is was

        return write(AccountSettled(), lambda: self.not_settled.update({key: failed}), holds=still)

    def failed(self, close: Close, *, limit: int | None = None, after: str | None = None) -> list[FailedAccount]:
        rows = [each for key, each in sorted(self.not_settled.items()) if key[:2] == (close.month, close.version)]
        return [each for each in rows if after is None or each.account_id > after][:limit]

    def failed_one(self, close: Close, account_id: str) -> FailedAccount | None:
        return self.not_settled.get((close.month, close.version, account_id))

    def parked_one(self, close: Close, account_id: str) -> ParkedAccount | None:
        return self.parked.get((close.month, close.version, account_id))

    def counted_parked(self, parked: ParkedAccount) -> InMemory:
        key = parked.month, parked.version, parked.account_id

        def no_more_decided() -> bool:
            return key not in self.parked or self.parked[key].decisions <= parked.decisions

        return write(AccountReleased(), lambda: self.parked.update({key: parked}), holds=no_more_decided)

    def released(self, after: ParkedAccount, before: ParkedAccount | None) -> InMemory:
        key = after.month, after.version, after.account_id
        holds = lambda: self.parked.get(key) == before  # noqa: E731 -- as short as the condition
        return write(AccountSettled(), lambda: self.parked.update({key: after}), holds=holds)

    def asking_again(self, failed: FailedAccount, _now: datetime) -> InMemory:
        return write(CloseExists(), lambda: self.said.append(f"again {failed.account_id}"))

    def exports(self, month: Month) -> list[Export]:
        return [export for (of, _), export in sorted(self.asked.items()) if of == month]

    def exports_before(self, month: Month) -> list[Export]:
        return [export for (of, _), export in sorted(self.asked.items(), reverse=True) if of < month]

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
    """What of `access.ports.Sessions` the close asks; how much was read at once is remembered."""

    accounts: Sequence[str]
    most: int = 0

    def active_accounts_after(self, _month: Month, *, limit: int, after: str | None) -> Sequence[str]:
        found = [each for each in self.accounts if after is None or each > after][:limit]
        self.most = max(self.most, len(found))
        return found


@dataclass
class Queue:
    """Satisfies `finance.closes_ports.Pages`; breaks at a page."""

    breaks_at: int | None = None
    sent: dict[int, Sent] = field(default_factory=dict)
    times: int = 0

    def send(self, page: Sent) -> None:
        if page.number == self.breaks_at:
            raise OSError
        self.sent[page.number] = page
        self.times += 1


@dataclass
class Office:
    """The close of a month with so many accounts; those of `broken` cannot be settled."""

    accounts: int = 216
    closes: ClosesInMemory = field(default_factory=ClosesInMemory)
    queue: Queue = field(default_factory=Queue)
    commit: Commits = field(default_factory=Commits)
    settled: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    held: dict[str, Parked] = field(default_factory=lambda: {"acc-00007": Parked("acc-00007", MAY, "x", {}, NOW)})
    clock: Callable[[], datetime] = field(default=lambda: NOW)
    active: Active = field(init=False)

    def __post_init__(self) -> None:
        self.active = Active(self.names)

    @property
    def names(self) -> list[str]:
        return [f"acc-{number:05d}" for number in range(self.accounts)]

    @property
    def by(self) -> SettlingPages:
        clock = self.clock
        return SettlingPages(self.settle, self.closes, clock, self.commit, lambda each, _error: self.told.append(each))

    def open(self, now: datetime = NOW) -> Close:
        return open_close(MAY, ZONE, by="fred", closes=self.closes, now=now, commit=self.commit).close

    def spread(self, version: int = 1, turn: int = 0) -> Close | None:
        where = {"closes": self.closes, "sessions": self.active, "pages": self.queue}
        return spread(MAY, version, turn, **where, now=NOW, commit=self.commit)

    def settle(self, account_id: str, month: Month) -> Settled:
        if account_id in self.broken:
            raise TimeoutError("whatever is said here is shown to nobody")
        self.settled.append(account_id)
        if account_id in self.held:
            return Settled(Settlement(account_id, month, "EUR"), parked=self.held[account_id])
        return Settled(Settlement(account_id, month, "EUR", 1, {"par-1:bike": 100}, invoiced=100, invoices=1))

    def pages(self, numbers: Iterable[int], tries: int = 1) -> None:
        for number in numbers:
            settle_page(self.queue.sent[number], tries, self.by)

    def release(self, account_id: str) -> int:
        """Decide that an account is billed; how many decisions there are about it."""
        return replace(self.held.pop(account_id), released_at=NOW).decisions

    def close(self) -> None:
        self.open()
        self.spread()
        self.pages(sorted(self.queue.sent))
