"""An adjustment names the sessions whose corrections it bills, and no others."""

from datetime import UTC, datetime

from tests.doors.callers import done
from tests.doors.test_exported_files import rows
from tests.doors.world import Partner, World

EXPORTS = "/finance/v1/exports"


def told_late(world: World, partner: Partner, session: str, seconds: int, time: str) -> None:
    (answer,) = partner.report(world.used(session, seconds, time=time))
    assert answer["outcome"] == "late"


def filled_in(world: World, partner: Partner, session: str, seconds: int, *between: str) -> None:
    """Very late: what is told of a stretch of time."""
    since, until = between
    event = world.used(session, seconds, time=since)
    stretch = {"subject": session, "from": since, "to": until, "events": [event]}
    made = done(partner.post("/partner/v1/backfills", {"change_id": f"{session}-b", "reason": "found", **stretch}))
    assert (made["voided"], made["added"]) == (0, 1)


def adjusted(world: World, month: str, version: int = 1) -> list[tuple[str, str, str]]:
    found = rows(world, month, "adjustments.csv.gz", version)
    return [(row["original_month"], row["amount"], row["sessions"]) for row in found]


def test_a_correction_is_named_where_it_is_billed_and_neither_before_nor_after(world: World, partner: Partner) -> None:
    """
    Of three rides in May the first was corrected in May and billed so, the second in June, and the third in July.
    """
    rider = world.customer()
    first, second, third = (world.ride(rider, partner.bike(), partner, 1700) for _ in range(3))
    world.later(hours=1)
    told_late(world, partner, first, 250, "2021-05-10T09:20:00Z")
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    assert [each["total"]["amount"] for each in rider.read("/mobile/v1/invoices")["items"]] == ["2.50"]
    told_late(world, partner, second, 250, "2021-05-10T09:50:00Z")
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    filled_in(world, partner, third, 250, "2021-05-10T10:20:00Z", "2021-05-10T10:21:00Z")
    filled_in(world, partner, second, 20, "2021-05-10T09:45:00Z", "2021-05-10T09:46:00Z")
    world.until(datetime(2021, 8, 1, 12, tzinfo=UTC))
    assert done(world.finance.post(EXPORTS, {"month": "2021-06"}))["version"] == 2
    world.settle()

    assert adjusted(world, "2021-05") == []
    assert adjusted(world, "2021-06") == adjusted(world, "2021-06", 2) == [("2021-05", "1.00", f"{second}:1")]
    ((month, _, sessions),) = adjusted(world, "2021-07")
    assert (month, sessions) == ("2021-05", " ".join(sorted([f"{second}:2", f"{third}:1"])))
