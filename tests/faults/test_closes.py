"""A close that is killed at any point and resumed leaves the bytes that an undisturbed one leaves."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from chalicelib.storage.record import Database
from infra.local.engine import MOTO, Engine
from tests.faults.campaigns import Campaign
from tests.faults.close_campaign import every, run
from tests.faults.close_world import SECONDS, CloseWorld
from tests.faults.trouble import Trouble

FEWEST = 40
"""Points that a close of three pages has at least."""


@pytest.fixture(autouse=True)
def somewhere(engine: Engine) -> Iterator[None]:
    """AWS's settings; what the stores ask for is answered by dictionaries."""
    if engine.kind != MOTO:
        pytest.skip("the tables of these campaigns are dictionaries")
    Database.forget()
    yield
    Database.forget()


def test_the_month_itself_is_closed_in_three_pages_and_exported() -> None:
    left, wrong = run(Trouble())

    assert wrong == []
    assert sum("settlement:acc-" in row for row in left) >= len(SECONDS)
    assert sum(row.startswith("exports/2021-05/v1/") for row in left) > 8
    assert sum('"read#' in row for row in left) == 3


def test_its_export_in_three_parts_has_the_files_of_one_that_a_single_worker_writes() -> None:
    files = [[row for row in run(Trouble())[0] if row.startswith("exports/")]]
    with patch.object(CloseWorld, "accounts_a_part", len(SECONDS)):
        files.append([row for row in run(Trouble())[0] if row.startswith("exports/")])

    assert files[0] == files[1]


@pytest.mark.parametrize("step", [4])
def test_a_close_that_is_killed_and_resumed_leaves_the_same_bytes(step: int) -> None:
    """
    After each fourth write, send or file; `make faults` does it before and after all of them.
    """
    points, cases = every(step=step)
    found = Campaign(f"finance, close killed at {len(points) // step} of {len(points)} points")
    for case, differing in cases:
        found.tried(case, differing)
    found.ends()
    assert len(points) >= FEWEST


def test_a_close_whose_messages_and_pages_all_come_twice_leaves_the_same_bytes() -> None:
    expected, _ = run(Trouble())
    left, wrong = run(Trouble(always="repeated"))

    assert wrong == []
    assert [row for row in left if row not in expected] == [row for row in expected if row not in left] == []


@pytest.mark.faults
def test_a_close_that_is_killed_at_any_point_leaves_the_same_bytes() -> None:
    points, cases = every(step=1)
    found = Campaign(f"finance, close killed at all {len(points)} points")
    for case, differing in cases:
        found.tried(case, differing)
    found.ends()
