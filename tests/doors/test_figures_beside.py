"""Each figure of a monitor stands beside that of the month before, also where this month has none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.world import Partner, World

FINANCE = "/finance/v1"
VIEWS = [
    *(f"behaviour/{{}}?by={each}" for each in ("product", "category", "asset", "partner", "all")),
    *(f"recognition/{{}}?by={each}" for each in ("product", "document_tax")),
    *(f"purchases/{{}}?by={each}" for each in ("product", "class", "kind")),
    *(f"profit/{{}}?by={each}" for each in ("product", "asset", "customer")),
]


@pytest.fixture(scope="module")
def closed(world: World, partner: Partner) -> bool:
    """Somebody rides in May, and nobody in June."""
    world.ride(world.customer(), partner.bike(), partner, 2000)
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    return True


def figures(world: World, view: str, month: str, when: str) -> dict[tuple[str, str], Any]:
    """What a month's view shows as of itself, or as of the month before; nothing of what is nothing."""
    shown = world.finance.read(f"{FINANCE}/{view.format(month)}&limit=200")
    return {
        (row["key"], code): figure[when]
        for row in shown["items"]
        for code, figure in row["figures"].items()
        if figure[when] not in (0, "0.00", None)
    }


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("view", VIEWS)
def test_what_the_month_before_had_stands_beside_a_month_that_has_none_of_it(world: World, view: str) -> None:
    may, beside = figures(world, view, "2021-05", "now"), figures(world, view, "2021-06", "before")

    assert may != {}
    assert {each: may[each] for each in may if each not in beside} == {}


@pytest.mark.usefixtures("closed")
def test_a_month_without_use_has_no_sessions_rather_than_no_figure(world: World) -> None:
    (row,) = world.finance.read(f"{FINANCE}/behaviour/2021-06?by=all")["items"]

    assert row["figures"]["sessions"] == {"now": 0, "before": 1}
