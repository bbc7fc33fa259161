"""From what the evidence shows to need intervals, each with the ids of what shows it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from chalicelib.access.evidence import Condition, Stretch
from chalicelib.access.listing import all_listed
from chalicelib.access.model import NeedInterval, NeedPolicy, NeedState
from chalicelib.kernel.time import Interval

MOST_INTERVALS = 500
_STATES = {
    Condition.USED: NeedState.IN_USE,
    Condition.RETURNED: NeedState.RELEASED,
    Condition.FAULTY: NeedState.FAULTY,
}


def intervals_of(
    stretches: Sequence[Stretch], policy: NeedPolicy, handed_out: datetime, measured: timedelta | None = None
) -> tuple[NeedInterval, ...]:
    """From the hand-out to the end, in order, without gap or overlap.

    Where the thing `measured` how long it was used, that is from the beginning of each stretch in which it can have
    been, as long as it lasts; what is left of them was no use.

    Of a thing that changes its mind hundreds of times, what is in the same state is put together within each minute, or
    two, four, eight, as a charge record needs to hold it all. That moves it by less than so many minutes, and leaves
    each state its time.
    """
    found = _from_hand_out(stretches, handed_out)
    if measured is not None:
        found = _joined(_as_measured(found, measured))
    intervals = [part for each in found for part in _in_states(each, policy)]
    window = timedelta(minutes=1)
    while len(intervals) > MOST_INTERVALS:
        intervals = _gathered(intervals, window)
        window *= 2
    evidence = all_listed([each.evidence for each in intervals])
    return tuple(replace(each, evidence=ids) for each, ids in zip(intervals, evidence, strict=True))


def _from_hand_out(stretches: Sequence[Stretch], handed_out: datetime) -> list[Stretch]:
    """What came before is listed with the first."""
    later = [each for each in stretches if each.interval.end > handed_out] or list(stretches[-1:])
    first, start = later[0], max(later[0].interval.start, handed_out)
    ids = tuple(pair for each in stretches[: len(stretches) - len(later) + 1] for pair in each.ids)
    return [replace(first, interval=Interval(start, first.interval.end), ids=ids), *later[1:]]


def _as_measured(stretches: Iterable[Stretch], measured: timedelta) -> Iterator[Stretch]:
    """What was measured goes to the earliest uses. The first keeps its evidence, however short it is."""
    left = measured
    for number, each in enumerate(stretches):
        taken = min(left, each.interval.length)
        if each.condition is not Condition.USED:
            yield each
        elif taken or not number:
            left -= taken
            change = each.interval.start + taken
            yield replace(each, interval=Interval(each.interval.start, change))
            if change < each.interval.end:
                yield Stretch(Condition.UNUSED, Interval(change, each.interval.end))
        else:
            yield replace(each, condition=Condition.UNUSED, by="")


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """What goes on in the same condition is one stretch: its grace is granted once."""
    found: list[Stretch] = []
    for each in stretches:
        if found and found[-1].condition is each.condition:
            last = found.pop()
            whole = Interval(last.interval.start, each.interval.end)
            found.append(replace(last, interval=whole, ids=last.ids + each.ids))
        else:
            found.append(each)
    return found


def _in_states(stretch: Stretch, policy: NeedPolicy) -> Iterator[NeedInterval]:
    """Unused time is grace first, and afterwards what the policy says."""
    start, end = stretch.interval.start, stretch.interval.end
    if stretch.condition is not Condition.UNUSED:
        yield NeedInterval(_STATES[stretch.condition], stretch.interval, _ids(stretch.by, stretch.ids))
        return
    change = start + min(policy.grace, end - start)
    if change > start:
        early = [pair for pair in stretch.ids if pair[0] < change or change == end]
        yield NeedInterval(NeedState.GRACE, Interval(start, change), _ids(stretch.by, early))
    if change < end or change == start:
        late = [pair for pair in stretch.ids if pair[0] >= change or change == start]
        yield NeedInterval(policy.unused, Interval(change, end), _ids(stretch.by, late))


def _ids(by: str, came: Sequence[tuple[datetime, str]]) -> tuple[str, ...]:
    """The word that brought a stretch, and what came in it."""
    ids = tuple(own_id for _, own_id in came)
    return ids if not by or by in ids else (by, *ids)


def _gathered(intervals: Sequence[NeedInterval], window: timedelta) -> list[NeedInterval]:
    """In each window of time since the hand-out one interval for each state that there is, with the evidence of all."""
    begin = intervals[0].interval.start
    pieces = (piece for each in intervals for piece in _cut(each, begin, window))
    found: list[NeedInterval] = []
    for number, own in groupby(pieces, key=lambda piece: (piece.interval.start - begin) // window):
        at = begin + number * window
        together: dict[NeedState, list[NeedInterval]] = {}
        for piece in own:
            together.setdefault(piece.state, []).append(piece)
        for state in sorted(together, key=list(NeedState).index):
            ids = tuple(dict.fromkeys(each for piece in together[state] for each in piece.evidence))
            end = at + sum((piece.interval.length for piece in together[state]), timedelta(0))
            if found and found[-1].state is state:
                last = found.pop()
                found.append(NeedInterval(state, Interval(last.interval.start, end), (*last.evidence, *ids)))
            else:
                found.append(NeedInterval(state, Interval(at, end), ids))
            at = end
    return found


def _cut(interval: NeedInterval, begin: datetime, window: timedelta) -> Iterator[NeedInterval]:
    """Into what lies in its first window, in whole windows, and in its last; later pieces name what brought it."""
    start, end = interval.interval.start, interval.interval.end
    first = min(begin - (begin - start) // window * window, end)
    last = max(begin + (end - begin) // window * window, first)
    evidence = interval.evidence
    for one, other in ((start, first), (first, last), (last, end)):
        if one < other:
            yield NeedInterval(interval.state, Interval(one, other), evidence)
            evidence = evidence[:1]
