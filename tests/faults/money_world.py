"""The workers with all their stores and the real SDK, the double behind it: one process, one account's months."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

import stripe

from chalicelib.billing.cards import prepare_card
from chalicelib.billing.comparing import ask_by_timer
from chalicelib.billing.inbox import receive
from chalicelib.billing.inbox_items import event_in
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.edge.reacting import TOPICS, fire_timer
from chalicelib.edge.reacting_stripe import provider_event
from chalicelib.edge.webhooks import read, verify
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Outcome, Write
from chalicelib.storage.record import Database
from chalicelib.storage.timers import Timer
from chalicelib.storage.writes import Transaction
from infra.local.stripe_double import StripeDouble
from infra.local.stripe_double.trying import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET
from tests.faults.quick_tables import Item, QuickTables
from tests.faults.stripe_line import Line, browser
from tests.faults.trouble import KilledError, Trouble

STAGE = "test"
ENVIRONMENT = {"ADGANG_STAGE": STAGE, "ADGANG_ZONE": "UTC", "ADGANG_MODE": "test", "STRIPE_API_KEY": SECRET_KEY}
BEGAN = datetime(2021, 5, 2, 8, tzinfo=UTC)
LATE = timedelta(days=5)
_TRIES = 6
_BETWEEN = timedelta(minutes=1)
_COMPARES_AT = timedelta(hours=13, minutes=15)


class MoneyWorld(BackOffice):
    """One run. What breaks off is begun again in a minute, as Lambda does; what never works is in `stuck`."""

    def __init__(self, trouble: Trouble | None = None) -> None:
        super().__init__(ENVIRONMENT, now=lambda: self.clock, random_bytes=Random(7).randbytes)
        self.clock, self.trouble = BEGAN, trouble or Trouble()
        keys = {"secret_key": SECRET_KEY, "publishable_key": PUBLISHABLE_KEY, "webhook_secret": WEBHOOK_SECRET}
        self.double = StripeDouble(now=self.now, **keys)
        self.line = Line(self.double, self.trouble)
        self.tables_quick = QuickTables(self._written)
        self.stream: list[Item] = []
        self.timers: dict[str, Timer] = {}
        self.late: list[tuple[datetime, bytes]] = []
        self.stuck: list[str] = []
        self.drops_webhooks = False

    @contextmanager
    def running(self) -> Iterator["MoneyWorld"]:
        """While inside, this world's tables are DynamoDB's."""
        Database.use(f"adgang-{STAGE}-")
        with self.tables_quick.answering():
            yield self

    @contextmanager
    def unbroken(self) -> Iterator[None]:
        """What others do, who have no trouble."""
        paused, self.trouble.paused = self.trouble.paused, True
        try:
            yield
        finally:
            self.trouble.paused = paused

    def _written(self, area: str, item: Item) -> None:
        if area in ("outbox", "inbox"):
            self.stream.append(item)

    @cached_property
    def commit(self) -> Commit:
        real = Transaction(pause=lambda _attempt: None)

        def commit(writes: Sequence[Write], outcome: Outcome) -> Outcome:
            return self.trouble.writing(_about(writes), lambda: real(writes, outcome)) if writes else outcome

        return commit

    @cached_property
    def _stripe_calls(self) -> StripeCalls:
        calls = StripeCalls(SECRET_KEY)
        client = stripe.StripeClient(SECRET_KEY, http_client=self.line, max_network_retries=2)
        calls.__dict__["_client"] = client
        return calls

    @property
    def scheduler(self) -> "MoneyWorld":  # type: ignore[override]
        return self

    def set(self, timer: Timer) -> None:
        """Satisfies what setting a timer needs of `storage.timers.Scheduler`."""
        self.trouble.writing("scheduler", lambda: self.timers.update({timer.name: timer}))

    def save_card(self, account_id: str, card: str, key: str) -> None:
        """The customer enters a test card; once more, where the app does not show it afterwards."""
        before = self.billed.payer(account_id)
        for turn in range(2):
            self._enter_card(account_id, card, f"{key}-{turn}")
            payer = self.billed.payer(account_id)
            if payer is not None and payer.payment_method not in {None, before and before.payment_method}:
                return

    def _enter_card(self, account_id: str, card: str, key: str) -> None:
        """The app asks, Stripe takes the card in and tells."""
        kept: dict[str, Any] = {"billed": self.billed, "collector": self.collector, "commit": self.commit}
        setups: list[str] = []
        self.work("save card", lambda: setups.append(prepare_card(account_id, key, **kept).client_secret))
        secret = setups[-1]
        path = f"/v1/setup_intents/{secret.partition('_secret_')[0]}/confirm"
        told = browser(self.double, path, PUBLISHABLE_KEY, client_secret=secret, payment_method=card)
        if told.get("status") == "requires_action":
            self.double.authenticate(told["id"])
        self.drain()

    def settle_month(self, account_id: str, month: Month) -> None:
        """As a close has it."""
        with self.unbroken():
            self.commit([self.billed.settle_again(account_id, month, self.clock)], None)
        self.drain()

    @cached_property
    def aside(self) -> stripe.StripeClient:
        """What tests ask of Stripe, apart from what the workers do."""
        return stripe.StripeClient(SECRET_KEY, http_client=Line(self.double, Trouble(paused=True)))

    def charges_there(self) -> list[str]:
        """The payments that Stripe has taken."""
        found = self.aside.v1.charges.list({"limit": 100}).data
        return [each.id for each in found if each.captured and each.status == "succeeded"]

    def waiting_intents(self) -> list[str]:
        """The payments about which banks ask their customers."""
        found = self.aside.v1.payment_intents.list({"limit": 100}).data
        return [each.id for each in found if each.status == "requires_action"]

    def days(self, number: int) -> None:
        """So many days with what is due in them, and a comparison each."""
        for _ in range(number):
            day = self.clock.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            self.clock = day + _COMPARES_AT
            self.drain()
            at = self.clock
            self.work("compare", lambda at=at: self._compare(at))  # type: ignore[misc]
            self.drain()

    def _compare(self, at: datetime) -> None:
        ask_by_timer(at, comparisons=self.comparisons, ledger=self.ledger, now=self.clock, commit=self.commit)

    def drain(self) -> None:
        """Webhooks, messages and timers until there is none; each at least once."""
        while self._messages() or self._timers() or self._webhooks():
            pass

    def work(self, what: str, do: Callable[[], object]) -> None:
        """As often as it takes, a minute between."""
        for _ in range(_TRIES):
            try:
                do()
            except (Exception, KilledError) as error:  # noqa: BLE001 -- whatever it was, it comes again
                last = error
                self.clock += _BETWEEN
            else:
                return
        self.stuck.append(f"{what}: {last!r}")

    def _messages(self) -> bool:
        waiting, self.stream = self.stream, []
        for item in waiting:
            name = item["topic"]["S"] if "topic" in item else "event"
            times = 2 if self.trouble.meets("message", name) == "repeated" else 1
            for _ in range(times):
                self.work(name, lambda item=item: self._handle(item))  # type: ignore[misc]
        return bool(waiting)

    def _handle(self, item: Item) -> None:
        if "topic" in item:
            TOPICS[item["topic"]["S"]](json.loads(item["body"]["S"]), self)
        else:
            provider_event(event_in({name: value["S"] for name, value in item.items() if "S" in value}), self)

    def _timers(self) -> bool:
        due = [each for each in self.timers.values() if each.at <= self.clock]
        for timer in due:
            del self.timers[timer.name]
            self.work("timer", lambda timer=timer: fire_timer(timer.document(), self))  # type: ignore[misc]
        return bool(due)

    def _webhooks(self) -> bool:
        due = [body for at, body in self.late if at <= self.clock]
        self.late = [each for each in self.late if each[0] > self.clock]
        for body in due:
            self.work("late webhook", lambda body=body: self._receive(body))  # type: ignore[misc]
        return bool(self.double.deliver(self._post)) or bool(due)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        verify(body, headers["Stripe-Signature"], secret=WEBHOOK_SECRET, wall_now=time.time())
        how = self.trouble.meets("webhook", str(json.loads(body)["type"]))
        if how == "late":
            self.late.append((self.clock + LATE, body))
        if how in {"dropped", "late"} or self.drops_webhooks:
            return 200
        for _ in range(2 if how == "repeated" else 1):
            self.work("webhook", lambda: self._receive(body))
        return 200

    def _receive(self, body: bytes) -> None:
        receive(read(body, live=False, now=self.clock), billed=self.billed, commit=self.commit)


def _about(writes: Sequence[Write]) -> str:
    """Which kinds of items are written."""
    return "+".join(sorted({type(getattr(each, "record", each)).__name__ for each in writes}))
