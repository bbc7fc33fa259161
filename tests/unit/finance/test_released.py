"""A close counts what a parked account came to once it is released, once, whenever that is."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.billing.model import Parked, Settlement
from chalicelib.billing.settling import Settled
from chalicelib.finance.closes_model import Sums
from chalicelib.finance.closing import progress, reopen
from chalicelib.finance.errors import AccountReleased
from chalicelib.finance.exporting import BEHIND, telling_behind
from chalicelib.finance.model import place_of
from chalicelib.finance.settling_pages import count_released, settle_again, settle_page
from chalicelib.kernel.time import Month
from tests.unit.finance.closes import MAY, NOW, Office

PARKED = "acc-00007"


def counted(office: Office, version: int | None = None) -> tuple[int, int, int, int]:
    """Accounts, parked ones, invoices and what these come to."""
    sums = progress(MAY, version, closes=office.closes).sums
    assert set(sums.invoiced) == {"EUR"}
    return sums.accounts, sums.parked, sums.invoices, sums.invoiced["EUR"]


def settled(office: Office, decisions: int = 0) -> bool:
    """What the worker does who settles the month once more."""
    return count_released(office.settle(PARKED, MAY), office.by, decisions)


def closed() -> Office:
    office = Office(accounts=10)
    office.close()
    return office


def test_released_it_is_parked_no_more_and_its_bill_is_counted_however_often_it_is_settled() -> None:
    office = closed()
    assert counted(office) == (10, 1, 9, 900)
    decisions = office.release(PARKED)

    assert [settled(office, each) for each in (decisions, decisions, 0)] == [True, False, False]
    assert counted(office) == (10, 0, 10, 1000)


def test_settled_by_another_before_its_release_is_heard_of_it_is_counted_then() -> None:
    office = closed()
    decisions = office.release(PARKED)

    assert [settled(office), settled(office, decisions)] == [True, False]
    assert counted(office) == (10, 0, 10, 1000)


def test_what_broke_off_at_the_sums_is_counted_when_it_comes_again() -> None:
    office = closed()
    decisions, read = office.release(PARKED), office.closes.sums_of_part

    def broken(_month: Month, _version: int, _page: int) -> Sums:
        raise OSError

    office.closes.sums_of_part = broken  # type: ignore[method-assign]
    with pytest.raises(OSError):  # noqa: PT011 -- the test's own
        settled(office, decisions)
    office.closes.sums_of_part = read  # type: ignore[method-assign]

    assert settled(office, decisions)
    assert counted(office) == (10, 0, 10, 1000)


def test_what_was_billed_before_it_was_parked_is_not_counted_again() -> None:
    office = Office(accounts=10)
    before, after = Settlement(PARKED, MAY, "EUR", 1, invoiced=300, invoices=1), Settlement(PARKED, MAY, "EUR", 2)
    office.open()
    office.spread()
    together = {PARKED: Settled(before, parked=office.held[PARKED])}
    settle_page(office.queue.sent[0], 1, replace(office.by, together=lambda _accounts, _month: together))
    assert counted(office) == (10, 1, 10, 1200)

    assert count_released(Settled(replace(after, invoiced=500, invoices=2)), office.by, 1)
    assert counted(office) == (10, 0, 11, 1400)


def test_parked_again_for_another_reason_it_stays_parked_until_that_is_released_too() -> None:
    office = closed()
    first = office.held[PARKED]
    decisions = office.release(PARKED)
    office.held[PARKED] = replace(first, released_at=NOW).followed_by(Parked(PARKED, MAY, "y", {}, NOW))
    assert settled(office, decisions) is False
    assert counted(office) == (10, 1, 9, 900)

    assert settled(office, office.release(PARKED))
    assert counted(office) == (10, 0, 10, 1000)


def test_released_before_the_close_it_is_billed_by_that_and_counted_once() -> None:
    office = Office(accounts=10)
    decisions = office.release(PARKED)
    assert settled(office, decisions) is False
    office.open()
    office.spread()
    assert settled(office, decisions) is False
    office.pages([0])

    assert settled(office, decisions) is False
    assert counted(office) == (10, 0, 10, 1000)


@pytest.mark.parametrize("parked_again", [False, True])
def test_released_while_its_page_is_settled_it_is_not_counted_as_parked_by_that(parked_again: bool) -> None:  # noqa: FBT001
    """
    The page has read that the account is parked; then somebody decides, and the month is settled; then the page ends.
    """
    office = Office(accounts=10)
    office.open()
    office.spread()
    first = office.held[PARKED]
    as_read = {PARKED: office.settle(PARKED, MAY)}
    assert settled(office, office.release(PARKED)) is False
    with pytest.raises(AccountReleased):
        settle_page(office.queue.sent[0], 1, replace(office.by, together=lambda _accounts, _month: as_read))
    if parked_again:
        office.held[PARKED] = replace(first, released_at=NOW).followed_by(Parked(PARKED, MAY, "y", {}, NOW))
    office.pages([0], tries=2)
    assert counted(office) == ((10, 1, 9, 900) if parked_again else (10, 0, 10, 1000))

    assert not parked_again or settled(office, office.release(PARKED))
    assert counted(office) == (10, 0, 10, 1000)


def test_of_a_close_that_restates_the_month_it_is_counted_in_that_and_the_first_stays_as_it_was_closed() -> None:
    office = closed()
    reopen(MAY, "fred", "a tariff was wrong", closes=office.closes, now=NOW, commit=office.commit)
    office.queue.sent.clear()
    office.spread(version=2)
    office.pages([0])

    assert settled(office, office.release(PARKED))
    assert [counted(office, version) for version in (1, 2)] == [(10, 1, 9, 900), (10, 0, 10, 1000)]


def test_released_before_the_month_is_opened_again_it_is_billed_in_both() -> None:
    office = closed()
    decisions = office.release(PARKED)
    assert settled(office, decisions)
    reopen(MAY, "fred", "a tariff was wrong", closes=office.closes, now=NOW, commit=office.commit)
    office.queue.sent.clear()
    office.spread(version=2)
    office.pages([0])

    assert settled(office, decisions) is False
    assert [counted(office, version) for version in (1, 2)] == [(10, 0, 10, 1000)] * 2


def test_an_account_that_failed_and_is_parked_when_it_is_settled_again_is_counted_at_its_release() -> None:
    office = Office(accounts=10, broken={PARKED})
    office.open()
    office.spread()
    office.pages([0], tries=5)
    assert counted(office) == (10, 0, 9, 900)
    office.broken.clear()
    assert settle_again(MAY, PARKED, office.by) is not None
    assert counted(office) == (10, 1, 9, 900)

    assert settled(office, office.release(PARKED))
    assert counted(office) == (10, 0, 10, 1000)


def test_who_was_parked_after_the_close_has_settled_it_is_not_counted_when_it_is_released() -> None:
    office = Office(accounts=10, held={})
    office.close()
    before = counted(office)

    assert settled(office, 1) is False
    assert counted(office) == before


def test_a_whole_page_that_failed_and_is_parked_at_the_next_try_is_written() -> None:
    """
    DynamoDB takes a hundred writes at once.
    """
    office = Office(accounts=90)
    office.broken = set(office.names)
    office.open()
    office.spread()
    with pytest.raises(TimeoutError):
        office.pages([0])
    office.broken.clear()
    office.held = {each: Parked(each, MAY, "x", {}, NOW) for each in office.names}
    office.pages([0], tries=2)

    assert counted(office) == (90, 90, 0, 0)
    assert max(office.commit.sizes) <= 100


def test_what_is_settled_after_the_newest_export_that_is_not_refused_is_told_once() -> None:
    """
    Told twice it is one notice, since it is of the instant at which the account was settled.
    """
    office = closed()
    first = office.closes.asked[MAY, 1]
    later = first.as_of + timedelta(minutes=1)

    def told(at: datetime) -> list[str]:
        writes = telling_behind(MAY, PARKED, at, closes=office.closes)
        office.commit(writes, None)
        return [place_of(each) for each in office.closes.noticed if each.code == BEHIND]

    assert told(first.as_of) == []
    assert set(told(later)) == set(told(later)) != set()
    office.closes.asked[MAY, 2] = replace(first, version=2, as_of=later, refused={"code": "version_taken"})
    assert len(set(told(later + timedelta(minutes=1)))) == 2
    office.closes.asked[MAY, 3] = replace(first, version=3, as_of=later + timedelta(hours=1))
    assert len(set(told(later + timedelta(minutes=2)))) == 2


def test_a_month_without_an_export_has_none_that_is_behind() -> None:
    assert telling_behind(MAY, PARKED, NOW, closes=Office(accounts=1).closes) == ()
