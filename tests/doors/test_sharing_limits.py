"""Who shares a session keeps to their own limits, and the holder to theirs, whoever comes and goes."""

from datetime import timedelta
from decimal import Decimal

from tests.doors.asking import BY_MINUTE, LIMITS, accepted, limit, stated, thing, things
from tests.doors.callers import done, refused
from tests.doors.test_sharing import SESSIONS, amount, car, invitation, share, start
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


def test_a_members_hard_budget_holds(world: World, customer: Customer, partner: Partner) -> None:
    session, member = start(customer, car(partner)), world.customer()
    limit(member, day={"amount": "1.00"})
    token = invitation(customer, session)
    done(member.post("/mobile/v1/shared-sessions", {"invitation": token}))
    world.later(hours=1)
    customer.end(session)
    assert stated(world, member) <= Decimal("1.00")


def test_who_allows_no_open_session_joins_none(world: World, customer: Customer, partner: Partner) -> None:
    session, member = start(customer, car(partner)), world.customer()
    limit(member, most_open=0)
    refused(
        member.post("/mobile/v1/shared-sessions", {"invitation": invitation(customer, session)}), 409, "too_many_open"
    )


def test_what_a_members_hard_budget_has_left_bounds_their_part_and_the_rest_is_the_holders(
    world: World, customer: Customer, partner: Partner
) -> None:
    """1.00 and 4 h at 0.001 a second are 15.40, less the cap of 10.00: 0.80 and 9.20."""
    session, member = start(customer, car(partner)), world.customer()
    limit(member, day={"amount": "0.80"})
    share(customer, session, member)
    world.later(hours=4)
    customer.end(session)
    assert [stated(world, each) for each in (member, customer)] == [Decimal("0.80"), Decimal("9.20")]


def test_who_has_nothing_left_joins_nothing(world: World, customer: Customer, partner: Partner) -> None:
    session, member = start(customer, car(partner)), world.customer()
    limit(member, day={"amount": "0.10"})
    refused(
        member.post("/mobile/v1/shared-sessions", {"invitation": invitation(customer, session)}), 409, "budget_passed"
    )


def test_a_session_that_one_takes_part_in_counts_as_open_until_its_end_or_ones_leave(
    world: World, customer: Customer, partner: Partner
) -> None:
    session, leaves, stays = start(customer, car(partner)), world.customer(), world.customer()
    for each in (leaves, stays):
        limit(each, most_open=1)
        share(customer, session, each)
        refused(each.post(SESSIONS, accepted(each, car(partner))), 409, "too_many_open")
    done(leaves.post(f"/mobile/v1/shared-sessions/{session}/leave"))
    assert [each.read(LIMITS)["open"] for each in (leaves, stays)] == [0, 1]
    customer.end(session)
    assert start(stays, car(partner))


def test_who_joined_after_the_return_pays_nothing(world: World, customer: Customer) -> None:
    """Docked after ten minutes, which is told hours later; somebody joined in between."""
    cars = things(world, {"return_signals": ["docked"]}, BY_MINUTE)
    session, member = start(customer, thing(cars)), world.customer()
    world.later(hours=2)
    docked = (world.system.now() - timedelta(minutes=110)).isoformat()
    share(customer, session, member)
    world.later(hours=1)
    cars.report(world.event(session, signal="docked", time=docked))
    world.settle()
    assert amount(member.read(f"{SESSIONS}/{session}/receipt")) == 0
