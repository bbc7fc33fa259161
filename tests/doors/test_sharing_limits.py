"""Who shares a session keeps to their own limits, and the holder to theirs, whoever comes and goes."""

from decimal import Decimal

from tests.doors.asking import limit
from tests.doors.callers import done
from tests.doors.test_sharing import SESSIONS, amount, car, share, start
from tests.doors.world import Customer, Partner, World


def test_the_holders_wished_cost_holds_though_a_member_leaves(
    world: World, customer: Customer, partner: Partner
) -> None:
    """1.00 to start and 0.001 a second: half of it until the member leaves."""
    session, member = start(customer, car(partner)), world.customer()
    share(customer, session, member)
    done(customer.put(f"{SESSIONS}/{session}/stop", {"cost": "2.00"}))
    world.later(seconds=600)
    done(member.post(f"/mobile/v1/shared-sessions/{session}/leave"))
    world.later(hours=4)
    assert amount(customer.read(f"{SESSIONS}/{session}/receipt")) <= Decimal("2.00")


def test_the_holders_hard_budget_holds_though_a_member_leaves(
    world: World, customer: Customer, partner: Partner
) -> None:
    limit(customer, day={"amount": "2.00"})
    session, member = start(customer, car(partner)), world.customer()
    world.settle()
    share(customer, session, member)
    world.later(seconds=1300)
    done(member.post(f"/mobile/v1/shared-sessions/{session}/leave"))
    world.later(hours=4)
    shown = customer.read(f"{SESSIONS}/{session}/receipt")
    assert amount(shown) <= Decimal("2.00")
