"""What was written once under a version's number is never written over, and is gone on with where it is its own."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.billing.books import MAY
from tests.unit.billing.test_settling_shares import pay, sharing
from tests.unit.finance.months import AS_OF, Desk, Office, written


@pytest.fixture
def office() -> Office:
    """Of one ride of 12.50, billed and paid."""
    found = Office(sharing())
    found.books.rides.ridden(MAY, 1250)
    found.books.settle(MAY)
    pay(found.books, MAY)
    return found


@pytest.mark.parametrize("changed", [{"as_of": AS_OF - timedelta(days=1)}, {"close": 2}])
def test_a_version_of_whose_number_the_bucket_has_another_one_is_refused_and_that_one_stays(
    office: Office, changed: dict[str, Any]
) -> None:
    """
    The table of finance was restored to before that one was asked for: its number is given again.
    """
    desk = written(office)
    there = dict(desk.files.kept)
    asked = desk.closes.asked[MAY, 1]
    desk.closes.asked[MAY, 1] = replace(asked, ready_at=None, files=(), **changed)

    refused = desk.write().refused
    assert (refused["code"], refused["version"]) == ("version_taken", "1")
    assert desk.files.kept == there


def test_what_a_worker_has_left_that_died_after_the_manifest_is_gone_on_with(office: Office) -> None:
    undisturbed, desk = written(office), Desk(office.reading)
    plain = desk.commit

    def dies(*_: object) -> None:
        raise TimeoutError

    desk.commit = dies  # type: ignore[assignment]
    with pytest.raises(TimeoutError):
        desk.write()
    assert f"{desk.prefix}manifest.json" in desk.files.kept
    desk.commit = plain

    assert desk.write(AS_OF + timedelta(hours=5)).state == "ready"
    assert desk.files.kept == undisturbed.files.kept
