"""What Stripe's balance does not give a partner yet waits, is said each day, and is sent once, when it does."""

from datetime import UTC, datetime

from tests.doors.callers import done
from tests.doors.test_comparisons import at_stripe, compared
from tests.doors.test_partner_payouts import PAYOUT, URLS, held, sent_to
from tests.doors.test_wallet import topped_up
from tests.doors.world import World


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2021, month, day, hour, tzinfo=UTC)


def test_what_the_balance_did_not_give_is_sent_by_the_first_comparison_after_it_does(world: World) -> None:
    """
    2.50 were paid in June; the partner's 1.75 come from that payment, and what is left of it is less than the 3.25
    that are missing to its minimum of 5.00. Nobody else's bill or statement would have it tried again.
    """
    partner = world.partner("Least")
    agreed = {"percent": "70", "minimum": "5.00"}
    done(world.finance.put(f"/finance/v1/partners/{partner.partner_id}/share/2021-06", agreed))
    world.until(at(6, 1))
    account = done(partner.post(PAYOUT, URLS, key="open"))["account"]
    world.stripe.onboard(account)
    world.settle()
    rider = world.customer()
    world.ride(rider, partner.bike(), partner, 4000)
    world.until(at(7, 1))
    assert [amount for amount, _, _ in sent_to(world, account)] == [175]
    assert held(world, f"payable:{partner.partner_id}") == "-3.25"
    assert compared(world)["differences"] == []

    world.until(at(7, 3))
    (said,) = compared(world)["differences"]
    assert (said["about"], said["cause"], said["done"]) == (account, "not_sent", "sent_again")
    assert said["facts"] == {"partner_id": partner.partner_id, "amount": "3.25 EUR"}
    assert [amount for amount, _, _ in sent_to(world, account)] == [175]

    topped_up(world, rider, "10.00")  # and what a card pays is pending for three days
    world.until(at(7, 8))
    assert [(amount, charge is None) for amount, _, charge in sent_to(world, account)] == [(175, False), (325, True)]
    assert held(world, f"payable:{partner.partner_id}") == "0.00"
    assert compared(world)["differences"] == []
    assert held(world, "stripe-clearing") == at_stripe(world)
    assert partner.read("/partner/v1/statements/2021-06")["share"]["amount"] == "5.00"
