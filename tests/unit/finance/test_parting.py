"""An export of many accounts is written in parts, and has the bytes of one that a single worker writes."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.finance import parting
from chalicelib.finance.errors import ForeignCurrency
from chalicelib.finance.model import MANIFEST
from chalicelib.finance.parts_model import Task
from tests.unit.finance.monitored import APRIL, MAY, PRODUCTS, STATES, Account, Ride
from tests.unit.finance.months import AS_OF, Desk
from tests.unit.finance.parts import Month_of_many, PartsInMemory

STRETCHES = st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 5000)), max_size=3).map(tuple)
RIDES = st.builds(Ride, st.sampled_from(PRODUCTS), st.sampled_from(("one", "two")), st.integers(0, 3000), STRETCHES)
ACCOUNTS = st.builds(
    Account,
    st.from_regex(r"[a-z]{1,6}", fullmatch=True),
    st.lists(RIDES, max_size=4).map(tuple),
    paid=st.lists(st.tuples(st.sampled_from((APRIL, MAY)), st.integers(1, 900)), max_size=1).map(tuple),
    fee=st.integers(0, 50),
    goodwill=st.integers(0, 50),
    settled=st.booleans(),
)
SEVEN = [Account(f"acc-{each}", (Ride(cents=100 * each), Ride(PRODUCTS[2], cents=50))) for each in range(1, 8)]


def of_one_worker(accounts: list[Account]) -> dict[str, bytes]:
    return Month_of_many(accounts).written(a_part=len(accounts))


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(st.lists(ACCOUNTS, min_size=1, max_size=9, unique_by=lambda each: each.name), st.integers(1, 4), st.data())
def test_however_it_is_split_and_whichever_part_is_first_it_has_the_same_bytes(
    accounts: list[Account], a_part: int, data: st.DataObject
) -> None:
    several = Month_of_many(accounts)
    found = several.written(a_part, lambda count: data.draw(st.integers(0, count - 1)))

    assert found == of_one_worker(accounts)
    assert bool(several.parts.made) == (len(accounts) > a_part)


def test_what_one_piece_does_not_hold_is_in_several_and_large_texts_are_packed_alike() -> None:
    accounts = [Account(f"acc-{each:03d}", (Ride(cents=each),) * 20) for each in range(120)]
    with patch.object(parting, "_PIECE", 700):
        several = Month_of_many(accounts)
        found = several.written(a_part=50)

    assert found == of_one_worker(accounts)
    assert all(pieces > 3 for pieces in several.parts.done.values())


def test_an_export_of_few_accounts_has_no_parts() -> None:
    several = Month_of_many(SEVEN)
    export = several.begin(a_part=7)

    assert export is not None
    assert export.ready_at is not None
    assert (several.parts.known, several.tasks.waiting) == (None, [])


def test_nothing_is_to_be_seen_before_all_parts_are_put_together() -> None:
    several = Month_of_many(SEVEN)
    several.begin()
    for _ in range(4):
        several.next()

    assert several.desk.files.kept == {}
    assert several.tasks.waiting == [Task(MAY, 1)]
    several.next()
    assert f"{several.desk.prefix}{MANIFEST}" in several.desk.files.kept


def test_tasks_that_come_again_at_any_time_change_nothing() -> None:
    several = Month_of_many(SEVEN)
    several.begin()
    sent = [*several.tasks.waiting]
    while several.tasks.waiting:
        several.begin()
        several.tasks.waiting += sent[:1]
        several.next()
        if f"{several.desk.prefix}{MANIFEST}" in several.desk.files.kept:
            break
    for task in (*sent, Task(MAY, 1)):
        several.tasks.waiting = [task]
        several.next()

    assert several.desk.files.kept == of_one_worker(SEVEN)
    assert several.tasks.waiting == []
    assert several.parts.known is not None
    assert several.parts.known.done == 4


@pytest.mark.parametrize("breaks_at", range(20))
def test_a_worker_that_is_killed_at_any_write_leaves_what_the_next_one_goes_on_with(breaks_at: int) -> None:
    several, count = Month_of_many(SEVEN), 0
    plain = several.desk.commit

    def breaking(writes: object, outcome: object) -> object:
        nonlocal count
        count += 1
        if count == breaks_at:
            raise TimeoutError
        return plain(writes, outcome)  # type: ignore[arg-type]

    several.desk.commit = breaking  # type: ignore[assignment]
    for _ in range(3):
        try:
            several.begin()
            while several.tasks.waiting:
                do = several.tasks.waiting[0]
                several.next()
                assert do not in several.tasks.waiting
        except TimeoutError:
            several.tasks.waiting.clear()

    assert several.desk.files.kept == of_one_worker(SEVEN)


def test_many_parts_are_planned_turn_by_turn_and_the_rest_is_left_to_the_next_worker() -> None:
    several = Month_of_many(SEVEN)
    turns = patch.object(parting, "TURNS_AT_ONCE", 1)
    with turns, patch.object(parting, "PARTS_A_TURN", 2), patch("chalicelib.finance.parts_model.PARTS_A_TURN", 2):
        several.begin(a_part=1)
        assert (several.parts.onward, len(several.tasks.waiting)) == ([1], 2)
        several.begin(1, a_part=1)
        several.begin(1, a_part=1)
        assert (several.parts.onward, len(several.tasks.waiting)) == ([1, 2, 2], 6)
        several.begin(2, a_part=1)
        several.begin(3, a_part=1)

    assert several.parts.known is not None
    assert (several.parts.known.made, several.parts.known.parts) == (7, 7)
    assert [each.accounts for each in several.parts.made.values()] == [(each.name,) for each in SEVEN]


def test_a_part_that_cannot_be_written_refuses_the_export_and_the_other_parts_are_left() -> None:
    several = Month_of_many(SEVEN)
    several.begin()
    with patch.object(several.told, "of", side_effect=ForeignCurrency(account_id="acc-1", month="2021-05")):
        several.next()
    while several.tasks.waiting:
        several.next()

    export = several.desk.closes.export(MAY, 1)
    assert export is not None
    assert export.refused["code"] == "foreign_currency"
    assert (several.desk.files.kept, several.parts.done) == ({}, {})


@pytest.mark.parametrize(
    "gone",
    [
        lambda parts: setattr(parts, "known", None),
        lambda parts: parts.pieces.clear(),
        lambda parts: parts.pieces.pop((2, 0)),
        lambda parts: parts.done.pop(3),
    ],
)
def test_parts_that_are_kept_no_longer_refuse_the_export_and_nothing_of_it_is_to_be_seen(
    gone: Callable[[PartsInMemory], object],
) -> None:
    """
    They were put together too late, and failed till then; the database has dropped the plan, a part, or a piece.
    """
    several = Month_of_many(SEVEN)
    several.begin()
    for _ in range(4):
        several.next()
    gone(several.parts)
    several.next()

    export = several.desk.closes.export(MAY, 1)
    assert export is not None
    assert (export.state, export.refused["code"]) == ("refused", "parts_expired")
    assert several.desk.files.kept == {}


def test_a_part_and_a_turn_whose_plan_is_kept_no_longer_refuse_the_export() -> None:
    for again in (Month_of_many.next, lambda several: several.begin(5)):
        several = Month_of_many(SEVEN)
        several.begin()
        several.parts.known = None
        several.parts.made.clear()
        again(several)

        export = several.desk.closes.export(MAY, 1)
        assert export is not None
        assert export.refused["code"] == "parts_expired"


def test_no_part_is_read_of_a_version_of_whose_number_the_bucket_has_another_one() -> None:
    several = Month_of_many(SEVEN)
    there = {f"{several.desk.prefix}{MANIFEST}": b'{"as_of": "2021-06-01T00:00:00.000000Z", "close": 1}'}
    several.desk.files.kept = dict(there)
    export = several.begin()

    assert export is not None
    assert export.refused["code"] == "version_taken"
    assert (several.parts.known, several.tasks.waiting, several.desk.files.kept) == (None, [], there)


def test_an_export_that_nobody_asked_for_has_no_tasks() -> None:
    several = Month_of_many(SEVEN)
    several.desk = Desk(several.told, month=APRIL)
    several.begin()
    several.tasks.do(Task(MAY, 1))
    several.next()

    assert (several.parts.known, several.desk.files.kept) == (None, {})
    assert several.desk.exporting().now == AS_OF
