"""How a session lives: tried by a machine of rules against the simplest model of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chalicelib.access.acts import ActKind
from chalicelib.access.errors import AlreadyEnded, NotReserved, NotStarted, ReservationOver, StopInThePast, TooManyActs
from chalicelib.access.life import (
    MOST_ACTS,
    cancelled,
    expired,
    handed_out,
    paused,
    reserved,
    resumed,
    stopping,
    transferred,
)
from chalicelib.access.model import OPEN, AccessSession, State
from chalicelib.access.stops import Stop
from chalicelib.kernel.errors import Refusal

NOON = datetime(2021, 5, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HELD = 15 * MINUTE
SESSION = AccessSession("ses-1", "acc-1", "cus-1", "par-1", "bike", "bike-7", 1, "quo-1", NOON, {"use_seconds": "s"})

ALLOWED = {
    "hand_out": {State.RESERVED: State.ACTIVE, State.ACTIVE: State.ACTIVE, State.PAUSED: State.PAUSED},
    "cancel": {State.RESERVED: State.CANCELLED, State.CANCELLED: State.CANCELLED},
    "pause": {State.ACTIVE: State.PAUSED, State.PAUSED: State.PAUSED},
    "resume": {State.PAUSED: State.ACTIVE, State.ACTIVE: State.ACTIVE},
    "end": {State.ACTIVE: State.ENDED, State.PAUSED: State.ENDED},
}
"""The model: which act leads from where to where. Any other is refused and changes nothing."""


class Lives(RuleBasedStateMachine):
    """Acts in any order, at any time, by clocks that do not agree."""

    @initialize(held=st.booleans())
    def begin(self, held: bool) -> None:  # noqa: FBT001 -- hypothesis passes it by name
        self.now = NOON
        self.session = reserved(SESSION, NOON + HELD) if held else SESSION
        self.state = State.RESERVED if held else State.ACTIVE
        self.changes = 0

    @rule(minutes=st.integers(0, 10))
    def time_goes_by(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(what=st.sampled_from(sorted(ALLOWED)), clock=st.integers(-3, 3))
    def act(self, what: str, clock: int) -> None:
        at = self.now + clock * MINUTE
        target = ALLOWED[what].get(self.state)
        if what == "hand_out" and self.state is State.RESERVED and at >= NOON + HELD:
            target = None
        acts = {
            "hand_out": lambda: handed_out(self.session, at),
            "cancel": lambda: cancelled(self.session, self.now),
            "pause": lambda: paused(self.session, at, "cus-1", f"act-{self.changes}"),
            "resume": lambda: resumed(self.session, at, "cus-1", f"act-{self.changes}"),
            "end": lambda: self.session.end(at),
        }
        if target is None:
            with pytest.raises(Refusal):
                acts[what]()
            return
        self._becomes(acts[what](), target)

    @rule()
    def the_timer_of_the_reservation_fires(self) -> None:
        over = self.state is State.RESERVED and self.now >= NOON + HELD
        self._becomes(expired(self.session, self.now), State.EXPIRED if over else self.state)

    @rule(minutes=st.integers(0, 60))
    def a_stop_is_wished(self, minutes: int) -> None:
        wish = Stop(self.now + minutes * MINUTE)
        if self.state not in OPEN:
            with pytest.raises((AlreadyEnded, NotStarted)):
                stopping(self.session, wish, self.now)
            return
        self.session = stopping(self.session, wish, self.now)
        self.changes = self.session.revision

    def _becomes(self, after: AccessSession, state: State) -> None:
        """What changes nothing is the same session; what changes something is its next revision."""
        if state is self.state:
            assert after is self.session
        else:
            assert after.revision == self.session.revision + 1
        self.session, self.state, self.changes = after, state, after.revision

    @invariant()
    def it_is_in_the_state_of_the_model(self) -> None:
        assert self.session.state is self.state
        assert (self.session.ended_at is not None) == (self.state is State.ENDED)

    @invariant()
    def its_acts_alternate_and_go_forward_in_time(self) -> None:
        acts = self.session.acts
        assert [act.kind for act in acts] == [
            (ActKind.PAUSE, ActKind.RESUME)[number % 2] for number in range(len(acts))
        ]
        times = [self.session.started_at, *(act.at for act in acts), *filter(None, [self.session.ended_at])]
        assert times == sorted(times)
        assert len({act.at for act in acts}) == len(acts)


Lives.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLives = Lives.TestCase


def test_what_cannot_be_is_refused_with_its_reason() -> None:
    held, ended = reserved(SESSION, NOON + HELD), SESSION.end(NOON + MINUTE)

    for act, refusal in (
        (lambda: paused(ended, NOON, "cus-1", "a"), AlreadyEnded),
        (lambda: paused(held, NOON, "cus-1", "a"), NotStarted),
        (lambda: held.end(NOON), NotStarted),
        (lambda: handed_out(held, NOON + HELD), ReservationOver),
        (lambda: handed_out(expired(held, NOON + HELD), NOON), ReservationOver),
        (lambda: cancelled(SESSION, NOON), NotReserved),
        (lambda: handed_out(cancelled(held, NOON), NOON), NotReserved),
        (lambda: stopping(SESSION, Stop(NOON - MINUTE), NOON), StopInThePast),
    ):
        with pytest.raises(refusal):
            act()  # type: ignore[no-untyped-call]


def test_a_session_that_is_reserved_starts_when_it_is_handed_out() -> None:
    started = handed_out(reserved(SESSION, NOON + HELD), NOON + 14 * MINUTE)

    assert (started.started_at, started.state) == (NOON + 14 * MINUTE, State.ACTIVE)


def test_acts_are_bounded() -> None:
    session = SESSION
    for number in range(MOST_ACTS):
        change = resumed if number % 2 else paused
        session = change(session, NOON + number * MINUTE, "cus-1", f"act-{number}")

    with pytest.raises(TooManyActs):
        paused(session, NOON + 300 * MINUTE, "cus-1", "more")
    assert replace(session, revision=0).end(NOON).ended_at == NOON + (MOST_ACTS - 1) * MINUTE


START = datetime(2021, 5, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize("moves", [0, 1])
def test_what_was_paused_can_be_resumed(moves: int) -> None:
    """Years at home, paused and resumed a hundred times, once after a move: it could only be ended."""
    session, at = SESSION, START
    if moves:
        session = transferred(session, at, "cus-h", "act-move")
    for number in range(MOST_ACTS):
        at += timedelta(days=1)
        try:
            session = paused(session, at, "cus-h", f"act-p{number}")
        except TooManyActs:
            break
        session = resumed(session, at + timedelta(hours=1), "cus-h", f"act-r{number}")
    assert session.state is State.ACTIVE
