"""Reserved time at a price, beyond what is free: who pays for it, and for how much."""

from decimal import Decimal

from tests.doors.asking import RESERVATIONS, stated
from tests.doors.callers import done, refused
from tests.doors.test_acts import reserve
from tests.doors.vans import new_van
from tests.doors.world import Customer, Partner, World


def test_a_reservation_of_what_its_partner_took_out_costs_nothing_while_it_is_out(
    world: World, customer: Customer, vans: Partner
) -> None:
    """Ten minutes are free. After five it is taken out: nobody can have it from then on."""
    van = new_van(vans)
    held = reserve(customer, van)["session_id"]
    world.later(minutes=5)
    done(vans.post(f"/partner/v1/assets/{van.lower()}/take-outs", {"reason": "brakes"}))
    world.later(minutes=10)
    refused(customer.post(f"{RESERVATIONS}/{held}/start", {"code": van}), 409, "asset_taken_out")
    world.later(hours=2)
    assert stated(world, customer) == 0


def test_what_was_reserved_at_a_price_until_it_was_taken_out_costs_that_much(
    world: World, customer: Customer, vans: Partner
) -> None:
    """Ten minutes are free and ten cost 0.05 each; it is given up an hour after it was taken out."""
    van = new_van(vans)
    held = reserve(customer, van)["session_id"]
    world.later(minutes=20)
    done(vans.post(f"/partner/v1/assets/{van.lower()}/take-outs", {"reason": "brakes"}))
    world.later(minutes=30)
    customer.post(f"{RESERVATIONS}/{held}/cancel")
    world.later(hours=1)
    assert stated(world, customer) == Decimal("0.50")
