"""An erasure goes on from wherever it was broken off, and does each piece until it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.customers.erasing import Asking, Erasing, ask_erasure, close_account, erasure_of, go_on
from chalicelib.customers.erasure import WAITS, Erasure, Step, Waits
from chalicelib.customers.errors import AlreadyErased, ErasureChanged, StillSomethingOpen, UnknownErasure
from chalicelib.customers.model import Customer
from chalicelib.kernel.errors import Refusal
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 6, 1, 9, tzinfo=UTC)
AINO = Customer("cus-1", "acc-1", "sub-1", "fi", NOW)
SESSIONS = 7


class KilledError(Exception):
    """The worker died here."""


@dataclass
class Killed:
    """Dies once, at the so-manieth place where it could."""

    at: int
    seen: int = 0

    def here(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise KilledError


@dataclass
class Erasures:
    """Satisfies `own_ports.Erasures`; the messages wait in line."""

    rows: dict[str, Erasure] = field(default_factory=dict)
    closed: bool = False
    linked: bool = True
    messages: list[tuple[str, int]] = field(default_factory=list)
    timers: list[tuple[datetime, str, int]] = field(default_factory=list)

    def find(self, erasure_id: str) -> Erasure | None:
        return self.rows.get(erasure_id)

    def of_account(self, account_id: str) -> Erasure | None:
        return next((each for each in self.rows.values() if each.account_id == account_id), None)

    def asking(self, erasure: Erasure) -> Sequence[InMemory]:
        def store() -> None:
            self.rows[erasure.erasure_id], self.closed = erasure, True

        new = write(AlreadyErased(), store, holds=lambda: self.of_account(erasure.account_id) is None)
        return [new, self.going_on(erasure, erasure.asked_at)]

    def saving(self, erasure: Erasure) -> InMemory:
        def unchanged() -> bool:
            return self.rows[erasure.erasure_id].revision == erasure.revision - 1

        return write(ErasureChanged(), lambda: self.rows.update({erasure.erasure_id: erasure}), holds=unchanged)

    def going_on(self, erasure: Erasure, _now: datetime) -> InMemory:
        return write(Refusal(), lambda: self.messages.append((erasure.erasure_id, erasure.revision)))

    def looking_again(self, erasure: Erasure, at: datetime, _now: datetime) -> InMemory:
        return write(Refusal(), lambda: self.timers.append((at, erasure.erasure_id, erasure.revision)))

    def forgetting(self, _erasure: Erasure) -> Sequence[InMemory]:
        return [write(Refusal(), lambda: setattr(self, "linked", False))]


@dataclass
class Work:
    """Satisfies `own_ports.Work`: things that are there until they are gone, a few at a time."""

    killed: Killed
    owes: list[Waits] = field(default_factory=list)
    sessions: set[int] = field(default_factory=lambda: set(range(SESSIONS)))
    personal: set[int] = field(default_factory=lambda: set(range(SESSIONS)))
    people: set[int] = field(default_factory=lambda: set(range(SESSIONS)))
    did: list[Step] = field(default_factory=list)
    agreement: bool = True

    def dismiss(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        return self._some(erasure, self.people, "people")

    def write_file(self, erasure: Erasure) -> str | None:
        assert len(self.sessions) == len(self.personal) == SESSIONS, "the file comes before anything is gone"
        _, more = self._some(erasure, set(), "pages")
        return more

    def debts(self, erasure: Erasure) -> Sequence[Waits]:
        self._did(erasure)
        return self.owes

    def leave_provider(self, erasure: Erasure) -> None:
        assert not self.owes
        self._did(erasure)

    def forget_usage(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        return self._some(erasure, self.sessions, "sessions")

    def forget_personal(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        return self._some(erasure, self.personal, "notices")

    def forget_key(self, _erasure: Erasure) -> Sequence[InMemory]:
        return [write(Refusal(), lambda: setattr(self, "agreement", False))]

    def _some(self, erasure: Erasure, left: set[int], name: str) -> tuple[Mapping[str, int], str | None]:
        begin = int(erasure.after or 0)
        mine = [each for each in range(begin, begin + 3) if each < SESSIONS]
        for each in mine:
            self.killed.here()
            left.discard(each)
        self._did(erasure)
        return {name: len(mine)}, str(begin + 3) if begin + 3 < SESSIONS else None

    def _did(self, erasure: Erasure) -> None:
        self.did.append(erasure.step)
        self.killed.here()


class Open:
    """Satisfies `own_ports.Open`."""

    def __init__(self, **there: Sequence[str]) -> None:
        self.there = there

    def found(self, _account_id: str, _subject: str) -> Mapping[str, Sequence[str]]:
        return self.there

    def nothing(self, _account_id: str, otherwise: Refusal) -> Sequence[InMemory]:
        return [write(otherwise, holds=lambda: not self.there)]


@dataclass
class Life:
    """An account that leaves: its erasure, its worker, and when that dies."""

    killed: Killed = field(default_factory=lambda: Killed(0))
    erasures: Erasures = field(default_factory=Erasures)

    def __post_init__(self) -> None:
        self.work = Work(self.killed)
        self.commits = Commits()

    def ask(self, **there: Sequence[str]) -> Erasure:
        return ask_erasure(AINO, self._asking(**there))

    def close(self) -> Erasure:
        return close_account("acc-9", self._asking())

    def _asking(self, **there: Sequence[str]) -> Asking:
        return Asking(self.erasures, Open(**there), bytes, NOW, self.commits)  # type: ignore[arg-type]

    def commit(self, writes: Sequence[InMemory], outcome: Erasure) -> Erasure:
        """The worker can die before it is written, and after, before it could say so."""
        self.killed.here()
        done = self.commits(writes, outcome)
        self.killed.here()
        return done

    def run(self) -> Erasure:
        """Deliver each message until it is done without an error; whoever dies has the same one again."""
        while self.erasures.messages:
            message = self.erasures.messages[0]
            try:
                go_on(*message, Erasing(self.erasures, self.work, NOW, self.commit))  # type: ignore[arg-type]
            except KilledError:
                continue
            self.erasures.messages.remove(message)
        (found,) = self.erasures.rows.values()
        return found


def test_wherever_the_worker_dies_the_erasure_comes_to_the_same_end() -> None:
    whole = Life()
    whole.ask()
    end, places = whole.run(), whole.killed.seen
    assert (end.step, end.subject, end.customer_id) == (Step.DONE, "", "")
    assert end.erased == {"sessions": SESSIONS, "notices": SESSIONS}

    for at in range(1, places + 1):
        life = Life(Killed(at))
        life.ask()
        assert life.run() == end, at
        assert (life.work.sessions, life.work.personal, life.erasures.linked) == (set(), set(), False)
        assert life.work.agreement is False
    assert places > 35


def test_an_account_of_several_people_closes_from_wherever_the_worker_died_and_its_people_leave_first() -> None:
    whole = Life()
    asked = whole.close()
    assert (asked.step, asked.is_persons, asked.has_file, whole.close()) == (Step.MEMBERS, False, False, asked)
    end, places = whole.run(), whole.killed.seen
    assert list(dict.fromkeys(whole.work.did)) == [*Step][: [*Step].index(Step.KEY)]
    assert (end.step, end.has_file, whole.work.people) == (Step.DONE, True, set())
    assert end.erased == {"people": SESSIONS, "sessions": SESSIONS, "notices": SESSIONS}

    for at in range(1, places + 1):
        life = Life(Killed(at))
        life.close()
        assert life.run() == end, at
        assert (life.work.people, life.work.sessions, life.work.personal) == (set(), set(), set())


def test_each_step_follows_the_one_before_and_the_key_goes_last() -> None:
    life = Life()
    life.ask()
    life.run()

    steps = list(dict.fromkeys(life.work.did))
    assert steps == [Step.FILE, Step.DEBTS, Step.PROVIDER, Step.USAGE, Step.PERSONAL]


def test_what_is_owed_comes_first_and_it_is_looked_again_less_and_less_often() -> None:
    life, owed = Life(), [Waits("invoice_unpaid", "acc-1:2021-05:1")]
    asked = life.ask()
    life.work.owes = owed
    for wait in [*WAITS, WAITS[-1]]:
        assert life.run().waits == tuple(owed)
        at, erasure_id, revision = life.erasures.timers.pop()
        assert at == NOW + wait
        life.erasures.messages.append((erasure_id, revision))
    assert (life.work.sessions, life.erasures.linked) == (set(range(SESSIONS)), True)

    life.work.owes = []
    assert life.run().is_done
    assert life.ask() == erasure_of(asked.erasure_id, erasures=life.erasures)  # type: ignore[arg-type]
    assert life.erasures.messages == []


def test_asked_for_again_while_it_waits_it_is_the_same_one_and_looked_at_now() -> None:
    life = Life()
    asked = life.ask()
    life.work.owes = [Waits("invoice_unpaid", "x")]
    life.run()
    life.work.owes = []

    assert life.ask().erasure_id == asked.erasure_id
    assert life.run().is_done


def test_what_is_open_is_named_and_nothing_is_closed() -> None:
    life = Life()
    with pytest.raises(StillSomethingOpen) as refusal:
        life.ask(sessions=["ses-1"], bookings=["boo-1"])

    assert refusal.value.facts == {"sessions": ["ses-1"], "bookings": ["boo-1"]}
    assert not life.erasures.closed
    with pytest.raises(UnknownErasure):
        erasure_of("era_x", erasures=life.erasures)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 3), max_size=40))
def test_messages_that_come_twice_late_or_in_any_order_change_nothing(order: list[int]) -> None:
    """
    The messages of a whole erasure are delivered again in between, in any order.
    """
    plain, life = Life(), Life()
    plain.ask()
    end = plain.run()
    asked = life.ask()
    by = Erasing(life.erasures, life.work, NOW + timedelta(0), life.commits)  # type: ignore[arg-type]
    for each in order:
        revision = max(1, life.erasures.rows[asked.erasure_id].revision - each)
        go_on(asked.erasure_id, revision, by)

    assert life.run() == end
