"""What a session needs by the policy that held at its start: intervals, quantities of time, running cost and bill."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.acts import Act
from chalicelib.access.model import AccessSession, Need, NeedPolicy, NeedState, State
from chalicelib.access.need import need_of, need_policy
from chalicelib.catalogue.policy import Unused, UsePolicy
from chalicelib.metering.model import Event
from chalicelib.rating import Need as RatedNeed
from chalicelib.rating import Tariff, Use, quote, rate
from tests.unit.access.shown import MINUTE, bike, by_hand, done, evidences, policies, rows, said
from tests.unit.access.test_need import SESSION, ended, heads_of
from tests.unit.metering.rides import START
from tests.unit.rating.made import tariff

BY_NEED = {"kind": "need", "per": "min", "in_use": "0.60", "kept": "0.10", "grace": "0.05"}
BY_METER = {"kind": "graduated", "meter": "use_seconds", "tiers": [{"up_to": None, "unit_amount": "0.01"}]}
TARIFFS = [tariff(BY_NEED), tariff(BY_METER)]


def under(policy: NeedPolicy, minutes: int | None = None, acts: tuple[Act, ...] = ()) -> AccessSession:
    """Open, or ended after so many minutes."""
    return replace(SESSION if minutes is None else ended(minutes), policy=policy, acts=acts)


def need(session: AccessSession, *events: Event, at: int = 60) -> Need:
    return need_of(session, heads_of(*events), START + at * MINUTE)


def test_by_the_default_policy_signals_of_use_and_rest_decide_nothing() -> None:
    events = [said("moving", 10), said("idle", 20), said("docked", 30)]

    assert rows(need(ended(60), *events).intervals) == [("in_use", 0, 60)]


def test_where_a_product_names_signs_of_use_they_show_it() -> None:
    found = need(under(bike(grace=5), 60), said("moving", 10), said("idle", 20))

    assert rows(found.intervals) == [
        ("grace", 0, 5),
        ("kept", 5, 10),
        ("in_use", 10, 20),
        ("grace", 20, 25),
        ("kept", 25, 60),
    ]


def test_time_that_no_meter_measured_is_the_time_that_the_signs_show() -> None:
    """
    Out for an hour, used for ten minutes: the tariff by the second charges ten minutes.
    """
    events = [said("moving", 10), said("idle", 20)]

    assert need(under(bike(), 60), *events).quantities["use_seconds"] == 600
    assert need(under(bike()), *events).quantities["use_seconds"] == 600
    measured = need(under(bike(), 60), *events, said("use_seconds", 60, 480))
    assert measured.quantities["use_seconds"] == 480
    assert rows(measured.intervals) == [("kept", 0, 10), ("in_use", 10, 20), ("kept", 20, 60)]


def test_a_fault_stops_the_meter_that_runs_until_the_thing_has_reported() -> None:
    assert need(ended(60), said("faulty", 20)).quantities["use_seconds"] == 1200
    assert need(SESSION, said("faulty", 20)).quantities["use_seconds"] == 1200


def test_a_pause_stops_it_too() -> None:
    acts = (done("pause", 20), done("resume", 50))

    found = need(under(by_hand(), 60, acts))

    assert rows(found.intervals) == [("in_use", 0, 20), ("kept", 20, 50), ("in_use", 50, 60)]
    assert found.quantities["use_seconds"] == 1800


def test_what_was_measured_bounds_the_use_of_a_thing_without_signs_once_it_is_back() -> None:
    acts, measured = (done("pause", 20), done("resume", 50)), said("use_seconds", 60, 1500)

    assert rows(need(under(by_hand(), 60, acts), measured).intervals) == [
        ("in_use", 0, 20),
        ("kept", 20, 50),
        ("in_use", 50, 55),
        ("kept", 55, 60),
    ]
    assert rows(need(under(by_hand(), None, acts), measured).intervals)[-1] == ("in_use", 50, 60)


def test_a_hand_out_that_the_thing_reports_counts_where_there_are_no_signs_of_use() -> None:
    """
    A pause before it goes on after it. What is unlocked after the end was not handed out then.
    """
    acts = (done("pause", 1), done("resume", 10))

    assert rows(need(under(by_hand(), 60, acts), said("unlocked", 5)).intervals) == [
        ("kept", 5, 10),
        ("in_use", 10, 60),
    ]
    (used,) = need(under(by_hand(), 60, acts), said("unlocked", 10)).intervals
    assert (rows([used]), used.evidence) == ([("in_use", 10, 60)], ("pause-1", "resume-10", "unlocked-10"))
    assert rows(need(ended(60), said("unlocked", -2), said("unlocked", 5)).intervals) == [("in_use", 0, 60)]
    assert rows(need(ended(60), said("unlocked", 61)).intervals) == [("in_use", 0, 60)]
    assert rows(need(under(bike(), 60), said("unlocked", 5)).intervals) == [("kept", 0, 60)]


def test_what_is_open_is_in_use_until_now_while_its_last_sign_holds() -> None:
    session = under(bike(silence=10))

    assert rows(need(session, said("moving", 55)).intervals)[-1] == ("in_use", 55, 60)
    assert rows(need(session, said("moving", 55), at=70).intervals)[-2:] == [("in_use", 55, 65), ("kept", 65, 70)]


def test_another_policy_or_another_act_is_another_digest_and_the_default_changes_none() -> None:
    acts = (done("pause", 20), done("resume", 50))
    found = [
        need(session).digest
        for session in (ended(60), under(bike(), 60), under(bike(5), 60), under(NeedPolicy(), 60, acts))
    ]

    assert len(set(found)) == len(found)
    assert need(under(NeedPolicy(), 60, acts[::-1])).digest == found[-1]
    assert need(under(NeedPolicy(), 60)).digest == found[0]


def test_the_digest_of_a_session_by_the_default_policy_is_what_it_was_before_there_were_policies() -> None:
    """
    Else each session that was sealed before would be corrected as soon as it is heard of again.
    """
    events = [said("unlocked", 2, own_id="event-1"), said("use_seconds", 60, 600, "event-2")]

    assert need(ended(60), *events).digest == "a19b008cfb33729b2d86dcf59d875d74759d5b8a091b2c6a8af035ab675c57fa"


@given(policies())
def test_a_policy_reads_back_from_its_document(policy: NeedPolicy) -> None:
    assert NeedPolicy.of(policy.document()) == policy


def test_a_session_goes_by_what_its_products_policy_says_of_need() -> None:
    stated = UsePolicy(
        use_signals=("moving",),
        rest_signals=("locked",),
        return_signals=("docked",),
        silence=timedelta(minutes=5),
        grace=timedelta(minutes=2),
        unused=Unused.RELEASED,
    )

    assert need_policy(stated) == NeedPolicy(
        ("moving",), ("locked",), ("docked",), timedelta(minutes=5), timedelta(minutes=2), NeedState.RELEASED
    )
    assert need_policy(UsePolicy()) == NeedPolicy()


def cost(session: AccessSession, found: Need, priced: Tariff, at: int) -> int:
    """As access rates it."""
    return sum(
        line.amount.minor
        for line in rate(
            [
                Use(
                    session.session_id,
                    priced,
                    session.started_at,
                    session.ended_at or START + at * MINUTE,
                    open=session.state is State.ACTIVE,
                    quantities=found.quantities,
                    needs=tuple(
                        RatedNeed(each.interval.start, each.interval.end, each.state.value) for each in found.intervals
                    ),
                )
            ]
        )
    )


@given(policies(), evidences(), st.integers(1, 100), st.none() | st.integers(0, 6000), st.sampled_from(TARIFFS))
def test_bill_running_cost_and_worst_case_stand_in_this_order(
    policy: NeedPolicy, evidence: list[Event | Act], end: int, measured: int | None, priced: Tariff
) -> None:
    """
    By need, and by a meter of time; measured at most what the session lasted.
    """
    acts = tuple(each for each in evidence if isinstance(each, Act))
    events = [each for each in evidence if isinstance(each, Event)]
    if measured is not None:
        events.append(said("use_seconds", end, min(measured, end * 60), "measured"))
    open_one, ended_one = under(policy, None, acts), under(policy, end, acts)

    running = cost(open_one, need(open_one, *events, at=end), priced, end)
    billed = cost(ended_one, need(ended_one, *events, at=end), priced, end)

    assert billed <= running <= quote(priced, START, {}).worst_case.minor


@pytest.mark.parametrize("priced", TARIFFS)
def test_use_that_becomes_known_late_may_add_to_the_bill_within_the_worst_case(priced: Tariff) -> None:
    """
    Kept, as far as was known at the end; then come the signals of a tunnel of half an hour.
    """
    session = under(bike(silence=5), 60)
    late = [said("moving", minute) for minute in range(10, 40, 5)]

    before, after = (cost(session, need(session, *events), priced, 60) for events in ([], late))

    assert before < after <= quote(priced, START, {}).worst_case.minor
    assert need(session, *late).quantities["use_seconds"] == Decimal(1800)
