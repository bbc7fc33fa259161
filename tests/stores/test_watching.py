"""What was told of unused things, and the looks that are asked for in the acts' own transactions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.errors import SessionChanged
from chalicelib.access.model import AccessSession, NeedPolicy, State
from chalicelib.access.trace_records import LOOK
from chalicelib.access.watch_store import WatchStore
from chalicelib.kernel.time import format_instant
from chalicelib.storage.timers import SET, Timer
from chalicelib.storage.writes import Transaction
from tests.stores.riding import START, session, sessions
from tests.stores.tables import Client, items

pytestmark = pytest.mark.stores
GRACE = timedelta(minutes=10)
watches = WatchStore()


def looks(dynamodb: Client) -> Sequence[str]:
    """The names of the timers that are asked for."""
    keys = [item["pk"]["S"] for table, item in items(dynamodb) if table.endswith("outbox")]
    return sorted(key.removeprefix(f"{SET}#") for key in keys if key.startswith(SET))


def named(begun: AccessSession, minutes: float) -> str:
    at = begun.started_at + timedelta(minutes=minutes)
    return Timer(at, LOOK, {"session_id": begun.session_id}).name


@pytest.mark.parametrize(
    ("policy", "watched"),
    [
        (NeedPolicy(use_signals=("moving",), grace=GRACE), True),
        (NeedPolicy(use_signals=("moving",)), False),
        (NeedPolicy(grace=GRACE), False),
    ],
)
def test_a_start_asks_for_the_first_look_where_there_are_signs_of_use_and_a_grace(
    dynamodb: Client,
    commit: Transaction,
    policy: NeedPolicy,
    watched: bool,  # noqa: FBT001 -- a row
) -> None:
    begun = replace(session(), policy=policy)
    commit(sessions.starting(begun, 1), None)

    assert looks(dynamodb) == ([named(begun, 10)] if watched else [])


def test_a_pause_asks_for_one_and_a_hand_out_too(dynamodb: Client, commit: Transaction) -> None:
    begun = replace(session(), policy=NeedPolicy(grace=GRACE))
    commit(sessions.starting(begun, 1), None)
    act = Act(ActKind.PAUSE, begun.started_at + timedelta(minutes=5), "cus-1", "act-1")
    commit(sessions.changing(replace(begun, state=State.PAUSED, acts=(act,), revision=1)), None)
    assert looks(dynamodb) == [named(begun, 15)]

    until = START + timedelta(minutes=20)
    signs = NeedPolicy(use_signals=("moving",), grace=GRACE)
    held = replace(session(2, asset_id="b"), state=State.RESERVED, reserved_until=until, policy=signs)
    commit(sessions.reserving(held, 1), None)
    out = replace(held, state=State.ACTIVE, reserved_until=None, revision=1)
    commit(sessions.handing_out(out), None)
    assert named(out, 10) in looks(dynamodb)


def test_what_was_told_is_kept_on_the_turn_before(commit: Transaction) -> None:
    first = watches.told("ses-1").with_one_more(START)
    commit([watches.noting("ses-1", first)], None)
    assert watches.told("ses-1") == first
    assert format_instant(watches.told("ses-1").instants[0]) == format_instant(START)

    second = first.with_one_more(START + GRACE)
    commit([watches.noting("ses-1", second)], None)
    for stale in (first, second):
        with pytest.raises(SessionChanged):
            commit([watches.noting("ses-1", stale)], None)
    assert watches.told("ses-1") == second
