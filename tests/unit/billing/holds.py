"""Holds in memory, and a bank that keeps them and may break off at any call, before it has acted or after."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.billing.errors import CollectorUnavailable, HoldChanged
from chalicelib.billing.hold_model import Hold, HoldState, ProviderHold
from chalicelib.billing.hold_watching import Watching, look
from chalicelib.billing.holding import Holding
from chalicelib.billing.model import Payer
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from tests.unit.billing.books import ACCOUNT, BilledInMemory
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 5, 10, 9, tzinfo=UTC)
SESSION, TWENTY = "ses_1", Money(2000, "EUR")
KEPT = timedelta(days=4, hours=18)


class HoldsInMemory:
    """Satisfies `hold_ports.Holds`; `looks` are messages and timers that are to come, by instant."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], Hold] = {}
        self.links: list[tuple[str, str, int]] = []
        self.looks: list[tuple[datetime, str, int]] = []
        self.told: list[str] = []

    def of_session(self, _account_id: str, session_id: str) -> list[Hold]:
        return [each for (session, _), each in sorted(self.kept.items()) if session == session_id]

    def of_account(self, _account_id: str) -> list[Hold]:
        return list(self.kept.values())

    def of_invoice(self, _account_id: str, invoice_id: str) -> list[Hold]:
        return [self.kept[session, turn] for invoice, session, turn in self.links if invoice == invoice_id]

    def adding(self, hold: Hold) -> InMemory:
        key = hold.session_id, hold.turn
        return write(HoldChanged(), lambda: self.kept.update({key: hold}), holds=lambda: key not in self.kept)

    def changing(self, hold: Hold) -> InMemory:
        key = hold.session_id, hold.turn
        return write(
            HoldChanged(),
            lambda: self.kept.update({key: hold}),
            holds=lambda: self.kept[key].version == hold.version - 1,
        )

    def paying(self, hold: Hold) -> InMemory:
        return write(Conflict(), lambda: self.links.append((hold.invoice_id or "", hold.session_id, hold.turn)))

    def looking(self, hold: Hold, _why: str, now: datetime) -> InMemory:
        return self.looking_at(hold, now, now)

    def look_again(self, _account_id: str, session_id: str, turn: int, _why: str, now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.looks.append((now, session_id, turn)))

    def looking_at(self, hold: Hold, at: datetime, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.looks.append((at, hold.session_id, hold.turn)))

    def telling(self, _hold: Hold, code: str, _now: datetime, **facts: str) -> InMemory:
        return write(Conflict(), lambda: self.told.append(" ".join([code, *facts.values()])))


@dataclass
class Bank:
    """Satisfies `hold_ports.HoldProvider`. The call of number `breaks` fails; `after` it has acted, or before."""

    intents: dict[str, ProviderHold] = field(default_factory=dict)
    attached: list[tuple[str, str]] = field(default_factory=list)
    declines: dict[str, str] = field(default_factory=dict)
    advice: str | None = None
    breaks: int | None = None
    after: bool = False
    calls: int = 0
    now: datetime = NOW

    def _begin(self) -> None:
        self.calls += 1
        if self.calls == self.breaks and not self.after:
            raise CollectorUnavailable

    def _end(self) -> None:
        if self.calls == self.breaks and self.after:
            raise CollectorUnavailable

    def ask(self, hold: Hold) -> ProviderHold:
        self._begin()
        name = f"pi_{hold.name}"
        if name not in self.intents:
            code = self.declines.get(hold.payment_method)
            status = "requires_payment_method" if code else "requires_capture"
            until = None if code else self.now + KEPT
            what = (hold.account_id, hold.session_id, hold.turn, name, status, until, 0, code, "secret")
            made = ProviderHold(*what, charge=name.replace("pi_", "ch_"))
            self.intents[name] = replace(made, advice=self.advice if code else None)
        self._end()
        return self.intents[name]

    def read(self, intent: str) -> ProviderHold:
        self._begin()
        return self.intents[intent]

    def of_charge(self, charge: str) -> str:
        return charge.replace("ch_", "pi_")

    def find(self, hold: Hold) -> ProviderHold | None:
        self._begin()
        return self.intents.get(f"pi_{hold.name}")

    def capture(self, hold: Hold, amount: int) -> ProviderHold:
        self._begin()
        name = f"pi_{hold.name}"
        if self.intents[name].stands:
            assert amount <= hold.amount.minor
            self.intents[name] = replace(self.intents[name], status="succeeded", captured=amount)
        self._end()
        return self.intents[name]

    def attach(self, hold: Hold, provider_invoice: str) -> None:
        self._begin()
        if (f"pi_{hold.name}", provider_invoice) not in self.attached:
            self.attached.append((f"pi_{hold.name}", provider_invoice))
        self._end()

    def cancel(self, intent: str) -> ProviderHold:
        self._begin()
        if self.intents[intent].status != "succeeded":
            self.intents[intent] = replace(self.intents[intent], status="canceled")
        self._end()
        return self.intents[intent]

    @property
    def live(self) -> list[str]:
        return [name for name, each in self.intents.items() if each.stands]


@dataclass
class Desk:
    """An account with a card, its holds and its bank; `opened` are the sessions that go on."""

    billed: BilledInMemory = field(default_factory=BilledInMemory)
    holds: HoldsInMemory = field(default_factory=HoldsInMemory)
    bank: Bank = field(default_factory=Bank)
    commit: Commits = field(default_factory=Commits)
    opened: set[str] = field(default_factory=set)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.charge("pm_1")

    def charge(self, method: str) -> None:
        version = self.billed.payers[ACCOUNT].version + 1 if ACCOUNT in self.billed.payers else 1
        failed = self.billed.payers[ACCOUNT].failed if version > 1 else frozenset()
        self.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus_1", method, failed, version)

    @property
    def holding(self) -> Holding:
        self.bank.now = self.now
        return Holding(self.billed, self.holds, self.bank, self.now, self.commit)

    @property
    def watching(self) -> Watching:
        return Watching(self.holding, lambda session_id: session_id in self.opened)

    def start(self, binding: Sequence[InMemory]) -> None:
        """The start's transaction."""
        free = write(Conflict(), lambda: self.opened.add(SESSION), holds=lambda: SESSION not in self.opened)
        self.commit([free, *binding], None)

    def pass_time(self, much: timedelta) -> None:
        """What is due by then happens in order of time; each message comes twice, and again after a failure."""
        end = self.now + much
        while due := sorted(each for each in self.holds.looks if each[0] <= end):
            at, session_id, turn = due[0]
            self.now = max(self.now, at)
            for _ in range(2):
                try:
                    look(ACCOUNT, session_id, turn, watching=self.watching)
                except CollectorUnavailable:
                    look(ACCOUNT, session_id, turn, watching=self.watching)
            self.holds.looks.remove(due[0])
        self.now = end

    def states(self) -> list[HoldState]:
        return [each.state for _, each in sorted(self.holds.kept.items())]
