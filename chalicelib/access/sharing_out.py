"""What budgets leave for what runs, shared out: all of it may go on until together it has reached the budget.

What no further second of them all fits into is shared evenly. So whatever each comes to within its portion, all of it
together never passes a budget that was not passed when it was shared out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

CostAfter = Callable[[int], int]
"""What something comes to, in minor units, if it goes on for so many seconds more."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What a hard budget leaves for all that runs under it, what this has come to included; below zero: less than none.

    `covers` names what runs under it.
    """

    left: int
    covers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Portion:
    """What something may come to in all; None: anything. `seconds` is for how long all of it may go on at least.

    `passed`: it runs under a budget in which no further second of what runs has room.
    """

    most: int | None = None
    seconds: int | None = None
    passed: bool = False

    def and_under(self, other: "Portion") -> "Portion":
        """Under two budgets, the less of each."""
        return Portion(
            _least(self.most, other.most), _least(self.seconds, other.seconds), passed=self.passed or other.passed
        )


def shared_out(pools: Sequence[Pool], costs: Mapping[str, CostAfter], horizon: int) -> dict[str, Portion]:
    """The portion of each; nobody looks further ahead than `horizon` seconds."""
    found = dict.fromkeys(costs, Portion())
    for pool in pools:
        for name, portion in _portions(pool, costs, horizon).items():
            found[name] = found[name].and_under(portion)
    return found


def _portions(pool: Pool, costs: Mapping[str, CostAfter], horizon: int) -> dict[str, Portion]:
    names = sorted(pool.covers & costs.keys())

    def together(seconds: int) -> int:
        return sum(costs[name](seconds) for name in names)

    if not names or together(1) > pool.left:
        return dict.fromkeys(names, Portion(passed=True))
    seconds = last_second(lambda after: together(after) > pool.left, horizon)
    each, more = divmod(pool.left - together(seconds), len(names))
    reached = seconds if seconds < horizon else None
    return {name: Portion(costs[name](seconds) + each + (at < more), reached) for at, name in enumerate(names)}


def last_second(above: Callable[[int], bool], horizon: int) -> int:
    """The last one that is not above, where the first is not and all after one that is are; at most the horizon."""
    if not above(horizon):
        return horizon
    low, high = 0, horizon
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return low


def _least(one: int | None, other: int | None) -> int | None:
    found = [each for each in (one, other) if each is not None]
    return min(found, default=None)
