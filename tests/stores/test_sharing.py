"""Shared sessions and their parts, as DynamoDB keeps them: all of an act or nothing of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.access.errors import AssetInUse, SessionChanged
from chalicelib.access.model import AccessSession, AssetUse
from chalicelib.access.parts import Move
from chalicelib.access.records import SessionRecord, session_record
from chalicelib.access.sharing import Invitation, Joiner, joined, views_of
from chalicelib.kernel.money import Money
from chalicelib.storage.writes import Transaction
from tests.stores.riding import JUNE, MAY, START, record, session, sessions

pytestmark = pytest.mark.stores


def joining(whole: AccessSession, number: int) -> AccessSession:
    until = START + timedelta(hours=1)
    invitation = Invitation(f"inv-{number}", whole.session_id, "acc-1", number, 1, until)
    return joined(whole, invitation, Joiner(f"acc-{number}", f"cus-{number}", Money(number, "EUR")), START)


def shared(commit: Transaction) -> AccessSession:
    whole = session()
    commit(sessions.starting(whole, 1), None)
    for number in (2, 3):
        whole = joining(whole, number)
        commit(sessions.joining(whole), None)
    return whole


def test_a_shared_session_is_open_under_every_account_with_all_its_parts(commit: Transaction) -> None:
    whole = shared(commit)

    assert sessions.find("ses-1") == whole
    assert [sessions.open_of(each.account_id) for each in views_of(whole)] == [[each] for each in views_of(whole)]
    assert sessions.open_on("par-1/bike-7") == ["ses-1"]


def test_an_unshared_session_has_no_attribute_of_parts_or_moves() -> None:
    assert {"parts", "moves"}.isdisjoint(session_record(session()).serialize())


def test_moves_are_kept_with_the_session_and_its_charge(commit: Transaction) -> None:
    moved = replace(session(), moves=(Move("bike-1", START + timedelta(minutes=2), "act-1"),))
    commit(sessions.starting(moved, 1), None)
    assert sessions.find("ses-1") == moved
    sealed = record(moved)
    commit(sessions.ending(sealed, MAY), None)
    assert sessions.charge_of(sealed.session) == sealed


def test_two_who_join_at_once_are_not_both_written(commit: Transaction) -> None:
    whole = session()
    commit(sessions.starting(whole, 1), None)
    commit(sessions.joining(joining(whole, 2)), None)

    with pytest.raises(SessionChanged):
        commit(sessions.joining(joining(whole, 3)), None)

    assert sessions.open_of("acc-3") == []
    assert [each.account_id for each in (sessions.find("ses-1") or whole).parts] == ["acc-1", "acc-2"]


def test_a_change_reaches_every_account(commit: Transaction) -> None:
    whole = shared(commit)
    changed = replace(whole, stop=None, policy=whole.policy, revision=whole.revision + 1)
    changed = replace(changed, parts=tuple(replace(each, left_at=START) for each in whole.parts))
    commit(sessions.changing(changed), None)

    assert [sessions.open_of(each.account_id) for each in views_of(changed)] == [[each] for each in views_of(changed)]


def test_the_end_leaves_each_account_a_charge_of_its_own_and_a_month_to_be_billed(commit: Transaction) -> None:
    sealed = record(shared(commit))
    records = [replace(sealed, session=each) for each in views_of(sealed.session)]
    parts = [write for each in records[1:] for write in sessions.ending_part(each, MAY)]
    commit([*sessions.ending(records[0], MAY), *parts], None)

    assert [sessions.charge_of(each.session) for each in records] == records
    assert [sessions.open_of(each.session.account_id) for each in records] == [[], [], []]
    assert sessions.active_accounts(MAY) == ["acc-1", "acc-2", "acc-3"]

    again = [replace(each, revision=1) for each in records]
    commit([write for each in again for write in sessions.correcting(each, JUNE, MAY)], None)
    assert [sessions.charge_of(each.session) for each in records] == again
    assert {tuple(sessions.adjusted_months(f"acc-{number}", JUNE)) for number in (1, 2, 3)} == {(MAY,)}


def test_an_end_that_misses_a_part_that_joined_meanwhile_is_refused(commit: Transaction) -> None:
    whole = session()
    commit(sessions.starting(whole, 1), None)
    commit(sessions.joining(joining(whole, 2)), None)

    with pytest.raises(SessionChanged):
        commit(sessions.ending(record(whole), MAY), None)

    stored = SessionRecord.find("session#ses-1", "session")
    assert stored is not None
    assert stored.state == "active"


def test_a_move_gives_one_asset_free_and_takes_the_other_which_each_know_when(commit: Transaction) -> None:
    begun = session()
    commit(sessions.starting(begun, 1), None)
    at = START + timedelta(minutes=9)
    after = replace(begun, asset_id="bike-8", moves=(Move("bike-7", at, "act-1"),), revision=1)
    commit(sessions.moving(begun, after, 1), None)

    assert sessions.find("ses-1") == after
    assert [sessions.open_on(f"par-1/{each}") for each in ("bike-7", "bike-8")] == [[], ["ses-1"]]
    stays = [sessions.uses_of(f"par-1/{each}", START, START + timedelta(hours=1)) for each in ("bike-7", "bike-8")]
    assert stays == [[AssetUse("ses-1", begun.started_at, at)], [AssetUse("ses-1", at, None)]]
    commit(sessions.ending(record(after), MAY), None)
    assert [sessions.is_free(f"par-1/{each}", 1) for each in ("bike-7", "bike-8")] == [True, True]


def test_a_move_to_a_taken_asset_or_of_a_session_changed_meanwhile_changes_nothing(commit: Transaction) -> None:
    begun, other = session(), session(2, asset_id="bike-8")
    for each in (begun, other):
        commit(sessions.starting(each, 1), None)
    after = replace(
        begun, asset_id="bike-8", moves=(Move("bike-7", START + timedelta(minutes=9), "act-1"),), revision=1
    )
    for changed, refusal in ((after, AssetInUse), (replace(after, asset_id="bike-9", revision=2), SessionChanged)):
        with pytest.raises(refusal):
            commit(sessions.moving(begun, changed, 1), None)

    assert sessions.find("ses-1") == begun
    assert [sessions.open_on(f"par-1/bike-{each}") for each in (7, 8, 9)] == [["ses-1"], ["ses-2"], []]
