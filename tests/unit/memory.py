"""Stores in memory for unit tests: writes that state their condition, and a commit that does all of them or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.kernel.errors import Refusal

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class InMemory:
    """A write on a dictionary."""

    otherwise: Refusal
    do: Callable[[], object]
    holds: Callable[[], bool] = lambda: True


def write(
    otherwise: Refusal, do: Callable[[], object] = lambda: None, *, holds: Callable[[], bool] = lambda: True
) -> InMemory:
    return InMemory(otherwise, do, holds)


class Commits:
    """Satisfies `kernel.writes.Commit`, and remembers how much was written."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, writes: Sequence[InMemory], outcome: Outcome) -> Outcome:
        for each in writes:
            if not each.holds():
                raise each.otherwise
        for each in writes:
            each.do()
        self.sizes.append(len(writes))
        return outcome
