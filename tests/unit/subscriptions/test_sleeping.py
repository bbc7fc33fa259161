"""Asleep follows from when something was needed last, at midnights of the zone; nothing is written for it."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.kernel.time import Interval, Month
from chalicelib.subscriptions import living
from chalicelib.subscriptions.looking import Looking
from chalicelib.subscriptions.sleeping import Slept, Standing, standing
from chalicelib.subscriptions.subscription import Pause, Phase, State, Subscription
from tests.unit.subscriptions.lives import START, ZONE, Shelf, plan

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
SLEEPS = plan(asleep_after_days=3, fares={"par_1:bike": "members"})
MADE = Subscription("sub_1", "acc_1", "cus_1", "7", "da", START, Phase("member", 1, START))
NEEDED = datetime(2026, 3, 27, 21, 59, tzinfo=UTC)
"""A minute before eleven in the evening of Friday: awake on Saturday, Sunday (when clocks change) and Monday."""
FALLS = datetime(2026, 3, 30, 22, 0, tzinfo=UTC)
"""The midnight on which Tuesday begins, in summer time."""


def test_it_falls_asleep_at_the_midnight_after_so_many_days_without_need() -> None:
    def at(now: datetime) -> Standing:
        return standing(MADE, SLEEPS, NEEDED, now, ZONE)

    assert at(FALLS - timedelta(microseconds=1)) == Standing(State.ACTIVE, START)
    assert at(FALLS) == at(FALLS + 99 * DAY) == Standing(State.ASLEEP, FALLS)


def test_the_next_need_wakes_it_and_what_was_never_needed_sleeps_from_the_beginning() -> None:
    later = FALLS + 9 * DAY

    assert standing(MADE, SLEEPS, later, later, ZONE).state is State.ACTIVE
    assert standing(MADE, SLEEPS, None, later, ZONE) == Standing(State.ASLEEP, START)
    assert standing(MADE, plan(), None, later, ZONE) == Standing(State.ACTIVE, START), "a plan that does not sleep"


def test_what_is_paused_or_ended_is_not_asleep() -> None:
    paused = living.paused(MADE, Pause(START + DAY, START + 2 * DAY), START).after
    ended = living.ended(MADE, "", START + DAY)
    assert ended is not None

    assert standing(paused, SLEEPS, None, START + DAY, ZONE) == Standing(State.PAUSED, START + DAY)
    assert standing(paused, plan(), None, START + 2 * DAY, ZONE) == Standing(State.ACTIVE, START + 2 * DAY)
    assert standing(ended.after, SLEEPS, None, START + 9 * DAY, ZONE) == Standing(State.ENDED, START + DAY)


class Needed:
    """Satisfies `Needs`, and remembers what was asked."""

    def __init__(self, *needed: Interval) -> None:
        self.has, self.asked = needed, list[Interval]()

    def needed(self, _account_id: str, products: Collection[str], within: Interval) -> list[Interval]:
        assert set(products) == {"par_1:bike"}
        self.asked.append(within)
        return [each for each in self.has if each.start < within.end and each.end > within.start]


def hour(day: int) -> Interval:
    """An hour of need on that day of March."""
    start = datetime(2026, 3, day, 12, tzinfo=UTC)
    return Interval(start, start + timedelta(hours=1))


def test_what_was_needed_is_asked_only_where_a_plan_sleeps_and_further_back_only_of_what_does() -> None:
    shelf, needs, now = Shelf({"member": [plan()]}), Needed(hour(3)), datetime(2026, 3, 20, tzinfo=UTC)
    assert Looking(shelf, needs, ZONE, now).at(MADE).standing.state is State.ACTIVE
    assert needs.asked == []

    shelf.kept["member"] = [SLEEPS]
    seen = Looking(shelf, needs, ZONE, now).at(MADE)
    assert seen.standing == Standing(State.ASLEEP, datetime(2026, 3, 6, 23, tzinfo=UTC))
    assert needs.asked == [Interval(now - 5 * DAY, now + MOMENT), Interval(START, now - 5 * DAY)]
    needs.asked.clear()
    assert Looking(shelf, Needed(hour(19)), ZONE, now).at(MADE).standing.state is State.ACTIVE
    long_ago = Looking(shelf, needs, ZONE, START + 900 * DAY).at(MADE)
    assert (long_ago.standing, needs.asked[-1].start) == (Standing(State.ASLEEP, START), START + 500 * DAY)


@pytest.mark.parametrize(
    ("needed", "now_on", "expected"),
    [
        ((), 31, Slept()),
        ((3,), 31, Slept(asleep=1, woken=1)),
        ((3, 6, 9), 31, Slept(asleep=1, woken=1)),
        ((3, 8), 31, Slept(asleep=2, woken=2)),
        ((3, 8), 9, Slept(asleep=1, woken=2)),
        ((30,), 31, Slept(woken=1)),
    ],
)
def test_falling_asleep_and_waking_are_found_from_what_was_needed(
    needed: tuple[int, ...], now_on: int, expected: Slept
) -> None:
    looking = Looking(
        Shelf({"member": [SLEEPS]}), Needed(*map(hour, needed)), ZONE, datetime(2026, 3, now_on, 12, tzinfo=UTC)
    )

    assert looking.slept(MADE, Month(2026, 3)) == expected


def test_what_was_awake_at_the_end_of_a_month_falls_asleep_in_the_next() -> None:
    looking = Looking(Shelf({"member": [SLEEPS]}), Needed(hour(30)), ZONE, datetime(2026, 5, 9, tzinfo=UTC))

    assert [looking.slept(MADE, Month(2026, each)) for each in (2, 3, 4, 5, 6)] == [
        Slept(),
        Slept(woken=1),
        Slept(asleep=1),
        Slept(),
        Slept(),
    ]
