"""Tells the story on empty tables, with the fault that a test asks for."""

from collections.abc import Callable

import pytest

from infra.local.engine import MOTO, Engine
from infra.tables import create_all
from tests.faults import story
from tests.faults.campaigns import LINES
from tests.faults.faults import Faults
from tests.faults.tables import Tables
from tests.faults.world import World
from tests.stores.tables import STAGE

Left = list[str]
Tell = Callable[..., tuple[Left, list[str]]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases were tried, and how many differed."""
    if LINES:
        terminalreporter.section("fault campaigns")
        for line in LINES:
            terminalreporter.line(line)


@pytest.fixture(scope="module")
def tell(engine: Engine) -> Tell:
    """What the story left, and the points at which something was written."""
    if engine.kind != MOTO:
        pytest.skip("faults are put in on moto, hundreds of times")
    create_all(engine.client("dynamodb"), STAGE)
    tables = Tables()

    def told(faults: Faults, deliveries: int = 1) -> tuple[Left, list[str]]:
        tables.empty()
        world = World(tables, faults, deliveries=deliveries)
        with faults.listening():
            story.run(world)
        return story.left_by(world), faults.points

    return told
