"""A subject that is watched is heard when it begins or ceases to rest, and not every time that it says so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.metering.head import Head, pack_head, unpack_head
from chalicelib.metering.model import Subject
from chalicelib.metering.watching import Watch
from tests.unit.memory import Commits
from tests.unit.metering.rides import MAY, RIDE, START, HeadsInMemory, SubjectsInMemory, event
from tests.unit.metering.test_ingest import take_in

SECOND = 1_000_000
NOISY = Watch(("moving", "metres"), ("idle",))
SILENT = Watch(("moving",), ("idle",), timedelta(seconds=60))


def turned(watch: Watch, known: str, new: str) -> bool:
    """As in `m1 i20`: moving at second 1, idle at 20; z: no metres."""

    def said(text: str) -> list[tuple[int, str, bool]]:
        names = {"m": "moving", "i": "idle", "z": "metres", "h": "heartbeat"}
        return [(int(each[1:]) * SECOND, names[each[0]], each[0] != "z") for each in text.split()]

    return watch.turns(said(known), said(new))


@pytest.mark.parametrize(
    ("known", "new", "heard"),
    [
        ("", "i1", True),
        ("", "m1", False),
        ("m1", "i2", True),
        ("m1", "z2", True),
        ("m1 i2", "i3 i4", False),
        ("m1 i2", "h3", False),
        ("m1 i2", "m3", False),
        ("m1 i5", "i3", True),
        ("m1 i5 i9", "m7", True),
        ("m1 i5 m9", "m7", False),
        ("m1", "m2 i3 m4", True),
    ],
)
def test_what_turns_a_thing_that_says_when_it_rests(known: str, new: str, heard: bool) -> None:  # noqa: FBT001 -- a row
    assert turned(NOISY, known, new) is heard


@pytest.mark.parametrize(
    ("known", "new", "heard"),
    [("", "m1", True), ("m1", "m61", False), ("m1", "m62", True), ("m1 i2", "m3", True), ("m1 i2", "i90", False)],
)
def test_what_turns_a_thing_that_falls_silent(known: str, new: str, heard: bool) -> None:  # noqa: FBT001 -- a row
    assert turned(SILENT, known, new) is heard


def test_a_thing_that_says_every_minute_that_it_rests_is_heard_once_for_each_page_and_costs_plain_writes_else() -> None:
    """
    Used for ten minutes, then idle for an hour, sixty batches of one; also while some of them come again. A page begins
    with 25 events, and what is on it is not seen any more.
    """
    subjects, heads, commits = SubjectsInMemory(replace(RIDE, watch=NOISY)), HeadsInMemory(), Commits()
    for minute in range(70):
        said = event(minute, minute, name="moving" if minute < 10 else "idle")
        for _ in range(1 + minute % 2):
            take_in([said], heads, subjects, commit=commits)

    assert 1 <= len(subjects.heard) <= 1 + 70 // 25


@pytest.mark.parametrize("watch", [None, NOISY])
def test_who_is_not_watched_is_not_heard(watch: Watch | None) -> None:
    subjects = SubjectsInMemory(replace(RIDE, watch=watch))
    take_in([event(1, 5), event(2, 10, name="idle")], HeadsInMemory(), subjects)

    assert len(subjects.heard) == (0 if watch is None else 1)


names = st.lists(st.text(min_size=1, max_size=8), max_size=4).map(tuple)


@given(st.builds(Watch, names, names, st.none() | st.integers(1, 10**9).map(lambda each: timedelta(0, 0, each))), names)
def test_a_head_keeps_it(watch: Watch, ends_by: tuple[str, ...]) -> None:
    about = Subject("ride-1", "par-1", {"use_seconds": "s"}, START, None, {}, ends_by, watch)
    packed = pack_head(Head("ride-1", MAY, 1, about))

    assert unpack_head("ride-1", MAY, 1, packed).about == about
