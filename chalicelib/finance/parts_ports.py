"""What writing an export in parts needs from outside."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.finance.model import Export
from chalicelib.finance.parts_model import Part, Plan, Task
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write


class Parts(Protocol):
    """Where it is kept how an export is split, and what its parts came to until they are put together."""

    def plan(self, month: Month, version: int) -> Plan | None:
        """How far it is; None of an export that has no parts."""

    def planning(self, plan: Plan, before: Plan | None, now: datetime) -> Write:
        """Store it, if what is stored is the one before."""

    def planning_on(self, plan: Plan, turn: int, now: datetime) -> Write:
        """Have the planning gone on with, from that turn on."""

    def making(self, part: Part, now: datetime) -> Write:
        """Store which accounts a part has, unless it is there."""

    def part(self, month: Month, version: int, number: int) -> Part | None:
        """Which accounts it has; None where there is none."""

    def is_done(self, part: Part) -> bool:
        """Whether it is read."""

    def unread(self, plan: Plan, first: int, last: int) -> Sequence[int]:
        """The numbers of the parts from one to another that are not read yet."""

    def keeping(self, part: Part, piece: int, content: bytes, now: datetime) -> Write:
        """Store a piece of what a part came to; a repeat stores the same."""

    def reading(self, part: Part, pieces: int, now: datetime) -> Sequence[Write]:
        """Store that it is read, and in how many pieces it is, unless that is known; it counts once."""

    def kept(self, export: Export, number: int) -> Iterable[bytes]:
        """The pieces of a part that is read, in their order; `PartsExpired` where one is kept no longer."""


class Tasks(Protocol):
    """The queue over which an export is spread."""

    def do(self, task: Task) -> None:
        """Have it done."""
