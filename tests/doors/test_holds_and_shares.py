"""Holds beside partners' shares and month ends: each is paid from the payments that there are, to the cent, once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.callers import done
from tests.doors.paying import collected_from
from tests.doors.test_comparisons import at_stripe, compared
from tests.doors.test_holds import ended, invoices, started
from tests.doors.test_partner_payouts import PAYOUT, URLS, held, sent_to
from tests.doors.world import Partner, World

HOLDS = {"car": "20.00", "cart": "0.90"}
SLOWLY: Any = {
    **CITY_BIKE_TARIFF,
    "prices": [{"id": "ride", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.0001"}],
    "caps": [],
}


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """A partner with 70 % from June on. Cars hold 20.00, carts 0.90; vans 20.00, and cost by the second."""
    partner = world.partner("Cars")
    done(world.finance.put(f"/finance/v1/partners/{partner.partner_id}/share/2021-06", {"percent": "70"}))
    for product, tariff in (("car", CITY_BIKE_TARIFF), ("cart", CITY_BIKE_TARIFF), ("van", SLOWLY)):
        policy = {"hold": {"amount": HOLDS.get(product, "20.00")}}
        done(partner.put(f"/partner/v1/products/{product}", {**CITY_BIKE, "name": product, "policy": policy}))
        done(partner.post(f"/partner/v1/products/{product}/tariffs", tariff))
        for number in range(4):
            body = {"product_id": product, "code": f"{product.upper()}-{number}"}
            done(partner.put(f"/partner/v1/assets/{product}-{number}", body))
    return partner


@pytest.fixture(scope="module")
def account(world: World, cars: Partner) -> str:
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    opened = done(cars.post(PAYOUT, URLS, key="open"))["account"]
    world.stripe.onboard(opened)
    world.settle()
    return str(opened)


def all_sent(world: World, cars: Partner) -> None:
    """Nothing waits, and both books say the same."""
    assert held(world, f"payable:{cars.partner_id}") == held(world, f"payable-pending:{cars.partner_id}") == "0.00"
    assert compared(world)["differences"] == []
    assert held(world, "stripe-clearing") == at_stripe(world)


def test_a_share_of_what_a_hold_and_a_card_paid_together_is_sent_from_both_payments(
    world: World, cars: Partner, account: str
) -> None:
    """
    A ride of 1.50: 0.90 were held, the card pays 0.60. The partner's 1.05 are more than either of them.
    """
    rider = world.customer()
    session = started(rider, "CART-0")
    ended(world, rider, session, cars)

    assert (invoices(rider), collected_from(rider, world)) == ([("1.50", "paid")], 150)
    sent = sent_to(world, account)
    assert [amount for amount, _, _ in sent] == [90, 15]
    assert len({charge for _, _, charge in sent if charge is not None}) == 2
    all_sent(world, cars)


def test_what_a_hold_paid_alone_is_sent_from_it_and_what_is_given_back_is_taken_back(
    world: World, cars: Partner, account: str
) -> None:
    """
    Two hours by the clock are 3.50, of 20.00 that were held; the car says ten minutes, 0.50, and the share goes along.
    """
    before = len(sent_to(world, account))
    rider = world.customer()
    session = started(rider, "CAR-0")
    world.later(hours=2)
    rider.end(session)
    world.settle()
    assert [amount for amount, _, _ in sent_to(world, account)[before:]] == [245]
    at = rider.read(f"/mobile/v1/access-sessions/{session}/receipt")["ended_at"]
    cars.report(world.used(session, 600, time=at))
    world.settle()
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))

    assert (collected_from(rider, world), rider.read("/mobile/v1/credit-notes")["items"][0]["left"]["amount"]) == (
        50,
        "0.00",
    )
    assert [(amount, back) for amount, back, _ in sent_to(world, account)[before:]] == [(245, 210)]
    all_sent(world, cars)


def test_what_was_sent_to_a_partner_leads_to_its_invoice_and_back(world: World, cars: Partner, account: str) -> None:
    """
    Also what was taken back, and each from its entry in the journal; to no other invoice and no other transfer.
    """
    partner = cars.partner_id
    names = [f"payout:{partner}:{number}" for number in (1, 2, 3, 4)]
    both, sent, back = ([each["id"] for each in traced(world, name)] for name in (names[0], names[2], names[3]))
    assert [name for name in names if name in both] == names[:2]
    assert [name for name in names if name in sent] == names[2:3]
    assert sent == back
    for name, kind in ((names[2], "transfer"), (names[3], "reversal")):
        assert sent == [each["id"] for each in traced(world, name.replace("payout", kind))]

    found = {each["kind"]: each for each in traced(world, names[3])}
    assert [each["id"] for each in traced(world, found["invoice"]["id"])] == sent
    facts = found["transfer"]["facts"]
    assert (facts["partner"], facts["amount"], facts["taken_back"]) == (partner, "2.45 EUR", "2.10 EUR")
    ids = {row["id"] for row in world.stripe._store.every("transfer") if row["destination"] == account}
    assert facts["stripe_transfer"] in ids


def traced(world: World, name: str) -> list[dict[str, Any]]:
    return list(world.finance.read(f"/finance/v1/trace?id={name}")["hops"])


def test_a_session_that_goes_on_over_months_is_paid_by_card_then_by_its_hold_and_all_of_it_is_shared(
    world: World, cars: Partner, account: str
) -> None:
    """
    A van from July into August: the close bills July by card, the hold is renewed and pays August's part, and the
    partner has seventy percent of both.
    """
    before = len(sent_to(world, account))
    world.until(datetime(2021, 7, 30, 12, tzinfo=UTC))
    rider = world.customer()
    session = started(rider, "VAN-0")
    world.until(datetime(2021, 8, 1, 12, tzinfo=UTC))
    july = [round(float(amount) * 100) for amount, _ in invoices(rider)]
    rider.end(session)
    world.settle()
    world.until(datetime(2021, 9, 1, 12, tzinfo=UTC))

    bills = [(round(float(amount) * 100), state) for amount, state in invoices(rider)]
    cost = rider.read(f"/mobile/v1/access-sessions/{session}/receipt")["amount"]["amount"]
    assert (len(july), [state for _, state in bills]) == (1, ["paid", "paid"])
    assert sum(amount for amount, _ in bills) == round(float(cost) * 100) == collected_from(rider, world)
    states = {each["status"] for each in world.stripe.holds_of(rider.read("/mobile/v1/me")["account_id"])}
    assert states <= {"succeeded", "canceled"}
    assert "succeeded" in states
    sent = sum(amount for amount, _, _ in sent_to(world, account)[before:])
    assert abs(sent * 10 - 7 * sum(amount for amount, _ in bills)) <= 10
    all_sent(world, cars)
