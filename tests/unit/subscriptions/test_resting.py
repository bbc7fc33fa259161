"""What a plan requires runs out: nobody has its fare then, and nothing counts until it is shown again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.time import Interval, format_instant
from chalicelib.subscriptions import changing, living
from chalicelib.subscriptions.errors import NotPaused
from chalicelib.subscriptions.moves import counts_of
from chalicelib.subscriptions.publishing import publish_plan
from chalicelib.subscriptions.subscribing import Subscribe, subscribe
from chalicelib.subscriptions.subscription import Lived, Pause, Phase, State, Subscription
from tests.unit.subscriptions.lives import ACCEPTED, ACCOUNT, CUSTOMER, MONTHLY, START, ZONE, Operator, plan

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NAME = "sub_1"


def confirm(*_: object) -> str:
    return "Medlem"


@pytest.fixture
def operator() -> Operator:
    """Students may have a plan; the customer is one for ten days."""
    made = Operator()
    publish_plan(plan("young", requires=("student",), seats=3), MONTHLY, publishing=made.publishing())
    made.people.shown[CUSTOMER, "student"] = START + 10 * DAY
    return made


def ask(operator: Operator, *members: str, plan_id: str = "young") -> str:
    command = Subscribe(ACCOUNT, CUSTOMER, plan_id, 1, ACCEPTED, members, max(len(members), 1))
    made = subscribe(command, keeping=operator.keeping(), confirm=confirm, random_bytes=operator.random_bytes)
    return made.subscription_id


def show(operator: Operator, name: str, person: str, until: datetime, heard: timedelta = timedelta()) -> Subscription:
    """Shown now, and heard of by the worker some time later."""
    at = operator.now
    operator.people.shown[person, "student"] = until
    operator.now += heard
    return changing.shown(operator.lives.now[name], at, keeping=operator.keeping())


def counted(operator: Operator, name: str, days: int = 60) -> list[tuple[int, float]]:
    """The stretches that count, in days from the beginning."""
    life = operator.lives.life(name)
    within = Interval(START, START + days * DAY)
    found = [each for phase in life.phases for each in life.stretches(phase, within)]
    return [((each.start - START) // DAY, (each.end - START) / DAY) for each in found]


def test_no_fee_counts_from_the_instant_at_which_the_proof_has_run_out(operator: Operator) -> None:
    """Nothing is written for it, and nobody has to be awake."""
    name = ask(operator)
    assert counted(operator, name) == [(0, 10)]
    made = operator.lives.now[name]
    assert [made.state_at(START + 10 * DAY - each) for each in (SECOND, timedelta())] == [State.ACTIVE, State.PAUSED]


def test_the_account_is_told_when_it_begins_to_rest_and_not_before(operator: Operator) -> None:
    name = ask(operator)
    for days in (9, 1):
        operator.now += days * DAY
        changing.turn(ACCOUNT, name, keeping=operator.keeping())
    assert operator.lives.told[1:] == [
        ("subscription_rests", {"plan": "young", "since": format_instant(START + 10 * DAY)})
    ]


def test_it_comes_back_at_the_instant_of_a_new_proof_however_late_that_is_heard_of(operator: Operator) -> None:
    name = ask(operator)
    operator.now += 30 * DAY
    again = show(operator, name, CUSTOMER, START + 45 * DAY, heard=3 * DAY)

    assert counted(operator, name) == [(0, 10), (30, 45)]
    assert again.state_at(START + 31 * DAY) is State.ACTIVE
    act = operator.billing.acts[-1]
    assert list(act.begins_to_cost()) == [START + 30 * DAY], "so that the month is billed"
    assert not any(counts_of(act, ZONE).values()), "an act of nobody is no move"


def test_a_proof_that_is_renewed_in_time_leaves_no_gap(operator: Operator) -> None:
    name = ask(operator)
    operator.now += 9 * DAY
    show(operator, name, CUSTOMER, START + 40 * DAY)
    same = operator.lives.now[name]
    assert counted(operator, name) == [(0, 40)]
    assert changing.shown(same, operator.now, keeping=operator.keeping()) is same


def test_it_counts_as_long_as_one_of_several_members_has_what_is_required(operator: Operator) -> None:
    operator.people.shown["cus_2", "student"] = START + 20 * DAY
    name = ask(operator, CUSTOMER, "cus_2")
    assert counted(operator, name) == [(0, 20)]
    operator.now += 12 * DAY
    changing.remove_member(operator.lives.now[name], "cus_2", keeping=operator.keeping())
    assert counted(operator, name) == [(0, 12)], "from then on, and not from when the other's had run out"

    operator.now += 3 * DAY
    operator.people.shown["cus_3", "student"] = START + 30 * DAY
    changing.add_member(operator.lives.now[name], "cus_3", keeping=operator.keeping())
    assert counted(operator, name) == [(0, 12), (15, 30)]


def test_a_plan_that_requires_nothing_counts_again_from_the_change_on(operator: Operator) -> None:
    publish_plan(plan("plain"), MONTHLY, publishing=operator.publishing())
    name = ask(operator)
    operator.now += 15 * DAY
    made = operator.lives.now[name]
    with pytest.raises(NotPaused):
        changing.wake(made, keeping=operator.keeping())
    wished = changing.ChangePlan("plain", 1)
    changing.change_plan(made, wished, CUSTOMER, keeping=operator.keeping(), confirm=confirm)
    assert counted(operator, name) == [(0, 10), (15, 60)]


def test_what_requires_nothing_never_rests() -> None:
    operator = Operator()
    publish_plan(plan("plain"), MONTHLY, publishing=operator.publishing())
    name = ask(operator, plan_id="plain")
    assert operator.lives.now[name].phase.shown_until is None
    assert counted(operator, name) == [(0, 60)]


_HOURS = st.integers(min_value=1, max_value=300)
HOUR = timedelta(hours=1)


def _good_for(until: datetime) -> Callable[[Phase], datetime]:
    return lambda _: until


@given(st.lists(st.tuples(_HOURS, _HOURS), min_size=1, max_size=6), st.none() | st.tuples(_HOURS, _HOURS))
def test_each_hour_counts_in_which_a_proof_is_good_and_nobody_pauses(
    proofs: list[tuple[int, int]], pause: tuple[int, int] | None
) -> None:
    """Whenever proofs come, whichever is longer, with a pause anywhere."""
    first = START + proofs[0][1] * HOUR
    phase = Phase("young", 1, START, shown_until=first)
    standing = Subscription("sub_1", ACCOUNT, CUSTOMER, "7", "da", START, phase, members=(CUSTOMER,))
    good, over, at = [(START, first)], [], START
    for gap, length in proofs[1:]:
        at += gap * HOUR
        until = max(good[-1][1], at + length * HOUR)
        good.append((at, until))
        act = living.shown_anew(living.turned(standing, at), _good_for(until), at)
        standing, over = act.after, [*over, *(each for each in act.over if isinstance(each, Pause))]
    own = [Pause(START + pause[0] * HOUR, START + sum(pause) * HOUR)] if pause else []
    found = Lived(standing, (standing.phase,), (*over, *own)).stretches(
        standing.phase, Interval(START, START + 3_000 * HOUR)
    )
    for hour in range(0, 2_000, 7):
        instant = START + hour * HOUR
        shown = any(since <= instant < until for since, until in good)
        paused = any(each.since <= instant and each.until is not None and instant < each.until for each in own)
        assert any(each.holds(instant) for each in found) == (shown and not paused)
