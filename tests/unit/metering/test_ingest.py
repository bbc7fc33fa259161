"""A batch is taken in once: per subject and month in one write, each event answered in the order sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month
from chalicelib.metering.errors import HeadChanged, Implausible, SubjectBusy, UnknownSubject
from chalicelib.metering.fold import HEAD_BYTES, Settled, fold, item_bytes
from chalicelib.metering.head import Head, pack_head
from chalicelib.metering.model import Answer, Event, Key
from chalicelib.metering.reference import NotAReference, read_reference, reference_of
from chalicelib.metering.sealing import sealing
from chalicelib.metering.service import ROUNDS, Taking, count_spilled, ingest
from chalicelib.metering.usage import Usage, replayed, total_of, usage_between
from tests.unit.memory import Commits, InMemory
from tests.unit.metering.rides import (
    HELSINKI,
    JUNE,
    MAY,
    RIDE,
    START,
    HeadsInMemory,
    SubjectsInMemory,
    event,
    event_of,
    events_of,
)

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


class Counting(HeadsInMemory):
    """Counts the heads that are written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def put(self, settled: Sequence[Settled]) -> list[bool]:
        self.written += len(settled)
        return super().put(settled)


def metres(heads: HeadsInMemory, month: Month = MAY) -> Decimal | None:
    return heads.find("ride-1", month).total("metres")


def test_a_batch_is_written_once_a_subject_and_month_and_not_at_all_when_it_comes_again() -> None:
    """
    Midnight in Helsinki is an hour after the start: the two events belong to May and June. No transaction is needed.
    """
    heads, commit = Counting(), Commits()
    batch = [event(1, 59, 10, "metres"), event(2, 60, 5, "metres"), event(3, 58, 1, "metres")]

    take_in(batch, heads, commit=commit)
    assert (heads.written, commit.sizes) == (2, [])
    assert (metres(heads), metres(heads, JUNE)) == (11, 5)

    assert outcomes(take_in(batch, heads, commit=commit)) == ["duplicate"] * 3
    assert (heads.written, commit.sizes) == (2, [])


reported = st.builds(
    event_of,
    source=st.sampled_from(["bikes", "bikes", "bikes", "cars"]),
    event_id=st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number))),
    subject=st.just("ride-1"),
    time=st.integers(1, 55).map(lambda minutes: START + timedelta(minutes=minutes)),
    name=st.sampled_from(["metres", "metres", "use_seconds"]),
    value=st.integers(0, 9).map(Decimal),
    dimensions=st.sampled_from([(), (), (("lane", "left"),)]),
)


@settings(max_examples=300)
@given(st.lists(st.lists(reported, min_size=1, max_size=4), max_size=8), st.integers(1, 12))
def test_whatever_was_counted_is_a_duplicate_when_it_comes_again(sent: list[list[Event]], together: int) -> None:
    """
    Of several meters, senders and dimensions, in batches of another size than before; ids are UUIDs, as most are.
    """
    heads, counted = HeadsInMemory(), dict[Key, Event]()
    for batch in sent:
        for answer in take_in(batch, heads):
            first = counted.setdefault(answer.event.key, answer.event)
            assert (answer.outcome == "accepted") == (first is answer.event)
    again = list(counted.values())
    for at in range(0, len(again), together):
        assert set(outcomes(take_in(again[at : at + together], heads))) == {"duplicate"}

    for meter in ("metres", "use_seconds"):
        said = [each.value for each in again if each.name == meter and each.value is not None]
        assert (heads.find("ride-1", MAY).total(meter) or 0) == sum(said)


class Overtaken(HeadsInMemory):
    """Another writer is faster the first `times`."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def put(self, given: Sequence[Settled]) -> list[bool]:
        if self.times:
            self.times -= 1
            where = (given[0].head.subject, given[0].head.month)
            before = replace(self.find(*where), about=RIDE)
            faster, _ = fold(before, [event(100 + self.times, value=1, name="metres")])
            self.kept[where] = faster
        return super().put(given)


def test_a_writer_that_was_overtaken_reads_again_and_nothing_of_either_is_lost() -> None:
    heads = Overtaken(times=3)

    assert outcomes(take_in([event(1, value=10, name="metres")], heads)) == ["accepted"]
    assert metres(heads) == 13


def test_what_stays_contended_is_queued_and_counted_once_by_the_worker_however_often_it_runs() -> None:
    heads, commit = Overtaken(times=ROUNDS), Commits()
    batch = [event(1, value=10, name="metres"), event(2, value=20, name="metres")]

    assert outcomes(take_in(batch, heads, commit=commit)) == ["queued", "queued"]
    assert metres(heads) == ROUNDS
    (log,) = heads.logs_kept.values()
    taking = Taking(HELSINKI, heads, SubjectsInMemory(RIDE), LATER, commit, lambda _attempt: None)
    assert outcomes(count_spilled(log, taking)) == ["accepted", "accepted"]
    assert outcomes(count_spilled(log, taking)) == ["duplicate", "duplicate"]
    assert metres(heads) == ROUNDS + 30
    assert outcomes(take_in(batch, heads, commit=commit)) == ["duplicate", "duplicate"]


def test_a_worker_for_whom_the_subject_stays_busy_tries_the_log_again_later() -> None:
    heads = Overtaken(times=2 * ROUNDS)
    take_in([event(1, value=10, name="metres")], heads)
    (log,) = heads.logs_kept.values()

    with pytest.raises(SubjectBusy):
        count_spilled(
            log, Taking(HELSINKI, heads, SubjectsInMemory(RIDE), LATER, Commits(), pause=lambda _attempt: None)
        )


def test_rounds_after_the_first_wait_each_longer_than_the_last_may() -> None:
    waited = list[int]()
    ingest(
        [event(1)],
        partner_id="par-1",
        zone=HELSINKI,
        heads=Overtaken(times=3),
        subjects=SubjectsInMemory(RIDE),
        now=LATER,
        commit=Commits(),
        pause=waited.append,
    )

    assert waited == [1, 2, 3]


def test_evidence_on_a_sealed_head_is_late_and_the_charge_is_looked_at_again_in_the_same_write() -> None:
    heads, commit = HeadsInMemory(), Commits()
    take_in([event(1, 20, value=10, name="metres")], heads, commit=commit)
    ended = replace(RIDE, ended_at=LATER)
    commit(sealing(ended, usage_between("ride-1", START, LATER, HELSINKI, heads=heads), heads=heads), None)
    subjects = SubjectsInMemory(ended)

    late = take_in([event(2, 30, value=5, name="metres"), event(1, 20, value=10, name="metres")], heads, subjects)
    assert outcomes(late) == ["late", "duplicate"]
    assert subjects.heard == ["ride-1"]
    assert outcomes(take_in([event(2, 30, value=5, name="metres")], heads, subjects)) == ["duplicate"]
    assert subjects.heard == ["ride-1"]
    assert metres(heads) == 15


def test_a_writer_who_saw_the_session_open_cannot_count_past_its_seal() -> None:
    """
    The session ends between the writer's read and its write; also where nothing was reported before, and no head was.
    """

    class EndsFirst(HeadsInMemory):
        def put(self, given: Sequence[Settled]) -> list[bool]:
            if not self.find("ride-1", MAY).sealed:
                ended = replace(RIDE, ended_at=LATER)
                Commits()(sealing(ended, usage_between("ride-1", START, LATER, HELSINKI, heads=self), heads=self), None)
            return super().put(given)

    heads, subjects = EndsFirst(), SubjectsInMemory(RIDE)

    assert outcomes(take_in([event(1, value=10, name="metres")], heads, subjects)) == ["late"]
    assert subjects.heard == ["ride-1"]


def test_many_events_leave_the_head_for_pages_and_are_all_found_again() -> None:
    """
    2,000 events in batches of up to 90, each with a part of the one before it again: each counts once, the head stays
    at one write unit, and the events that were sent are those that are there.
    """
    heads = HeadsInMemory()
    sent = [event(number, number % 119, number, "metres") for number in range(2000)]
    for first in range(0, 2000, 90):
        answers = take_in(sent[max(0, first - 40) : first + 90], heads)
        assert set(outcomes(answers[: min(first, 40)])) <= {"duplicate"}

    found = events_of(heads) + events_of(heads, JUNE)
    assert sorted(each.event_id for each in found) == sorted(each.event_id for each in sent)
    assert (metres(heads) or 0) + (metres(heads, JUNE) or 0) == sum(range(2000))
    assert outcomes(take_in(sent[500:900], heads)) == ["duplicate"] * 400
    other = sent[3].but(value=Decimal(9999))
    assert outcomes(take_in([other, sent[3]], heads)) == ["conflict", "duplicate"]
    for month in (MAY, JUNE):
        head = heads.find("ride-1", month)
        assert head.nodes
        assert item_bytes("ride-1", pack_head(head)) <= HEAD_BYTES
    assert {each.subject for each in found} == {"ride-1"}
    assert list(heads.subjects_of(MAY)) == ["ride-1"]


def test_what_lies_a_little_before_the_start_is_found_again_in_the_month_before() -> None:
    """
    A session begins two minutes after midnight; the lock's clock says two minutes to. What it said counts.
    """
    heads, start = HeadsInMemory(), START + timedelta(minutes=62)
    take_in([event(1, 58, 30, "metres")], heads, SubjectsInMemory(replace(RIDE, started_at=start)))

    found = usage_between("ride-1", start, start + timedelta(hours=1), HELSINKI, heads=heads)
    assert total_of("metres", found, LATER) == Decimal(30)


@pytest.mark.parametrize(("hours", "months"), [(0, 1), (1, 2), (24 * 31, 3)])
def test_evidence_is_looked_for_in_every_month_that_the_session_touches(hours: int, months: int) -> None:
    found = usage_between("ride-1", START, START + timedelta(hours=hours), HELSINKI, heads=HeadsInMemory())

    assert [each.head.month for each in found] == [MAY, JUNE, JUNE.next][:months]


def test_nothing_reported_is_not_the_same_as_nothing_used() -> None:
    assert total_of("metres", [Usage(Head("ride-1", MAY), ())], LATER) is None
    assert total_of("metres", [Usage(Head("ride-1", MAY), (event(1, value=0, name="metres"),))], LATER) == 0


def test_the_answers_reference_finds_the_event_again() -> None:
    given = event(1, source="Töölö/bikes", place="station-1")

    assert read_reference(reference_of(given)) == ("Töölö/bikes", "event-1", "ride-1", "2021-05-31T20:10:00.000000Z")


CUT = [
    "evr_WzEsMl0.x.1",
    "evr_WyJhIiwiYiJd.x",
    "evr_WyJhIiwiYiJd.x.y",
    "evr_WyJhIiwiYiJd.~%.1",
    f"evr_WyJhIiwiYiJd.x.{10**30}",
]


@pytest.mark.parametrize("text", ["", "evr_", "evr_NQ", "evr_bnVsbA", "evr_WzEsMiwzLDRd", "evr_%%", "Ärger", *CUT])
def test_a_reference_that_we_did_not_give_is_refused(text: str) -> None:
    """
    The third to fifth are the JSON texts 5, null and [1,2,3,4].
    """
    with pytest.raises(NotAReference):
        read_reference(text)


def test_a_refusal_of_the_store_is_not_swallowed() -> None:
    class Broken(HeadsInMemory):
        def saving(self, _given: Settled) -> InMemory:
            return InMemory(Refusal(), lambda: None, lambda: False)

    with pytest.raises(Refusal) as refused:
        take_in([event(1)], Broken())
    assert not isinstance(refused.value, HeadChanged)


def test_a_month_is_replayed_subject_by_subject() -> None:
    heads = HeadsInMemory()
    rides = [replace(RIDE, subject=f"ride-{number}") for number in range(900)]
    events = [event(number, 10, 1, "metres", subject=f"ride-{number % 900}") for number in range(1000)]
    take_in(events, heads, SubjectsInMemory(*rides))

    found = {usage.head.subject: len(usage.events) for usage in replayed(MAY, heads=heads)}
    assert found == {f"ride-{number}": 2 if number < 100 else 1 for number in range(900)}
