"""A month of five accounts that is closed, exported and reconciled: what breaks off is begun again at the same instant.

So whatever happened on the way, the same bytes have to be there at the end.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from unittest.mock import patch

from chalicelib.edge.reacting_closes import do_queued
from chalicelib.edge.settings import Settings
from chalicelib.finance import closes_model, closing, parting, parts_model
from chalicelib.finance.closes_model import CloseState, Sent
from chalicelib.finance.closing import open_close
from chalicelib.finance.parts_model import Task
from chalicelib.kernel.time import Month
from tests.faults.money_world import ENVIRONMENT, MoneyWorld
from tests.faults.trouble import KilledError, Trouble
from tests.stores.city import offer_bikes
from tests.stores.riding import record, session

MAY = Month(2021, 5)
OVER = datetime(2021, 6, 1, 6, tzinfo=UTC)
SECONDS = {"acc-1": 9000, "acc-2": 2400, "acc-3": 600, "acc-4": 4000, "acc-5": 1200}
_TRIES = 6


@dataclass
class Upload:
    """Satisfies `finance.ports.Upload`: nothing is seen before it is finished."""

    key: str
    shelf: dict[str, bytes]
    trouble: Trouble
    parts: list[bytes] = field(default_factory=list)

    def part(self, content: bytes) -> None:
        self.trouble.writing("part", lambda: self.parts.append(content))

    def last(self, content: bytes) -> None:
        self.part(content)

    def finish(self) -> None:
        whole = {self.key: b"".join(self.parts)}
        self.trouble.writing("finish", lambda: self.shelf.update(whole))

    def abort(self) -> None:
        """What a process that is gone leaves is removed by the bucket's own rule."""


class CloseWorld(MoneyWorld):
    """Satisfies `finance.closes_ports.Pages`, `finance.parts_ports.Tasks` and `finance.ports.Files` too."""

    accounts_a_part = 2

    def __init__(self, trouble: Trouble | None = None) -> None:
        super().__init__(trouble)
        self.settings = Settings({**ENVIRONMENT, "KEY_PEPPER": "pepper"})
        self.queue: list[Sent | Task] = []
        self.shelf: dict[str, bytes] = {}

    @contextmanager
    def running(self) -> Iterator["CloseWorld"]:
        """Two accounts a page, one page a turn, one turn a worker: three pages in as many messages. So are parts."""
        small = patch.multiple(closing, PAGE_OF_ACCOUNTS=2, PAGES_A_TURN=1, TURNS_AT_ONCE=1)
        few = patch.multiple(parting, PARTS_A_TURN=1, TURNS_AT_ONCE=1)
        parts = patch.multiple(parts_model, PARTS_A_TURN=1, ACCOUNTS_A_PART=self.accounts_a_part)
        with super().running(), small, few, parts, patch.object(closes_model, "PAGE_OF_ACCOUNTS", 2):
            yield self

    @property
    def pages(self) -> "CloseWorld":  # type: ignore[override]
        return self

    @property
    def files(self) -> "CloseWorld":  # type: ignore[override]
        return self

    def send(self, page: Sent) -> None:
        self.trouble.writing("queue", lambda: self.queue.append(page))

    def do(self, task: Task) -> None:
        self.trouble.writing("queue", lambda: self.queue.append(task))

    def write(self, key: str, content: bytes, _content_type: str) -> None:
        self.trouble.writing("bucket", lambda: self.shelf.update({key: content}))

    def begin(self, key: str, _content_type: str) -> Upload:
        return Upload(key, self.shelf, self.trouble)

    def read(self, key: str) -> list[bytes]:
        return [self.shelf[key]]

    def find(self, key: str) -> bytes | None:
        return self.shelf.get(key)

    def work(self, what: str, do: Callable[[], object]) -> None:
        """As often as it takes, at once."""
        last: BaseException | None = None
        for _ in range(_TRIES):
            try:
                do()
            except (Exception, KilledError) as error:  # noqa: BLE001 -- whatever it was, it comes again
                last = error
            else:
                return
        self.stuck.append(f"{what}: {last!r}")

    def drain(self) -> None:
        while self._messages() or self._pages():
            pass

    def _pages(self) -> bool:
        waiting, self.queue = self.queue, []
        for page in waiting:
            times = 2 if self.trouble.meets("message", "page") == "repeated" else 1
            for _ in range(times):
                self.work("page", lambda page=page: self._page_or_task(page))  # type: ignore[misc]
        return bool(waiting)

    def _page_or_task(self, sent: Sent | Task) -> None:
        do_queued(sent if isinstance(sent, Task) else (sent, 1), self)

    def begin_month(self) -> None:
        """Each account has a ride; nobody has a card."""
        with self.unbroken():
            offer_bikes(self.commit)  # type: ignore[arg-type]
            for number, (account, seconds) in enumerate(SECONDS.items()):
                begun = replace(session(number, account), started_at=datetime(2021, 5, 3, 8 + number, tzinfo=UTC))
                self.clock = begun.started_at
                self.commit(self.sessions.starting(begun, 1), None)
                ended = record(begun, quantities={"use_seconds": Decimal(seconds)})
                self.commit(self.sessions.ending(ended, MAY), None)
            self.drain()

    def close_month(self) -> None:
        """On the first of June, by the timer's use case."""
        self.clock = OVER
        parts = {"closes": self.closes, "now": OVER, "commit": self.commit}
        self.work("open", lambda: open_close(MAY, "UTC", by="timer", **parts))
        self.drain()

    def left(self) -> list[str]:
        """Every file and every item, by its bytes."""
        files = [f"{key} {hashlib.sha256(content).hexdigest()}" for key, content in self.shelf.items()]
        rows = (f"{area} {json.dumps(item, sort_keys=True, default=str)}" for area, item in self.tables_quick.items())
        return sorted([*files, *rows])

    def wrong(self) -> Iterator[str]:
        """What is not as it has to be, whatever an undisturbed run leaves."""
        yield from (f"stuck: {each}" for each in self.stuck)
        close = self.closes.find(MAY)
        if close is None or close.state is not CloseState.CLOSED or close.pages != 3:
            yield f"not closed: {close}"
        exports = self.closes.exports(MAY)
        if [(each.version, each.state) for each in exports] != [(1, "ready")]:
            yield f"exports: {exports}"
        if f"exports/{MAY}/v1/manifest.json" not in self.shelf:
            yield f"files: {sorted(self.shelf)}"
