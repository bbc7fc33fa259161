"""Months are closed once they are over, once, by the timer or on demand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

CLOSES = "/finance/v1/closes"
MAY = {"month": "2021-05"}
LAST_SECOND = datetime(2021, 5, 31, 20, 59, 59, tzinfo=UTC)
"""Of May in Helsinki."""
RIDES: list[str] = []
BUYER = {"name": "Firma GmbH", "address": ["Kai 1"], "country": "DE", "purchase_order": "PO 7", "cost_centre": "CC-9"}


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner) -> Customer:
    """A customer with two rides in May: 0.50 and 1.50."""
    rider = world.customer()
    done(rider.put("/mobile/v1/me/billing-details", BUYER))
    RIDES.extend(world.ride(rider, partner.bike(), partner, seconds) for seconds in (1700, 2000))
    return rider


class TestAMonth:
    """The tests of this class follow one month and stand in order of time."""

    @pytest.mark.parametrize("month", ["2021-05", "2021-06", "2999-12"])
    def test_before_it_has_ended_it_is_not_closed_on_demand(self, world: World, rider: Customer, month: str) -> None:
        refused(world.finance.post(CLOSES, {"month": month}), 409, "month_not_ended")
        world.settle()

        refused(world.finance.get(f"{CLOSES}/{month}"), 404, "not_closed")
        assert rider.read("/mobile/v1/invoices")["items"] == []

    def test_its_last_second_is_that_of_the_operators_time_zone(self, world: World, rider: Customer) -> None:
        world.until(LAST_SECOND)
        refused(world.finance.post(CLOSES, MAY), 409, "month_not_ended")

        world.later(seconds=1)
        assert done(world.finance.post(CLOSES, MAY))["month"] == "2021-05"

        world.settle()
        assert [each["total"]["amount"] for each in rider.read("/mobile/v1/invoices")["items"]] == ["2.00"]

    def test_how_far_it_is_can_be_read(self, world: World) -> None:
        shown = world.finance.read(f"{CLOSES}/2021-05")

        assert (shown["state"], shown["pages"], shown["pages_done"]) == ("closed", 1, 1)
        assert (shown["accounts_done"], shown["accounts_parked"], shown["accounts_failed"]) == (1, 0, 0)
        assert (shown["invoices"], shown["invoiced_minor"], shown["version"]) == (1, {"EUR": 200}, 1)
        assert world.finance.read(f"{CLOSES}/2021-05/failed") == {"items": [], "next": None}

    @pytest.mark.parametrize("by", ["demand", "timer"])
    def test_closing_it_again_changes_nothing(self, world: World, rider: Customer, by: str) -> None:
        """
        On demand (under another key), and when the timer comes by every hour.
        """
        paths = [f"{CLOSES}/2021-05", "/finance/v1/exports/2021-05", "/finance/v1/journal/2021-05"]
        before = [world.finance.read(path) for path in paths], rider.everything(), world.stripe.collected_total("EUR")

        if by == "demand":
            assert done(world.finance.post(CLOSES, MAY)) == before[0][0]
            assert done(world.finance.post(CLOSES, MAY)) == before[0][0]
            world.settle()
        else:
            world.until(datetime(2021, 6, 3, tzinfo=UTC))

        after = [world.finance.read(path) for path in paths], rider.everything(), world.stripe.collected_total("EUR")
        assert after == before

    def test_it_is_opened_again_only_by_a_decision_and_restated_beside_the_original(
        self, world: World, rider: Customer, partner: Partner
    ) -> None:
        """
        In June a ride of May turns out to be longer, by a half hour: 1.00. Restated, May has it, and June does not.
        """
        before = world.finance.read(f"{CLOSES}/2021-05"), world.finance.read("/finance/v1/exports/2021-05")[0]
        (answer,) = partner.report(world.used(RIDES[0], 250, time="2021-05-10T09:20:00Z"))
        assert answer["outcome"] == "late"
        world.settle()
        path = f"{CLOSES}/2021-05/reopening"
        refused(world.finance.post(path, {"note": ""}), 422, "body_invalid", "/note")
        refused(world.finance.post(path.replace("05", "03"), {"note": "x"}), 404, "not_closed")
        decided = done(world.finance.post(path, {"note": "told in June"}))
        assert (decided["version"], decided["state"], decided["reason"]) == (
            2,
            "opened",
            "told in June",
        )
        world.settle()

        after = world.finance.read(f"{CLOSES}/2021-05")
        assert (after["version"], after["state"], after["opened_by"]) == (2, "closed", decided["opened_by"])
        exports = world.finance.read("/finance/v1/exports/2021-05")
        assert [(each["version"], each["close"]) for each in exports] == [(1, 1), (2, 2)]
        assert (world.finance.read(f"{CLOSES}/2021-05?version=1"), exports[0]) == before
        invoices = [(each["month"], each["total"]["amount"]) for each in rider.read("/mobile/v1/invoices")["items"]]
        assert invoices == [("2021-05", "2.00"), ("2021-05", "1.00")]

    def test_what_belongs_to_the_next_month_waits_for_it(self, world: World, rider: Customer, partner: Partner) -> None:
        """
        The timer closes June by itself, and takes what June has.
        """
        world.ride(rider, partner.bike(), partner, 60)
        world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))

        assert world.finance.read(f"{CLOSES}/2021-06")["state"] == "closed"
        months = [(each["month"], each["total"]["amount"]) for each in rider.read("/mobile/v1/invoices")["items"]]
        assert months == [("2021-05", "2.00"), ("2021-05", "1.00"), ("2021-06", "0.50")]
        assert world.stripe.collected_total("EUR") == 350

    def test_erasing_a_customer_leaves_every_total_and_every_check_true(self, world: World, rider: Customer) -> None:
        """
        Who bought stays as it was on the documents that were issued, and the export is the same to the byte.
        """
        reconciled, before = self.reconciled(world), exported(world)
        receipt = done(rider.delete("/mobile/v1/me"))["erasure_id"]
        world.settle()
        shown = rider.read(f"/mobile/v1/erasures/{receipt}")
        assert (shown["state"], shown["erased"]["sessions"]) == ("done", len(RIDES) + 1)
        assert rider.get("/mobile/v1/me").status >= 400

        assert exported(world) == before
        assert self.reconciled(world) == reconciled
        assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}

    def reconciled(self, world: World) -> Any:  # noqa: ANN401 -- JSON
        """May's stages and causes, of a run of now."""
        world.later(minutes=1)
        asked = done(world.finance.post("/finance/v1/reconciliations", MAY))
        world.settle()
        shown = world.finance.read(f"/finance/v1/reconciliation/2021-05?run={asked['asked_at']}")
        assert "unknown" not in shown["causes"]
        return shown["stages"], shown["causes"], shown["items"]


def exported(world: World) -> dict[str, tuple[str, dict[str, int]]]:
    """A new version of May: of each file, the digest of what is in it, and its totals."""
    asked = done(world.finance.post("/finance/v1/exports", MAY))
    world.settle()
    found = next(
        each for each in world.finance.read("/finance/v1/exports/2021-05") if each["version"] == asked["version"]
    )
    assert found["state"] == "ready"
    return {each["name"]: (each["unpacked_sha256"], each["totals_minor"]) for each in found["files"]}


def test_a_month_in_which_nothing_happened_closes_and_bills_nobody(world: World) -> None:
    done(world.finance.post(CLOSES, {"month": "2021-03"}))
    world.settle()

    shown = world.finance.read(f"{CLOSES}/2021-03")
    assert (shown["state"], shown["invoices"], shown["invoiced_minor"]) == ("closed", 0, {})
    assert world.finance.read("/finance/v1/journal/2021-03") == {
        "month": "2021-03",
        "entries": 0,
        "rows": [],
        "off_minor": {},
        "next": None,
    }


@pytest.mark.parametrize("month", ["2021-13", "May", "", None, 202105])
def test_a_month_that_is_none_is_refused_and_pointed_at(world: World, month: object) -> None:
    refused(world.finance.post(CLOSES, {"month": month}), 422, "body_invalid", "/month")
