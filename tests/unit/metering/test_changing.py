"""What was reported can be voided, amended and filled anew; each time once, in one piece, and taken back again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Interval, Month
from chalicelib.metering.changes import Change, brought_by, effective, revert_mark, void_mark
from chalicelib.metering.changing import Asked, amend, backfill, revert, void
from chalicelib.metering.errors import (
    ChangeTaken,
    EventVoided,
    Implausible,
    OtherMonth,
    UnknownChange,
    UnknownEvent,
    UnknownSubject,
)
from chalicelib.metering.meters import Kind, Meter
from chalicelib.metering.model import Event
from chalicelib.metering.sealing import sealing
from chalicelib.metering.service import Taking, ingest
from chalicelib.metering.usage import usage_between
from tests.unit.memory import Commits
from tests.unit.metering.rides import (
    HELSINKI,
    JUNE,
    MAY,
    RIDE,
    START,
    HeadsInMemory,
    SubjectsInMemory,
    event,
    events_of,
)

LATER = START + timedelta(hours=2)


class Desk:
    """A subject with what was reported for it."""

    def __init__(self, *events: Event) -> None:
        self.heads, self.subjects, self.commits = HeadsInMemory(), SubjectsInMemory(RIDE), Commits()
        self.taking = Taking(HELSINKI, self.heads, self.subjects, LATER, self.commits, lambda _attempt: None)
        self.report(events)

    def report(self, events: Sequence[Event]) -> list[str]:
        answers = ingest(
            events,
            partner_id="par-1",
            zone=HELSINKI,
            heads=self.heads,
            subjects=self.subjects,
            now=LATER,
            commit=self.commits,
        )
        return [str(each.outcome) for each in answers]

    def metres(self, month: Month = MAY) -> Decimal | None:
        return self.heads.find("ride-1", month).total("metres")

    def counting(self, month: Month = MAY) -> list[str]:
        return [each.event_id for each in events_of(self.heads, month) if each.value is not None]


def asked(change_id: str = "change-1", **other: str) -> Asked:
    return Asked(**{"change_id": change_id, "partner_id": "par-1", "subject": "ride-1", "reason": "slipped", **other})


def metres(number: int, minutes: int, value: int) -> Event:
    return event(number, minutes, value, "metres")


THREE = (metres(1, 10, 100), metres(2, 20, 20), metres(3, 30, 3))


def test_a_voided_event_does_not_count_and_sent_again_is_still_a_duplicate() -> None:
    desk = Desk(*THREE)
    change = void(asked(), MAY, THREE[1].key, desk.taking)

    assert (change.voided, change.added, change.months) == (1, 0, ("2021-05",))
    assert desk.metres() == 103
    assert desk.counting() == ["event-1", "event-3"]
    assert desk.report([THREE[1]]) == ["duplicate"]
    assert desk.metres() == 103


def test_a_mark_stands_for_one_event_however_source_and_id_are_written() -> None:
    one, other = (metres(1, 10, value).but(source=source, event_id=own) for value, source, own in ODD)
    desk = Desk(one, other)
    void(asked(), MAY, one.key, desk.taking)

    assert desk.metres() == 2


ODD = ((1, "a\0b", "c"), (2, "a", "b\0c"))


def test_a_change_asked_for_again_is_made_once_and_another_one_of_its_name_is_refused() -> None:
    desk = Desk(*THREE)
    first = void(asked(), MAY, THREE[1].key, desk.taking)
    version = desk.heads.find("ride-1", MAY).version

    assert void(asked(), MAY, THREE[1].key, desk.taking) == first
    assert desk.heads.find("ride-1", MAY).version == version
    with pytest.raises(ChangeTaken):
        void(asked(), MAY, THREE[0].key, desk.taking)
    with pytest.raises(EventVoided):
        void(asked("change-2"), MAY, THREE[1].key, desk.taking)


def test_an_amended_event_counts_as_it_was_amended_until_that_is_reverted() -> None:
    desk = Desk(*THREE)
    amend(asked(), MAY, THREE[1].key, metres(2, 25, 7), desk.taking)
    assert desk.metres() == 110
    assert desk.counting() == ["event-1", "event-2", "event-3"]

    taken_back = revert("par-1", "change-1", desk.taking)
    assert taken_back.reverted_at == LATER
    assert desk.metres() == 123
    assert revert("par-1", "change-1", desk.taking) == taken_back
    assert desk.metres() == 123
    assert void(asked("change-2"), MAY, THREE[1].key, desk.taking).voided == 1


def test_an_amendment_stays_in_its_month() -> None:
    desk = Desk(*THREE)
    with pytest.raises(OtherMonth):
        amend(asked(), MAY, THREE[1].key, metres(2, 70, 7), desk.taking)
    assert desk.metres() == 123


def test_a_stretch_is_filled_anew_over_the_months_edge_as_one_change() -> None:
    """
    Midnight is 60 minutes after the start. Of what lies in the stretch, reports of other meters stay.
    """
    desk = Desk(*THREE, metres(4, 70, 5000), event(5, 65, 60, "use_seconds"), event(6, 66))
    stretch = Interval(START + timedelta(minutes=15), START + timedelta(minutes=90))
    change = backfill(asked(), stretch, [metres(7, 40, 1), metres(8, 80, 2)], desk.taking)

    assert (change.voided, change.added, change.months) == (3, 2, ("2021-05", "2021-06"))
    assert (desk.metres(), desk.metres(JUNE)) == (101, 2)
    assert desk.heads.find("ride-1", JUNE).total("use_seconds") == 60
    revert("par-1", "change-1", desk.taking)
    assert (desk.metres(), desk.metres(JUNE)) == (123, 5000)


def test_a_change_of_an_ended_session_has_its_charge_looked_at_again() -> None:
    desk = Desk(*THREE)
    ended = replace(RIDE, ended_at=LATER)
    desk.commits(
        sealing(ended, usage_between("ride-1", START, LATER, HELSINKI, heads=desk.heads), heads=desk.heads), None
    )
    void(asked(), MAY, THREE[1].key, desk.taking)
    revert("par-1", "change-1", desk.taking)

    assert desk.subjects.heard == ["ride-1", "ride-1"]


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda taking: void(asked(), MAY, ("bikes", "event-9"), taking), UnknownEvent),
        (lambda taking: void(asked(subject="ride-9"), MAY, ("bikes", "event-1"), taking), UnknownSubject),
        (lambda taking: void(asked(partner_id="par-2"), MAY, ("bikes", "event-1"), taking), UnknownSubject),
        (lambda taking: revert("par-1", "change-9", taking), UnknownChange),
        (
            lambda taking: backfill(asked(), Interval(START, START + timedelta(minutes=5)), [metres(7, 6, 1)], taking),
            Implausible,
        ),
        (
            lambda taking: amend(asked(), MAY, THREE[1].key, event(2, 20, 99_999, "use_seconds"), taking),
            Implausible,
        ),
    ],
)
def test_what_cannot_be_changed_is_refused_and_nothing_is(act: object, refusal: type[Refusal]) -> None:
    desk = Desk(*THREE)
    with pytest.raises(refusal):
        act(desk.taking)  # type: ignore[operator]

    assert desk.metres() == 123
    assert desk.heads.changes == {}


def test_totals_that_cannot_be_taken_back_step_by_step_are_made_anew() -> None:
    heads = HeadsInMemory()
    heads.defined["par-1"] = {"metres": Meter("metres", Kind.MAX, "m", 1)}
    desk = Desk()
    desk.heads.defined = heads.defined
    desk.report(THREE)
    assert desk.metres() == 100
    void(asked(), MAY, THREE[0].key, desk.taking)

    assert desk.metres() == 20


def test_events_in_pages_are_changed_too() -> None:
    desk = Desk(*(metres(number, number % 50, 1) for number in range(300)))
    void(asked(), MAY, metres(17, 17, 1).key, desk.taking)

    assert desk.metres() == 299
    assert len(desk.counting()) == 299
    revert("par-1", "change-1", desk.taking)
    assert desk.metres() == 300


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_which_events_count_does_not_depend_on_the_order_in_which_marks_came(
    chosen: list[int], shuffling: object
) -> None:
    """
    Each mark voids one of six events; the first change brings one, and the second is reverted.
    """
    reported = [metres(number, number, 1) for number in range(6)]
    marks = [void_mark(f"change-{at}", reported[number]) for at, number in enumerate(chosen)]
    marks += [brought_by("change-0", metres(9, 9, 9)), revert_mark("change-1", "ride-1", START)]
    other = [*reported, *marks]
    shuffling.shuffle(other)  # type: ignore[attr-defined]
    gone = {number for at, number in enumerate(chosen) if at != 1}

    assert effective(other) == effective([*reported, *marks])
    assert {each.event_id for each in effective(other)} == {f"event-{n}" for n in {*range(6), 9} - gone}


def test_a_change_is_shown_as_it_was_made() -> None:
    desk = Desk(*THREE)
    change = void(asked(), MAY, THREE[1].key, desk.taking)

    assert isinstance(change, Change)
    assert desk.heads.change("par-1", "change-1") == change
    assert (change.reason, change.made_at) == ("slipped", LATER)
    assert desk.heads.change("par-2", "change-1") is None
