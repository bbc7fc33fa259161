"""Each rule by which evidence shows need, on a ride small enough to be worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.evidence import Evidence, stretches_of
from chalicelib.access.intervals import (
    intervals_of,
)
from chalicelib.access.model import NeedPolicy, NeedState
from chalicelib.kernel.time import Interval
from chalicelib.metering.model import Event
from tests.unit.access.shown import MINUTE, Row, bike, by_hand, done, rows, said, shown
from tests.unit.metering.rides import START


def test_a_ride_with_a_locked_stop_in_the_middle_is_use_keeping_and_use() -> None:
    found = shown(bike(), [said("moving", 0), said("locked", 20), said("moving", 45), said("docked", 60)])

    assert rows(found) == [("in_use", 0, 20), ("kept", 20, 45), ("in_use", 45, 60)]
    assert [each.evidence for each in found] == [("moving-0",), ("locked-20",), ("moving-45", "docked-60")]


def test_a_thing_that_shows_nothing_is_kept_from_its_hand_out_on() -> None:
    assert rows(shown(bike(), [])) == [("kept", 0, 60)]


def test_a_sign_of_use_holds_for_as_long_as_the_thing_may_be_silent() -> None:
    """
    Moving at 10 and at 13, then flat silence: of the five minutes that a sign holds two overlap.
    """
    found = shown(bike(silence=5), [said("moving", 10), said("moving", 13)])

    assert rows(found) == [("kept", 0, 10), ("in_use", 10, 18), ("kept", 18, 60)]
    assert found[2].evidence == ("moving-13",)


def test_without_a_bound_on_silence_a_sign_of_use_holds_until_a_rest() -> None:
    assert rows(shown(bike(), [said("moving", 10)])) == [("kept", 0, 10), ("in_use", 10, 60)]


def test_a_heartbeat_shows_that_the_thing_is_alive_and_not_that_it_is_used() -> None:
    beats = [said("heartbeat", minute) for minute in range(0, 60, 2)]

    assert rows(shown(bike(silence=5), [said("moving", 10), *beats])) == [
        ("kept", 0, 10),
        ("in_use", 10, 15),
        ("kept", 15, 60),
    ]


def test_a_sign_that_has_ceased_to_hold_does_not_hold_again_when_a_pause_or_a_rest_is_over() -> None:
    evidence = [said("moving", 10), said("idle", 20), done("pause", 30), done("resume", 40)]
    expected = [("kept", 0, 10), ("in_use", 10, 15), ("kept", 15, 60)]

    assert rows(shown(bike(silence=5), evidence)) == expected
    assert rows(shown(bike(silence=5), [evidence[0], evidence[-1]])) == expected


@pytest.mark.parametrize(("value", "state"), [(350, "in_use"), (0, "kept")])
def test_a_meter_named_as_a_sign_shows_use_where_it_counted_something_and_rest_where_it_counted_nothing(
    value: int, state: str
) -> None:
    found = shown(bike(), [said("moving", 0), said("locked", 10), said("metres", 30, value)])

    assert rows(found)[-1][0] == state
    assert rows(shown(bike(), [said("moving", 0), said("metres", 30, 0)])) == [("in_use", 0, 30), ("kept", 30, 60)]


def test_a_meter_named_as_a_sign_of_rest_or_return_says_so_where_it_counted_something() -> None:
    policy = NeedPolicy(use_signals=("moving",), rest_signals=("kwh",), return_signals=("weighed",))
    nothing = [said("moving", 0), said("kwh", 10, 0), said("weighed", 20, 0)]

    assert rows(shown(policy, nothing)) == [("in_use", 0, 60)]
    assert rows(shown(policy, [*nothing, said("kwh", 30, 1), said("weighed", 40, 1)])) == [
        ("in_use", 0, 30),
        ("kept", 30, 40),
        ("released", 40, 60),
    ]


def test_a_meter_that_no_policy_names_shows_nothing_by_its_time() -> None:
    assert rows(shown(bike(), [said("kwh", 10, 3), said("unlocked", 20)])) == [("kept", 0, 60)]


def test_unused_time_is_grace_first_and_each_time_anew() -> None:
    found = shown(bike(grace=5), [said("moving", 2), said("idle", 20), said("moving", 23), said("idle", 40)])

    assert rows(found) == [
        ("grace", 0, 2),
        ("in_use", 2, 20),
        ("grace", 20, 23),
        ("in_use", 23, 40),
        ("grace", 40, 45),
        ("kept", 45, 60),
    ]
    assert found[-1].evidence == ("idle-40",)


def test_a_rest_that_is_told_again_grants_no_further_grace() -> None:
    rests = [said("idle", minute) for minute in (20, 22, 24, 26)]

    assert rows(shown(bike(grace=5), [said("moving", 0), *rests])) == [
        ("in_use", 0, 20),
        ("grace", 20, 25),
        ("kept", 25, 60),
    ]


def test_where_others_may_take_what_is_unused_it_is_released_and_not_kept() -> None:
    policy = bike(grace=5, unused=NeedState.RELEASED)

    assert rows(shown(policy, [said("moving", 0), said("idle", 20)])) == [
        ("in_use", 0, 20),
        ("grace", 20, 25),
        ("released", 25, 60),
    ]


def test_a_fault_stops_the_meter_for_good_whatever_the_thing_says_afterwards() -> None:
    """
    Told in time it would have ended the session; that it is told late makes no difference.
    """
    others = [said("idle", 25), said("docked", 27), said("heartbeat", 28), said("moving", 40), said("faulty", 50)]

    assert rows(shown(bike(), [said("moving", 0), said("faulty", 20), *others])) == [
        ("in_use", 0, 20),
        ("faulty", 20, 60),
    ]


def test_a_fault_stops_the_meter_of_a_thing_without_signs_of_use_too() -> None:
    assert rows(shown(by_hand(), [said("faulty", 20)])) == [("in_use", 0, 20), ("faulty", 20, 60)]


def test_a_meter_that_happens_to_be_called_faulty_is_no_fault() -> None:
    assert rows(shown(by_hand(), [said("faulty", 20, 1)])) == [("in_use", 0, 60)]


@pytest.mark.parametrize("policy", [bike(), by_hand()], ids=["signs", "by hand"])
def test_what_was_given_back_is_not_charged_however_late_the_session_is_ended(policy: object) -> None:
    """
    Docked at 20, ended at 60: others may have taken it meanwhile.
    """
    found = shown(policy, [said("moving", 0), said("docked", 20), said("locked", 21)])  # type: ignore[arg-type]

    assert rows(found) == [("in_use", 0, 20), ("released", 20, 60)]


@pytest.mark.parametrize("policy", [bike(), by_hand()], ids=["signs", "by hand"])
def test_the_first_return_is_the_one_that_counts_and_use_after_it_is_not_its_customers(policy: NeedPolicy) -> None:
    """
    From then on others may take it; who takes it out again begins anew.
    """
    evidence = [said("moving", 0), said("docked", 20), said("moving", 30), said("docked", 40), said("faulty", 50)]

    assert rows(shown(policy, evidence)) == [("in_use", 0, 20), ("released", 20, 60)]


def test_a_return_that_is_reported_hours_later_counts_at_its_time() -> None:
    """
    The session was ended at the time of return; whatever the thing says of later shows nothing, and is listed.
    """
    found = shown(bike(), [said("moving", 0), said("docked", 20), said("moving", 25), said("faulty", 300)], end=20)

    assert rows(found) == [("in_use", 0, 20)]
    assert found[0].evidence == ("moving-0", "docked-20", "moving-25", "faulty-300")


def test_what_was_said_before_the_hand_out_shows_nothing() -> None:
    found = shown(bike(), [said("moving", -1)])

    assert rows(found) == [("kept", 0, 60)]
    assert found[0].evidence == ("moving--1",)


@pytest.mark.parametrize(
    ("names", "state"),
    [
        (("moving", "idle"), "kept"),
        (("moving", "docked"), "released"),
        (("idle", "docked"), "released"),
        (("moving", "faulty"), "faulty"),
        (("docked", "faulty"), "faulty"),
        (("moving", "idle", "docked", "faulty"), "faulty"),
    ],
)
def test_of_what_is_said_at_the_same_instant_the_least_dear_prevails(names: tuple[str, ...], state: str) -> None:
    """
    Whichever source and id they have.
    """
    for order in (names, names[::-1]):
        ids = {name: f"id-{number}" for number, name in enumerate(order)}
        evidence = [said("moving", 0), *(said(name, 30, own_id=ids[name], source=ids[name]) for name in names)]
        assert rows(shown(bike(), evidence)) == [("in_use", 0, 30), (state, 30, 60)]


def test_a_thing_without_any_device_is_in_use_from_hand_out_to_return() -> None:
    assert rows(shown(by_hand(), [])) == [("in_use", 0, 60)]
    assert rows(shown(by_hand(), [said("idle", 20), said("moving", 30)])) == [("in_use", 0, 60)]


def test_a_pause_by_the_customer_is_no_use_of_a_thing_without_any_device() -> None:
    found = shown(by_hand(grace=5), [done("pause", 20), done("resume", 40)])

    assert rows(found) == [("in_use", 0, 20), ("grace", 20, 25), ("kept", 25, 40), ("in_use", 40, 60)]
    assert [each.evidence for each in found] == [(), ("pause-20",), ("pause-20",), ("resume-40",)]


def test_what_is_paused_at_its_hand_out_was_not_used_before() -> None:
    assert rows(shown(by_hand(), [done("pause", 0)])) == [("kept", 0, 60)]


def test_a_pause_ends_use_and_what_moves_meanwhile_is_not_the_customers_use() -> None:
    """
    When the customer goes on, the next sign shows it.
    """
    evidence = [said("moving", 0), done("pause", 20), said("moving", 30), done("resume", 40), said("moving", 50)]

    assert rows(shown(bike(), evidence)) == [("in_use", 0, 20), ("kept", 20, 50), ("in_use", 50, 60)]
    assert rows(shown(bike(unused=NeedState.RELEASED), evidence))[1] == ("released", 20, 50)


def test_a_pause_prevails_over_a_resume_of_the_same_instant() -> None:
    evidence = [done("pause", 20), done("resume", 40), done("pause", 40)]

    assert rows(shown(by_hand(), evidence)) == [("in_use", 0, 20), ("kept", 20, 60)]


def test_a_pause_and_a_resume_say_nothing_of_a_thing_that_is_over() -> None:
    evidence = [done("pause", 10), said("faulty", 20), done("resume", 30)]

    assert rows(shown(by_hand(), evidence)) == [("in_use", 0, 10), ("kept", 10, 20), ("faulty", 20, 60)]
    assert rows(shown(bike(), evidence)) == [("kept", 0, 20), ("faulty", 20, 60)]
    assert rows(shown(by_hand(), evidence[1:])) == [("in_use", 0, 20), ("faulty", 20, 60)]


def test_another_thing_for_a_faulty_one_is_a_hand_out_anew() -> None:
    by_signs = [said("moving", 0), said("faulty", 20), done("transfer", 30), said("moving", 35)]

    assert rows(shown(by_hand(), by_signs[1:])) == [("in_use", 0, 20), ("faulty", 20, 30), ("in_use", 30, 60)]
    assert rows(shown(bike(), by_signs)) == [
        ("in_use", 0, 20),
        ("faulty", 20, 30),
        ("kept", 30, 35),
        ("in_use", 35, 60),
    ]


def test_a_fault_told_at_the_instant_of_the_transfer_is_the_former_things() -> None:
    assert rows(shown(by_hand(), [said("faulty", 30), done("transfer", 30)])) == [("in_use", 0, 60)]


def test_a_pause_of_what_was_out_of_order_by_then_holds_for_the_thing_that_takes_its_place() -> None:
    evidence = [said("faulty", 10), done("pause", 20), done("transfer", 30), done("resume", 40)]

    assert rows(shown(by_hand(), evidence)) == [
        ("in_use", 0, 10),
        ("faulty", 10, 30),
        ("kept", 30, 40),
        ("in_use", 40, 60),
    ]


def test_a_transfer_during_a_pause_ends_no_pause() -> None:
    evidence = [done("pause", 10), said("faulty", 20), done("transfer", 30), done("resume", 40)]

    assert rows(shown(by_hand(), evidence)) == [
        ("in_use", 0, 10),
        ("kept", 10, 20),
        ("faulty", 20, 30),
        ("kept", 30, 40),
        ("in_use", 40, 60),
    ]


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (0, [("in_use", 0, 0), ("kept", 0, 60)]),
        (10, [("in_use", 0, 10), ("kept", 10, 60)]),
        (35, [("in_use", 0, 20), ("kept", 20, 40), ("in_use", 40, 55), ("kept", 55, 60)]),
        (90, [("in_use", 0, 20), ("kept", 20, 40), ("in_use", 40, 60)]),
    ],
)
def test_what_was_measured_is_the_earliest_of_the_time_in_which_it_can_have_been_used(
    measured: int, expected: list[Row]
) -> None:
    evidence = [done("pause", 20), done("resume", 40)]

    assert rows(shown(by_hand(), evidence, measured=measured * MINUTE)) == expected


def test_a_pause_in_time_that_was_measured_as_unused_grants_no_grace_of_its_own() -> None:
    evidence = [done("pause", 20), done("resume", 40)]

    assert rows(shown(by_hand(grace=15), evidence, measured=10 * MINUTE)) == [
        ("in_use", 0, 10),
        ("grace", 10, 25),
        ("kept", 25, 60),
    ]


def test_a_use_over_a_clock_change_is_as_long_as_the_time_that_passed() -> None:
    """
    On 28 March 2021 clocks in Helsinki went from three to four in the morning: 02:30 to 04:30 is one hour.
    """
    start = datetime(2021, 3, 28, 0, 30, tzinfo=UTC)
    night = Interval(start, start + timedelta(hours=2))
    moving = Event("bikes", "m", "ride-1", start, "moving")
    locked = Event("bikes", "l", "ride-1", datetime(2021, 3, 28, 1, 30, tzinfo=UTC), "locked")

    found = intervals_of(stretches_of(Evidence((), [moving, locked]), bike(), night), bike(), start)

    assert [(str(each.state), each.interval.length) for each in found] == [
        ("in_use", timedelta(hours=1)),
        ("kept", timedelta(hours=1)),
    ]


def test_one_id_of_one_source_counts_once_at_its_earliest_and_of_two_sources_twice() -> None:
    twice = [said("moving", 10, own_id="a"), said("moving", 30, own_id="a")]

    assert rows(shown(bike(silence=5), twice)) == [("kept", 0, 10), ("in_use", 10, 15), ("kept", 15, 60)]
    other = said("moving", 30, own_id="a", source="locks")
    assert len(shown(bike(silence=5), [*twice, other])) == 5


def test_one_id_that_says_two_things_of_one_instant_says_the_same_in_either_order() -> None:
    both = [said("moving", 10, own_id="a"), said("idle", 10, own_id="a")]

    acts = [done("pause", 10, "b"), done("transfer", 10, "b")]

    assert shown(bike(), both) == shown(bike(), both[::-1])
    assert shown(by_hand(), acts) == shown(by_hand(), acts[::-1])


def test_what_came_in_a_use_of_which_nothing_was_measured_is_listed_with_the_keeping() -> None:
    evidence = [done("pause", 20), done("resume", 40), said("heartbeat", 50)]

    assert shown(by_hand(), evidence, measured=10 * MINUTE)[-1].evidence == ("pause-20", "resume-40", "heartbeat-50")


def test_an_act_that_is_told_twice_counts_once() -> None:
    twice = [done("pause", 10, "a"), done("resume", 20, "b"), done("pause", 30, "a")]

    assert rows(shown(by_hand(), twice)) == [("in_use", 0, 10), ("kept", 10, 20), ("in_use", 20, 60)]


def test_a_session_that_ended_as_it_began_has_one_interval_without_length() -> None:
    assert rows(shown(bike(), [said("moving", 0)], end=0)) == [("kept", 0, 0)]
    assert rows(shown(bike(grace=5), [], end=0)) == [("kept", 0, 0)]
    assert rows(shown(by_hand(), [], end=0)) == [("in_use", 0, 0)]


def test_an_act_reads_back_from_its_row() -> None:
    act = Act(ActKind.TRANSFER, START, "cus-1", "act-1")

    assert Act.of(act.row()) == act
