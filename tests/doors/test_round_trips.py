"""What an act costs in sequential calls to the database."""

from chalicelib.customers.model import Role
from tests.doors.acting import made_member
from tests.doors.callers import done
from tests.doors.subscribing import members_fare, publish, publish_terms, subscribe
from tests.doors.world import Customer, Partner, World
from tests.round_trips import counted


def test_a_start_is_two_round_trips_one_of_them_the_transaction(world: World, customer: Customer, code: str) -> None:
    """
    Who starts, the asset, its product and its tariff at once; and everything that has to hold and is written.
    """
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    with counted() as called:
        done(customer.post("/mobile/v1/access-sessions", accepted))

    assert called == ["BatchGetItem", "TransactWriteItems"]
    world.settle()


def test_a_start_in_anothers_account_is_no_more(world: World, customer: Customer, code: str) -> None:
    account = customer.read("/mobile/v1/me")["account_id"]
    member = made_member(account, world.customer(card=None), world, Role.MEMBER)
    accepted = {"code": code, "quote": member.quote(code)["quote"]}
    with counted() as called:
        done(member.post("/mobile/v1/access-sessions", accepted))

    assert called == ["BatchGetItem", "TransactWriteItems"]
    world.settle()


def test_waking_is_three_round_trips(world: World, customer: Customer, partner: Partner) -> None:
    """Who wakes it, the subscription, and one transaction: what the plan costs is known without reading the plan."""
    publish_terms(world)
    publish(world, "woken", fares=members_fare(partner))
    path = subscribe(customer, "woken")
    done(customer.post(f"{path}/pause", {}))
    with counted() as called:
        done(customer.post(f"{path}/wake"))

    assert called == ["GetItem", "GetItem", "TransactWriteItems"]
