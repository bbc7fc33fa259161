"""Sessions, charge records and what is taken, as DynamoDB keeps them: all of an act or nothing of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.charge_items import charge_item
from chalicelib.access.errors import AssetInUse, SessionChanged
from chalicelib.access.limit_store import LimitStore
from chalicelib.access.marks_store import MarkStore
from chalicelib.access.model import AccessSession, CreditTerms, NeedInterval, NeedPolicy, NeedState
from chalicelib.access.records import SessionRecord, session_record
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.time import Interval
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from tests.stores.riding import JUNE, MAY, START, record, ride, session, sessions

pytestmark = pytest.mark.stores
BIKE = "par-1/bike-7"


def test_a_started_session_is_open_on_its_asset_and_under_its_account(commit: Transaction) -> None:
    begun = session()
    commit(sessions.starting(begun, 1), None)

    assert sessions.find("ses-1") == begun
    assert sessions.open_of("acc-1") == [begun]
    assert sessions.open_on(BIKE) == ["ses-1"]
    assert not sessions.is_free(BIKE, 1)
    assert sessions.is_free(BIKE, 2)
    assert sessions.many(["ses-1", "ses-9"]) == {"ses-1": begun}
    assert (sessions.find("ses-9"), sessions.open_of("acc-9"), sessions.open_on("par-1/x")) == (None, [], [])


POLICIES = [
    NeedPolicy(),
    NeedPolicy(
        ("moving", "metres"),
        ("locked",),
        ("docked",),
        timedelta(minutes=5, microseconds=1),
        timedelta(seconds=90),
        NeedState.RELEASED,
    ),
    NeedPolicy(rest_signals=(), grace=timedelta(minutes=2)),
    NeedPolicy(fault_credit=CreditTerms("charge", 50)),
]
ACTS = (
    Act(ActKind.PAUSE, START + timedelta(minutes=5), "cus-1", "act-1"),
    Act(ActKind.RESUME, START + timedelta(minutes=9, microseconds=1), "cus-1", "act-2"),
)


def by(policy: NeedPolicy) -> AccessSession:
    return replace(session(), policy=policy, acts=ACTS)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_session_keeps_the_policy_and_the_acts_that_its_need_goes_by(commit: Transaction, policy: NeedPolicy) -> None:
    begun = by(policy)
    commit(sessions.starting(begun, 1), None)
    assert sessions.find("ses-1") == begun
    assert sessions.open_of("acc-1") == [begun]
    ended = record(begun)
    commit(sessions.ending(ended, MAY), None)

    assert sessions.find("ses-1") == ended.session
    charge = sessions.charge_of(ended.session)
    assert charge == ended
    assert (charge.session.policy, charge.session.acts) == (policy, ACTS)


def test_a_session_and_its_charge_keep_what_ended_it_and_the_faults_that_stood_then(commit: Transaction) -> None:
    begun = session()
    commit(sessions.starting(begun, 1), None)
    broken = begun.end(begun.started_at + timedelta(minutes=5), "fault")
    sealed = record(broken)
    commit(sessions.ending(replace(sealed, need=replace(sealed.need, faults=("bang",))), MAY), None)

    found, charge = sessions.find("ses-1"), sessions.charge_of(broken)
    assert found is not None
    assert charge is not None
    assert (found.ended_by, charge.session.ended_by, charge.need.faults) == ("fault", "fault", ("bang",))


def test_a_charge_keeps_intervals_of_every_state(commit: Transaction) -> None:
    begun = session()
    commit(sessions.starting(begun, 1), None)
    sealed = record(begun)
    times = [sealed.session.started_at + timedelta(minutes=number) for number in range(len(NeedState) + 1)]
    stretches = tuple(
        NeedInterval(state, Interval(start, end), (str(state),))
        for state, start, end in zip(NeedState, times[:-1], times[1:], strict=True)
    )
    need = replace(sealed.need, intervals=stretches)
    commit(sessions.ending(replace(sealed, need=need), MAY), None)

    found = sessions.charge_of(sealed.session)
    assert found is not None
    assert found.need.intervals == stretches


def test_items_from_before_there_were_policies_go_by_the_default(commit: Transaction) -> None:
    """
    An item of the default policy without acts has no attribute of either, and no more in its charge: it is one of
    before.
    """
    ended = ride(commit)
    stored = SessionRecord.find("session#ses-1", "session")
    assert stored is not None
    assert {"policy", "acts"}.isdisjoint(stored.serialize())
    assert {"policy", "acts"}.isdisjoint(charge_item(ended).session)
    assert {"policy", "acts"} <= session_record(by(POLICIES[1])).serialize().keys()

    found, sealed = sessions.find("ses-1"), sessions.charge_of(ended.session)
    assert found is not None
    assert sealed is not None
    assert (found.policy, found.acts) == (sealed.session.policy, sealed.session.acts) == (NeedPolicy(), ())


def test_many_sessions_are_read_at_once(commit: Transaction) -> None:
    starts = [sessions.starting(session(number, asset_id=f"bike-{number}"), 1) for number in range(103)]
    for first in range(0, 103, 25):
        commit([write for each in starts[first : first + 25] for write in each], None)

    assert len(sessions.many([f"ses-{number}" for number in range(103)])) == 103
    assert sessions.many([]) == {}


@pytest.mark.parametrize("capacity", [1, 3])
def test_an_asset_takes_as_many_as_it_can_and_a_refused_start_leaves_nothing(
    commit: Transaction, capacity: int
) -> None:
    for number in range(capacity):
        commit(sessions.starting(session(number), capacity), None)
    with pytest.raises(AssetInUse):
        commit(sessions.starting(session(9, "acc-2"), capacity), None)

    assert len(sessions.open_on(BIKE)) == capacity
    assert sessions.find("ses-9") is None
    assert sessions.open_of("acc-2") == []


def test_the_same_session_starts_once(commit: Transaction) -> None:
    commit(sessions.starting(session(), 5), None)
    with pytest.raises(AssetInUse):
        commit(sessions.starting(session(), 5), None)

    assert sessions.open_on(BIKE) == ["ses-1"]
    assert not sessions.is_free(BIKE, 1)


def test_an_ended_session_is_charged_its_asset_free_and_its_account_to_be_billed(commit: Transaction) -> None:
    ended = ride(commit)

    assert sessions.find("ses-1") == ended.session
    assert sessions.charge_of(ended.session) == ended
    assert sessions.open_of("acc-1") == []
    assert sessions.open_on(BIKE) == []
    assert sessions.is_free(BIKE, 1)
    assert sessions.active_accounts(MAY) == ["acc-1"]
    assert sessions.active_accounts(JUNE) == []


def test_a_session_ends_once_and_gives_one_place_free(commit: Transaction) -> None:
    begun = session()
    commit(sessions.starting(begun, 2), None)
    commit(sessions.starting(session(2), 2), None)
    commit(sessions.ending(record(begun), MAY), None)
    with pytest.raises(SessionChanged):
        commit(sessions.ending(record(begun, 45), MAY), None)

    assert sessions.open_on(BIKE) == ["ses-2"]
    assert not sessions.is_free(BIKE, 1)
    charge = sessions.charge_of(record(begun).session)
    assert charge is not None
    assert charge.ended_at == begun.started_at + timedelta(minutes=30)


def test_an_asset_is_taken_again_after_it_was_given_back(commit: Transaction) -> None:
    for number in range(3):
        ride(commit, number)

    assert sessions.is_free(BIKE, 1)
    assert len(sessions.charged("acc-1", Interval(START, START + timedelta(hours=9)))) == 3


def test_charges_are_listed_by_end_from_the_first_instant_up_to_not_including_the_last(commit: Transaction) -> None:
    """
    Ends at 20:31, 20:22 and 20:13: the second interval begins where the first ends.
    """
    records = [ride(commit, number, 40 - 10 * number) for number in (1, 2, 3)]
    by_end = records[::-1]
    cut = by_end[1].ended_at

    assert sessions.charged("acc-1", Interval(START, START + timedelta(hours=2))) == by_end
    assert sessions.charged("acc-1", Interval(START, cut)) == by_end[:1]
    assert sessions.charged("acc-1", Interval(cut, START + timedelta(hours=2))) == by_end[1:]
    assert sessions.charged("acc-1", Interval(cut, cut)) == []


def test_the_newest_counter_record_counts_and_the_first_stays(commit: Transaction) -> None:
    first = ride(commit)
    second = replace(record(first.session, revision=1), sealed_at=START + timedelta(days=1))
    commit(sessions.correcting(second, JUNE, MAY), None)

    assert sessions.charge_of(first.session) == second
    assert sessions.charged("acc-1", Interval(START, START + timedelta(hours=2))) == [second]
    assert sessions.active_accounts(JUNE) == ["acc-1"]
    assert sessions.adjusted_months("acc-1", JUNE) == [MAY]
    assert sessions.adjusted_months("acc-1", MAY) == []


def test_what_was_charged_from_an_instant_on_and_what_is_open_are_read_at_once(commit: Transaction) -> None:
    """
    Each revision in order, and nothing that stands beside them.
    """
    early, late = ride(commit), ride(commit, 3)
    second = replace(record(late.session, revision=1), sealed_at=START + timedelta(days=1))
    commit(sessions.correcting(second, JUNE, MAY), None)
    going_on = session(4)
    commit(sessions.starting(going_on, 5), None)
    commit([*LimitStore().starting(going_on, 0, START)], None)
    marks = MarkStore()

    assert marks.charged_and_open("acc-1", early.charged_at) == ([early, late, second], [going_on])
    assert marks.charged_and_open("acc-1", late.charged_at) == ([late, second], [going_on])
    assert marks.charged_and_open("acc-9", START) == ([], [])


def test_a_revision_is_sealed_once_and_several_corrections_are_all_remembered(commit: Transaction) -> None:
    first, other = ride(commit), ride(commit, 2)
    second = record(first.session, revision=1)
    commit(sessions.correcting(second, JUNE, MAY), None)
    commit(sessions.correcting(record(other.session, revision=1), JUNE, MAY.previous), None)
    with pytest.raises(Conflict):
        commit(sessions.correcting(second, JUNE, MAY), None)

    assert sessions.adjusted_months("acc-1", JUNE) == [MAY.previous, MAY]
    assert MarkStore().adjusted_among(["acc-1", "acc-2"], JUNE) == {"acc-1": [MAY.previous, MAY], "acc-2": []}


def test_a_correction_within_the_month_adjusts_no_other(commit: Transaction) -> None:
    first = ride(commit)
    commit(sessions.correcting(record(first.session, revision=1), MAY, MAY), None)

    assert sessions.adjusted_months("acc-1", MAY) == []
    assert sessions.active_accounts(MAY) == ["acc-1"]


def test_an_ended_session_that_was_heard_of_is_looked_at_again(commit: Transaction) -> None:
    commit([sessions.hear_again("ses-1", START)], None)

    said = MessageRecord.find("access.evidence#ses-1", "message")
    assert said is not None
    assert said.body == {"session_id": "ses-1"}


def test_accounts_to_be_billed_are_listed_in_order_over_all_partitions(commit: Transaction) -> None:
    for number in range(30):
        ride(commit, number, account_id=f"acc-{number:02d}", asset_id=f"bike-{number}")

    assert sessions.active_accounts(MAY) == [f"acc-{number:02d}" for number in range(30)]


def test_accounts_to_be_billed_are_paged_each_once(commit: Transaction) -> None:
    for number in range(30):
        ride(commit, number, account_id=f"acc-{number:02d}", asset_id=f"bike-{number}")
    found: list[str] = []
    while page := sessions.active_accounts_after(MAY, limit=7, after=found[-1] if found else None):
        assert len(page) == min(7, 30 - len(found))
        found += page

    assert sorted(found) == sessions.active_accounts(MAY)
    assert sessions.active_accounts_after(JUNE, limit=7, after=None) == []


def test_the_uses_of_an_asset_are_those_of_a_stretch_of_time_and_two_before(commit: Transaction) -> None:
    for number in range(1, 50, 10):
        ride(commit, number, minutes=5)
    commit(sessions.starting(session(60), 1), None)
    ride(commit, 61, asset_id="bike-8")
    since, until = START + timedelta(minutes=31), START + timedelta(minutes=60)

    found = sessions.uses_of("par-1/bike-7", since, until)

    assert [each.session_id for each in found] == ["ses-11", "ses-21", "ses-31", "ses-41", "ses-60"]
    assert [each.ended_at for each in found[-2:]] == [START + timedelta(minutes=46), None]
    assert sessions.uses_of("par-1/bike-7", START - timedelta(days=1), START) == []
    assert sessions.uses_of("par-1/bike-9", since, until) == []
