"""One switch stops all collection; what is due waits, and each is collected once after the release."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing.collecting import collect
from chalicelib.billing.collection_switch import Guarded, Switch, Waiting, collect_unless_stopped, go_on, turn
from chalicelib.billing.errors import AlreadyWaits, SwitchTurned
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState, Payer, ProviderInvoice
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from tests.unit.billing.books import ACCOUNT, MAY, BilledInMemory, Books
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 6, 1, tzinfo=UTC)
TEN = Money(1000, "EUR")
FIRST = Waiting(ACCOUNT, MAY, 1)


@dataclass
class SwitchesInMemory:
    """Satisfies `collection_switch.Switches`, all in one shard."""

    now: Switch = field(default_factory=Switch)
    kept: list[Switch] = field(default_factory=list)
    listed: dict[Waiting, datetime] = field(default_factory=dict)
    pages: list[tuple[int, int]] = field(default_factory=list)

    def switch(self) -> Switch:
        return self.now

    def turning(self, switch: Switch) -> list[InMemory]:
        def store() -> None:
            self.kept.append(switch)
            self.now = switch

        return [write(SwitchTurned(), store, holds=lambda: self.now.turn == switch.turn - 1)]

    def spreading(self, switch: Switch) -> list[InMemory]:
        return [self.next_page(0, switch.turn, 0, NOW)]

    def next_page(self, _shard: int, turned: int, page: int, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.pages.append((turned, page)))

    def waits(self, waiting: Waiting, now: datetime) -> list[InMemory]:
        return [
            write(AlreadyWaits(), lambda: self.listed.update({waiting: now}), holds=lambda: waiting not in self.listed)
        ]

    def waiting(self, _shard: int, *, limit: int) -> list[Waiting]:
        return list(self.listed)[:limit]

    def sending_on(self, sent: list[Waiting]) -> list[InMemory]:
        return [
            write(AlreadyWaits(), lambda each=each: self.listed.pop(each), holds=lambda each=each: each in self.listed)
            for each in sent
        ]

    def left(self) -> int:
        return len(self.listed)


class Takes:
    """Satisfies `taking_ports.Taking`, and writes down what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.then = lambda: None

    def draft(self, invoice: Invoice, _customer: str) -> str:
        self.asked.append(f"draft {invoice.number}")
        self.then()
        return f"in_{invoice.number}"

    def add_lines(self, _provider_invoice: str, invoice: Invoice) -> Money:
        return invoice.total

    def discard(self, *_: object) -> None:
        raise AssertionError

    def finalize(self, _provider_invoice: str, invoice: Invoice) -> None:
        self.asked.append(f"finalize {invoice.number}")

    def pay(self, _provider_invoice: str, invoice: Invoice, _method: str) -> None:
        self.asked.append(f"pay {invoice.number}")

    def read(self, provider_invoice: str) -> ProviderInvoice:
        number = int(provider_invoice.removeprefix("in_"))
        return ProviderInvoice(provider_invoice, ACCOUNT, MAY, number, "draft", TEN, TEN, False, None, None)


@dataclass
class Desk:
    """Invoices, the switch, and the provider."""

    billed: BilledInMemory = field(default_factory=BilledInMemory)
    switches: SwitchesInMemory = field(default_factory=SwitchesInMemory)
    takes: Takes = field(default_factory=Takes)
    commit: Commits = field(default_factory=Commits)

    def __post_init__(self) -> None:
        self.billed.stopped = lambda: self.switches.switch().stopped

    def due(self, number: int) -> None:
        self.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus_1", "pm_1", version=1)
        line = InvoiceLine("session", "ses_1", TEN)
        self.billed.made[MAY, number] = Invoice(ACCOUNT, MAY, number, (line,), TEN, NOW)

    def turn(self, *, stopped: bool, by: str = "fred", note: str = "why") -> Switch:
        return turn(stopped=stopped, by=by, note=note, switches=self.switches, now=NOW, commit=self.commit)

    def collect(self, number: int = 1) -> None:
        def do(collector: Guarded) -> None:
            kept = {"billed": self.billed, "now": NOW, "commit": self.commit}
            collect(ACCOUNT, MAY, number, 0, collector=collector, credit=Books().crediting(self.takes), **kept)  # type: ignore[arg-type]

        what = {"billed": self.billed, "collector": self.takes, "switches": self.switches}
        collect_unless_stopped(Waiting(ACCOUNT, MAY, number), do, now=NOW, commit=self.commit, **what)  # type: ignore[arg-type]

    def go_on(self) -> None:
        """Each page's message comes twice."""
        while self.switches.pages:
            turned, page = self.switches.pages.pop(0)
            for _ in range(2):
                go_on(0, turned, page, billed=self.billed, switches=self.switches, now=NOW, commit=self.commit)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_while_it_is_stopped_nothing_reaches_the_provider_and_the_invoice_waits_as_it_is(desk: Desk) -> None:
    desk.due(1)
    desk.turn(stopped=True)
    for _ in range(3):
        desk.collect()

    assert desk.takes.asked == []
    assert list(desk.switches.listed) == [FIRST]
    assert desk.billed.made[MAY, 1].state is InvoiceState.DUE


def test_stopped_in_the_midst_of_collecting_it_goes_no_further(desk: Desk) -> None:
    desk.due(1)
    desk.takes.then = lambda: desk.turn(stopped=True)  # type: ignore[assignment,return-value]
    desk.collect()

    assert desk.takes.asked == ["draft 1"]
    assert list(desk.switches.listed) == [FIRST]


def test_released_everything_due_is_sent_on_once_page_by_page(desk: Desk) -> None:
    numbers = range(1, 101)
    desk.turn(stopped=True)
    for number in numbers:
        desk.due(number)
        desk.collect(number)
    desk.billed.made[MAY, 7] = replace(desk.billed.made[MAY, 7], state=InvoiceState.PAID)

    released = desk.turn(stopped=False, note="all is well")
    desk.go_on()

    assert released.left == 100
    assert desk.switches.left() == 0
    assert sorted(desk.billed.told) == sorted(f"collect acc-1:2021-05:{each}" for each in numbers if each != 7)
    desk.collect()
    assert desk.takes.asked == ["draft 1", "finalize 1", "pay 1"]


def test_stopped_again_the_rest_goes_on_waiting(desk: Desk) -> None:
    desk.due(1)
    desk.turn(stopped=True)
    desk.collect()
    desk.turn(stopped=False)
    desk.turn(stopped=True)
    desk.go_on()

    assert (desk.billed.told, list(desk.switches.listed)) == ([], [FIRST])
    desk.turn(stopped=False)
    desk.go_on()
    assert (desk.billed.told, desk.switches.left()) == (["collect acc-1:2021-05:1"], 0)


def test_what_comes_to_wait_while_it_is_released_is_sent_on_by_itself(desk: Desk) -> None:
    """
    It is stopped when it is asked for; it is released, and all pages done, before the invoice is on the list.
    """
    desk.due(1)
    desk.turn(stopped=True)

    def listed_late(waiting: Waiting, now: datetime, waits=desk.switches.waits) -> list[InMemory]:  # noqa: ANN001 -- the real one
        desk.turn(stopped=False)
        desk.go_on()
        return list(waits(waiting, now))

    desk.switches.waits = listed_late  # type: ignore[method-assign,assignment]
    desk.collect()

    assert (desk.billed.told, desk.switches.left()) == (["collect acc-1:2021-05:1"], 0)


def test_who_turned_it_and_why_is_kept_and_turned_the_same_way_again_it_stays(desk: Desk) -> None:
    desk.turn(stopped=True, by="fred", note="odd bills")
    desk.turn(stopped=True, by="olga", note="me too")
    desk.turn(stopped=False, by="olga", note="found")

    assert [(each.stopped, each.by, each.note) for each in desk.switches.kept] == [
        (True, "fred", "odd bills"),
        (False, "olga", "found"),
    ]
