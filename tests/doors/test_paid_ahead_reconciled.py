"""What is paid ahead moves long before anything is billed, and may go back by hand: both books agree all the same."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.doors.callers import done
from tests.doors.paying import payer_of
from tests.doors.test_comparisons import compared
from tests.doors.test_odd_payments import at_stripe as dashboard
from tests.doors.test_over_months import at, story
from tests.doors.test_wallet import topped_up
from tests.doors.world import Customer, World


def charge_of(world: World, rider: Customer) -> str:
    owner = payer_of(rider).provider_customer
    *_, charge = [row["id"] for row in world.stripe._store.every("charge") if row["customer"] == owner]
    return str(charge)


def reconciled(world: World, month: str) -> Any:  # noqa: ANN401 -- JSON
    world.later(minutes=1)
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": month}))
    world.settle()
    return world.finance.read(f"/finance/v1/reconciliation/{month}?run={asked['asked_at']}&limit=200")


def unknown(found: Mapping[str, Any]) -> list[Any]:
    return [each for each in found["items"] if each["cause"] == "unknown"]


def off(found: Mapping[str, Any]) -> Decimal:
    """What both balances differ by."""
    return Decimal(next(each["difference"] for each in found["stages"] if each["stage"] == "balance"))


def test_a_refund_by_hand_that_is_booked_in_a_later_month_is_unknown_in_neither() -> None:
    """
    Given back at the dashboard on 20 May, booked on 10 June: May has it at Stripe, June in the ledger.
    """
    with story("2021-04-10T08:00") as (world, partner, customer):
        world.ride(customer, partner.bike(), partner, 2000)
        world.until(at("2021-05-10T08:00"))
        topped_up(world, customer, "20.00")
        world.until(at("2021-05-20T08:00"))
        wanted: Any = {"charge": charge_of(world, customer), "amount": 2000}
        made = dashboard(world).refunds.create(wanted, {"idempotency_key": "hand"})
        world.settle()
        world.until(at("2021-06-10T08:00"))
        world.ride(customer, partner.bike(), partner, 2000)
        done(world.finance.post(f"/finance/v1/outside-refunds/{made.id}", {"note": "a wet saddle"}))
        world.settle()
        world.until(at("2021-07-03T12:00"))
        assert compared(world)["differences"] == []

        for month, amount in (("2021-05", "20.00"), ("2021-06", "-20.00")):
            found = reconciled(world, month)
            (late,) = [each for each in found["items"] if each["about"] == f"moved:{made.id}"]
            assert (late["stage"], late["cause"], late["amount"]) == ("stripe", "timing_over_month_end", amount)
            assert (unknown(found), off(found)) == ([], 0)


def test_a_fee_of_a_top_up_before_the_first_invoice_is_in_the_books() -> None:
    """
    A wallet is filled on 10 May, and nothing is billed before 1 July: what Stripe kept of it is a cost all the same.
    """
    with story("2021-05-10T08:00") as (world, partner, customer):
        topped_up(world, customer, "20.00")
        world.until(at("2021-05-11T14:00"))
        fees = {row["ledger_account"]: row["debit"] for row in world.finance.read("/finance/v1/trial-balance")["rows"]}
        assert fees["stripe-fees"] == "0.90"
        world.until(at("2021-06-10T08:00"))
        world.ride(customer, partner.bike(), partner, 2000)
        world.until(at("2021-07-03T14:00"))
        assert compared(world)["differences"] == []

        found = reconciled(world, "2021-06")
        assert (unknown(found), off(found)) == ([], 0)
