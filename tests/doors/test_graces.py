"""A month waits for late reports for as long as the stage was deployed with, and is closed by the timer then."""

from datetime import timedelta

import pytest

from chalicelib.kernel.time import Month
from infra.local.system import System
from tests.doors.callers import refused
from tests.doors.world import START, World

MAY = "/finance/v1/closes/2021-05"


@pytest.mark.parametrize(("hours", "zone"), [("72", "Europe/Helsinki"), ("48", "America/Los_Angeles")])
def test_a_month_is_closed_by_the_timer_after_a_grace_of_days(hours: str, zone: str) -> None:
    settings = {"ADGANG_CLOSE_GRACE_HOURS": hours, "ADGANG_ZONE": zone}
    with System.start(seed="grace", start_at=START, settings=settings) as system:
        world = World(system)
        partner, rider = world.partner(), world.customer()
        world.ride(rider, partner.bike(), partner, 2000)
        over = Month(2021, 5).interval(zone).end + timedelta(hours=int(hours))
        world.until(over - timedelta(minutes=1))
        refused(world.finance.get(MAY), 404, "not_closed")
        world.later(hours=1)

        shown = world.finance.read(MAY)
        assert (shown["state"], shown["opened_by"], shown["invoiced_minor"]) == ("closed", "timer", {"EUR": 150})
