"""A month's simulation by the operator's command: all pages, their sums, and progress as it goes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.operator import main
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE_TARIFF, PRODUCT
from tests.doors.world import START, World

FLAT = {**CITY_BIKE_TARIFF, "prices": [{"id": "ride", "kind": "flat", "amount": "1.00"}], "caps": []}
SECONDS = [300, 2000, 4000, 600, 5500]
"""By the published tariff 0.50, 1.50, 2.50, 0.50 and 3.50."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with System.start(port=0, seed="simulating", start_at=START) as system:
        yield World(system)


@pytest.fixture(scope="module")
def partner_id(world: World) -> str:
    partner = world.partner()
    for seconds in SECONDS:
        world.ride(world.customer(), partner.bike(), partner, seconds)
    world.until(world.system.now().replace(month=6, day=3, hour=12))
    return partner.partner_id


def arguments(world: World, partner_id: str, tariff: Path, *more: str) -> list[str]:
    about = ["--partner", partner_id, "--product", PRODUCT, "--month", "2021-05", "--tariff", str(tariff)]
    return ["--url", f"{world.system.address}/finance", "simulate", *about, *more]


def test_all_pages_are_summed_up_with_progress(
    world: World, partner_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    A flat 1.00 a ride: the two short rides cost 0.50 more, the others 0.50, 1.50 and 2.50 less.
    """
    tariff = tmp_path / "tariff.json"
    tariff.write_text(json.dumps(FLAT))

    assert main(arguments(world, partner_id, tariff, "--page", "2")) == 0

    told = capsys.readouterr()
    shown = json.loads(told.out)
    assert [shown[name]["amount"] for name in ("billed", "would_be", "difference")] == ["8.50", "5.00", "-3.50"]
    assert [shown[name] for name in ("customers", "winners", "losers", "unchanged")] == [5, 3, 2, 0]
    assert [each["amount"]["amount"] for each in shown["largest_gains"]] == ["2.50", "1.50", "0.50"]
    assert [each["amount"]["amount"] for each in shown["largest_losses"]] == ["0.50", "0.50"]
    assert (shown["meters_not_used"], shown["prices_not_tried"]) == ([], [])
    assert len(told.err.splitlines()) >= 3
    assert told.err.splitlines()[-1].endswith("5 customers so far, difference -3.50 EUR")


def test_a_fault_of_the_tariff_is_shown_with_its_place(
    world: World, partner_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tariff = tmp_path / "tariff.json"
    tariff.write_text(json.dumps({**FLAT, "currency": "euro"}))

    assert main(arguments(world, partner_id, tariff)) == 1

    problem = json.loads(capsys.readouterr().err)
    assert problem["errors"] == [{"pointer": "/tariff/currency", "reason": "unknown_currency"}]


@pytest.mark.parametrize("content", [None, "{not json"])
def test_a_file_that_cannot_be_read_is_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    tariff = tmp_path / "tariff.json"
    if content is not None:
        tariff.write_text(content)
    given = ["simulate", "--partner", "p", "--product", "x", "--month", "2021-05", "--tariff", str(tariff)]

    with pytest.raises(SystemExit):
        main(given)

    assert "tariff.json" in capsys.readouterr().err
