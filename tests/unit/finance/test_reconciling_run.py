"""A run goes on turn by turn and worker by worker, and finds what one undisturbed worker would have found."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.access.model import ChargeRecord
from chalicelib.access.rerated import Basis, Rerated
from chalicelib.finance import reconciling_run
from chalicelib.finance.errors import ReconciliationChanged
from chalicelib.finance.reconciliation_model import Difference, Reconciliation, Stage, StageSum
from chalicelib.finance.reconciling_money import Line
from chalicelib.ledger.accounts import STRIPE_CLEARING, payable
from tests.unit.access.test_need import ended, need
from tests.unit.finance.closes import NOW
from tests.unit.finance.two_books import (
    IN_JUNE,
    LATE_IN_MAY,
    Kept,
    TwoBooks,
    account,
    asked,
    entry,
    invoice,
    paid,
    run,
    run_on,
    settled,
)
from tests.unit.memory import Commits

SMALL = {"ACCOUNTS_A_TURN": 2, "ENTRIES_A_TURN": 3, "MOVEMENTS_A_TURN": 2, "TOGETHER": 3, "TURNS_AT_ONCE": 2}


def rides(name: str, many: int) -> dict[str, ChargeRecord]:
    """Of 1.00 each."""
    each = ended(10)
    sessions = [replace(each, session_id=f"{name}-{number}", account_id=name) for number in range(many)]
    lines: Any = ({"minor": 100},)
    return {one.session_id: ChargeRecord(one, need(one), lines, "EUR", sealed_at=NOW) for one in sessions}


def many_books(accounts: int = 7, payments: int = 9, *, unpaid: int = 3) -> TwoBooks:
    """Accounts with an unpaid invoice each third and rides of which some were told late, and payments.

    Some of these came in June, and no comparison has read their fees.
    """
    flags: Any = {"currency": "EUR", "here": False, "inside": True}
    books = TwoBooks()
    for number in range(accounts):
        name = f"acc-{number:03d}"
        owes = [replace(invoice(100), account_id=name)] if number % unpaid == 0 else []
        books.found.append(account(100, owes, name, settlement=settled(100, 100), records=rides(name, number % 3)))
        if number % 2 and number % 3:
            late = books.found[-1].records[f"{name}-0"]
            books.told[f"{name}-0"] = Rerated(late, Basis.MORE, 100 + number)
    for number in range(1, payments + 1):
        at = LATE_IN_MAY if number % 3 else IN_JUNE
        books.journal += [
            paid(number, 50 * number, at),
            entry(
                f"transfer:par-{number % 3}:{number}",
                "par",
                at,
                (payable(f"par-{number % 3}"), 20),
                (STRIPE_CLEARING, -20),
            ),
        ]
        books.there += [
            (LATE_IN_MAY, Line(f"invoice:acc-1:2021-05:{number}", minor=50 * number, **flags)),
            (at, Line(f"fee:txn_{number}", minor=-number, newer=True, **flags)),
        ]
    books.balance = sum(each.minor for _, each in books.there)
    return books


def small(**sizes: int) -> ExitStack:
    """With turns of few things each."""
    stack = ExitStack()
    stack.enter_context(patch.multiple(reconciling_run, **{**SMALL, **sizes}))
    return stack


def told(done: Reconciliation, kept: Kept) -> tuple[tuple[StageSum, ...], dict[str, int], set[Difference], int, int]:
    return done.sums, dict(done.causes), {*kept.of(done)}, done.movements, done.entries


def of_one_worker(books: TwoBooks) -> object:
    kept, commit = Kept(), Commits()
    asked(kept, commit)
    done = run(books, kept, commit)
    assert done is not None
    assert (done.state, kept.sent) == ("done", [])
    return told(done, kept)


@settings(max_examples=40, deadline=timedelta(seconds=5))
@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4), st.integers(1, 5))
def test_whatever_the_size_of_turns_and_however_many_workers_it_finds_the_same_to_the_cent(
    accounts: int, payments: int, size: int, at_once: int
) -> None:
    books, kept, commit = many_books(accounts, payments), Kept(), Commits()
    asked(kept, commit)
    with small(ACCOUNTS_A_TURN=size, ENTRIES_A_TURN=size, MOVEMENTS_A_TURN=size, TURNS_AT_ONCE=at_once):
        done = run_on(books, kept, commit)

    assert told(done, kept) == of_one_worker(books)
    for summed in done.sums:
        rows = (row for row in kept.of(done) if (row.stage, row.currency) == (summed.stage, summed.currency))
        assert sum(row.minor for row in rows) == summed.difference


@pytest.mark.parametrize("breaks_at", range(1, 60, 2))
@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_is_killed_at_any_write_leaves_what_the_next_one_goes_on_with(
    breaks_at: int, *, after: bool
) -> None:
    books, kept, plain = many_books(), Kept(), Commits()
    count = 0

    def breaking(writes: Any, outcome: Any) -> Any:  # noqa: ANN401 -- whatever is committed
        nonlocal count
        count += 1
        if count == breaks_at and not after:
            raise TimeoutError
        said = plain(writes, outcome)
        if count == breaks_at:
            raise TimeoutError
        return said

    asked(kept, plain)
    with small():
        for _ in range(200):
            try:
                done = run(books, kept, breaking)  # type: ignore[arg-type]
            except TimeoutError:
                continue
            if done is not None and done.done_at is not None:
                break

    assert done is not None
    assert told(done, kept) == of_one_worker(books)


def test_what_was_used_and_not_rated_is_found_whichever_accounts_are_read_together() -> None:
    """
    Of seven accounts the second and the sixth have a ride that was told late: of 1 and 5 cents more.
    """
    for together in (1, 2, 50):
        books, kept, commit = many_books(), Kept(), Commits()
        asked(kept, commit)
        with patch.object(reconciling_run, "_TOGETHER_READ", together):
            done = run_on(books, kept, commit)
        (summed,) = [each for each in done.sums if each.stage is Stage.RATED]
        late = {(row.about, row.minor) for row in kept.of(done) if row.stage is Stage.RATED}

        assert (summed.left, summed.right) == (606, 600)
        assert late == {("acc-001:acc-001-0:0", 1), ("acc-005:acc-005-0:0", 5)}


def test_what_happens_while_it_goes_on_is_none_of_it() -> None:
    """
    Between its workers a fee is booked, a payment comes, and the provider's balance moves.
    """
    books, kept, commit = many_books(), Kept(), Commits()
    undisturbed = of_one_worker(books)
    asked(kept, commit)
    with small():
        run(books, kept, commit)
        later = NOW + timedelta(minutes=30)
        books.journal.append(paid(99, 5000, later))
        books.there.append((later, Line("invoice:acc-1:2021-05:99", "EUR", 5000, here=False, inside=True)))
        books.balance, books.compared = books.balance + 5000, later
        done = run_on(books, kept, commit)

    assert told(done, kept) == undisturbed


def test_two_workers_at_once_find_it_once_and_the_slower_one_does_no_harm() -> None:
    books, kept, commit = many_books(), Kept(), Commits()
    undisturbed = of_one_worker(books)
    asked(kept, commit)
    plain, met = books.accounts, []

    def accounts(*about: Any) -> Any:  # noqa: ANN401 -- an iterator
        if not met:
            met.append(True)
            run(books, kept, commit)
        return plain(*about)

    books.accounts = accounts  # type: ignore[method-assign]
    with small():
        slower = run(books, kept, commit)
        assert slower == kept.find(books.found[0].month)
        done = run_on(books, kept, commit)

    assert told(done, kept) == undisturbed
    assert run(books, kept, commit) == done


def test_an_account_with_more_differences_than_a_transaction_holds_is_written_whole() -> None:
    books, kept, commit = many_books(1, 0), Kept(), Commits()
    books.found = [account(1000, [invoice(100, number=each) for each in range(1, 121)], settlement=settled(1000, 1000))]
    asked(kept, commit)
    done = run(books, kept, commit)

    assert done is not None
    assert done.causes["not_yet_paid"] == sum(str(each.cause) == "not_yet_paid" for each in kept.of(done)) == 120
    assert max(commit.sizes) <= 100


def test_lines_beyond_memory_are_merged_from_disk_in_order() -> None:
    books, kept, commit = many_books(), Kept(), Commits()
    undisturbed = of_one_worker(books)
    asked(kept, commit)
    with small(), patch.object(reconciling_run, "_SPILLED", 1), patch.object(reconciling_run, "BUCKETS", 16):
        done = run_on(books, kept, commit)

    assert told(done, kept) == undisturbed


def test_a_provider_that_cannot_be_reached_leaves_the_run_as_it_was() -> None:
    books, kept, commit = many_books(), Kept(), Commits()
    asked(kept, commit)
    books.breaks = True
    with pytest.raises(OSError):  # noqa: PT011 -- the provider's
        run(books, kept, commit)
    assert kept.runs[NOW].going is None
    books.breaks = False
    done = run(books, kept, commit, NOW + timedelta(minutes=1))

    assert done is not None
    assert (done.state, done.as_of) == ("done", NOW + timedelta(minutes=1))
    with pytest.raises(ReconciliationChanged):
        commit([kept.saving(done, done)], None)
