"""The whole system in one process on one port: engine, tables, sign-in, four doors, workers, timers, Stripe's double.

with System.start(port=8080, seed="demo", start_at=instant) as system:
    ...call system.address over HTTP...
    system.drain()                # what streams, queues and webhooks have pending
    system.advance_to(june)       # timers fire on the way, each at its instant
"""

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chalicelib.edge.settings import Settings
from chalicelib.storage.record import Database
from infra.local.apps import LoadedApp, OnFirstUse, load_app
from infra.local.aws import Aws
from infra.local.calls import CallRecord, at_work
from infra.local.clock import BackwardsError, VirtualClock, real_time
from infra.local.engine import Engine
from infra.local.gateway import Gateway, raw_path, send
from infra.local.local_routes import LocalRoutes
from infra.local.objects import ObjectStore
from infra.local.server import Server
from infra.local.stripe_double import StripeDouble
from infra.local.stripe_keys import restricted_keys
from infra.local.timers import Due, Timers
from infra.local.verifier_double import VerifierDouble
from infra.local.workers import Backlog, pollers_of, webhook_post

DOORS = ("mobile", "partner", "finance", "workers")
FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"
PUBLISHABLE_KEY = "pk_test_local"
_TIMER_TRIES = 3
_BACKGROUND_PAUSE = 0.25
_STRIPE = "/stripe"
_VERIFIER = "/verifier"


class SeededBytes:
    """Random bytes that a second run draws again. For ids of the local run, never for secrets of a real one."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- repeatable on purpose
        self._lock = threading.Lock()

    def __call__(self, count: int) -> bytes:
        """That many bytes."""
        with self._lock:
            return self._random.randbytes(count)


class System:
    """The running system. Make it with `start`, end it with `close` or by leaving its `with` block."""

    def __init__(
        self,
        port: int,
        seed: str,
        start_at: datetime | None,
        *,
        engine: str | None,
        functions: Path,
        settings: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self.clock = VirtualClock(start_at or real_time())
        if start_at is None:
            self.clock.follow_real_time()
        self.engine = Engine(engine, seed)
        self.doors: dict[str, LoadedApp] = {}
        self._turn = threading.RLock()
        self._ended = threading.Event()
        self._ticked = self.clock.now()
        self._held = ExitStack()
        with self._held as held:
            self._assemble(held, port, seed, functions)
            self._held = held.pop_all()

    @classmethod
    def start(
        cls,
        port: int = 0,
        seed: str = "adgang",
        start_at: datetime | None = None,
        *,
        engine: str | None = None,
        functions: Path = FUNCTIONS,
        settings: Mapping[str, str] | None = None,
    ) -> Self:
        """Start everything and serve. Port 0 picks a free one; without `start_at` the clock follows real time.

        `settings` take the place of those that the doors have by default.
        """
        return cls(port, seed, start_at, engine=engine, functions=functions, settings=settings or {})

    def _assemble(self, held: ExitStack, port: int, seed: str, functions: Path) -> None:
        self.engine.start()
        held.callback(self.engine.stop)
        forget_database()
        held.callback(forget_database)
        self._server = Server(self, port)
        held.callback(self._server.close)
        self.address = self._server.address
        self.aws = Aws(self.engine, seed, self.address)
        self.identity = self.aws.identity
        self.stripe = self._stripe_double()
        self.verifier = VerifierDouble(now=self.clock, key=self.aws.verifier_key)
        self.calls: CallRecord = self.aws.calls
        held.enter_context(self.calls.listening())
        for door in DOORS:
            self.doors[door] = self._loaded(functions / door / "app.py", door, seed)
        self.gateway = Gateway({f"/{door}": loaded for door, loaded in self.doors.items()}, at_work)
        objects = ObjectStore(self.engine.client("s3"))
        self._routes = LocalRoutes(self.identity, objects, self, self.drain, self._stripe_shown, DOORS, self.address)
        self._backlog = self._backlog_of_workers()
        scheduler, group = self.engine.client("scheduler"), self.aws.timer_group
        set_so_far = partial(self.calls.written_to, group)
        self._timers = Timers(self.doors["workers"], self._ticked, scheduler, group, set_so_far)
        self._server.start()

    def _stripe_double(self) -> StripeDouble | None:
        if self.aws.real_stripe:
            return None
        return StripeDouble(
            now=self.clock,
            secret_key=self.aws.stripe_key,
            publishable_key=PUBLISHABLE_KEY,
            webhook_secret=self.aws.webhook_secret,
            connect_webhook_secret=self.aws.connect_webhook_secret,
            restricted_keys=restricted_keys(),
            pages=self.address + _STRIPE,
        )

    def _stripe_shown(self) -> dict[str, Any] | None:
        """How a browser reaches the double, and what it has collected; nothing where Stripe's own test mode is used."""
        if self.stripe is None:
            return None
        return {
            "api_base": self.address + _STRIPE,
            "publishable_key": PUBLISHABLE_KEY,
            "collected_minor": {self.aws.currency: self.stripe.collected_total(self.aws.currency)},
        }

    def _loaded(self, path: Path, door: str, seed: str) -> LoadedApp:
        """The door, with an instance of its own for each of its functions that is woken by an event."""

        def function(name: str) -> LoadedApp:
            return self._wired(load_app(path, door), f"{seed}:{door}:{name}")

        loaded = self._wired(load_app(path, door), f"{seed}:{door}")
        return replace(loaded, functions=OnFirstUse(loaded.app.handler_map, function))

    def _wired(self, loaded: LoadedApp, seed: str) -> LoadedApp:
        """Give the app's wiring this machine's settings, clock and randomness."""
        wired = loaded.module.wired
        wired.settings = Settings({**self.aws.environment_of(loaded.name), **self._settings})
        wired.now = self.clock
        wired.random_bytes = SeededBytes(seed)
        return loaded

    def _backlog_of_workers(self) -> Backlog:
        workers = self.doors["workers"]
        pollers = pollers_of(workers, self.engine, self.aws.queues)
        return Backlog(pollers, self.stripe, webhook_post(workers, self.gateway), self.calls)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one HTTP request: a door, Stripe's double or the verifier's, or the local run itself."""
        path = raw_path(environ)
        if path.startswith(_STRIPE + "/") and self.stripe is not None:
            inner = environ["PATH_INFO"].removeprefix(_STRIPE)
            return self.stripe(environ | {"SCRIPT_NAME": _STRIPE, "PATH_INFO": inner}, start_response)
        if path.startswith(_VERIFIER + "/"):
            inner = environ["PATH_INFO"].removeprefix(_VERIFIER)
            return self.verifier(environ | {"SCRIPT_NAME": _VERIFIER, "PATH_INFO": inner}, start_response)
        if path in ("/", "/local") or path.startswith("/local/"):
            return send(self._routes.answer(environ), start_response)
        return self.gateway(environ, start_response)

    def now(self) -> datetime:
        """Business time."""
        return self.clock.now()

    def drain(self) -> int:
        """Handle what streams, queues and Stripe's webhooks have pending, and what comes of it, until it is quiet."""
        with self._turn:
            return self._backlog.drain()

    def tick(self) -> int:
        """Fire the timers whose instants have passed since the last time; how many."""
        with self._turn:
            return self._fire_until(self.clock.now())

    def advance_to(self, instant: datetime) -> int:
        """Handle what is pending, then move business time on; how many timers fired.

        Each timer fires at its own instant, and what comes of it is handled before the next.
        """
        with self._turn:
            if instant < self.clock.now():
                raise BackwardsError(f"{instant.isoformat()} is before {self.clock.now().isoformat()}")
            self.drain()
            fired = self._fire_until(instant)
            self.clock.advance_to(max(instant, self.clock.now()))
            return fired

    def follow_real_time(self) -> None:
        """Jump to the machine's time and go with it. Timers that would have fired in between do not."""
        with self._turn:
            self.clock.follow_real_time()
            self._ticked = self.clock.now()

    def keep_working(self) -> None:
        """From now on drain and tick by itself, four times a second, until closed."""
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while not self._ended.wait(_BACKGROUND_PAUSE):
            with self._turn:
                if not self._ended.is_set():
                    self.drain()
                    self.tick()

    def _fire_until(self, instant: datetime) -> int:
        """In order of time; what one does may set another."""
        due, fired = self._timers.due(self._ticked, instant), 0
        while (first := self._first(due, instant)) is not None:
            if first.when > self.clock.now():
                self.clock.advance_to(first.when)
            self._fire(first)
            self.drain()
            fired += 1
        self._ticked = max(self._ticked, instant)
        return fired

    def _first(self, due: list[Due], instant: datetime) -> Due | None:
        """The next one of those known before, or of those that were set since."""
        once = self._timers.once_due(instant)
        if once is not None and (not due or once.when <= due[0].when):
            return once
        return due.pop(0) if due else None

    def _fire(self, due: Due) -> None:
        """A timer's call is tried three times, as Lambda does with what EventBridge sends."""
        try:
            for _ in range(_TIMER_TRIES - 1):
                with suppress(Exception):
                    return self._timers.fire(due)
            return self._timers.fire(due)
        finally:
            self._timers.done(due)

    def close(self) -> None:
        """Stop everything and leave the process as it was."""
        self._ended.set()
        with self._turn:
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()


def forget_database() -> None:
    """No connection of one run is used in the next."""
    Database.forget()
    Database.prefix = None
