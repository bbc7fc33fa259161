"""What is held for who waits costs nothing until they start it."""

from decimal import Decimal

from infra.local.tariffs import CITY_BIKE
from tests.doors.asking import RESERVATIONS, SESSIONS, stated
from tests.doors.callers import done
from tests.doors.test_acts import start
from tests.doors.vans import RULES, TARIFF, new_van
from tests.doors.world import Customer, Partner, World


def waiting_for_van(world: World, customer: Customer, code: str) -> None:
    owner = world.customer()
    session = start(owner, code)
    done(customer.post("/mobile/v1/waiting", {"code": code}))
    world.later(minutes=1)
    owner.end(session)
    world.settle()


def test_what_is_held_for_who_waits_and_never_answers_costs_nothing(
    world: World, customer: Customer, vans: Partner
) -> None:
    """They got in line; the thing was held for them while they slept."""
    waiting_for_van(world, customer, new_van(vans))
    world.later(hours=3)
    assert stated(world, customer) == 0


def test_what_is_held_for_who_waits_costs_no_more_than_the_worst_case_they_were_told(
    world: World, customer: Customer
) -> None:
    """A product that holds nothing free of charge and nothing at a price, with a price for what is reserved."""
    holder = world.partner("Strict")
    tariff = {**TARIFF, "prices": [*TARIFF["prices"]], "caps": []}
    policy = {"free_reservation_s": 0, "priced_reservation_s": 0, "booking": RULES}
    done(holder.put("/partner/v1/products/van", {**CITY_BIKE, "name": "Van", "category": "vans", "policy": policy}))
    done(holder.post("/partner/v1/products/van/tariffs", tariff))
    waiting_for_van(world, customer, new_van(holder))
    (held,) = customer.read(RESERVATIONS)
    shown = customer.read(f"{SESSIONS}/{held['session_id']}")
    world.later(hours=3)
    assert Decimal(shown["amount"]["amount"]) == stated(world, customer) == 0
