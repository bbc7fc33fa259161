"""What staff gave back at Stripe's dashboard is reported until finance has it booked, and then it is in all books."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.paying import last_at_stripe, payer_of
from tests.doors.test_comparisons import at_stripe, causes, compared, held
from tests.doors.test_late_evidence import two_hours
from tests.doors.test_odd_payments import at_stripe as dashboard
from tests.doors.test_wallet import balances, topped_up
from tests.doors.world import Customer, Partner, World

REFUNDS = "/finance/v1/outside-refunds"


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> dict[str, Customer]:
    """Both have paid 3.50 for May: one by card, one from a wallet of ten euros."""
    found = {name: world.customer() for name in ("card", "wallet")}
    topped_up(world, found["wallet"], "10.00")
    world.until(datetime(2021, 5, 25, 9, tzinfo=UTC))
    for each in found.values():
        two_hours(world, each, partner)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    assert compared(world)["differences"] == []
    return found


def given_back(world: World, rider: Customer, cents: int) -> str:
    """At the dashboard, of the customer's newest payment."""
    owner = payer_of(rider).provider_customer
    *_, charge = [row["id"] for row in world.stripe._store.every("charge") if row["customer"] == owner]
    made = dashboard(world).refunds.create({"charge": charge, "amount": cents}, {"idempotency_key": f"hand-{charge}"})
    world.settle()
    return str(made.id)


def booked(world: World, refund: str) -> dict[str, Any]:
    asked = done(world.finance.post(f"{REFUNDS}/{refund}", {"note": "a wet saddle"}))
    assert asked["state"] == "asked"
    world.settle()
    return dict(world.finance.read(f"{REFUNDS}/{refund}"))


def all_agree(world: World) -> None:
    assert compared(world)["differences"] == []
    assert held(world, "stripe-clearing") == at_stripe(world)
    assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}
    assert held(world, "receivable") == "0.00"


def test_what_was_given_back_of_a_bill_is_a_credit_note_once_finance_says_so(
    world: World, riders: dict[str, Customer]
) -> None:
    rider = riders["card"]
    refund = given_back(world, rider, 200)
    assert causes(compared(world)) == {"unknown_refund": "reported"}
    refused(world.finance.get(f"{REFUNDS}/{refund}"), 404, "unknown_outside_refund")
    found = booked(world, refund)

    parts = [(each["kind"], each["amount"]["amount"]) for each in found["parts"]]
    assert (found["state"], found["amount"]["amount"], parts) == ("booked", "2.00", [("goodwill", "2.00")])
    (note,) = rider.read("/mobile/v1/credit-notes")["items"]
    assert (note["total"]["amount"], note["refunded"]["amount"]) == ("2.00", "2.00")
    assert "refunded" in [each["code"] for each in rider.read("/mobile/v1/notices")["items"]]
    kinds = {
        each["kind"] for each in world.finance.read(f"/finance/v1/trace?id={found['parts'][0]['refund_id']}")["hops"]
    }
    assert {"refund", "credit_note", "invoice", "session"} <= kinds
    again = done(world.finance.post(f"{REFUNDS}/{refund}", {"note": "once more"}))
    assert (again["state"], again["note"]) == ("booked", "a wet saddle")
    world.settle()
    assert len(rider.read("/mobile/v1/credit-notes")["items"]) == 1
    all_agree(world)


def test_what_was_given_back_of_a_top_up_leaves_the_wallet_and_what_was_spent_is_the_operators(
    world: World, riders: dict[str, Customer]
) -> None:
    rider = riders["wallet"]
    found = booked(world, given_back(world, rider, 1000))

    parts = [(each["kind"], each["amount"]["amount"]) for each in found["parts"]]
    assert parts == [("wallet", "6.50"), ("spent", "3.50")]
    assert balances(rider) == {}
    all_agree(world)


def test_one_that_stripe_does_not_know_says_so_and_is_tried_again(world: World, riders: dict[str, Customer]) -> None:
    assert last_at_stripe(riders["card"])
    for _ in range(2):
        found = booked(world, "re_none")
        assert (found["state"], found["reason"], found["parts"]) == ("refused", "unknown_at_stripe", [])
    refused(world.finance.post(f"{REFUNDS}/pi_1", {"note": "x"}), 422, "body_invalid", "/refund_id")
    items = world.finance.read(f"{REFUNDS}?limit=2")
    assert [each["state"] for each in items["items"]] == ["booked", "booked"]
    (last,) = world.finance.read(f"{REFUNDS}?limit=2&after={items['next']}")["items"]
    assert last["refund_id"] == "re_none"
