"""Exports in parts, in memory: plans, what parts kept, and the tasks that wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from unittest.mock import patch

from chalicelib.finance import parting, parts_model
from chalicelib.finance.errors import PageDone, PageExists, PartsExpired, PlanChanged
from chalicelib.finance.model import Export
from chalicelib.finance.monitors import Monitors, Stated
from chalicelib.finance.parting import Parting, begin_export, do_task
from chalicelib.finance.parts_model import Part, Plan, Task
from chalicelib.finance.tallies import TalliesOnDisk
from chalicelib.kernel.time import Month
from tests.unit.finance.closes import Active
from tests.unit.finance.monitored import DEAR, MAY, ZONE, Account, Nothing, Shared, Street, month_of
from tests.unit.finance.months import AS_OF, Desk, Looked, Told
from tests.unit.memory import InMemory, write


class PartsInMemory:
    """Satisfies `finance.parts_ports.Parts`, for one export."""

    def __init__(self) -> None:
        self.known: Plan | None = None
        self.made: dict[int, Part] = {}
        self.done: dict[int, int] = {}
        self.pieces: dict[tuple[int, int], bytes] = {}
        self.onward: list[int] = []

    def plan(self, _month: Month, _version: int) -> Plan | None:
        return self.known

    def planning(self, plan: Plan, before: Plan | None, _now: datetime) -> InMemory:
        def save() -> None:
            self.known = replace(plan, done=self.known.done if self.known else 0)

        def same() -> bool:
            return (self.known.turn if self.known else None) == (before.turn if before else None)

        return write(PlanChanged(), save, holds=same)

    def planning_on(self, _plan: Plan, turn: int, _now: datetime) -> InMemory:
        return write(PlanChanged(), lambda: self.onward.append(turn))

    def making(self, part: Part, _now: datetime) -> InMemory:
        new = lambda: part.number not in self.made  # noqa: E731 -- as short as it is
        return write(PageExists(), lambda: self.made.update({part.number: part}), holds=new)

    def part(self, _month: Month, _version: int, number: int) -> Part | None:
        return self.made.get(number)

    def is_done(self, part: Part) -> bool:
        return part.number in self.done

    def unread(self, plan: Plan, first: int, last: int) -> list[int]:
        return [each for each in range(first, min(last + 1, plan.made)) if each not in self.done]

    def keeping(self, part: Part, piece: int, content: bytes, _now: datetime) -> InMemory:
        return write(PageDone(), lambda: self.pieces.update({(part.number, piece): content}))

    def reading(self, part: Part, pieces: int, _now: datetime) -> list[InMemory]:
        def count() -> None:
            assert self.known is not None
            self.known = replace(self.known, done=self.known.done + 1)
            self.done[part.number] = pieces

        return [write(PageDone(), count, holds=lambda: part.number not in self.done)]

    def kept(self, _export: Export, number: int) -> list[bytes]:
        names = [(number, piece) for piece in range(self.done.get(number, 0))]
        if not names or not self.pieces.keys() >= set(names):
            raise PartsExpired
        return [self.pieces[each] for each in names]


@dataclass
class Tasks:
    """Satisfies `finance.parts_ports.Tasks`."""

    waiting: list[Task] = field(default_factory=list)

    def do(self, task: Task) -> None:
        self.waiting.append(task)


class Month_of_many:  # noqa: N801 -- reads as what it is
    """Accounts and their journal, and an export of them with its monitors."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        shared = Shared()
        found = [month_of(each, MAY, shared) for each in sorted(accounts, key=lambda each: each.name)]
        entries = [entry for _, posted in found for entry in posted]
        months = [each for each, _ in found]
        self.told = Told(months, sorted(entries, key=lambda each: each.reference))
        self.desk = Desk(self.told, month=MAY)
        self.parts, self.tasks, self.active = PartsInMemory(), Tasks(), Active([each.account_id for each in months])
        self.stated = Stated(MAY, "EUR", ZONE, shared.rates, cloud=DEAR)

    def by(self) -> Parting:
        how = replace(self.desk.exporting(AS_OF), books=lambda _export: [self.monitors()])
        return Parting(how, self.parts, self.active, self.tasks)

    def monitors(self) -> Monitors:
        return Monitors(
            self.stated, offered=Street(), tallies=TalliesOnDisk(most_held=7), lookups=Looked(), earlier=Nothing()
        )

    def begin(self, turn: int = 0, *, a_part: int = 2) -> Export | None:
        with patch.object(parts_model, "ACCOUNTS_A_PART", a_part):
            return begin_export(MAY, 1, turn, self.by())

    def next(self, at: int = 0) -> None:
        do_task(self.tasks.waiting.pop(at % len(self.tasks.waiting)), self.by())

    def written(self, a_part: int, choose: Callable[[int], int] = lambda _count: 0) -> dict[str, bytes]:
        """All files, once the tasks are done, in whichever order."""
        with patch.object(parting, "PARTS_A_TURN", 3), patch.object(parts_model, "PARTS_A_TURN", 3):
            self.begin(a_part=a_part)
            while self.tasks.waiting:
                self.next(choose(len(self.tasks.waiting)))
                while self.parts.onward:
                    self.begin(self.parts.onward.pop(), a_part=a_part)
        return self.desk.files.kept
