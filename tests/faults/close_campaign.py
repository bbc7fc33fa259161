"""Kills a close at its points, one run for each."""

from collections.abc import Iterator

from tests.faults.close_world import CloseWorld
from tests.faults.trouble import Point, Trouble

HOWS = ("killed after", "killed before")


def run(trouble: Trouble) -> tuple[list[str], list[str]]:
    """What a close leaves, and what is wrong with that."""
    world = CloseWorld(trouble)
    with world.running():
        world.begin_month()
        world.close_month()
        with world.unbroken():
            return world.left(), list(world.wrong())


def every(*, step: int) -> tuple[list[Point], Iterator[tuple[str, list[str]]]]:
    """All points of an undisturbed close, and of each case its name and what differs.

    Each `step`th is tried. Before a point all is as after the one before it: only a whole campaign tries both.
    """
    undisturbed = Trouble()
    expected, wrong = run(undisturbed)
    writes = [number for number, point in enumerate(undisturbed.points) if point.kind == "store"]
    hows = HOWS if step == 1 else HOWS[:1]
    cases = (_case(number, how, undisturbed.points[number], expected) for number in writes[::step] for how in hows)
    return [undisturbed.points[each] for each in writes], _with(("undisturbed", wrong), cases)


def _with(first: tuple[str, list[str]], others: Iterator[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str]]]:
    yield first
    yield from others


def _case(number: int, how: str, point: Point, expected: list[str]) -> tuple[str, list[str]]:
    left, wrong = run(Trouble(at=number, how=how))
    more = [f"+ {row}" for row in left if row not in expected]
    less = [f"- {row}" for row in expected if row not in left]
    return f"{how} at {number} ({point.name})", [*wrong, *more, *less]
