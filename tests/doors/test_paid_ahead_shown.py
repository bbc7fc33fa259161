"""What went back as money of what was paid ahead stands as paid back, and not as what paid for something."""

from typing import Any

from tests.doors.callers import done
from tests.doors.paying import payer_of
from tests.doors.test_odd_payments import at_stripe as dashboard
from tests.doors.test_over_months import at, story
from tests.doors.test_wallet import topped_up
from tests.doors.world import Customer, World


def charge_of(world: World, rider: Customer) -> str:
    owner = payer_of(rider).provider_customer
    *_, charge = [row["id"] for row in world.stripe._store.every("charge") if row["customer"] == owner]
    return str(charge)


def wallet_of(world: World, month: str) -> dict[str, Any]:
    shown = world.finance.read(f"/finance/v1/recognition/{month}?by=wallet")
    return {row["key"]: {name: each["now"] for name, each in row["figures"].items()} for row in shown["items"]}[
        "wallet"
    ]


def test_a_top_up_that_a_bank_took_back_has_paid_for_nothing() -> None:
    with story("2021-05-10T08:00") as (world, _, customer):
        topped_up(world, customer, "20.00")
        world.stripe.open_dispute(charge_of(world, customer))
        world.until(at("2021-06-01T12:00"))

        found = wallet_of(world, "2021-05")
        assert (found["used"], found["paid_back"], found["closing"]) == ("0.00", "-20.00", "0.00")


def test_a_top_up_that_staff_gave_back_by_hand_has_paid_for_nothing() -> None:
    with story("2021-05-10T08:00") as (world, _, customer):
        topped_up(world, customer, "20.00")
        asked = {"charge": charge_of(world, customer), "amount": 2000}
        made = dashboard(world).refunds.create(asked, {"idempotency_key": "hand"})  # type: ignore[arg-type]
        world.settle()
        done(world.finance.post(f"/finance/v1/outside-refunds/{made.id}", {"note": "a wet saddle"}))
        world.until(at("2021-06-01T12:00"))

        found = wallet_of(world, "2021-05")
        assert (found["used"], found["paid_back"], found["closing"]) == ("0.00", "-20.00", "0.00")
