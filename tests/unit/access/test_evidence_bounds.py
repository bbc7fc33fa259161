"""However much evidence there is, a charge record can hold what it shows, and no time is lost."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.intervals import MOST_INTERVALS, _gathered
from chalicelib.access.listing import FEW_LISTED, MOST_LISTED, MOST_LISTED_BYTES, all_listed, listed
from chalicelib.access.model import NeedInterval, NeedState
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import Interval
from chalicelib.metering.model import Event
from tests.unit.access.shown import MINUTE, bike, done, length, rows, said, shown
from tests.unit.metering.rides import START


def stop_and_go(times: int) -> list[Event]:
    """Ten minutes in use, from minute 20 on every half minute of use followed by one of rest, and silence."""
    at = [START + 20 * MINUTE + number * MINUTE / 2 for number in range(times)]
    names = ["moving" if number % 2 == 0 else "idle" for number in range(times)]
    flaps = [Event("bikes", f"{name}-{when}", "ride-1", when, name) for name, when in zip(names, at, strict=True)]
    return [said("moving", 0), said("idle", 10), *flaps]


def test_a_few_hundred_changes_of_mind_are_followed_one_by_one() -> None:
    found = shown(bike(), stop_and_go(490), end=600)

    assert len(found) == 492
    assert {each.interval.length for each in found[2:-1]} == {MINUTE / 2}


def test_of_thousands_of_changes_of_mind_each_state_keeps_its_time() -> None:
    """
    A loose contact must not make a session that no charge record can hold, and that could not be ended. 8,000 half
    minutes are put together by 32 minutes.
    """
    found = shown(bike(), stop_and_go(8_000), end=10_000)

    assert rows(found)[:2] == [("in_use", 0, 10 + 6), ("kept", 16, 32)]
    assert rows(found)[-2:] == [("in_use", 4_000, 4_010), ("kept", 4_010, 10_000)]
    assert len(found) <= MOST_INTERVALS
    assert length(found, NeedState.IN_USE) == (10 + 2_000) * MINUTE
    assert length(found) == 10_000 * MINUTE
    assert all(one.interval.end == other.interval.start for one, other in pairwise(found))
    assert all(each.evidence for each in found)


def test_however_a_thing_contradicts_itself_a_record_can_hold_its_intervals() -> None:
    """
    In use, out of order, another one, in use, at rest, in use, back, another one, each for three seconds; put together
    by a few minutes.
    """
    names = ("moving", "faulty", "transfer", "moving", "idle", "moving", "docked", "transfer")
    said_or_done = [(names[number % 8], number / 20) for number in range(12_000)]
    evidence = [done(name, at) if name == "transfer" else said(name, at) for name, at in said_or_done]

    found = shown(bike(grace=5), evidence, end=600)

    assert len(found) <= MOST_INTERVALS
    assert [length(found, state) // MINUTE for state in NeedState] == [225, 0, 75, 75, 225]
    listed_ids = [each for interval in found for each in interval.evidence]
    assert len(listed_ids) <= MOST_LISTED + MOST_INTERVALS
    assert sum(map(len, listed_ids)) <= MOST_LISTED_BYTES + MOST_INTERVALS * len("12000 events, sha256:" + "0" * 64)


def by_window(intervals: Sequence[NeedInterval], minutes: int) -> Counter[tuple[int, NeedState]]:
    """How many minutes each window of so many has of each state."""
    return Counter(
        ((at - START) // (minutes * MINUTE), each.state)
        for each in intervals
        for at in (each.interval.start + n * MINUTE for n in range(each.interval.length // MINUTE))
    )


@given(st.lists(st.tuples(st.sampled_from(NeedState), st.integers(1, 40)), min_size=1), st.integers(1, 30))
def test_each_window_keeps_the_time_of_each_state_and_all_the_evidence(
    parts: list[tuple[NeedState, int]], minutes: int
) -> None:
    """
    What goes on in a later window names there the word that brought it.
    """
    ends = [sum(long for _, long in parts[: number + 1]) for number in range(len(parts))]
    given_ones = [
        NeedInterval(state, Interval(START + (end - long) * MINUTE, START + end * MINUTE), (f"by-{end}", f"in-{end}"))
        for (state, long), end in zip(parts, ends, strict=True)
    ]

    found = _gathered(given_ones, timedelta(minutes=minutes))

    assert by_window(found, minutes) == by_window(given_ones, minutes)
    assert [each.interval.start for each in found] == [START, *(each.interval.end for each in found[:-1])]
    assert all(one.state is not other.state for one, other in pairwise(found))
    assert {each for one in found for each in one.evidence} == {each for one in given_ones for each in one.evidence}
    assert all(each.evidence for each in found)


def test_what_intervals_list_fits_into_a_record_however_much_evidence_there_is() -> None:
    """
    2,000 ids are listed; of more each interval lists its share, the first and a digest of all.
    """
    few = shown(bike(silence=1), [said("moving", number / 10) for number in range(1_900)], end=600)
    many = shown(bike(silence=1), [said("moving", number / 100) for number in range(19_000)], end=600)

    assert sum(len(each.evidence) for each in few) == 1_900 + 1
    assert few[1].evidence == ("moving-189.9",)
    (used, kept) = many
    assert used.evidence[:FEW_LISTED] == tuple(f"moving-{number / 100}" for number in range(FEW_LISTED))
    assert used.evidence[FEW_LISTED].startswith("19000 events, sha256:")
    assert kept.evidence == ("moving-189.99",)


def test_long_ids_are_listed_for_as_long_as_there_is_room() -> None:
    ids = [f"{number:0256}" for number in range(400)]

    assert MOST_LISTED_BYTES < 400 * 256
    assert listed(ids)[: FEW_LISTED + 1] == (*ids[:FEW_LISTED], listed(ids)[FEW_LISTED])
    assert listed(ids, most=4, most_bytes=300)[:-1] == (ids[0],)
    assert listed(["æ" * 100] * 4, most_bytes=799)[:3] == ("æ" * 100,) * 3


@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from("aæ\U0001f6b2"), st.integers(1, 250)), min_size=1))
def test_many_lists_fit_together_and_what_one_leaves_out_its_digest_holds(shapes: list[tuple[int, str, int]]) -> None:
    lists = [[f"{number}{letter * width}" for number in range(count)] for count, letter, width in shapes]
    found = all_listed(lists)
    digests = [each[-1] for each, ids in zip(found, lists, strict=True) if each != tuple(ids)]
    kept = [each for ids in found for each in ids if each not in digests]
    assert len(kept) <= MOST_LISTED
    assert sum(len(each.encode()) for each in kept) <= MOST_LISTED_BYTES
    assert all(
        f"sha256:{digest(ids)}" in each[-1] for each, ids in zip(found, lists, strict=True) if each != tuple(ids)
    )
