"""Changes of what was changed: whatever is made and taken back, in whatever turn, each event counts at most once."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Interval
from chalicelib.metering.changing import amend, backfill, revert, void
from chalicelib.metering.errors import BadEvent, EventBeside, EventVoided, Implausible, TooEarly, TooLate
from chalicelib.metering.limiting import set_limit
from chalicelib.metering.lines import line_of
from chalicelib.metering.meters import Limit
from chalicelib.metering.model import FURTHEST_BACK, Event
from tests.unit.metering.rides import JUNE, MAY, START, event, events_of
from tests.unit.metering.test_changing import THREE, Desk, asked, metres

HUNDRED = {"metres": Limit(Decimal(100), hard=True)}


def stretch(since: int, until: int) -> Interval:
    return Interval(START + timedelta(minutes=since), START + timedelta(minutes=until))


def brought(desk: Desk, change_id: str) -> Event:
    return next(each for each in events_of(desk.heads) if each.source.startswith(f"~{change_id}/"))


def amended_twice(desk: Desk) -> None:
    """Twenty metres are amended to 7, and these to 9."""
    amend(asked("one"), MAY, THREE[1].key, metres(2, 20, 7), desk.taking)
    amend(asked("two"), MAY, brought(desk, "one").key, metres(2, 20, 9), desk.taking)


@pytest.mark.parametrize(
    ("taken_back", "left"), [((), 112), (("one",), 112), (("two",), 110), (("one", "two"), 123), (("two", "one"), 123)]
)
def test_an_amendment_of_an_amendment_counts_once_whichever_of_them_is_taken_back(
    taken_back: Sequence[str], left: int
) -> None:
    desk = Desk(*THREE)
    amended_twice(desk)
    for change_id in taken_back:
        revert("par-1", change_id, desk.taking)

    assert desk.metres() == left


def test_what_was_voided_after_it_was_amended_stays_void_when_the_amendment_is_taken_back() -> None:
    desk = Desk(*THREE)
    amend(asked("one"), MAY, THREE[1].key, metres(2, 20, 7), desk.taking)
    made = void(asked("two"), MAY, brought(desk, "one").key, desk.taking)
    revert("par-1", "one", desk.taking)
    assert (made.voided, desk.metres()) == (1, 103)
    with pytest.raises(EventVoided):
        void(asked("three"), MAY, THREE[1].key, desk.taking)

    revert("par-1", "two", desk.taking)
    assert desk.metres() == 123


def test_in_a_stretch_that_was_filled_anew_nothing_comes_back_that_was_voided_before() -> None:
    desk = Desk(*THREE)
    void(asked("one"), MAY, THREE[1].key, desk.taking)
    made = backfill(asked("two"), stretch(15, 35), [metres(7, 16, 50)], desk.taking)
    assert (made.voided, desk.metres()) == (1, 150)

    revert("par-1", "one", desk.taking)
    assert desk.metres() == 150
    revert("par-1", "two", desk.taking)
    assert desk.metres() == 123


def test_a_stretch_may_be_filled_with_what_was_reported_in_it_under_its_own_ids() -> None:
    desk = Desk(*THREE)
    backfill(asked("one"), stretch(15, 35), [metres(2, 21, 50), metres(3, 31, 5)], desk.taking)
    assert desk.metres() == 155
    backfill(asked("two"), stretch(15, 35), [metres(2, 22, 1)], desk.taking)
    assert desk.metres() == 101

    revert("par-1", "one", desk.taking)
    assert desk.metres() == 101


@pytest.mark.parametrize(
    ("since", "until", "events", "refusal", "pointer"),
    [
        (15, 35, [metres(7, 20, 1), metres(7, 21, 2)], BadEvent, "/events/1/id"),
        (15, 35, [metres(7, 20, 1), metres(1, 21, 2)], EventBeside, "/events/1/id"),
        (15, 35, [metres(7, 20, 1), metres(8, 36, 2)], Implausible, "/events/1/time"),
        (15, 35, [metres(7, 20, 1), event(8, 20, 1, "litres")], BadEvent, "/events/1/data/meter"),
        (
            15,
            35,
            [event(7, 20, 1, "use_seconds"), event(8, 21, 99_999, "use_seconds")],
            Implausible,
            "/events/1/data/value",
        ),
        (15, 180, [metres(7, 20, 1)], TooEarly, "/to"),
        (-FURTHEST_BACK // timedelta(minutes=1), 35, [metres(7, 20, 1)], TooLate, "/from"),
    ],
)
def test_what_a_stretch_cannot_be_filled_with_is_pointed_at_and_changes_nothing(
    since: int, until: int, events: list[Event], refusal: type[Refusal], pointer: str
) -> None:
    desk = Desk(*THREE)
    with pytest.raises(refusal) as refused:
        backfill(asked(), stretch(since, until), events, desk.taking)

    assert refused.value.facts["pointer"] == pointer
    assert (desk.metres(), desk.heads.changes) == (123, {})


def test_sources_too_long_for_the_name_of_a_change_are_still_told_apart() -> None:
    desk = Desk(*THREE)
    alike = [event(7, 20, value, "metres", source="s" * 255 + end) for value, end in ((1, "a"), (2, "b"))]
    backfill(asked("c" * 64), stretch(15, 35), alike, desk.taking)
    assert desk.metres() == 103
    amend(asked("two"), MAY, next(e for e in events_of(desk.heads) if e.value == 2).key, alike[1], desk.taking)
    revert("par-1", "c" * 64, desk.taking)

    assert desk.metres() == 125


def test_months_that_a_change_does_not_touch_count_against_what_the_session_can_have_had() -> None:
    """
    By 22 past one, two hours and 5 minutes after the start, no more than 7,500 seconds can have been used.
    """
    desk = Desk(event(1, 50, 3000, "use_seconds"), event(2, 115, 4000, "use_seconds"))
    with pytest.raises(Implausible):
        amend(asked(), JUNE, ("bikes", "event-2"), event(2, 115, 5000, "use_seconds"), desk.taking)
    amend(asked(), JUNE, ("bikes", "event-2"), event(2, 115, 4800, "use_seconds"), desk.taking)

    assert desk.heads.find("ride-1", JUNE).total("use_seconds") == 4800


def test_a_change_in_a_month_without_reports_leaves_the_limits_that_go_on() -> None:
    desk = Desk()
    set_limit("ride-1", MAY, "par-1", "metres", HUNDRED["metres"], taking=desk.taking)
    backfill(asked(), stretch(60, 90), [metres(7, 70, 5)], desk.taking)

    assert desk.heads.find("ride-1", JUNE).limits == HUNDRED
    assert desk.report([metres(8, 80, 96)]) == ["refused"]


acts = st.one_of(
    st.tuples(st.just("void"), st.integers(0, 7)),
    st.tuples(st.just("amend"), st.integers(0, 7)),
    st.tuples(st.just("revert"), st.integers(0, 7)),
    st.tuples(st.just("fill"), st.integers(0, 3)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(acts, min_size=1, max_size=8))
def test_whatever_is_changed_and_taken_back_each_event_counts_at_most_once_and_in_the_end_all_do(
    chosen: list[tuple[str, int]],
) -> None:
    """
    Four events of 1, 10, 100 and 1,000 metres.
    """
    reported = [metres(number, 5 + 10 * number, 10**number) for number in range(4)]
    desk = Desk(*reported)
    for at, (act, which) in enumerate(chosen):
        counting = events_of(desk.heads)
        try:
            if act == "revert":
                revert("par-1", f"change-{which}", desk.taking)
            elif act == "fill":
                span = stretch(10 * which, 10 * which + 15)
                backfill(asked(f"change-{at}"), span, [metres(20 + at, 10 * which + 7, 3)], desk.taking)
            elif counting:
                key, minute = counting[which % len(counting)].key, (which % len(counting)) * 10 + 6
                if act == "void":
                    void(asked(f"change-{at}"), MAY, key, desk.taking)
                else:
                    number = int(key[1].removeprefix("event-"))
                    amend(asked(f"change-{at}"), MAY, key, metres(number, minute, 7), desk.taking)
        except Refusal:
            pass
        found = events_of(desk.heads)
        assert len({line_of(each) for each in found}) == len(found)
        assert (desk.metres() or 0) == sum(each.value or 0 for each in found)
    for change_id in list(desk.heads.changes):
        revert("par-1", change_id[1], desk.taking)

    assert events_of(desk.heads) == reported
    assert desk.metres() == 1111
