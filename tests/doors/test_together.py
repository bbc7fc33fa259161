"""From charges one by one to the month's bill: what sessions share is listed by its rule, through every door."""

from typing import Any

from tests.doors.callers import done
from tests.doors.test_fairness import FOUR, cap, offer
from tests.doors.test_over_months import at, invoiced, story
from tests.doors.test_own_data import leave
from tests.doors.world import World

Json = Any
ONE_FREE: Json = [{"id": "one", "period": "month", "uses": 1, "over": ["ride"]}]
ONCE: Json = {**FOUR, "once_per": "month", "charge_class": "ordered"}
SLOWLY: Json = {"id": "ride", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.0001"}


def reconciled(world: World, month: str) -> tuple[dict[str, Json], list[tuple[str, str, str]]]:
    """Both sums of each stage, and what differs together: cause, amount, and the end of what it is about."""
    world.later(minutes=1)
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": month}))
    world.settle()
    shown = world.finance.read(f"/finance/v1/reconciliation/{month}?run={asked['asked_at']}&limit=200")
    assert shown["state"] == "done"
    assert "unknown" not in shown["causes"]
    rows = [each for each in shown["items"] if each["stage"] == "together"]
    found = sorted((each["cause"], each["amount"], each["about"].rpartition(":")[2]) for each in rows)
    return {each["stage"]: (each["left"], each["right"], each["difference"]) for each in shown["stages"]}, found


def test_a_month_of_caps_included_rides_and_passes_is_tied_from_each_charge_to_the_bill() -> None:
    """
    On one day three rides under a day's cap of 10.00; of two others one is included; two with a pass that is paid once.
    """
    with story("2021-05-03T08:00") as (world, partner, customer):
        codes = (
            offer(partner, "daily", FOUR, caps=cap("day", "10.00")),
            offer(partner, "often", FOUR, allowances=ONE_FREE),
            offer(partner, "passes", ONCE),
        )
        for code, times in zip(codes, (3, 2, 2), strict=True):
            for _ in range(times):
                world.ride(customer, code, partner, 60)
        world.until(at("2021-06-01T12:00"))
        assert str(invoiced(customer)) == "18.00"

        stages, found = reconciled(world, "2021-05")
        assert stages["rated"] == ("28.00", "28.00", "0.00")
        assert stages["together"] == ("28.00", "18.00", "10.00")
        assert stages["billed"][:2] == ("18.00", "18.00")
        assert [each[:2] for each in found] == [
            ("priced_together", "4.00"),
            ("reduced_together", "2.00"),
            ("reduced_together", "4.00"),
        ]
        assert {each[2] for each in found if each[0] == "reduced_together"} == {"cap_day", "included_use"}


def test_a_session_that_goes_on_over_the_months_end_is_tied_in_both() -> None:
    """
    From 11:00 on 30 May in Helsinki until 12:00 on 3 June; beside it a ride in each month.
    """
    with story("2021-05-30T08:00") as (world, partner, customer):
        session = customer.start(offer(partner, "slow", SLOWLY))
        capped = offer(partner, "daily", FOUR, caps=cap("day", "3.00"))
        world.ride(customer, capped, partner, 60)
        world.until(at("2021-06-01T03:00"))
        stages, found = reconciled(world, "2021-05")
        assert stages["together"] == ("17.32", "16.32", "1.00")
        assert found == [("reduced_together", "1.00", "cap_day")]

        world.until(at("2021-06-03T09:00"))
        customer.end(session)
        world.ride(customer, capped, partner, 60)
        world.until(at("2021-07-01T03:00"))
        for month in ("2021-05", "2021-06"):
            stages, found = reconciled(world, month)
            assert found == [("reduced_together", "1.00", "cap_day")], month
            assert stages["together"][1] == stages["billed"][0]
            assert stages["rated"][1] == stages["together"][0]


def test_erasing_a_customer_leaves_every_total_and_every_check_as_it_was() -> None:
    """
    Two ride under a day's cap in May; one of them leaves in June. May is reconciled and exported before and after.
    """
    with story("2021-05-03T08:00") as (world, partner, customer):
        code = offer(partner, "daily", FOUR, caps=cap("day", "6.00"))
        for each in (customer, customer, world.customer()):
            world.ride(each, code, partner, 60)
        world.until(at("2021-06-02T12:00"))
        before, totals = reconciled(world, "2021-05"), exported(world)

        asked = leave(world, customer)
        world.later(minutes=10)
        assert customer.read(f"/mobile/v1/erasures/{asked['erasure_id']}")["state"] == "done"

        assert reconciled(world, "2021-05") == before
        assert exported(world) == totals
        assert before[0]["together"] == ("12.00", "10.00", "2.00")


def exported(world: World) -> dict[str, dict[str, int]]:
    """The control totals of a version that is written now, by file; of May, whose payments are of June."""
    asked = done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
    world.settle()
    versions = world.finance.read("/finance/v1/exports/2021-05")
    (shown,) = [each for each in versions if each["version"] == asked["version"]]
    assert shown["state"] == "ready", shown
    return {each["name"]: each["totals_minor"] for each in shown["files"]}
