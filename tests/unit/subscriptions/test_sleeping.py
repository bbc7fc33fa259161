"""Asleep follows from when something was needed last, at midnights of the zone; nothing is written for it."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.kernel.time import Interval
from chalicelib.subscriptions import living
from chalicelib.subscriptions.looking import Looking
from chalicelib.subscriptions.plan import PassTerms
from chalicelib.subscriptions.sleeping import Standing, standing
from chalicelib.subscriptions.subscription import Pause, Phase, State, Subscription
from tests.unit.subscriptions.lives import START, ZONE, Shelf, plan

DAY = timedelta(days=1)
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


class Asked:
    """Satisfies `Needs`."""

    def __init__(self) -> None:
        self.within: list[Interval] = []

    def last_needed(self, _account_id: str, _products: object, within: Interval) -> datetime | None:
        self.within.append(within)
        return None


@pytest.mark.parametrize("kept", [plan(), plan(lasts=PassTerms(days=1))])
def test_what_was_needed_last_is_asked_only_where_a_plan_sleeps_and_not_from_before_it_began(kept: object) -> None:
    asked, shelf = Asked(), Shelf({"member": [kept]})  # type: ignore[list-item]
    Looking(shelf, asked, ZONE, START + DAY).at(MADE)
    assert asked.within == []

    shelf.kept["member"] = [SLEEPS]
    assert Looking(shelf, asked, ZONE, START + DAY).at(MADE).standing.state is State.ASLEEP
    Looking(shelf, asked, ZONE, START + 900 * DAY).at(MADE)
    assert asked.within == [Interval(START, START + DAY), Interval(START + 500 * DAY, START + 900 * DAY)]
