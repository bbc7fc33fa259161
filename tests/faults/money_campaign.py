"""Breaks a story at every point in every way: a process of its own for each, forked where it happens."""

import gc
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.money_books import left_by, wrong_in
from tests.faults.money_stories import Told
from tests.faults.money_world import MoneyWorld
from tests.faults.trouble import Point, Trouble, hows

_SECONDS = 60
"""Of CPU, however busy the machine is."""
Story = Callable[[Told], None]


@dataclass
class Tried:
    """A point, what happened there, and how it ended; nothing if it did not end."""

    point: Point
    number: int
    how: str
    left: list[str] | None
    wrong: list[str]

    def differences(self, expected: list[str]) -> list[str]:
        """What is wrong by itself, and what an undisturbed run leaves otherwise."""
        if self.left is None:
            return ["it did not end"]
        more = [f"+ {row}" for row in self.left if row not in expected]
        return [*self.wrong, *more, *(f"- {row}" for row in expected if row not in self.left)]


@dataclass
class Forking(Trouble):
    """At each point the story goes on in children too, in each of them with another fault."""

    thorough: bool = True
    tried: list[Tried] = field(default_factory=list)
    pipe: int | None = None

    def meets(self, kind: str, name: str) -> str:
        """As told: in a child, what it is for; in the parent, nothing."""
        if self.paused or self.pipe is not None:
            return super().meets(kind, name)
        point, number = Point(kind, name), len(self.points)
        self.points.append(point)
        for how in hows(point, thorough=self.thorough):
            if self._is_child(point, number, how):
                return how
        return ""

    def _is_child(self, point: Point, number: int, how: str) -> bool:
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            signal.setitimer(signal.ITIMER_PROF, _SECONDS)
            self.pipe, self.at, self.how = write, number, how
            return True
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        left, wrong = pickle.loads(said) if said else (None, [])  # noqa: S301 -- our own child's
        self.tried.append(Tried(point, number, how, left, wrong))
        return False

    def ends(self, left: list[str], wrong: list[str]) -> None:
        """A child says how it ended, and is gone."""
        if self.pipe is not None:
            with os.fdopen(self.pipe, "wb") as pipe:
                pickle.dump((left, wrong), pipe)
            os._exit(0)


def run(story: Story, trouble: Trouble, told: Callable[[MoneyWorld], Told] = Told) -> tuple[list[str], list[str]]:
    """What it leaves, and what is wrong with that."""
    world = MoneyWorld(trouble)
    with world.running():
        story(told(world))
        with world.unbroken():
            return left_by(world), list(wrong_in(world))


def every(
    story: Story, told: Callable[[MoneyWorld], Told] = Told, *, thorough: bool = True
) -> tuple[list[Point], Iterator[tuple[str, list[str]]]]:
    """All points, and of each case its name and what differs."""
    run(story, Trouble(), told)  # what is loaded late is loaded here, and not in every child
    trouble = Forking(thorough=thorough)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        left, wrong = _run_in(story, trouble, told)
    finally:
        gc.enable()
        gc.unfreeze()
    first = ("undisturbed", wrong)
    cases = ((f"{each.how} at {each.number} ({each.point.name})", each.differences(left)) for each in trouble.tried)
    return trouble.points, iter([first, *cases])


def _run_in(story: Story, trouble: Forking, told: Callable[[MoneyWorld], Told]) -> tuple[list[str], list[str]]:
    try:
        left, wrong = run(story, trouble, told)
    except BaseException as error:
        if trouble.pipe is None:
            raise
        left, wrong = [], [f"the story broke off: {error!r}"]
    trouble.ends(left, wrong)
    return left, wrong


def details(found: list[Any]) -> str:
    """The first of what is wrong, to be read."""
    return "\n".join(f"{case}: {differences}" for case, differences in found[:10])
