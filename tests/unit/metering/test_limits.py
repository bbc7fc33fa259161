"""A budget is checked in the write that counts: told at 50, 80 and 100 %; where it is hard nothing goes beyond it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.time import Month
from chalicelib.metering.changing import Asked, amend, revert
from chalicelib.metering.errors import BadEvent, NoLimit, OverLimit, SubjectBusy
from chalicelib.metering.fold import fold
from chalicelib.metering.head import Head
from chalicelib.metering.limiting import set_limit
from chalicelib.metering.meters import Kind, Limit, Meter
from chalicelib.metering.model import Answer, Event
from chalicelib.metering.service import ROUNDS, Taking, ingest, take_in
from tests.unit.memory import Commits
from tests.unit.metering.rides import HELSINKI, JUNE, MAY, RIDE, START, HeadsInMemory, SubjectsInMemory, event
from tests.unit.metering.test_ingest import Overtaken

LATER = START + timedelta(hours=2)
HARD, SOFT = Limit(Decimal(100), hard=True), Limit(Decimal(100), hard=False)


def taking(heads: HeadsInMemory) -> Taking:
    return Taking(HELSINKI, heads, SubjectsInMemory(RIDE), LATER, Commits(), lambda _attempt: None)


def limited(limit: Limit | None = HARD, heads: HeadsInMemory | None = None, month: Month = MAY) -> HeadsInMemory:
    heads = heads or HeadsInMemory()
    set_limit("ride-1", month, "par-1", "metres", limit, taking=taking(heads))
    return heads


def report(heads: HeadsInMemory, *events: Event) -> list[Answer]:
    return ingest(
        events,
        partner_id="par-1",
        zone=HELSINKI,
        heads=heads,
        subjects=SubjectsInMemory(RIDE),
        now=LATER,
        commit=Commits(),
    )


def metres(number: int, minutes: int, value: int) -> Event:
    return event(number, minutes, value, "metres")


def outcomes(answers: list[Answer]) -> list[str]:
    return [str(each.outcome) for each in answers]


def test_events_are_admitted_in_order_of_time_whatever_order_they_came_in() -> None:
    heads = limited()
    answers = report(heads, metres(1, 30, 40), metres(2, 10, 50), metres(3, 20, 30), metres(4, 40, 20))

    assert outcomes(answers) == ["refused", "accepted", "accepted", "accepted"]
    assert isinstance(answers[0].refusal, OverLimit)
    assert heads.find("ride-1", MAY).total("metres") == 100


def test_each_part_is_told_once_when_it_is_reached() -> None:
    heads = limited()
    for number, value in enumerate((49, 1, 30, 15, 5)):
        report(heads, metres(number, number, value))
        report(heads, metres(number, number, value))

    assert heads.told == [(MAY, "metres", 50), (MAY, "metres", 80), (MAY, "metres", 100)]


def test_one_batch_may_reach_all_parts() -> None:
    heads = limited(SOFT)
    report(heads, metres(1, 10, 500))

    assert [part for _, _, part in heads.told] == [50, 80, 100]
    assert heads.find("ride-1", MAY).total("metres") == 500


def test_a_limit_that_is_set_late_tells_what_is_reached_already_and_takes_nothing_back() -> None:
    heads = HeadsInMemory()
    report(heads, metres(1, 10, 85))
    limited(HARD, heads)

    assert [part for _, _, part in heads.told] == [50, 80]
    assert heads.find("ride-1", MAY).total("metres") == 85
    assert outcomes(report(heads, metres(2, 11, 16), metres(1, 10, 85))) == ["refused", "duplicate"]


def test_a_limit_goes_on_in_the_next_month_from_zero() -> None:
    heads = limited()
    report(heads, metres(1, 10, 100))

    assert outcomes(report(heads, metres(2, 70, 100))) == ["accepted"]
    assert outcomes(report(heads, metres(3, 71, 1))) == ["refused"]
    assert heads.find("ride-1", JUNE).limits == {"metres": HARD}


def test_a_limit_is_taken_away() -> None:
    heads = limited(None, limited())

    assert heads.find("ride-1", MAY).limits == {}
    assert outcomes(report(heads, metres(1, 10, 101))) == ["accepted"]


def test_where_a_limit_is_hard_nothing_waits_in_a_log() -> None:
    heads = Overtaken(times=0)
    limited(HARD, heads)
    heads.times = ROUNDS
    (answer,) = report(heads, metres(1, 10, 5))

    assert isinstance(answer.refusal, SubjectBusy)
    assert heads.logs_kept == {}


def test_what_cannot_be_limited_is_refused() -> None:
    heads = HeadsInMemory()
    heads.defined["par-1"] = {"metres": Meter("metres", Kind.MAX, "m", 1)}
    with pytest.raises(NoLimit):
        limited(HARD, heads)
    with pytest.raises(BadEvent):
        set_limit("ride-1", MAY, "par-1", "litres", HARD, taking=taking(heads))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 4))
def test_no_order_and_no_portions_get_past_a_hard_limit(values: list[int], size: int) -> None:
    head = Head("ride-1", MAY, limits={"metres": HARD})
    for first in range(0, len(values), size):
        batch = [metres(number, number, value) for number, value in enumerate(values)][first : first + size]
        before = head
        head, answers = fold(head, batch)
        taken = sum(each.event.value or 0 for each in answers if each.outcome == "accepted")
        assert (head.total("metres") or 0) == (before.total("metres") or 0) + taken <= 100
        assert head.version - before.version == (1 if taken else 0)
        assert head.limits == before.limits


def test_a_correction_tells_what_it_reaches_and_may_pass_a_hard_limit() -> None:
    """
    10 metres are amended to 85, then 85 to 120: what was corrected is true, so it is told and not refused.
    """
    heads = limited()
    report(heads, metres(1, 10, 10), metres(2, 11, 0))
    for number, value in ((1, 85), (2, 35)):
        asked = Asked(f"change-{number}", "par-1", "ride-1", "misread")
        amend(asked, MAY, ("bikes", f"event-{number}"), metres(number, 10, value), taking(heads))

    assert [part for _, _, part in heads.told] == [50, 80, 100]
    assert heads.find("ride-1", MAY).total("metres") == 120


def test_taking_a_change_back_tells_what_is_reached_again() -> None:
    heads = limited()
    report(heads, metres(1, 10, 85))
    amend(Asked("change-1", "par-1", "ride-1", "misread"), MAY, ("bikes", "event-1"), metres(1, 10, 5), taking(heads))
    revert("par-1", "change-1", taking(heads))

    assert [part for _, _, part in heads.told] == [50, 80, 50, 80]


def test_a_limit_goes_on_over_months_in_which_nothing_was_reported() -> None:
    heads = limited()
    august = Month(2021, 8)
    now = START + timedelta(days=70)
    parts = replace(taking(heads), now=now)
    late = metres(1, 0, 101).but(time=now)
    (answer,) = take_in([late], "par-1", parts)

    assert isinstance(answer.refusal, OverLimit)
    set_limit("ride-1", august, "par-1", "use_seconds", SOFT, taking=parts)
    assert heads.find("ride-1", august).limits == {"metres": HARD, "use_seconds": SOFT}


def uuid_event(number: int, minute: int, value: Decimal, name: str, lane: str, *, text: bool) -> Event:
    one = event(number, minute, str(value), name, d_lane=lane)
    return one if text else one.but(event_id=str(UUID(int=Random(number).getrandbits(128))))


limited_rows = st.lists(
    st.tuples(
        st.integers(1, 58),
        st.sampled_from(["7", "0.5", "12.25", "30", "0"]).map(Decimal),
        st.sampled_from(["metres", "trips", "litres"]),
        st.sampled_from(["left", "right"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(limited_rows, st.integers(1, 12), st.randoms(use_true_random=False))
def test_limits_of_several_meters_hold_side_by_side_whatever_comes_in_whatever_portions(
    rows: list[tuple[int, Decimal, str, str, bool]], size: int, shuffling: Random
) -> None:
    """
    A hard limit of metres over both lanes, a hard one of the number of trips, a soft one of litres. Of each batch, what
    a dictionary admits in order of time, then id, is what is admitted; parts are told once, as they are reached.
    """
    heads = HeadsInMemory()
    lanes = {"billable": ("lane",)}
    heads.defined["par-1"] = {
        "metres": Meter("metres", Kind.SUM, "m", 1, **lanes),
        "trips": Meter("trips", Kind.COUNT, "trips", 1, **lanes),
        "litres": Meter("litres", Kind.SUM, "l", 1, **lanes),
    }
    ride = replace(RIDE, meters={"metres": "m", "trips": "trips", "litres": "l"})
    now = replace(taking(heads), subjects=SubjectsInMemory(ride))
    most = {"metres": HARD, "trips": Limit(Decimal(5), hard=True), "litres": SOFT}
    for name, limit in most.items():
        set_limit("ride-1", MAY, "par-1", name, limit, taking=now)
    sent = [uuid_event(n, *row[:4], text=row[4]) for n, row in enumerate(rows)]
    sent += sent[::5]
    shuffling.shuffle(sent)
    kept, used, told = dict[str, Event](), dict.fromkeys(most, Decimal(0)), list[tuple[str, int]]()
    for first in range(0, len(sent), size):
        batch, expected = sent[first : first + size], dict[int, str]()
        before = dict(used)
        for number in sorted(range(len(batch)), key=lambda at: (batch[at].time, batch[at].event_id)):
            each = batch[number]
            amount = Decimal(1) if each.name == "trips" else each.value or Decimal(0)
            if each.event_id in kept:
                expected[number] = "duplicate"
            elif most[each.name].hard and used[each.name] + amount > most[each.name].most:
                expected[number] = "refused"
            else:
                expected[number] = "accepted"
                kept[each.event_id] = each
                used[each.name] += amount
        assert outcomes(take_in(batch, "par-1", now)) == [expected[number] for number in range(len(batch))]
        for name, limit in sorted(most.items()):
            parts = (Decimal(part) * limit.most / 100 for part in (50, 80, 100))
            told += [
                (name, part) for part, at in zip((50, 80, 100), parts, strict=True) if before[name] < at <= used[name]
            ]

    assert [(meter, part) for _, meter, part in heads.told] == told
    assert {name: heads.find("ride-1", MAY).total(name) or 0 for name in most} == used
