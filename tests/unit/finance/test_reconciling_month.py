"""A run reconciles a closed month from its use to the bank, and ends once, whatever broke on the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.finance.closes_model import Close
from chalicelib.finance.errors import ForeignCurrency, MonthNotEnded, NotClosed, NotReconciled
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Cause, Stage
from chalicelib.finance.reconciling_money import Line
from chalicelib.finance.reconciling_month import (
    ask_after_comparison,
    newest_reconciliation,
)
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from tests.unit.finance.closes import MAY, NOW, OVER, ClosesInMemory
from tests.unit.finance.two_books import LATE_IN_MAY, Kept, asked, closed, entry, run, two_books
from tests.unit.memory import Commits


def line(name: str, minor: int) -> Line:
    return Line(name, "EUR", minor, here=True, inside=True)


def test_a_month_is_reconciled_to_the_cent_with_every_difference_and_its_cause() -> None:
    kept, commit, books = Kept(), Commits(), two_books()
    asked(kept, commit)
    done = run(books, kept, commit)
    assert done is not None

    assert {(str(each.stage), each.left, each.right) for each in done.sums} == {
        ("billed", 1230, 1200),
        ("booked", 1230, 1230),
        ("collected", 1200, 1200),
        ("paid_out", 0, 100),
        ("stripe", 340, 1040),
        ("balance", 1040, 1025),
    }
    assert {(str(row.stage), str(row.cause), row.about, row.minor) for row in kept.of(done)} == {
        ("billed", "carried_below_minimum", "acc-1:2021-05", 30),
        ("paid_out", "of_another_month", "payable:par-1", -100),
        ("stripe", "timing_over_month_end", "invoice:acc-1:2021-05:2", -700),
        ("balance", "not_yet_posted", "fee:txn_2", 15),
    }
    assert (done.movements, done.entries) == (6, 6)


def test_a_balance_that_disagrees_is_shown_as_that() -> None:
    kept, commit, books = Kept(), Commits(), two_books()
    books.balance += 4200
    asked(kept, commit)
    done = run(books, kept, commit)
    assert done is not None

    (row,) = [each for each in kept.of(done) if each.cause is Cause.UNKNOWN]
    assert (row.stage, row.about, row.minor) == (Stage.BALANCE, "balance:EUR", -4200)


def test_what_was_moved_long_before_it_was_booked_is_found_by_its_name() -> None:
    """
    Given back by hand in April, before any of what is read of Stripe, and booked in May: each of both books has it.
    """
    kept, commit, books = Kept(), Commits(), two_books()
    given_back = (receivable("acc-1"), 2000), (STRIPE_CLEARING, -2000)
    books.journal.append(entry("wallet-refund:acc-1:w1", "acc-1", LATE_IN_MAY, *given_back))
    books.there.append((OVER - timedelta(days=45), Line("entry:wallet-refund:acc-1:w1", "EUR", -2000, False, True)))
    books.balance -= 2000
    asked(kept, commit)
    run(books, kept, commit)
    found = {(str(row.stage), str(row.cause), row.minor) for row in kept.rows.values() if "w1" in row.about}

    assert found == {("stripe", "timing_over_month_end", -2000)}
    assert books.looked_for == ["entry:wallet-refund:acc-1:w1"]


def test_a_currency_that_nobody_expected_ends_the_run_with_its_reason() -> None:
    kept, commit, books = Kept(), Commits(), two_books()
    asked(kept, commit)

    def accounts(_month: Month, _as_of: datetime, _after: str | None) -> Iterator[AccountMonth]:
        raise ForeignCurrency(account_id="acc-1", one="EUR", other="XTS")

    books.accounts = accounts  # type: ignore[method-assign]
    refused = run(books, kept, commit)
    assert refused is not None
    assert (refused.sums, refused.causes) == ((), {})
    assert (refused.state, refused.refused["code"], refused.refused["other"]) == ("refused", "foreign_currency", "XTS")
    assert run(books, kept, commit, NOW + timedelta(hours=1)) == refused


def test_only_a_closed_month_is_reconciled_and_one_of_which_nobody_asked_is_none() -> None:
    kept, commit = Kept(), Commits()
    with pytest.raises(NotClosed):
        asked(kept, commit, ClosesInMemory())
    with pytest.raises(MonthNotEnded):
        asked(kept, commit, now=OVER - timedelta(seconds=1))
    with pytest.raises(NotReconciled):
        newest_reconciliation(MAY, kept=kept)  # type: ignore[arg-type]
    first = asked(kept, commit)
    assert asked(kept, commit) == first


def test_after_a_close_the_next_comparison_has_the_month_reconciled_once() -> None:
    kept, commit, closes = Kept(), Commits(), closed()

    def compared(now: datetime) -> None:
        ask_after_comparison(MAY, kept=kept, closes=closes, now=now, commit=commit)  # type: ignore[arg-type]

    compared(NOW)
    compared(NOW + timedelta(days=1))
    assert list(kept.runs) == [NOW]
    closes.kept[MAY, 2] = replace(closes.kept[MAY, 1], version=2, closed_at=NOW + timedelta(days=2))
    compared(NOW + timedelta(days=3))
    assert len(kept.runs) == 2
    closes.kept[MAY, 3] = Close(MAY, NOW, version=3)
    compared(NOW + timedelta(days=4))
    assert len(kept.runs) == 2
