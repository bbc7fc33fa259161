"""The timer closes each month once its grace is over, whatever the zone and the grace, and what it missed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.finance.closes_model import ON_TIME, Close
from chalicelib.finance.closing import close_by_timer, open_close
from chalicelib.kernel.time import Month
from infra.local.apps import load_app
from infra.local.timers import Cron
from infra.sam import merge_template
from tests.unit.finance.closes import GRACE, MAY, OVER, ZONE, ClosesInMemory
from tests.unit.memory import Commits

WORKERS = Path("functions/workers/app.py")
PERMITTED: dict[str, Any] = merge_template("workers")["Parameters"]["CloseGraceHours"]
ZONES = ("Etc/GMT+12", "America/Los_Angeles", "Europe/Helsinki", "Pacific/Chatham", "Pacific/Kiritimati")
"""From the last to the first in which a month ends."""


def fired(after: datetime, until: datetime) -> Iterator[datetime]:
    """When EventBridge calls the timer."""
    (expression,) = (
        each.schedule_expression for each in load_app(WORKERS, "timer").app.event_sources if each.name == "close_timer"
    )
    return Cron.parse(expression.to_string()).between(after, until)


def tick(closes: ClosesInMemory, now: datetime, zone: str = ZONE, grace: timedelta = GRACE) -> Close | None:
    return close_by_timer(zone, grace, closes=closes, now=now, commit=Commits())


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", [PERMITTED[each] for each in ("MinValue", "Default", "MaxValue")])
def test_each_month_is_closed_within_an_hour_after_each_grace_that_a_stage_may_have(hours: int, zone: str) -> None:
    """
    Over clock changes, a short month and a year's end.
    """
    grace, closes = timedelta(hours=hours), ClosesInMemory()
    first, last = Month(2020, 9), Month(2021, 4)
    end = last.interval(zone).end + grace + timedelta(hours=1)
    for now in fired(first.interval(zone).end - timedelta(days=2), end):
        tick(closes, now, zone, grace)

    opened = {month: close.opened_at for (month, _), close in closes.kept.items()}
    expected = [month := first] + [month := month.next for _ in range(7)]
    assert sorted(opened) == expected
    late = [at - month.interval(zone).end - grace for month, at in opened.items()]
    assert all(timedelta(0) <= each < timedelta(hours=1) for each in late)


def test_a_month_that_the_timer_missed_is_closed_when_it_is_back() -> None:
    closes = ClosesInMemory()
    tick(closes, MAY.interval(ZONE).start + GRACE)
    found = tick(closes, OVER + timedelta(days=20))

    assert found is not None
    assert (found.month, found.opened_by) == (MAY, "timer")


def test_what_was_missed_for_longer_than_a_month_is_left_to_somebody_and_the_newest_closed_on_time() -> None:
    closes = ClosesInMemory()
    tick(closes, MAY.interval(ZONE).start + GRACE)
    june = MAY.next.interval(ZONE).end

    assert [each.month for each in [tick(closes, june + GRACE)] if each] == [MAY.next]
    assert not any(tick(closes, at) for at in fired(june + GRACE, june + timedelta(days=25)))
    by_hand = open_close(MAY, ZONE, by="fred", closes=closes, now=june + timedelta(days=25), commit=Commits()).close
    assert (by_hand.month, by_hand.opened_by) == (MAY, "fred")


def test_a_stage_that_is_set_up_within_a_month_closes_none_that_it_has_not_seen() -> None:
    """
    An export of a month before it would say that nothing was used in it, and the next report would compare with that.
    """
    closes = ClosesInMemory()
    set_up = datetime(2021, 5, 10, 9, tzinfo=UTC)
    found = [each for at in fired(set_up, OVER + GRACE + timedelta(hours=1)) if (each := tick(closes, at))]

    assert [each.month for each in found] == [MAY]


def test_the_month_before_is_closed_by_a_stage_that_is_set_up_on_the_first_days() -> None:
    on_time = OVER + GRACE + ON_TIME

    assert tick(ClosesInMemory(), on_time) is None
    assert tick(ClosesInMemory(), on_time - timedelta(microseconds=1)) is not None
