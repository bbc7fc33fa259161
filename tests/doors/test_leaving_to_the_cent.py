"""Who leaves with money in the wallet pays and has back to the cent what is too small to be collected or credited."""

from datetime import UTC, datetime

import pytest

from tests.doors.callers import done
from tests.doors.paying import collected_from
from tests.doors.test_charges import MOBILE, PARTNER, charged, rows
from tests.doors.test_wallet import INVOICES, WALLET, balances, in_order, told, topped_up
from tests.doors.world import Customer, Partner, World


def ordered(partner: Partner, rider: Customer, session: str, world: World) -> str:
    """A delivery for 0.30, which its customer accepts."""
    name = str(charged(partner, session, "delivery", "0.30", world.system.now().isoformat())["charge_id"])
    done(partner.post(f"{PARTNER}/{name}/submit"))
    done(rider.post(f"{MOBILE}/{name}/accept"))
    return name


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> dict[str, Customer]:
    """
    Both put 5.00 in and ride for 0.50 in May. One has a delivery with it, and half of its price back in June; the other
    has a delivery in June. Both leave then.
    """
    found = {name: world.customer() for name in ("owed", "owes")}
    for rider in found.values():
        topped_up(world, rider, "5.00")
    sessions = {name: world.ride(rider, partner.bike(), partner, 60) for name, rider in found.items()}
    billed = ordered(partner, found["owed"], sessions["owed"], world)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    assert [balances(rider) for rider in found.values()] == [{"paid": "4.20"}, {"paid": "4.50"}]
    done(partner.post(f"{PARTNER}/{billed}/counter", {"amount": "0.15", "note": "late"}))
    ordered(partner, found["owes"], sessions["owes"], world)
    world.settle()
    for rider in found.values():
        done(rider.post(f"{WALLET}/payout"))
    world.settle()
    return found


def test_what_was_paid_too_much_goes_back_though_it_is_less_than_a_credit_note_is_made_for(
    world: World, riders: dict[str, Customer]
) -> None:
    rider = riders["owed"]
    (note,) = rider.read("/mobile/v1/credit-notes")["items"]

    assert (note["total"]["amount"], note["to_wallet"]["amount"]) == ("0.15", "0.15")
    assert (balances(rider), collected_from(rider, world)) == ({}, 65)
    assert "wallet_paid_out" in told(rider)
    in_order(world)


def test_what_is_too_small_to_be_collected_is_paid_by_the_wallet_first(
    world: World, riders: dict[str, Customer]
) -> None:
    rider = riders["owes"]
    newest = rider.read(INVOICES)["items"][-1]

    assert (newest["month"], newest["total"]["amount"], newest["state"]) == ("2021-06", "0.30", "paid")
    assert (balances(rider), collected_from(rider, world)) == ({}, 80)
    in_order(world)


def test_the_months_close_has_both_and_adds_nothing(world: World, riders: dict[str, Customer]) -> None:
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))

    exported = {(row["kind"], row["gross"]) for row in rows(world, "2021-06", "documents.csv.gz")}
    assert exported == {("credit_note", "-0.15"), ("invoice", "0.30")}
    assert [collected_from(rider, world) for rider in riders.values()] == [65, 80]
    in_order(world)
