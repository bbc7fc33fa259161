"""From what the evidence shows to need intervals, each with the ids of what shows it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.access.evidence import Condition, Stretch
from chalicelib.access.model import NeedInterval, NeedPolicy, NeedState
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import Interval

MOST_LISTED, MOST_LISTED_LETTERS, FEW_LISTED = 2_000, 80_000, 20
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
    """
    found = _from_hand_out(stretches, handed_out)
    if measured is not None:
        found = _joined(_as_measured(found, measured))
    return _bounded([part for each in found for part in _in_states(each, policy)])


def listed(ids: Sequence[str], most: int = MOST_LISTED, letters: int = MOST_LISTED_LETTERS) -> tuple[str, ...]:
    """The ids; of very many the first, and a digest of all, since a charge record has to fit into an item."""
    if len(ids) <= most and sum(map(len, ids)) <= letters:
        return tuple(ids)
    few = ids[: min(FEW_LISTED, most)]
    while sum(map(len, few)) > letters:
        few = few[:-1]
    return (*few, f"{len(ids)} events, sha256:{digest(list(ids))}")


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
        yield NeedInterval(_STATES[stretch.condition], stretch.interval, _ids(stretch))
        return
    change = start + min(policy.grace, end - start)
    if change > start:
        early = tuple(pair for pair in stretch.ids if pair[0] < change or change == end)
        yield NeedInterval(NeedState.GRACE, Interval(start, change), _ids(replace(stretch, ids=early)))
    if change < end or change == start:
        late = tuple(pair for pair in stretch.ids if pair[0] >= change or change == start)
        yield NeedInterval(policy.unused, Interval(change, end), _ids(replace(stretch, ids=late)))


def _ids(stretch: Stretch) -> tuple[str, ...]:
    """The word that brought the stretch, and what came in it."""
    ids = tuple(own_id for _, own_id in stretch.ids)
    return ids if not stretch.by or stretch.by in ids else (stretch.by, *ids)


def _bounded(intervals: Sequence[NeedInterval]) -> tuple[NeedInterval, ...]:
    """All ids if they fit; else each interval lists no more than its share of what does."""
    ids = [each for interval in intervals for each in interval.evidence]
    if len(ids) <= MOST_LISTED and sum(map(len, ids)) <= MOST_LISTED_LETTERS:
        return tuple(intervals)
    shares = sum(1 for each in intervals if each.evidence)
    most, letters = MOST_LISTED // shares, MOST_LISTED_LETTERS // shares
    return tuple(replace(each, evidence=listed(each.evidence, most, letters)) for each in intervals)
