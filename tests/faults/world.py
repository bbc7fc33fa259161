"""The system without its doors: use cases on real stores, workers fed at least once, a clock that goes on."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from chalicelib.billing.credit_ports import Refunder
from chalicelib.billing.inbox import receive
from chalicelib.billing.inbox_items import event_in
from chalicelib.billing.model import ProviderEvent
from chalicelib.billing.ports import Collector
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.edge.answers import find_answer, saving_answer
from chalicelib.edge.idempotency import RequestKey, SavingCommit, replay
from chalicelib.edge.reacting import TOPICS, fire_timer
from chalicelib.edge.reacting_stripe import provider_event
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.closes_model import Sent
from chalicelib.finance.closes_ports import Pages
from chalicelib.finance.ports import Files
from chalicelib.finance.settling_pages import SettlingPages, settle_page
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Commit
from chalicelib.storage.timers import Timer
from chalicelib.storage.writes import Transaction
from tests.faults.faults import Faults
from tests.faults.provider import Provider
from tests.faults.tables import Tables
from tests.stores.tables import STAGE

Result = TypeVar("Result")
ENVIRONMENT = {
    "ADGANG_STAGE": STAGE,
    "ADGANG_ZONE": "Europe/Helsinki",
    "ADGANG_MODE": "test",
    "KEY_PEPPER": "pepper",
    "QUOTE_KEYS": "key-1:a secret of at least 32 characters",
}
_TRIES = 6


class GaveUpError(AssertionError):
    """It did not work in as many tries as anybody would make."""


@dataclass
class Stored:
    """Satisfies `finance.ports.Upload`: one call of the bucket, as of what is small."""

    world: "World"
    key: str
    content_type: str
    content: bytes = b""

    def part(self, content: bytes) -> None:
        self.content += content

    last = part

    def finish(self) -> None:
        self.world.write(self.key, self.content, self.content_type)

    def abort(self) -> None:
        """Nothing was sent."""


class World(BackOffice):
    """One run. What is broken is tried again, as apps, Lambda and Stripe do."""

    def __init__(self, tables: Tables, faults: Faults, *, deliveries: int = 1) -> None:
        super().__init__(ENVIRONMENT, now=lambda: self.clock, random_bytes=Random(7).randbytes)
        self.clock = datetime(2021, 5, 31, 8, 10, tzinfo=UTC)
        self.faults, self.deliveries = faults, deliveries
        self.provider = Provider(faults, self.now)
        self.queue: list[Sent] = []
        self.stored: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.timers: dict[str, Timer] = {}
        self.shelves = tables
        self._done: set[tuple[str, str]] = set()

    @cached_property
    def commit(self) -> Commit:
        self._use_tables()
        return Transaction(pause=lambda _attempt: None)

    @property
    def collector(self) -> Collector:  # type: ignore[override]
        return self.provider

    @property
    def refunder(self) -> Refunder:  # type: ignore[override]
        return self.provider

    @property
    def _stripe_calls(self) -> StripeCalls:  # type: ignore[override]
        """All that the story asks of Stripe is asked of `provider`: nobody listens at this address."""
        return StripeCalls("of-nobody", "http://127.0.0.1:9")

    @property
    def pages(self) -> Pages:  # type: ignore[override]
        return self

    @property
    def files(self) -> Files:  # type: ignore[override]
        return self

    @property
    def scheduler(self) -> "World":  # type: ignore[override]
        return self

    def set(self, timer: Timer) -> None:
        """Satisfies what setting a timer needs of `storage.timers.Scheduler`."""
        self.faults.outside("scheduler", lambda: self.timers.update({timer.name: timer}))

    def send(self, page: Sent) -> None:
        """Satisfies `finance.closes_ports.Pages`."""
        self.faults.outside("queue", lambda: self.queue.append(page))

    def write(self, key: str, content: bytes, _content_type: str) -> None:
        """Satisfies `finance.ports.Files`."""
        self.faults.outside("bucket", lambda: self.stored.update({key: content}))

    def begin(self, key: str, content_type: str) -> "Stored":
        return Stored(self, key, content_type)

    def read(self, key: str) -> list[bytes]:
        return [self.stored[key]]

    def find(self, key: str) -> bytes | None:
        return self.stored.get(key)

    def link(self, key: str, _seconds: int) -> str:
        return key

    def resilient(self, do: Callable[[], Result], *, later: timedelta = timedelta(0)) -> Result:
        """Try until it works; each next try comes `later`."""
        for _ in range(_TRIES):
            try:
                return do()
            except Exception as error:  # noqa: BLE001 -- what a client or Lambda sees is that it failed
                last = error
                self.clock += later
        raise GaveUpError(f"still {last!r}") from last

    def act(self, key: str, do: Callable[[Commit], Result], show: Callable[[Result], str]) -> str:
        """As a door does it, with an idempotency key; `deliveries` times, as an app does that hears nothing."""
        request = RequestKey.of(key, caller="app", what=[key], body=b"")

        def once() -> str:
            expires = self.clock + timedelta(days=7)
            commit = SavingCommit(
                self.commit, request, 200, lambda outcome: show(outcome).encode(), saving_answer, expires
            )
            try:
                return show(do(commit))
            except Refusal:
                saved = replay(request, find_answer(request))
                if saved is None:
                    raise
                return saved.body.decode()

        answers = {self.resilient(once) for _ in range(self.deliveries)}
        assert len(answers) == 1
        return answers.pop()

    def drain(self) -> None:
        """Webhooks, messages, events and pages until there are none; each at least once."""
        while self._webhooks() or self._messages() or self._pages() or self._timers():
            pass

    def _work(self, do: Callable[[], object]) -> None:
        """What is delivered again comes later, and so does a next try."""
        self.resilient(do, later=timedelta(seconds=1))
        for _ in range(1, self.deliveries):
            self.clock += timedelta(seconds=1)
            self.resilient(do, later=timedelta(seconds=1))

    def _webhooks(self) -> bool:
        waiting, self.provider.webhooks = self.provider.webhooks, []
        for event_id, kind, object_id in waiting:
            event = ProviderEvent(event_id, kind, object_id, self.clock)
            self._work(lambda event=event: receive(event, billed=self.billed, commit=self.commit))  # type: ignore[misc]
        return bool(waiting)

    def _timers(self) -> bool:
        """Those that are due."""
        due = [each for each in self.timers.values() if each.at <= self.clock]
        for timer in due:
            self._work(lambda timer=timer: fire_timer(timer.document(), self))  # type: ignore[misc]
            del self.timers[timer.name]
        return bool(due)

    def _messages(self) -> bool:
        waiting = []
        for _, item in self.shelves.items("outbox", "inbox"):
            said = (item["pk"]["S"], item.get("said_at", item.get("received_at", {"S": ""}))["S"])
            if said not in self._done:
                waiting.append((said, item))
        for said, item in sorted(waiting, key=lambda each: (each[0][1], each[0][0])):
            self._work(lambda item=item: self._handle(item))  # type: ignore[misc]
            self._done.add(said)
        return bool(waiting)

    def _handle(self, item: dict[str, Any]) -> None:
        if "topic" in item:
            TOPICS[item["topic"]["S"]](json.loads(item["body"]["S"]), self)
        else:
            provider_event(event_in({name: value["S"] for name, value in item.items() if "S" in value}), self)

    def _pages(self) -> bool:
        waiting, self.queue = self.queue, []
        for page in waiting:
            self._work(lambda page=page: self._page(page))  # type: ignore[misc]
        return bool(waiting)

    def _page(self, page: Sent) -> None:
        settle_page(page, 1, SettlingPages(self.settle, self.closes, self.now, self.commit))
