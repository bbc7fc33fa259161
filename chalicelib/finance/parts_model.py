"""An export of many accounts is written in parts: each is read by a worker of its own, and one puts them together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.finance.model import Export
from chalicelib.kernel.time import Month

ACCOUNTS_A_PART = 500
"""An export of no more than that has no parts: one worker reads it and writes it."""
PARTS_A_TURN = 20
"""So many parts are planned in one transaction."""
KEPT = timedelta(days=14)
"""As long as the queue sends what is not done again: then what parts came to is dropped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an export is split: `turn` counts transactions, `made` the parts, `after` is the last account in them.

    `parts` is how many there are, once all are planned; `done` counts those that are read.
    """

    month: Month
    version: int
    turn: int = 0
    made: int = 0
    after: str | None = None
    parts: int | None = None
    done: int = 0

    def more(self, accounts: Sequence[str], most: int) -> tuple["Plan", list["Part"]]:
        """With parts of these accounts, at most so many each; fewer than a turn's were the last."""
        firsts = range(0, len(accounts), most)
        made = [
            Part(self.month, self.version, self.made + number, tuple(accounts[first : first + most]))
            for number, first in enumerate(firsts)
        ]
        after = accounts[-1] if accounts else self.after
        onward = replace(self, turn=self.turn + 1, made=self.made + len(made), after=after)
        last = len(accounts) < most * PARTS_A_TURN
        return (replace(onward, parts=onward.made) if last else onward), made

    @property
    def is_read(self) -> bool:
        """Whether all parts are there to be put together."""
        return self.parts is not None and self.done >= self.parts


@dataclass(frozen=True, slots=True)
class Part:
    """The accounts that one worker reads."""

    month: Month
    version: int
    number: int
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is to do of an export: read the part of that number, or put all of them together."""

    month: Month
    version: int
    part: int | None = None


def plan_of(export: Export) -> Plan:
    """Nothing is planned yet."""
    return Plan(export.month, export.version)
