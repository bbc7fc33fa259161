"""A batch is taken in once: per subject and month in one write, each event answered in the order sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.kernel.errors import Refusal
from chalicelib.metering.errors import HeadChanged, Implausible, UnknownSubject
from chalicelib.metering.model import Answer, Event, Head, fold
from chalicelib.metering.reference import NotAReference, read_reference, reference_of
from chalicelib.metering.service import SubjectBusy, heads_between, ingest, total_of
from tests.unit.memory import Commits, InMemory
from tests.unit.metering.rides import HELSINKI, JUNE, MAY, RIDE, START, HeadsInMemory, SubjectsInMemory, event

LATER = START + timedelta(hours=2)


def take_in(
    events: Sequence[Event],
    heads: HeadsInMemory,
    subjects: SubjectsInMemory | None = None,
    *,
    now: datetime = LATER,
    commit: Commits | None = None,
) -> list[Answer]:
    return ingest(
        events,
        partner_id="par-1",
        zone=HELSINKI,
        heads=heads,
        subjects=subjects or SubjectsInMemory(RIDE),
        now=now,
        commit=commit or Commits(),
    )


def outcomes(answers: Sequence[Answer]) -> list[str]:
    return [str(answer.outcome) for answer in answers]


def test_each_event_is_answered_in_the_order_sent_and_a_bad_one_stops_no_other() -> None:
    heads, other = HeadsInMemory(), replace(RIDE, subject="ride-2", partner_id="par-2")
    answers = take_in(
        [
            event(1, 60, 600, "use_seconds"),
            event(2, subject="nobody's"),
            event(3, 90, 60, "use_seconds"),
            event(4, subject="ride-2"),
            event(5, 10, 99_999, "use_seconds"),
            event(1, 60, 600, "use_seconds"),
        ],
        heads,
        SubjectsInMemory(RIDE, other),
    )

    assert outcomes(answers) == ["accepted", "refused", "accepted", "refused", "refused", "duplicate"]
    refused = [answer.refusal for answer in answers if answer.refusal]
    assert [type(each) for each in refused] == [UnknownSubject, UnknownSubject, Implausible]
    assert heads.find("ride-2", MAY).version == 0


def test_another_partners_session_looks_like_one_that_is_not_there() -> None:
    mine = take_in([event(1, subject="ride-2")], HeadsInMemory(), SubjectsInMemory(replace(RIDE, subject="ride-2")))
    theirs = take_in(
        [event(1, subject="ride-2")],
        HeadsInMemory(),
        SubjectsInMemory(replace(RIDE, subject="ride-2", partner_id="par-2")),
    )
    missing = take_in([event(1, subject="ride-2")], HeadsInMemory(), SubjectsInMemory())

    assert outcomes(mine) == ["accepted"]
    assert [str(answer.refusal) for answer in theirs] == [str(answer.refusal) for answer in missing]


def test_a_batch_is_written_once_a_subject_and_month_and_not_at_all_when_it_comes_again() -> None:
    """
    Midnight in Helsinki is an hour after the start: the two events belong to May and June.
    """
    heads, commit = HeadsInMemory(), Commits()
    batch = [event(1, 59, 10, "metres"), event(2, 60, 5, "metres"), event(3, 58, 1, "metres")]

    take_in(batch, heads, commit=commit)
    assert len(commit.sizes) == 2
    assert heads.find("ride-1", MAY).totals == {"metres": 11}
    assert heads.find("ride-1", JUNE).totals == {"metres": 5}

    assert outcomes(take_in(batch, heads, commit=commit)) == ["duplicate"] * 3
    assert len(commit.sizes) == 2


class Overtaken(HeadsInMemory):
    """Another writer is faster the first `times`."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def saving(self, head: Head) -> InMemory:
        if self.times:
            self.times -= 1
            faster, _ = fold(self.find(head.subject, head.month), [event(100 + self.times, value=1, name="metres")])
            self.kept[head.subject, head.month] = faster
        return super().saving(head)


def test_a_writer_that_was_overtaken_reads_again_and_nothing_of_either_is_lost() -> None:
    heads = Overtaken(times=3)

    assert outcomes(take_in([event(1, value=10, name="metres")], heads)) == ["accepted"]
    assert heads.find("ride-1", MAY).totals == {"metres": 13}


def test_a_subject_that_stays_busy_is_refused_whole_and_can_be_sent_again() -> None:
    heads = Overtaken(times=6)
    (answer,) = take_in([event(1, value=10, name="metres")], heads)

    assert isinstance(answer.refusal, SubjectBusy)
    assert heads.find("ride-1", MAY).totals == {"metres": 6}
    assert outcomes(take_in([event(1, value=10, name="metres")], heads)) == ["accepted"]


def test_what_lies_a_little_before_the_start_is_found_again_in_the_month_before() -> None:
    """
    A session begins two minutes after midnight; the lock's clock says two minutes to. What it said counts.
    """
    heads, start = HeadsInMemory(), START + timedelta(minutes=62)
    take_in([event(1, 58, 30, "metres")], heads, SubjectsInMemory(replace(RIDE, started_at=start)))

    found = heads_between("ride-1", start, start + timedelta(hours=1), HELSINKI, heads=heads)
    assert total_of("metres", found) == Decimal(30)


@pytest.mark.parametrize(("hours", "months"), [(0, 1), (1, 2), (24 * 31, 3)])
def test_evidence_is_looked_for_in_every_month_that_the_session_touches(hours: int, months: int) -> None:
    found = heads_between("ride-1", START, START + timedelta(hours=hours), HELSINKI, heads=HeadsInMemory())

    assert [head.month for head in found] == [MAY, JUNE, JUNE.next][:months]


def test_nothing_reported_is_not_the_same_as_nothing_used() -> None:
    assert total_of("metres", [Head("ride-1", MAY)]) is None
    assert total_of("metres", [fold(Head("ride-1", MAY), [event(1, value=0, name="metres")])[0]]) == 0


def test_the_answers_reference_finds_the_event_again() -> None:
    given = event(1, source="Töölö/bikes", place="station-1")

    assert read_reference(reference_of(given)) == ("Töölö/bikes", "event-1", "ride-1", "2021-05-31T20:10:00.000000Z")


@pytest.mark.parametrize("text", ["", "evr_", "evr_NQ", "evr_bnVsbA", "evr_WzEsMiwzLDRd", "evr_%%", "Ärger"])
def test_a_reference_that_we_did_not_give_is_refused(text: str) -> None:
    """
    The third to fifth are the JSON texts 5, null and [1,2,3,4].
    """
    with pytest.raises(NotAReference):
        read_reference(text)


def test_a_refusal_of_the_store_is_not_swallowed() -> None:
    class Broken(HeadsInMemory):
        def saving(self, head: Head) -> InMemory:
            return InMemory(Refusal(), lambda: None, lambda: False) if head.version else super().saving(head)

    with pytest.raises(Refusal) as refused:
        take_in([event(1)], Broken())
    assert not isinstance(refused.value, HeadChanged)
