"""A month's close goes on for others where one account's session cannot be sealed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.finance.closing import settle_page
from chalicelib.kernel.time import Month


class Failing(Exception):  # noqa: N818
    """What DynamoDB says of an item of 700 KB."""


def test_an_account_that_cannot_be_settled_stops_none_of_its_page() -> None:
    """As a parked one stops none; its page is tried again, and fails at the same account each time."""
    settled: list[str] = []

    def settle(account_id: str, _month: Month) -> Any:  # noqa: ANN401
        if account_id == "acc-2":
            raise Failing
        settled.append(account_id)
        return SimpleNamespace(settlement=SimpleNamespace(currency="EUR", invoiced=0, invoices=0), parked=None)

    def commit(_writes: Sequence[object], outcome: object) -> object:
        return outcome

    closes = SimpleNamespace(page_done=lambda page: page, find=lambda _month: None, pages=lambda _month: [])
    with pytest.raises(Exception):  # noqa: B017, PT011 -- that it is tried again is right
        settle_page(
            Month(2021, 5),
            1,
            ["acc-1", "acc-2", "acc-3"],
            settle=settle,
            closes=closes,  # type: ignore[arg-type]
            now=datetime(2021, 6, 1, tzinfo=UTC),
            commit=commit,
        )
    assert settled == ["acc-1", "acc-3"]
