"""What finance decides about a close says why, names a month, and is counted where it belongs."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from infra.local.closing import progress_line
from infra.local.system import System
from tests.doors.callers import done, refused
from tests.doors.test_closed_months import F, parked_in_may
from tests.doors.world import START, World


@pytest.fixture(scope="module")
def parked() -> Iterator[tuple[World, str]]:
    """Two accounts in May, of which one is parked; it is June."""
    with System.start(seed="parked", start_at=START) as system:
        world = World(system)
        partner, first, second = world.partner(), world.customer(), world.customer()
        for each in (first, second):
            world.ride(each, partner.bike(), partner, 2000)
        account = parked_in_may(first, world)
        world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
        yield world, account


def test_accounts_done_parked_and_failed_are_all_accounts(parked: tuple[World, str]) -> None:
    world, _ = parked
    close = world.finance.read(f"{F}/closes/2021-05")

    assert (close["accounts_done"], close["accounts_parked"], close["accounts_failed"]) == (1, 1, 0)
    assert "accounts: 1 done, 1 parked, 0 failed" in progress_line(close)


@pytest.mark.parametrize("note", [" ", "\n\t ", "\u2003"])
def test_a_decision_says_why(parked: tuple[World, str], note: str) -> None:
    world, account = parked
    body = {"note": note}

    refused(world.finance.post(f"{F}/closes/2021-05/reopening", body), 422, "body_invalid", "/note")
    refused(world.operator.post(f"{F}/parked/{account}/2021-05/release", body), 422, "body_invalid", "/note")
    stopping = world.finance.put(f"{F}/collection", {"stopped": True, **body})
    refused(stopping, 422, "body_invalid", "/note")


@pytest.mark.parametrize("month", ["9999-12", "0000-12", "0001-12", "2021-05\n", "2021-5"])
@pytest.mark.parametrize("path", ["closes", "exports", "reconciliations"])
def test_a_month_that_is_none_is_pointed_at(parked: tuple[World, str], path: str, month: str) -> None:
    world, _ = parked
    refused(world.finance.post(f"{F}/{path}", {"month": month}), 422, "body_invalid", "/month")


def test_what_a_release_posts_after_the_export_is_told_until_another_version_shows_it(
    parked: tuple[World, str],
) -> None:
    """
    1.50 are billed in May by the decision of June. The month's second version has it, and nothing more is told.
    """
    world, account = parked
    path = f"{F}/notices?code=export_behind"
    assert world.finance.read(path)["items"] == []
    world.later(minutes=1)
    done(world.operator.post(f"{F}/parked/{account}/2021-05/release", {"note": "right as it is"}))
    world.settle()
    (told,) = world.finance.read(path)["items"]
    assert told["facts"] == {"month": "2021-05", "version": "1", "account_id": account}

    world.later(minutes=1)
    done(world.finance.post(f"{F}/exports", {"month": "2021-05"}))
    done(world.operator.post(f"{F}/parked/{account}/2021-05/release", {"note": "and again"}))
    world.settle()
    versions = world.finance.read(f"{F}/exports/2021-05")
    totals = [{each["name"]: each["totals_minor"] for each in shown["files"]} for shown in versions]
    assert [each["invoices.csv.gz"]["billed_EUR"] for each in totals] == [150, 300]
    assert world.finance.read(path)["items"] == [told]
    close = world.finance.read(f"{F}/closes/2021-05")
    assert (close["accounts_done"], close["accounts_parked"], close["accounts_failed"]) == (2, 0, 0)
