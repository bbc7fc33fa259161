"""What keeps a subscription awake: whatever reaches into the interval, whenever it is charged."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from chalicelib.access.model import AccessSession, ChargeRecord, Need, NeedInterval, NeedState, State
from chalicelib.access.needed import WasNeeded, needed_in
from chalicelib.kernel.time import Interval, Month
from tests.unit.access.test_need import SESSION

ZONE = "UTC"
MAY = Month(2021, 5).interval(ZONE)


def at(month: int, day: int) -> datetime:
    return datetime(2021, month, day, tzinfo=UTC)


def record(name: str, *stretches: tuple[NeedState, datetime, datetime], cut: datetime | None = None) -> ChargeRecord:
    intervals = tuple(NeedInterval(state, Interval(start, end)) for state, start, end in stretches)
    ended = replace(SESSION, session_id=name, started_at=stretches[0][1], ended_at=stretches[-1][2], state=State.ENDED)
    ended = replace(ended, cuts=(cut,) if cut else ())
    return ChargeRecord(ended, Need(intervals, {}, {}, "digest"), (), "EUR", stretches[-1][2])


class Kept:
    """What is asked of the sessions' store."""

    def __init__(self, *records: ChargeRecord) -> None:
        self.records = records
        self.adjusts: dict[Month, list[Month]] = {}

    def charged(self, _account_id: str, within: Interval) -> list[ChargeRecord]:
        return [each for each in self.records if within.holds(each.charged_at)]

    def adjusted_months(self, _account_id: str, month: Month) -> list[Month]:
        return self.adjusts.get(month, [])

    def open_of(self, _account_id: str) -> list[AccessSession]:
        return []


def found(kept: Kept, within: Interval = MAY) -> list[WasNeeded]:
    return needed_in("acc-1", within, at(9, 1), ZONE, sessions=kept, heads=None)  # type: ignore[arg-type]


def test_use_and_keeping_are_need_what_is_released_or_out_of_order_is_none() -> None:
    days = [at(5, number) for number in range(1, 7)]
    states = (NeedState.IN_USE, NeedState.KEPT, NeedState.RELEASED, NeedState.FAULTY, NeedState.GRACE)
    ride = record("ride", *((state, *span) for state, span in zip(states, pairwise(days), strict=True)))

    assert [(each.start, each.session_id) for each in found(Kept(ride))] == [
        (days[0], "ride"),
        (days[1], "ride"),
        (days[4], "ride"),
    ]


def test_what_began_in_the_interval_and_ended_after_it_counts_and_what_was_over_before_does_not() -> None:
    over = record("over", (NeedState.IN_USE, at(4, 29), at(4, 30)))
    later = record("later", (NeedState.IN_USE, at(5, 31), at(6, 2)))

    assert [each.session_id for each in found(Kept(over, later))] == ["later"]


def test_what_goes_on_for_months_counts_in_each_though_it_is_charged_in_its_first() -> None:
    """
    Handed out in January and kept until July, cut at each month's end: May says that it adjusts January.
    """
    long = record("long", (NeedState.KEPT, at(1, 10), at(7, 3)), cut=at(2, 1))
    kept = Kept(long)
    kept.adjusts = {Month(2021, 5): [Month(2021, 1)]}

    assert [each.session_id for each in found(kept)] == ["long"]
