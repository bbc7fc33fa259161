"""When grace is over: since when a thing is unused, and which events a look has to follow."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.acts import Act
from chalicelib.access.metered import subject_of
from chalicelib.access.model import NeedPolicy
from chalicelib.access.watch_ports import MOST_TOLD, Told
from chalicelib.access.watching import is_told, unused_since
from chalicelib.kernel.time import micros
from chalicelib.metering.model import Event
from chalicelib.metering.watching import Said
from tests.unit.access.shown import LONGEST, MINUTE, bike, by_hand, done, evidences, said
from tests.unit.access.test_need import SESSION
from tests.unit.metering.rides import START

NAMES = ("moving", "idle", "locked", "metres", "heartbeat")


def since(policy: NeedPolicy, *evidence: Event | Act, at: int = LONGEST) -> int | None:
    """In minutes after the start."""
    acts = tuple(each for each in evidence if isinstance(each, Act))
    events = [each for each in evidence if isinstance(each, Event)]
    found = unused_since(replace(SESSION, policy=policy, acts=acts), events, START + at * MINUTE)
    return None if found is None else (found - START) // MINUTE


def test_it_is_unused_since_it_rests_and_not_since_it_says_so_again() -> None:
    events = said("moving", 10), said("idle", 20), said("locked", 30)

    assert since(bike(), *events) == 20
    assert since(bike(), *events, at=15) is None
    assert since(bike(), *events, at=9) == 0
    assert since(bike(), *events, said("moving", 40)) is None
    assert since(bike(), *events, said("docked", 40)) is None


def test_where_silence_is_a_rest_it_will_be_unused_from_then_on() -> None:
    assert since(bike(silence=5), said("moving", 10), at=12) == 15
    assert since(bike(silence=5), said("moving", 10), at=60) == 15
    assert since(bike(silence=5), said("moving", 10), said("moving", 15), at=15) == 20


def test_a_thing_without_signs_is_unused_while_it_is_paused() -> None:
    assert since(by_hand(), at=50) is None
    assert since(by_hand(), done("pause", 20), at=50) == 20
    assert since(by_hand(), done("pause", 20), done("resume", 30), at=25) == 20
    assert since(by_hand(), done("pause", 20), done("resume", 30), at=30) is None


@given(evidences(NAMES), st.none() | st.integers(1, 30), st.randoms(use_true_random=False))
def test_an_event_that_is_not_heard_makes_no_rest_that_no_look_would_find(
    evidence: list[Event], silence: int | None, order: object
) -> None:
    """
    In whatever order they come: what nobody hears of leaves the rest as it was, ends it, or lets it begin later than
    the look that is set already.
    """
    session = replace(SESSION, policy=bike(silence, grace=5))
    watch = subject_of(session).watch
    assert watch is not None
    order.shuffle(evidence)  # type: ignore[attr-defined]
    evidence = [each for each in evidence if each.time >= START]
    at = START + (LONGEST + 50) * MINUTE
    for number, new in enumerate(evidence):
        known = evidence[:number]
        before, after = unused_since(session, known, at), unused_since(session, [*known, new], at)
        if not watch.turns([_said(each) for each in known], [_said(new)]):
            assert after is None or (before is not None and after >= before)


def _said(event: Event) -> Said:
    return micros(event.time), event.name, event.value is None or event.value > 0


@given(evidences(NAMES), st.randoms(use_true_random=False))
def test_since_when_it_is_unused_does_not_depend_on_the_order_of_arrival(evidence: list[Event], order: object) -> None:
    session = replace(SESSION, policy=bike(7, grace=5))
    at = START + LONGEST * MINUTE
    shuffled = [*evidence, *evidence[:3]]
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    assert unused_since(session, shuffled, at) == unused_since(session, evidence, at)


def test_a_time_is_told_of_once_also_if_it_began_earlier_than_was_thought() -> None:
    told = Told().with_one_more(START + 30 * MINUTE)

    def again(since: int, at: int) -> bool:
        return is_told(told, START + since * MINUTE, START + at * MINUTE)

    assert (again(20, 40), again(10, 40), again(30, 40)) == (True, True, True)
    assert (again(31, 50), again(10, 25)) == (False, False)


def test_of_what_was_told_the_newest_is_remembered() -> None:
    told = Told()
    for minute in range(MOST_TOLD + 5):
        told = told.with_one_more(START + timedelta(minutes=minute))

    assert (len(told.instants), told.instants[0], told.turn) == (MOST_TOLD, START + 5 * MINUTE, MOST_TOLD + 5)
    assert isinstance(told.instants[-1], datetime)


def test_only_a_product_with_signs_of_use_and_a_grace_is_watched() -> None:
    watched = [subject_of(replace(SESSION, policy=each)).watch for each in (bike(grace=1), bike(), by_hand(grace=1))]

    assert [each is not None for each in watched] == [True, False, False]
