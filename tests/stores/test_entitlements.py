"""What a session lets its customer have is kept by the session's own acts, and its streams by one condition."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.access.entitlement import LEASE, Entitlement, with_stream
from chalicelib.access.entitlement_store import EntitlementStore
from chalicelib.access.errors import AssetInUse, SessionChanged, StreamsChanged
from chalicelib.access.life import cancelled, expired, handed_out, paused, reserved, resumed, stopping
from chalicelib.access.model import AccessSession, Entitled, State
from chalicelib.access.records import EntitlementRecord
from chalicelib.access.stops import Stop
from chalicelib.storage.writes import Transaction
from tests.stores.riding import MAY, START, record, session, sessions
from tests.stores.tables import Client, items

pytestmark = pytest.mark.stores
entitlements = EntitlementStore()
NAME = "ent_somebody"
ENTITLED = Entitled(NAME, device_id="lock-7", seats=None, streams=2, offline=True)
NOON = START + timedelta(hours=1)


def begun(number: int = 1) -> AccessSession:
    return replace(session(number), entitled=replace(ENTITLED, name=NAME if number == 1 else f"ent_{number}"))


def kept() -> Entitlement:
    found = entitlements.find("par-1", NAME)
    assert found is not None
    return found


def expires() -> int | None:
    found = EntitlementRecord.find(f"entitled#par-1/{NAME}", "entitlement")
    assert found is not None
    return found.expires


def test_a_session_that_starts_entitles_its_customer_at_its_own_partner(commit: Transaction) -> None:
    started = begun()
    commit(sessions.starting(started, None), None)

    assert kept() == Entitlement("par-1", "bike-7", "ses-1", State.ACTIVE, None, ENTITLED)
    assert sessions.find("ses-1") == started
    assert (entitlements.find("par-2", NAME), entitlements.find("par-1", "ent_other")) == (None, None)


def test_what_is_to_stop_by_itself_entitles_until_then_whatever_its_streams_are(commit: Transaction) -> None:
    commit(sessions.starting(stopping(begun(), Stop(NOON), START), None), None)
    commit(entitlements.counting(opened(kept(), "tv")), None)

    assert (kept().until, list(kept().streams)) == (NOON, ["tv"])
    assert entitlements.find("par-1", "ent_other") is None


def test_a_start_that_is_refused_entitles_nobody(commit: Transaction) -> None:
    commit(sessions.starting(begun(2), 1), None)

    with pytest.raises(AssetInUse):
        commit(sessions.starting(begun(), 1), None)

    assert entitlements.find("par-1", NAME) is None


def test_pause_resume_and_stop_are_known_in_their_own_transaction(commit: Transaction) -> None:
    at = begun()
    commit(sessions.starting(at, 1), None)
    seen = []
    for act in (
        lambda each: paused(each, NOON, "cus-1", "act-1"),
        lambda each: resumed(each, NOON, "cus-1", "act-2"),
        lambda each: stopping(each, Stop(NOON + timedelta(hours=2)), NOON),
        lambda each: stopping(each, None, NOON),
    ):
        at = act(at)
        commit(sessions.changing(at), None)
        seen.append((kept().state, kept().until, kept().revision))

    assert seen == [
        (State.PAUSED, None, 1),
        (State.ACTIVE, None, 2),
        (State.ACTIVE, NOON + timedelta(hours=2), 3),
        (State.ACTIVE, None, 4),
    ]


def test_a_change_that_comes_too_late_leaves_what_holds(commit: Transaction) -> None:
    started = begun()
    commit(sessions.starting(started, 1), None)
    commit(sessions.ending(record(started), MAY), None)

    with pytest.raises(SessionChanged):
        commit(sessions.changing(paused(started, NOON, "cus-1", "act-1")), None)

    assert kept().state is State.ENDED


def test_an_ended_session_is_told_as_ended_for_a_day_and_the_item_goes_then(commit: Transaction) -> None:
    started = begun()
    commit(sessions.starting(started, 1), None)
    assert expires() is None
    ended = record(started)
    commit(sessions.ending(ended, MAY), None)

    assert kept().state is State.ENDED
    assert expires() == int((ended.sealed_at + timedelta(days=1)).timestamp())


def test_a_reservation_entitles_only_once_it_is_handed_out(commit: Transaction) -> None:
    held = reserved(begun(), NOON)
    commit(sessions.reserving(held, 1), None)
    assert (kept().state, kept().until) == (State.RESERVED, NOON)

    commit(sessions.handing_out(handed_out(held, START + timedelta(minutes=5))), None)

    assert (kept().state, kept().until) == (State.ACTIVE, None)


@pytest.mark.parametrize("given_up", [lambda each: cancelled(each, NOON), lambda each: expired(each, NOON)])
def test_a_reservation_that_nobody_takes_up_is_over(commit: Transaction, given_up: object) -> None:
    assert callable(given_up)
    held = reserved(begun(), NOON)
    commit(sessions.reserving(held, 1), None)
    commit(sessions.giving_up(given_up(held), held.started_at), None)

    assert kept().state in {State.CANCELLED, State.EXPIRED}
    assert expires() is not None


def test_a_session_from_before_there_were_entitlements_goes_on_without_one(
    commit: Transaction, dynamodb: Client
) -> None:
    old = session()
    commit(sessions.starting(old, 1), None)
    commit(sessions.changing(paused(old, NOON, "cus-1", "act-1")), None)

    assert [item for _, item in items(dynamodb) if item["pk"]["S"].startswith("entitled#")] == []


def opened(found: Entitlement, stream: str) -> Entitlement:
    after = with_stream(found, stream, NOON)
    assert after is not None
    return after


def test_of_two_who_saw_one_free_stream_one_opens_it_and_the_other_looks_again(commit: Transaction) -> None:
    commit(sessions.starting(begun(), 1), None)
    first = opened(kept(), "tv")
    commit(entitlements.counting(first), None)
    assert kept() == first
    seen = kept()
    commit(entitlements.counting(opened(seen, "radio")), None)

    with pytest.raises(StreamsChanged):
        commit(entitlements.counting(opened(seen, "phone")), None)

    assert set(kept().streams) == {"tv", "radio"}
    assert with_stream(kept(), "phone", NOON) is None
    assert with_stream(kept(), "phone", NOON + LEASE) is not None


def test_no_stream_opens_on_what_was_paused_since_it_was_read_and_a_pause_keeps_the_streams(
    commit: Transaction,
) -> None:
    started = begun()
    commit(sessions.starting(started, 1), None)
    commit(entitlements.counting(opened(kept(), "tv")), None)
    seen = kept()
    commit(sessions.changing(paused(started, NOON, "cus-1", "act-1")), None)

    with pytest.raises(StreamsChanged):
        commit(entitlements.counting(opened(seen, "radio")), None)

    assert (kept().state, set(kept().streams)) == (State.PAUSED, {"tv"})


def test_a_stream_of_nobody_is_stored_nowhere(commit: Transaction) -> None:
    with pytest.raises(StreamsChanged):
        commit(entitlements.counting(opened(Entitlement("par-1", "x", "y", State.ACTIVE, None, ENTITLED), "tv")), None)

    assert entitlements.find("par-1", NAME) is None
