"""What holds for need intervals whatever the evidence, the policy and the order of arrival."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.acts import Act
from chalicelib.access.model import AccessSession, NeedInterval, NeedPolicy, NeedState
from chalicelib.access.need import need_of, needs_until
from chalicelib.kernel.time import Month
from chalicelib.metering.head import Head
from chalicelib.metering.model import Event
from chalicelib.metering.usage import Usage
from chalicelib.rating import Need, RatedLine, Use, rate
from tests.unit.access.shown import (
    LONGEST,
    MINUTE,
    bike,
    by_hand,
    custody,
    done,
    evidences,
    length,
    policies,
    rows,
    said,
    shown,
)
from tests.unit.metering.rides import START
from tests.unit.rating.made import tariff

CHARGED = (NeedState.IN_USE, NeedState.KEPT, NeedState.GRACE)
TARIFF = tariff({"kind": "need", "per": "min", "in_use": "0.60", "kept": "0.10", "grace": "0.05"})
ends = st.integers(0, LONGEST)
measures = st.none() | st.integers(0, LONGEST + 20).map(lambda minutes: minutes * MINUTE)
Evidences = list[Event | Act]


def further(*names: str) -> st.SearchStrategy[Event]:
    """One more signal, at any time."""
    minutes = st.integers(-5, LONGEST + 5)
    return st.builds(lambda name, minute: said(name, minute, own_id="further"), st.sampled_from(names), minutes)


def rated(intervals: Sequence[NeedInterval], end: int) -> list[RatedLine]:
    needs = tuple(Need(each.interval.start, each.interval.end, each.state.value) for each in intervals)
    return rate([Use("ride-1", TARIFF, START, START + end * MINUTE, open=False, quantities={}, needs=needs)])


def cost(intervals: Sequence[NeedInterval], end: int) -> int:
    return sum(line.amount.minor for line in rated(intervals, end))


@given(policies(), evidences() | evidences(clashing=True), ends, measures, st.randoms(use_true_random=False))
def test_any_order_of_the_same_evidence_gives_the_same_intervals(
    policy: NeedPolicy, evidence: Evidences, end: int, measured: timedelta | None, random: Random
) -> None:
    other = random.sample(evidence, len(evidence))

    assert shown(policy, other, end, measured) == shown(policy, evidence, end, measured)


@given(policies(), evidences(most=5) | evidences(most=5, clashing=True), ends)
def test_every_single_order_of_a_little_evidence_gives_the_same_intervals(
    policy: NeedPolicy, evidence: Evidences, end: int
) -> None:
    expected = shown(policy, evidence, end)

    assert all(shown(policy, order, end) == expected for order in itertools.permutations(evidence))


@given(policies(), evidences(), ends, measures, st.randoms(use_true_random=False))
def test_evidence_that_comes_again_changes_nothing(
    policy: NeedPolicy, evidence: Evidences, end: int, measured: timedelta | None, random: Random
) -> None:
    again = [*evidence, *random.choices(evidence, k=5)] if evidence else []
    random.shuffle(again)

    assert shown(policy, again, end, measured) == shown(policy, evidence, end, measured)


@given(policies(), evidences(), ends, measures)
def test_the_intervals_are_the_custody_without_gap_or_overlap(
    policy: NeedPolicy, evidence: Evidences, end: int, measured: timedelta | None
) -> None:
    found = shown(policy, evidence, end, measured)

    assert (found[0].interval.start, found[-1].interval.end) == (START, START + end * MINUTE)
    assert all(one.interval.end == other.interval.start for one, other in itertools.pairwise(found))
    assert length(found) == end * MINUTE


@given(policies(), evidences(), ends, measures)
def test_every_piece_of_evidence_is_listed(
    policy: NeedPolicy, evidence: Evidences, end: int, measured: timedelta | None
) -> None:
    listed = {each for interval in shown(policy, evidence, end, measured) for each in interval.evidence}

    assert listed == {each.act_id if isinstance(each, Act) else each.event_id for each in evidence}


@given(policies(), evidences(), ends, measures)
def test_the_time_that_is_charged_never_exceeds_the_need_that_is_shown(
    policy: NeedPolicy, evidence: Evidences, end: int, measured: timedelta | None
) -> None:
    """
    As rating charges it: each second of the custody at most once, and none that was released or faulty.
    """
    found = shown(policy, evidence, end, measured)
    charged = sum((line.quantity for line in rated(found, end) if line.amount.minor), Decimal(0))

    assert charged <= Decimal(length(found, *CHARGED).total_seconds()) <= end * 60
    assert cost(found, end) <= 60 * end
    if measured is not None:
        assert length(found, NeedState.IN_USE) <= measured


@given(st.integers(1, 30), st.integers(0, 12), evidences(), ends)
def test_a_thing_is_in_use_only_where_a_sign_supports_it(
    silence: int, grace: int, evidence: Evidences, end: int
) -> None:
    signs = [
        (each.time - START) // MINUTE
        for each in evidence
        if isinstance(each, Event) and (each.name == "moving" or (each.name == "metres" and each.value))
    ]
    supported = {minute for sign in signs if sign >= 0 for minute in range(sign, sign + silence)}
    used = shown(bike(silence, grace), evidence, end)

    assert {
        minute for state, start, stop in rows(used) if state == "in_use" for minute in range(start, stop)
    } <= supported


def minute_by_minute(policy: NeedPolicy, evidence: Evidences, end: int) -> list[str]:
    """The rules said the other way round: for each minute what was said last by then, or first, without pauses."""

    def times(name: str, minute: int) -> list[float]:
        said_at = [(each.time - START) / MINUTE for each in evidence if isinstance(each, Event) and each.name == name]
        return [each for each in said_at if 0 <= each <= minute]

    def last(name: str, minute: int) -> float:
        return max(times(name, minute), default=-1)

    def first(name: str, minute: int) -> float:
        return min(times(name, minute), default=LONGEST)

    conditions = []
    for minute in range(end):
        used, rest = (last(name, minute) for name in ("moving", "idle"))
        back, fault = (first(name, minute) for name in ("docked", "faulty"))
        if fault <= min(minute, back):
            conditions.append("faulty")
        elif back <= minute:
            conditions.append("released")
        elif used > rest and (policy.silence is None or minute < used + policy.silence / MINUTE):
            conditions.append("in_use")
        else:
            conditions.append("unused")
    states: list[str] = []
    for condition, run in groupby(conditions):
        whole = len(list(run))
        early = min(policy.grace // MINUTE, whole) if condition == "unused" else 0
        later = str(policy.unused) if condition == "unused" else condition
        states += ["grace"] * early + [later] * (whole - early)
    return states


@given(
    st.builds(
        bike,
        st.none() | st.integers(1, 30),
        st.integers(0, 12),
        st.sampled_from([NeedState.KEPT, NeedState.RELEASED]),
    ),
    evidences(names=("moving", "idle", "docked", "faulty", "heartbeat")),
    ends,
)
def test_each_minute_is_in_the_state_that_the_last_word_or_the_first_that_ends_it_gives_it(
    policy: NeedPolicy, evidence: Evidences, end: int
) -> None:
    found = rows(shown(policy, evidence, end))

    assert [state for state, start, stop in found for _ in range(start, stop)] == minute_by_minute(
        policy, evidence, end
    )


@given(policies(), evidences(), ends, measures, further("idle", "locked", "docked"))
def test_a_further_rest_never_adds_use_nor_cost(
    policy: NeedPolicy, evidence: Evidences, end: int, measured: timedelta | None, rest: Event
) -> None:
    before = shown(policy, evidence, end, measured)
    after = shown(policy, [*evidence, rest], end, measured)

    assert length(after, NeedState.IN_USE) <= length(before, NeedState.IN_USE)
    assert cost(after, end) <= cost(before, end)


@given(policies(), evidences(), ends, measures, further("faulty"))
def test_a_further_fault_never_adds_charged_time(
    policy: NeedPolicy, evidence: Evidences, end: int, measured: timedelta | None, fault: Event
) -> None:
    before = shown(policy, evidence, end, measured)
    after = shown(policy, [*evidence, fault], end, measured)

    assert length(after, *CHARGED) <= length(before, *CHARGED)
    assert length(after, NeedState.IN_USE) <= length(before, NeedState.IN_USE)


@given(policies(), evidences(), ends, st.integers(-5, LONGEST), st.integers(0, 30))
def test_a_pause_never_adds_use(policy: NeedPolicy, evidence: Evidences, end: int, minute: int, lasts: int) -> None:
    pauses = [done("pause", minute, "further"), done("resume", minute + lasts, "back")]
    own = [each for each in evidence if isinstance(each, Event)]

    used = length(shown(policy, own, end), NeedState.IN_USE)
    assert length(shown(policy, [*own, *pauses], end), NeedState.IN_USE) <= used


@given(policies(), evidences(), ends, ends)
def test_who_looks_earlier_sees_the_beginning_of_what_the_same_evidence_shows_later(
    policy: NeedPolicy, evidence: Evidences, one: int, other: int
) -> None:
    early, late = min(one, other), max(one, other)
    before = [state for state, start, stop in rows(shown(policy, evidence, early)) for _ in range(start, stop)]
    after = [state for state, start, stop in rows(shown(policy, evidence, late)) for _ in range(start, stop)]

    assert after[:early] == before


def test_what_holds_is_not_true_of_nothing() -> None:
    """
    The tariff tells the states apart, so that a wrong state is a wrong cost.
    """
    found = shown(by_hand(grace=10), [done("pause", 20), said("faulty", 50)], custody(60).length // MINUTE)

    assert rows(found) == [("in_use", 0, 20), ("grace", 20, 30), ("kept", 30, 50), ("faulty", 50, 60)]
    assert cost(found, 60) == 20 * 60 + 10 * 5 + 20 * 10


@given(policies(), evidences() | evidences(clashing=True), ends, ends)
def test_what_is_known_by_a_later_time_shows_the_same_of_each_earlier_one(
    policy: NeedPolicy, evidence: Evidences, earlier: int, more: int
) -> None:
    acts = tuple(each for each in evidence if isinstance(each, Act))
    session = AccessSession(
        "ride-1", "acc", "cus", "par", "bike", "bike-1", 1, "quo", START, {"s": "s", "metres": "m"}, policy=policy
    )
    session = replace(session, acts=acts)
    seen = [Usage(Head("ride-1", Month(2021, 5)), tuple(each for each in evidence if isinstance(each, Event)))]
    found = needs_until(session, seen, START + (earlier + more) * MINUTE)(START + earlier * MINUTE)
    need = need_of(session, seen, START + earlier * MINUTE)
    assert rows(found.intervals) == rows(need.intervals)
    assert found.quantities == need.quantities
