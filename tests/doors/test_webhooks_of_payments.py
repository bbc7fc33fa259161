"""Webhooks about payments that come three times, in disorder and late: paid once, posted once, told once."""

from datetime import UTC, datetime

import pytest

from tests.doors.world import Partner, World

AFTER_MAY = datetime(2021, 6, 1, 12, tzinfo=UTC)


def test_webhooks_that_come_three_times_in_disorder_and_late_pay_each_invoice_once(
    world: World, partner: Partner
) -> None:
    """
    Five customers, one ride each; one card declines. Stripe's side, the invoices and the ledger agree in the end.
    """
    cards = ["pm_card_visa"] * 4 + ["pm_card_chargeCustomerFail"]
    customers = [world.customer(card) for card in cards]
    for customer in customers:
        world.ride(customer, partner.bike(), partner, 2000)
    world.stripe.misbehave(repeat=3, shuffle_seed=7, hold=2)

    world.until(AFTER_MAY)

    invoices = [customer.read("/mobile/v1/invoices")["items"] for customer in customers]
    assert [[each["state"] for each in listed] for listed in invoices] == [["paid"]] * 4 + [["failed"]]
    assert [len(customer.read("/mobile/v1/notices")["items"]) for customer in customers] == [0, 0, 0, 0, 1]
    assert world.stripe.collected_total("EUR") == 4 * 150
    assert world.stripe.pending_webhooks() == 0
    assert world.stripe.undelivered_webhooks() == []


def test_the_ledger_holds_each_payment_once(world: World) -> None:
    """
    Four payments of 1.50 in the clearing account, and 1.50 still owed. (Follows the test before.)
    """
    sums: dict[str, float] = {}
    for month in ("2021-05", "2021-06"):
        books = world.finance.read(f"/finance/v1/journal/{month}")
        assert books["off_minor"] == {}
        for row in books["rows"]:
            kind = row["ledger_account"].partition(":")[0]
            sums[kind] = sums.get(kind, 0) + round(float(row["amount"]) * 100)

    assert sorted(sums.values()) == [-750, 150, 600]


@pytest.mark.parametrize("again", [1, 2])
def test_settling_once_more_finds_nothing_to_do(world: World, again: int) -> None:
    assert world.system.drain() == 0, again
