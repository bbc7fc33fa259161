"""A month is closed when it is over, page by page; every step may run twice and stop anywhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.settling import Settled
from chalicelib.finance.closes_model import (
    MOST_TRIES,
    Close,
    CloseState,
    FailedState,
    Page,
    Progress,
    Sums,
    month_to_close,
    pages_of,
    summed,
)
from chalicelib.finance.closing import close_by_timer, open_close, progress, reopen
from chalicelib.finance.errors import MonthNotEnded, NotClosed, StillClosing, UnknownFailure
from chalicelib.finance.settling_pages import ask_again, failed_accounts, settle_again, settle_page
from chalicelib.kernel.time import Month
from tests.unit.finance.closes import GRACE, MAY, NOW, OVER, ZONE, Office, Queue


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (OVER, MAY.previous),
        (OVER + GRACE - timedelta(microseconds=1), MAY.previous),
        (OVER + GRACE, MAY),
        (OVER + timedelta(days=29), MAY),
        (datetime(2021, 6, 30, 23, 59, tzinfo=UTC), MAY),
        (datetime(2021, 1, 1, 1, 0, tzinfo=UTC), Month(2020, 12)),
    ],
)
def test_the_newest_month_is_due_whose_grace_has_passed(now: datetime, month: Month) -> None:
    assert month_to_close(now, ZONE, GRACE) == month


def test_a_month_is_not_closed_before_it_is_over_where_the_operator_is() -> None:
    office = Office()
    with pytest.raises(MonthNotEnded):
        office.open(OVER - timedelta(microseconds=1))

    assert office.open(OVER).state is CloseState.OPENED


def test_the_timer_opens_a_close_once_and_leaves_one_that_somebody_opened() -> None:
    office = Office()

    def tick(now: datetime) -> Close | None:
        return close_by_timer(ZONE, GRACE, closes=office.closes, now=now, commit=office.commit)

    assert tick(OVER) is None
    opened = tick(OVER + GRACE)
    assert opened is not None
    assert opened.opened_by == "timer"
    assert tick(OVER + 2 * GRACE) is None
    assert office.open(OVER + 3 * GRACE) == opened


@given(st.integers(0, 700), st.integers(0, 30))
def test_each_account_is_on_one_page_of_at_most_ninety(count: int, made: int) -> None:
    accounts = [f"acc-{number}" for number in range(count)]
    pages = pages_of(Close(MAY, NOW, made=made), accounts)

    assert [account for page in pages for account in page.accounts] == accounts
    assert all(0 < len(page.accounts) <= 90 for page in pages)
    assert [page.number for page in pages] == [made + number for number in range(len(pages))]


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["EUR", "DKK"]), st.integers(-100, 100))))
def test_sums_in_parts_are_the_sums_of_all_pages(rows: list[tuple[int, str, int]]) -> None:
    pages = [Page(MAY, number, *row[:1], 0, 1, {row[1]: row[2]}) for number, row in enumerate(rows)]
    parts: dict[int, Sums] = {}
    for page in pages:
        parts[page.number % 3] = parts.get(page.number % 3, Sums()).plus(page)
    found = summed(list(parts.values()))

    assert (found.pages, found.invoices, found.saved) == (len(pages),) * 3
    assert found.accounts == sum(row[0] for row in rows)
    assert {name: minor for name, minor in found.invoiced.items() if minor} == {
        name: minor for name in ("EUR", "DKK") if (minor := sum(row[2] for row in rows if row[1] == name))
    }


def test_the_last_page_closes_the_month_and_asks_for_its_export_whichever_it_is() -> None:
    office = Office()
    office.open()
    office.spread()
    office.pages([2, 0])
    assert progress(MAY, closes=office.closes).done is False
    office.pages([1])

    found = progress(MAY, closes=office.closes)
    assert (found.close.state, found.done) == (CloseState.CLOSED, True)
    assert [(export.version, export.close) for export in office.closes.exports(MAY)] == [(1, 1)]
    assert [export.settled_since for export in office.closes.exports(MAY)] == [found.close.opened_at]
    assert (found.sums.accounts, found.sums.parked, found.sums.failed) == (216, 1, 0)
    assert found.sums.invoiced == {"EUR": 215 * 100}


def test_pages_delivered_again_and_a_second_spread_change_nothing() -> None:
    office = Office()
    office.open()
    for _ in range(2):
        office.spread()
        office.pages([0, 0, 1, 2, 1])
    before = (dict(office.closes.kept), dict(office.closes.done), dict(office.closes.parts), dict(office.closes.asked))
    office.open()
    office.spread()
    office.pages([0, 1, 2])

    assert (office.closes.kept, office.closes.done, office.closes.parts, office.closes.asked) == before
    assert len(office.closes.asked) == 1
    assert len(office.settled) == 216


@pytest.mark.parametrize("breaks_at", [0, 1, 2])
def test_a_spread_that_broke_off_between_pages_sends_the_others_when_it_runs_again(breaks_at: int) -> None:
    office = Office(queue=Queue(breaks_at))
    office.open()
    with pytest.raises(OSError):  # noqa: PT011 -- the queue's
        office.spread()
    office.queue.breaks_at = None
    office.spread()
    office.pages([0, 1, 2])

    assert sorted(office.settled) == office.names
    assert progress(MAY, closes=office.closes).close.state is CloseState.CLOSED


def test_accounts_are_read_some_two_thousand_at_a_time_and_the_rest_is_left_to_the_next_worker() -> None:
    """
    25,001 accounts: two workers take 9,900 each, a third the rest.
    """
    office = Office(accounts=25_001)
    office.open()
    office.spread()
    assert progress(MAY, closes=office.closes).close.made == 110
    assert office.closes.said == ["spread 2021-05 1 0", "spread 2021-05 1 5"]
    office.spread(turn=5)
    office.spread(turn=10)

    close = progress(MAY, closes=office.closes).close
    assert (close.state, close.pages, office.active.most) == (CloseState.SETTLING, 278, 1980)
    assert [account for page in office.queue.sent.values() for account in page.accounts] == office.names


def test_who_becomes_active_while_a_spread_is_broken_off_is_on_one_page_and_moves_nobody_to_another() -> None:
    office = Office(accounts=100, queue=Queue(1))
    office.open()
    with pytest.raises(OSError):  # noqa: PT011 -- the queue's
        office.spread()
    office.active.accounts = sorted([*office.names, "acc-00000-late"])
    office.queue.breaks_at = None
    office.spread()

    assert [account for page in office.queue.sent.values() for account in page.accounts] == office.names


def test_a_close_that_got_stuck_is_sent_again_on_demand_without_what_is_done() -> None:
    office = Office()
    office.open()
    office.spread()
    office.pages([0, 2])
    office.queue.sent.clear()
    office.open()
    assert office.closes.said[-1] == "spread 2021-05 1 0"
    office.spread()

    assert list(office.queue.sent) == [1]
    office.pages([1])
    assert progress(MAY, closes=office.closes).close.state is CloseState.CLOSED


def test_who_asks_to_close_a_month_is_told_how_far_that_is() -> None:
    office = Office()

    def asked() -> Progress:
        return open_close(MAY, ZONE, by="fred", closes=office.closes, now=NOW, commit=office.commit)

    assert (asked().close.state, asked().sums) == (CloseState.OPENED, Sums())
    office.spread()
    office.pages([0, 2])
    assert (asked().close.state, asked().sums.pages, asked().sums.accounts) == (CloseState.SETTLING, 2, 126)
    office.pages([1])

    assert asked() == progress(MAY, closes=office.closes)
    assert (asked().close.state, asked().sums.invoices) == (CloseState.CLOSED, 215)


def test_two_who_ask_for_the_same_close_at_once_are_told_of_one() -> None:
    office = Office(accounts=0)
    find, others = office.closes.find, ["olga"]

    def meanwhile(month: Month, version: int | None = None) -> Close | None:
        found = find(month, version)
        if others:
            open_close(MAY, ZONE, by=others.pop(), closes=office.closes, now=NOW, commit=office.commit)
        return found

    office.closes.find = meanwhile  # type: ignore[method-assign]

    assert office.open().opened_by == "olga"
    assert len(office.closes.kept) == 1


def test_a_month_without_use_closes_by_itself() -> None:
    office = Office(accounts=0)
    office.open()
    closed = office.spread()

    assert closed is not None
    assert (closed.state, closed.pages) == (CloseState.CLOSED, 0)
    assert len(office.closes.asked) == 1


def test_a_close_that_nobody_opened_has_no_progress_and_is_not_spread_or_opened_again() -> None:
    office = Office()
    with pytest.raises(NotClosed):
        progress(MAY, closes=office.closes)
    with pytest.raises(NotClosed):
        reopen(MAY, "fred", "why not", closes=office.closes, now=NOW, commit=office.commit)

    assert office.spread() is None
    assert office.queue.sent == {}


def test_accounts_that_were_settled_together_are_not_settled_once_more_and_the_others_are_each_by_itself() -> None:
    office = Office(accounts=5, broken={"acc-00003"})
    office.open()
    office.spread()
    together = {each: office.settle(each, MAY) for each in ("acc-00000", "acc-00002")}
    office.settled.clear()
    by = replace(office.by, together=lambda _accounts, _month: together)
    with pytest.raises(TimeoutError):
        settle_page(office.queue.sent[0], 1, by)
    settle_page(office.queue.sent[0], MOST_TRIES, by)

    assert office.settled == ["acc-00001", "acc-00004"] * 2
    assert (office.closes.done[MAY, 1, 0].invoices, office.closes.done[MAY, 1, 0].failed) == (4, 1)


def test_an_account_that_cannot_be_settled_stops_none_of_its_page_and_is_tried_again_with_it() -> None:
    office = Office(broken={"acc-00001"})
    office.open()
    office.spread()
    with pytest.raises(TimeoutError):
        office.pages([0])

    assert office.told == ["acc-00001"]
    assert len(office.settled) == 89
    assert office.closes.done == {}
    (listed,) = failed_accounts(MAY, closes=office.closes)
    assert (listed.account_id, listed.code, listed.state) == ("acc-00001", "TimeoutError", FailedState.TRYING)
    office.broken.clear()
    office.pages([0], tries=2)
    assert office.closes.done[MAY, 1, 0].failed == 0
    (listed,) = failed_accounts(MAY, closes=office.closes)
    assert listed.state is FailedState.SETTLED


def test_an_account_that_cannot_be_settled_at_the_last_try_is_listed_and_the_month_closes_without_it() -> None:
    office = Office(broken={"acc-00001", "acc-00100"})
    office.open()
    office.spread()
    office.pages([0, 1, 2], tries=5)

    found = progress(MAY, closes=office.closes)
    assert (found.close.state, found.sums.failed, found.sums.accounts) == (CloseState.CLOSED, 2, 216)
    assert found.sums.invoiced == {"EUR": 213 * 100}
    listed = failed_accounts(MAY, closes=office.closes)
    assert [(each.account_id, each.state, each.tries) for each in listed] == [
        ("acc-00001", FailedState.FAILED, 5),
        ("acc-00100", FailedState.FAILED, 5),
    ]
    assert failed_accounts(MAY, closes=office.closes, limit=1, after="acc-00001") == [listed[1]]


def test_an_account_that_failed_is_done_again_once_and_counted() -> None:
    office = Office(broken={"acc-00001"})
    office.open()
    office.spread()
    office.pages([0, 1, 2], tries=5)
    asked = ask_again(MAY, "acc-00001", closes=office.closes, now=NOW, commit=office.commit)
    assert office.closes.said[-1] == "again acc-00001"
    assert asked.state is FailedState.FAILED
    assert settle_again(MAY, "acc-00001", office.by) is None
    assert failed_accounts(MAY, closes=office.closes)[0].tries == 6

    office.broken.clear()
    assert settle_again(MAY, "acc-00001", office.by) is not None
    assert settle_again(MAY, "acc-00001", office.by) is None
    sums = progress(MAY, closes=office.closes).sums
    assert (sums.pages, sums.accounts, sums.failed, sums.invoices) == (3, 216, 0, 215)
    said = len(office.closes.said)
    done = ask_again(MAY, "acc-00001", closes=office.closes, now=NOW, commit=office.commit)
    assert (done.state, len(office.closes.said)) == (FailedState.SETTLED, said)
    with pytest.raises(UnknownFailure):
        ask_again(MAY, "acc-00002", closes=office.closes, now=NOW, commit=office.commit)


def test_pages_that_end_at_the_same_moment_are_both_counted() -> None:
    """
    Pages 0 and 16 share an item of sums; 16 ends between 0's reading and writing it.
    """
    office = Office(accounts=17 * 90)
    office.open()
    office.spread()
    read, others = office.closes.sums_of_part, [16]

    def meanwhile(month: Month, version: int, page: int) -> Sums:
        found = read(month, version, page)
        while others:
            settle_page(office.queue.sent[others.pop()], 1, office.by)
        return found

    office.closes.sums_of_part = meanwhile  # type: ignore[method-assign]
    office.pages(range(16))

    found = progress(MAY, closes=office.closes)
    assert (found.sums.pages, found.sums.accounts, found.close.state) == (17, 1530, CloseState.CLOSED)


def test_a_closed_month_is_opened_again_by_a_recorded_decision_and_restated_beside_the_original() -> None:
    office = Office()
    office.close()
    first = office.closes.find(MAY)
    export = office.closes.export(MAY, 1)

    def reopened() -> Close:
        return reopen(MAY, "fred", "a tariff was wrong", closes=office.closes, now=NOW, commit=office.commit).close

    again = reopened()
    assert (again.version, again.opened_by, again.reason) == (2, "fred", "a tariff was wrong")
    with pytest.raises(StillClosing):
        reopened()
    office.spread(version=1)
    assert progress(MAY, closes=office.closes).close == again
    office.queue.sent.clear()
    office.spread(version=2)
    office.pages(sorted(office.queue.sent))

    found = progress(MAY, closes=office.closes)
    assert (found.close.version, found.close.state, found.sums.accounts) == (2, CloseState.CLOSED, 216)
    assert [(each.version, each.close) for each in office.closes.exports(MAY)] == [(1, 1), (2, 2)]
    assert first is not None
    assert [each.settled_since for each in office.closes.exports(MAY)] == [first.opened_at, again.opened_at]
    assert progress(MAY, 1, closes=office.closes).close == first
    assert office.closes.export(MAY, 1) == export


def test_the_export_of_a_close_shows_what_stood_when_its_last_account_was_settled() -> None:
    """
    Each look at the clock is a second later: the export's instant is behind all of the last page's settlements.
    """
    office = Office(accounts=4)
    ticks = (NOW + timedelta(seconds=number) for number in range(100))
    settled: list[datetime] = []

    def settle(account_id: str, month: Month) -> Settled:
        settled.append(next(ticks))
        return office.settle(account_id, month)

    office.open()
    office.spread()
    by = replace(office.by, settle=settle, clock=lambda: next(ticks))
    settle_page(office.queue.sent[0], 1, by)

    (export,) = office.closes.exports(MAY)
    assert len(settled) == 4
    assert export.as_of > max(settled)
