"""A fault that stood at the end gives a credit, in whatever order the reports came."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.faults import BY_FAULT, faults_at_end, faults_at_moves
from chalicelib.access.model import AccessSession, CreditTerms, NeedPolicy
from chalicelib.access.need import need_of, need_policy
from chalicelib.access.parts import Move
from chalicelib.access.uses import fault_credit_of
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.policy import CreditOf, FaultCredit, UsePolicy
from chalicelib.metering.model import Event
from tests.unit.access.shown import MINUTE, bike, by_hand, evidences, said
from tests.unit.access.test_need import SESSION, ended, heads_of
from tests.unit.metering.rides import START


def faults(*events: Event, end: float = 60, policy: NeedPolicy | None = None, by: str | None = None) -> list[str]:
    session = replace(ended(end), policy=policy or bike(), ended_by=by)
    return list(faults_at_end(session, events))


def test_the_fault_by_which_it_was_over_is_named_and_no_other() -> None:
    """
    Neither what moves nor a return afterwards says that it was none; what was given back before it was in order.
    """
    first, again = said("faulty", 40), said("faulty", 45)

    assert faults(said("moving", 10), first, again) == ["faulty-40"]
    assert faults(first, said("faulty", 40, own_id="b", source="locks")) == ["faulty-40", "b"]
    assert faults(first, said("moving", 50)) == ["faulty-40"]
    assert faults(said("faulty", 20), said("moving", 30), first) == ["faulty-20"]
    assert faults(first, said("idle", 50), said("docked", 55)) == ["faulty-40"]
    assert faults(said("docked", 30), first) == []
    assert faults(said("docked", 40), first) == ["faulty-40"]
    assert faults(said("faulty", 61)) == []
    assert faults(said("faulty", 40, value=1)) == []


def test_a_fault_that_ended_the_session_was_told_at_its_end_or_by_a_clock_that_is_ahead() -> None:
    assert faults(said("faulty", 60), by=BY_FAULT) == ["faulty-60"]
    assert faults(said("faulty", 63), by=BY_FAULT) == ["faulty-63"]
    assert faults(said("faulty", 63)) == []
    assert faults(said("faulty", 60), said("moving", 62), by=BY_FAULT) == ["faulty-60"]
    assert faults(said("faulty", 70), by=BY_FAULT) == []


def test_a_fault_counts_where_hand_out_and_return_alone_show_use_too() -> None:
    assert faults(said("faulty", 60), policy=by_hand()) == ["faulty-60"]


def test_an_open_session_has_no_fault_at_its_end() -> None:
    assert faults_at_end(SESSION, [said("faulty", 10)]) == ()


@given(evidences(), st.integers(0, 60), st.sampled_from([None, BY_FAULT]), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(
    evidence: list[Event | Act], end: int, by: str | None, order: object
) -> None:
    acts = tuple(each for each in evidence if isinstance(each, Act))
    events = [each for each in evidence if isinstance(each, Event)]
    shuffled = [*events, *events[:2]]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    session = replace(ended(end), policy=bike(), acts=acts, ended_by=by)

    assert faults_at_end(session, shuffled) == faults_at_end(session, events)
    found = need_of(session, heads_of(*events), START + 100 * MINUTE)
    assert found.faults == faults_at_end(session, events)


def test_a_session_goes_by_the_credit_that_its_product_had_at_the_start() -> None:
    policy = need_policy(UsePolicy(fault_credit=FaultCredit(CreditOf.CHARGE, 50)))

    assert policy.fault_credit == CreditTerms("charge", 50)
    assert NeedPolicy.of(policy.document()) == policy
    assert need_policy(UsePolicy()).document().get("fault_credit") is None


@pytest.mark.parametrize("percent", [0, 101, -1])
def test_a_credit_is_one_to_a_hundred_percent(percent: int) -> None:
    with pytest.raises(BadCatalogueEntry):
        FaultCredit(CreditOf.START_FEE, percent)


def test_a_length_of_time_ahead_is_the_one_by_which_clocks_may_differ() -> None:
    late = said("faulty", 65).but(time=START + timedelta(minutes=65, microseconds=1))

    assert (faults(said("faulty", 65), by=BY_FAULT), faults(late, by=BY_FAULT)) == (["faulty-65"], [])


def on_two(policy: NeedPolicy) -> AccessSession:
    """Half an hour on the one, and half an hour on the other."""
    move = Act(ActKind.TRANSFER, START + 30 * MINUTE, "cus-1", "act-tyre")
    left = Move("bike-1", move.at, move.act_id)
    return replace(ended(60), policy=policy, acts=(move,), moves=(left,))


def test_the_faults_of_what_was_left_are_named_by_the_act_that_left_it_and_no_others() -> None:
    session = on_two(bike())

    assert faults_at_moves(session, [said("faulty", 20), said("moving", 40)]) == {"act-tyre": ("faulty-20",)}
    assert faults_at_moves(session, [said("faulty", 30)]) == {"act-tyre": ("faulty-30",)}
    assert faults_at_moves(session, [said("faulty", 20), said("moving", 25)]) == {"act-tyre": ("faulty-20",)}
    assert faults_at_moves(session, [said("docked", 15), said("faulty", 20)]) == {}
    assert faults_at_moves(session, [said("faulty", 40)]) == {}
    assert faults_at_moves(ended(60), [said("faulty", 20)]) == {}


@pytest.mark.parametrize(
    ("of", "at", "percent"), [("charge", 10, 12), ("charge", 30, 25), ("start_fee", 10, 50), ("charge", 0, None)]
)
def test_what_was_left_gives_back_its_start_fee_or_the_part_of_the_charge_that_is_the_time_on_it(
    of: str, at: int, percent: int | None
) -> None:
    """
    After the fault nothing is charged: ten of forty minutes were before the move, a quarter of the half.
    """
    session = on_two(replace(bike(), fault_credit=CreditTerms(of, 50)))
    events = [said("moving", 0), said("faulty", at), said("moving", 31)]
    need = need_of(session, heads_of(*events), session.ended_at or START)

    credit = fault_credit_of(session, need)
    assert (credit.percent if credit else None) == percent
    assert credit is None or credit.evidence == (f"faulty-{at}",)


def test_a_fault_at_the_end_gives_back_all_of_it_whatever_was_left_before() -> None:
    session = on_two(replace(bike(), fault_credit=CreditTerms("charge", 50)))
    events = [said("moving", 0), said("faulty", 10), said("moving", 31), said("faulty", 50)]

    credit = fault_credit_of(session, need_of(session, heads_of(*events), session.ended_at or START))

    assert credit is not None
    assert (credit.percent, credit.evidence) == (50, ("faulty-10", "faulty-50"))
