"""The life of a subscription against a model that is as plain as can be, over a month's end and a change of clocks."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Interval, Month
from chalicelib.subscriptions import living
from chalicelib.subscriptions.errors import (
    BadChange,
    BadPause,
    ChangeToCome,
    LastMember,
    NoChangeToCome,
    NoPauseToCome,
    NothingToChange,
    NotPaused,
    PassNotChanged,
    PassNotPaused,
    PausedAlready,
    SeatsTaken,
    SubscriptionEnded,
    TooManySeats,
)
from chalicelib.subscriptions.living import Act
from chalicelib.subscriptions.moves import Moved, counts_of, recounted
from chalicelib.subscriptions.subscription import Lived, Pause, Phase, State, Subscription

ZONE = "Europe/Copenhagen"
START = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)
"""Two days before the clocks go forward, four before the month ends."""
SECOND = timedelta(seconds=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIVE = timedelta(minutes=5)
SOME = st.integers(min_value=0, max_value=200_000).map(lambda many: many * SECOND)


def new(**given: object) -> Subscription:
    phase = Phase("basic", 1, START)
    made = Subscription("sub_1", "acc_1", "cus_1", "7", "da", START, phase, members=("cus_1",))
    return replace(made, **given)  # type: ignore[arg-type]


class Life(RuleBasedStateMachine):
    """Every act at any time; the model says which are refused, and which second counts under which plan."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.stands = new()
        self.over: list[Phase | Pause] = []
        self.counts = Counter(counts_of(living.begun(self.stands), ZONE))
        self.pauses: list[tuple[datetime, datetime | None]] = []
        self.plans: list[tuple[datetime, str]] = [(START, "basic")]
        self.ended: datetime | None = None

    def keep(self, act: Act) -> None:
        assert act.before == self.stands
        assert act.after.revision == self.stands.revision + 1
        self.stands = act.after
        self.over += act.over
        self.counts.update(counts_of(act, ZONE))

    def refused(self, error: type[Refusal], act: object) -> None:
        with pytest.raises(error):
            act()  # type: ignore[operator]

    def open_pause(self) -> tuple[datetime, datetime | None] | None:
        """The one that holds or is to come."""
        return next((each for each in self.pauses if each[1] is None or each[1] > self.now), None)

    @rule(much=SOME)
    def time_passes(self, much: timedelta) -> None:
        self.now += much

    @rule(delay=SOME | st.just(timedelta()), length=st.none() | SOME)
    def pause(self, delay: timedelta, length: timedelta | None) -> None:
        since = self.now + delay
        until = None if length is None else since + length

        def act() -> Act:
            return living.paused(self.stands, Pause(since, until), self.now)

        if self.ended:
            self.refused(SubscriptionEnded, act)
        elif self.open_pause():
            self.refused(PausedAlready, act)
        elif until is not None and until <= since:
            self.refused(BadPause, act)
        else:
            self.keep(act())
            self.pauses.append((since, until))

    @rule()
    def wake(self) -> None:
        found = self.open_pause()
        if self.ended:
            self.refused(SubscriptionEnded, lambda: living.woken(self.stands, self.now))
        elif found is None or found[0] > self.now:
            self.refused(NotPaused, lambda: living.woken(self.stands, self.now))
        else:
            self.keep(living.woken(self.stands, self.now))
            self.pauses[self.pauses.index(found)] = (found[0], self.now)

    @rule()
    def cancel_the_pause(self) -> None:
        found = self.open_pause()
        if self.ended:
            self.refused(SubscriptionEnded, lambda: living.pause_cancelled(self.stands, self.now))
        elif found is None or found[0] <= self.now:
            self.refused(NoPauseToCome, lambda: living.pause_cancelled(self.stands, self.now))
        else:
            self.keep(living.pause_cancelled(self.stands, self.now))
            self.pauses.remove(found)

    @rule(delay=SOME | st.just(timedelta()), plan=st.sampled_from(["basic", "family", "student"]))
    def change(self, delay: timedelta, plan: str) -> None:
        since = self.now + delay

        def act() -> Act:
            return living.changed(self.stands, Phase(plan, 1, since), self.now)

        if self.ended:
            self.refused(SubscriptionEnded, act)
        elif self.plans[-1][0] > self.now:
            self.refused(ChangeToCome, act)
        elif plan == self.plans[-1][1]:
            self.refused(NothingToChange, act)
        else:
            self.keep(act())
            self.plans.append((since, plan))

    @rule()
    def cancel_the_change(self) -> None:
        if self.ended:
            self.refused(SubscriptionEnded, lambda: living.change_cancelled(self.stands, self.now))
        elif self.plans[-1][0] <= self.now:
            self.refused(NoChangeToCome, lambda: living.change_cancelled(self.stands, self.now))
        else:
            self.keep(living.change_cancelled(self.stands, self.now))
            self.plans.pop()

    @rule(really=st.integers(min_value=0, max_value=9))
    def end(self, really: int) -> None:
        if self.ended:
            assert living.ended(self.stands, "", self.now) is None
        elif not really:
            act = living.ended(self.stands, "other", self.now)
            assert act is not None
            self.keep(act)
            self.ended = self.now

    @rule()
    def a_worker_puts_away_what_is_over(self) -> None:
        """At any time, or never: nothing that can be seen depends on it."""
        act = living.turned(self.stands, self.now)
        if act.over:
            self.keep(act)

    def counts_as(self, at: datetime) -> str | None:
        """The plan under which the instant counts, by the model."""
        paused = any(since <= at and (until is None or at < until) for since, until in self.pauses)
        if paused or at < START or (self.ended is not None and at >= self.ended):
            return None
        return [plan for since, plan in self.plans if since <= at][-1]

    @invariant()
    def every_second_counts_as_the_model_says(self) -> None:
        parts = [*self.over, self.stands.phase, self.stands.next_phase, self.stands.pause]
        phases = sorted((each for each in parts if isinstance(each, Phase)), key=lambda each: each.since)
        lived = Lived(self.stands, tuple(phases), tuple(each for each in parts if isinstance(each, Pause)))
        ends = self.now + 30 * DAY
        edges = {START, self.now, self.ended or START, *(since for since, _ in self.plans)}
        edges |= {each for pause in self.pauses for each in pause if each is not None}
        months = [Month(2026, 3).interval(ZONE), Interval(Month(2026, 4).interval(ZONE).start, ends)]
        found = [(each, phase) for month in months for phase in phases for each in lived.stretches(phase, month)]
        for at in sorted(edges):
            for instant in (at - SECOND, at, at + SECOND):
                counting = [phase.plan_id for stretch, phase in found if stretch.holds(instant)]
                expected = self.counts_as(instant)
                assert counting == ([] if expected is None or instant >= ends else [expected])

    @invariant()
    def it_stands_as_the_model_says(self) -> None:
        if self.ended:
            assert self.stands.stored_state(self.now) is State.ENDED
        else:
            paused = self.counts_as(self.now) is None
            assert self.stands.stored_state(self.now) is (State.PAUSED if paused else State.ACTIVE)
            assert self.stands.phase_at(self.now).plan_id == [p for s, p in self.plans if s <= self.now][-1]

    @invariant()
    def what_was_counted_act_by_act_is_what_a_whole_life_counts(self) -> None:
        assert {each: many for each, many in self.counts.items() if many} == recounted(self.stands, self.over, ZONE)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def charged(over: list[Phase | Pause], stands: Subscription, within: Interval) -> timedelta:
    parts = [*over, stands.phase, stands.pause]
    pauses = tuple(each for each in parts if isinstance(each, Pause))
    phases = tuple(each for each in parts if isinstance(each, Phase))
    lived = Lived(stands, phases, pauses)
    return sum((each.length for phase in phases for each in lived.stretches(phase, within)), timedelta())


@given(st.integers(min_value=0, max_value=8 * 86_400))
def test_pausing_for_five_minutes_costs_five_minutes_less_wherever_they_lie(seconds: int) -> None:
    """
    Over the end of the month and the change of clocks too: what both months count is five minutes less in all.
    """
    at = START + seconds * SECOND
    pause = living.paused(new(), Pause(at, at + FIVE), START)
    march, april = (Month(2026, number).interval(ZONE) for number in (3, 4))

    less = [charged([], new(), month) - charged([], pause.after, month) for month in (march, april)]

    assert sum(less, timedelta()) == FIVE
    woken = living.woken(living.paused(new(), Pause(at), at).after, at + FIVE)
    assert [charged([], new(), each) - charged([*woken.over], woken.after, each) for each in (march, april)] == less


def test_what_lasted_for_no_time_never_was() -> None:
    paused = living.paused(new(), Pause(START), START)

    act = living.woken(paused.after, START)

    assert (act.over, act.after.pause) == ((), None)
    assert counts_of(act, ZONE) == dict.fromkeys(counts_of(paused, ZONE), -1)


def test_a_pause_called_off_is_counted_in_no_month() -> None:
    paused = living.paused(new(), Pause(START + 9 * DAY, START + 99 * DAY), START)
    assert {each.move for each in counts_of(paused, ZONE)} == {Moved.PAUSED, Moved.WOKEN}
    assert {str(each.month) for each in counts_of(paused, ZONE)} == {"2026-04", "2026-07"}

    cancelled = living.pause_cancelled(paused.after, START + HOUR)

    assert counts_of(cancelled, ZONE) == dict.fromkeys(counts_of(paused, ZONE), -1)


def test_what_is_asked_for_the_past_is_refused() -> None:
    with pytest.raises(BadPause) as pause:
        living.paused(new(), Pause(START - SECOND), START)
    with pytest.raises(BadChange) as change:
        living.changed(new(), Phase("family", 1, START - SECOND), START)

    assert (pause.value.facts["pointer"], change.value.facts["pointer"]) == ("/from", "/at")


def test_seats_bound_who_takes_part_now_and_after_a_change_to_come() -> None:
    family = living.changed(new(), Phase("family", 1, START, seats=3), START).after
    two = living.joined(family, "cus_2", START)
    assert two is not None
    assert living.joined(two.after, "cus_2", START) is None
    with pytest.raises(TooManySeats):
        living.changed(two.after, Phase("basic", 1, START + DAY, seats=1), START)

    fewer = living.changed(two.after, Phase("pair", 1, START + DAY, seats=2), START).after
    with pytest.raises(SeatsTaken):
        living.joined(fewer, "cus_3", START)

    alone = living.left(fewer, "cus_1", START).after
    assert alone.members == ("cus_2",)
    with pytest.raises(LastMember):
        living.left(alone, "cus_2", START)


def test_a_pass_runs_out_by_itself_and_is_neither_paused_nor_changed() -> None:
    ticket = new(is_pass=True, phase=Phase("day", 1, START, START + DAY))
    assert {(each.move, str(each.month)) for each in counts_of(living.begun(ticket), ZONE)} == {
        (Moved.NEW, "2026-03"),
        (Moved.ENDED, "2026-03"),
    }

    with pytest.raises(PassNotPaused):
        living.paused(ticket, Pause(START), START)
    with pytest.raises(PassNotChanged):
        living.changed(ticket, Phase("week", 1, START), START)
    assert ticket.stored_state(START + DAY - SECOND) is State.ACTIVE
    assert ticket.stored_state(START + DAY) is State.ENDED
    act = living.turned(ticket, START + 2 * DAY)
    assert (act.after.ended_at, counts_of(act, ZONE)) == (START + DAY, {})
    with pytest.raises(SubscriptionEnded):
        living.joined(ticket, "cus_2", START + DAY)


def test_a_pass_whose_uses_are_all_taken_has_ended_when_it_is_put_away() -> None:
    """
    It gives nothing from the last use on; the month in which it was bought is left as it was.
    """
    ticket = new(is_pass=True, uses_left=0, phase=Phase("ten", 1, START, START + 9 * DAY))
    assert ticket.stored_state(START) is State.ENDED
    assert new(uses_left=0).stored_state(START) is State.ACTIVE, "no pass"

    act = living.turned(ticket, START + DAY)

    assert (act.after.ended_at, act.after.phase.until) == (START + DAY, START + DAY)
    assert living.turned(ticket, START + 10 * DAY).after.ended_at == START + 9 * DAY
    with pytest.raises(SubscriptionEnded):
        living.joined(ticket, "cus_2", START + DAY)
