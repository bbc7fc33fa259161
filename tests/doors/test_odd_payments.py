"""What somebody did at Stripe by hand ends in a stated way: nothing is lost, nothing is believed, staff see it."""

from datetime import datetime
from typing import Any

import pytest
import stripe

from tests.doors.paying import collected_from, last_at_stripe, payer_of
from tests.doors.world import Customer, Partner, World

PARKED = "/finance/v1/parked"


def at_stripe(world: World) -> Any:  # noqa: ANN401 -- the SDK's client
    """Stripe's dashboard, as staff use it."""
    told = world.nobody.read("/local")["stripe"]
    return stripe.StripeClient("sk_test_local", base_addresses={"api": told["api_base"]}).v1


def month_closed(world: World) -> None:
    now = world.system.now()
    world.until(datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 12, tzinfo=now.tzinfo))


def invoice(customer: Customer) -> dict[str, Any]:
    return dict(customer.read("/mobile/v1/invoices")["items"][-1])


@pytest.fixture
def rider(world: World, partner: Partner) -> Customer:
    """Somebody who owes for a ride."""
    found = world.customer()
    found.end(found.start(partner.bike()))
    return found


def test_an_account_that_was_deleted_at_stripe_pays_with_a_card_that_is_saved_anew(
    world: World, rider: Customer
) -> None:
    before = payer_of(rider).provider_customer
    at_stripe(world).customers.delete(before)
    month_closed(world)

    assert (invoice(rider)["state"], invoice(rider)["next_try"]) == ("failed", None)
    assert rider.read("/mobile/v1/me")["payment"] == "payment_failed"
    assert rider.read("/mobile/v1/me/payment-methods")["methods"] == []
    assert [each["facts"]["helps"] for each in rider.read("/mobile/v1/notices")["items"]] == ["another_method"]

    world.save_card(rider, "pm_card_visa")

    assert payer_of(rider).provider_customer != before
    assert invoice(rider)["state"] == "paid"
    assert collected_from(rider, world) == int(invoice(rider)["total"]["amount"].replace(".", ""))
    assert rider.read("/mobile/v1/me")["payment"] == "in_order"


@pytest.mark.parametrize("act", ["void_invoice", "mark_uncollectible"])
def test_an_invoice_that_was_given_up_at_stripe_is_shown_to_operators(world: World, rider: Customer, act: str) -> None:
    (card,) = rider.read("/mobile/v1/me/payment-methods")["methods"]
    world.stripe.change_card(card["method_id"], declines="lost_card")
    month_closed(world)
    theirs = last_at_stripe(rider)
    getattr(at_stripe(world).invoices, act)(theirs, {}, {"idempotency_key": f"{act}:{theirs}"})
    world.settle()

    account = rider.read("/mobile/v1/me")["account_id"]
    (parked,) = [each for each in world.operator.read(PARKED)["items"] if each["account_id"] == account]
    assert parked["reason"] == "differs_from_provider"
    assert invoice(rider)["state"] == "failed"
    assert collected_from(rider, world) == 0
