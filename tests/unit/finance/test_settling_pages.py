"""An account that cannot be settled is tried once more in its turn, so that numbers of documents follow the page."""

from collections import Counter
from dataclasses import replace

import pytest

from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.settling import Settled
from chalicelib.finance.settling_pages import settle_page
from chalicelib.kernel.time import Month
from tests.unit.finance.closes import Office


def tried(error: Exception, times: int) -> tuple[list[str], Counter[str]]:
    """Who was settled, in which order, and how often each was tried, where the second of three fails so often."""
    office = Office(accounts=3)
    office.open()
    office.spread()
    tries = Counter[str]()

    def settle(account_id: str, month: Month) -> Settled:
        tries[account_id] += 1
        if account_id == "acc-00001" and tries[account_id] <= times:
            raise error
        return office.settle(account_id, month)

    by = replace(office.by, settle=settle)
    if times == 1 and not isinstance(error, SettlementChanged):
        settle_page(office.queue.sent[0], 1, by)
    else:
        with pytest.raises(type(error)):
            settle_page(office.queue.sent[0], 1, by)
    return office.settled, tries


def test_what_broke_off_on_its_way_is_settled_before_who_follows() -> None:
    settled, tries = tried(TimeoutError(), times=1)

    assert settled == ["acc-00000", "acc-00001", "acc-00002"]
    assert (tries["acc-00001"], settled.count("acc-00001")) == (2, 1)


def test_what_breaks_off_again_holds_up_nobody_and_comes_again_with_its_page() -> None:
    settled, tries = tried(TimeoutError(), times=2)

    assert settled == ["acc-00000", "acc-00002"]
    assert tries["acc-00001"] == 2


def test_what_is_refused_is_not_asked_for_once_more() -> None:
    settled, tries = tried(SettlementChanged(), times=1)

    assert settled == ["acc-00000", "acc-00002"]
    assert tries["acc-00001"] == 1
