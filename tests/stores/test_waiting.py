"""Who waits for what, as DynamoDB keeps it: in order of coming, and nobody is forgotten when it is given free."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.errors import AssetInUse, SessionChanged, WaitingChanged
from chalicelib.access.life import cancelled, reserved
from chalicelib.access.records import AssetStateRecord
from chalicelib.access.waiting import WAITS, Waiting, waiting_for
from chalicelib.access.waiting_ports import Taken
from chalicelib.access.waiting_store import WaitingStore
from chalicelib.catalogue.model import Asset
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from tests.stores.riding import MAY, START, record, session, sessions

pytestmark = pytest.mark.stores
lines = WaitingStore()
BIKE, OTHER = "par-1/bike-7", "par-1/bike-8"


def waiting(number: int = 1, *assets: str, seconds: int | None = None) -> Waiting:
    named = assets or ("bike-7",)
    made = [Asset("par-1", each, "bike", each.upper()) for each in named]
    at = START + timedelta(seconds=number if seconds is None else seconds)
    return waiting_for(f"acc-{number}", made, "kamppi" if len(named) > 1 else None, at)


def joining(commit: Transaction, given: Waiting) -> Waiting:
    commit(lines.joining(given, dict.fromkeys(given.asset_keys, 1)), None)
    return given


def freed() -> list[str]:
    return sorted(each.pk for each in MessageRecord.scan() if each.topic == "access.freed")


def test_a_place_in_a_line_is_found_under_its_account_and_its_assets(commit: Transaction) -> None:
    for number in (7, 8):
        commit(sessions.starting(session(number, asset_id=f"bike-{number}"), 1), None)
    mine = joining(commit, waiting(1, "bike-7", "bike-8"))

    assert lines.of_account("acc-1") == [mine]
    assert lines.find("acc-1", mine.waiting_id) == mine
    assert (lines.first(BIKE), lines.first(OTHER)) == (mine, mine)
    assert lines.taken([BIKE, OTHER, "par-1/x"]) == {BIKE: Taken(1, 1), OTHER: Taken(1, 1), "par-1/x": Taken(0, 0)}
    assert (lines.find("acc-2", mine.waiting_id), lines.first("par-1/x")) == (None, None)
    assert mine.until == mine.joined_at + WAITS


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_who_came_first_is_first_in_whatever_order_it_was_written(commit: Transaction, order: tuple[int, ...]) -> None:
    commit(sessions.starting(session(7), 1), None)
    for number in order:
        joining(commit, waiting(number))

    found = []
    while (first := lines.first(BIKE)) is not None:
        found.append(first.account_id)
        commit(lines.leaving(first), None)
    assert found == ["acc-1", "acc-2", "acc-3"]
    assert lines.taken([BIKE])[BIKE] == Taken(1, 0)


def test_nobody_waits_for_what_is_free_and_nobody_twice(commit: Transaction) -> None:
    with pytest.raises(WaitingChanged):
        joining(commit, waiting())
    commit(sessions.starting(session(7), 1), None)
    joining(commit, waiting())
    for again in (waiting(), waiting(seconds=50)):
        with pytest.raises(WaitingChanged):
            joining(commit, again)

    assert lines.taken([BIKE])[BIKE] == Taken(1, 1)


def test_one_of_several_that_is_free_is_enough_not_to_wait(commit: Transaction) -> None:
    commit(sessions.starting(session(7), 1), None)
    with pytest.raises(WaitingChanged):
        joining(commit, waiting(1, "bike-7", "bike-8"))
    assert (lines.of_account("acc-1"), lines.first(BIKE)) == ([], None)


def test_an_end_with_nobody_waiting_says_nothing_and_with_somebody_says_so_once(commit: Transaction) -> None:
    commit(sessions.starting(session(7), 1), None)
    commit(sessions.ending(record(session(7)), MAY), None)
    assert freed() == []

    commit(sessions.starting(session(8), 1), None)
    joining(commit, waiting())
    commit(sessions.ending(record(session(8)), MAY), None)
    assert freed() == [f"access.freed#{BIKE}#ses-8#1"]


def test_a_reservation_given_up_says_so_too(commit: Transaction) -> None:
    held = reserved(session(7), START + timedelta(minutes=10))
    commit(sessions.reserving(held, 1), None)
    joining(commit, waiting())
    commit(sessions.giving_up(cancelled(held, held.started_at), held.started_at), None)

    assert freed() == [f"access.freed#{BIKE}#ses-7#1"]


def test_who_gets_in_line_while_it_is_given_free_is_not_forgotten(commit: Transaction) -> None:
    """
    The end was made up when nobody waited; it is refused, and made up again.
    """
    commit(sessions.starting(session(7), 1), None)
    ending = sessions.ending(record(session(7)), MAY)
    joining(commit, waiting())

    with pytest.raises(SessionChanged):
        commit(ending, None)
    commit(sessions.ending(record(session(7)), MAY), None)
    assert len(freed()) == 1


def test_who_gets_in_line_a_moment_too_late_sees_it_free(commit: Transaction) -> None:
    commit(sessions.starting(session(7), 1), None)
    late = lines.joining(waiting(), {BIKE: 1})
    commit(sessions.ending(record(session(7)), MAY), None)

    with pytest.raises(WaitingChanged):
        commit(late, None)
    assert lines.first(BIKE) is None


def test_what_is_held_is_taken_and_its_line_shorter_in_one_write_of_the_item(commit: Transaction) -> None:
    for number in (7, 8):
        commit(sessions.starting(session(number, asset_id=f"bike-{number}"), 1), None)
    mine = joining(commit, waiting(1, "bike-7", "bike-8"))
    commit(sessions.ending(record(session(7)), MAY), None)
    held = reserved(session(9, "acc-1"), START + timedelta(minutes=30))
    holding = [*lines.holding(sessions.reserving(held, 1)), *lines.leaving(mine, held=BIKE)]
    commit(holding, None)

    assert lines.taken([BIKE, OTHER]) == {BIKE: Taken(1, 0), OTHER: Taken(1, 0)}
    assert (lines.of_account("acc-1"), lines.first(OTHER)) == ([], None)
    with pytest.raises((AssetInUse, WaitingChanged)):
        commit(holding, None)
    assert lines.taken([BIKE])[BIKE] == Taken(1, 0)


def test_leaving_what_was_joined_anew_leaves_it_as_it_is(commit: Transaction) -> None:
    commit(sessions.starting(session(7), 1), None)
    old = joining(commit, waiting())
    commit(lines.leaving(old), None)
    new = joining(commit, waiting(seconds=99))

    with pytest.raises(WaitingChanged):
        commit(lines.leaving(old), None)
    assert lines.first(BIKE) == new


def test_an_asset_from_before_anybody_could_wait_has_no_such_attribute(commit: Transaction) -> None:
    commit(sessions.starting(session(7), 1), None)
    stored = AssetStateRecord.find(f"asset#{BIKE}", "state")
    assert stored is not None
    assert stored.waiting is None


@given(st.permutations(["bike-1", "bike-2", "bike-3"]), st.integers(0, 9))
def test_a_place_in_a_line_has_one_name_in_whatever_order_its_assets_are_found(assets: list[str], later: int) -> None:
    one, other = waiting(1, "bike-1", "bike-2", "bike-3"), waiting(1, *assets, seconds=later)

    assert (one.waiting_id, one.assets) == (other.waiting_id, other.assets)
    assert len({one.waiting_id, waiting(1).waiting_id, waiting(2).waiting_id}) == 3
    assert replace(one, joined_at=other.joined_at, until=other.until) == other
