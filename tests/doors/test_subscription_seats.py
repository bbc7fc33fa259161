"""Who has a seat in a subscription: removed, with nobody left, and on a ride meanwhile."""

import pytest

from tests.doors.callers import done, refused
from tests.doors.subscribing import members_fare, publish, publish_terms, subscribe
from tests.doors.test_accounts import invited, joined, me, opened
from tests.doors.world import Partner, World


@pytest.fixture(scope="module")
def fares(world: World, partner: Partner) -> dict[str, str]:
    """How plans name what their members have of the partner's bikes."""
    publish_terms(world)
    return members_fare(partner)


def test_who_is_removed_from_an_account_leaves_their_seat_to_others(world: World, fares: dict[str, str]) -> None:
    """In each of its subscriptions."""
    publish(world, "two-seats", fares=fares, seats=2)
    aino, eero = world.customer(), world.customer()
    home = opened(aino)
    world.save_card(home, "pm_card_visa")
    joined(eero, invited(home, "member"))
    path = subscribe(home, "two-seats", seats=2, members=[me(aino), me(eero)])
    done(home.delete(f"/mobile/v1/account/members/{me(eero)}"))
    world.settle()
    assert home.read(path)["members"] == [me(aino)]


def test_a_subscription_whose_only_member_is_removed_goes_on_without_and_its_owner_is_told(
    world: World, fares: dict[str, str]
) -> None:
    """It costs as before, until somebody else is put in it, or it is ended."""
    publish(world, "one-seat", fares=fares, seats=1)
    home, eero = opened(world.customer()), world.customer()
    world.save_card(home, "pm_card_visa")
    eeros = joined(eero, invited(home, "member"))
    path = subscribe(home, "one-seat", members=[me(eero)])
    done(home.delete(f"/mobile/v1/account/members/{me(eero)}"))
    world.settle()

    assert home.read(path)["members"] == []
    (told,) = [
        each for each in home.read("/mobile/v1/notices")["items"] if each["code"] == "subscription_without_members"
    ]
    assert told["about"] == path.rpartition("/")[2]
    refused(eeros.get(path), 404, "unknown_subscription")
    mine = me(home)
    assert done(home.put(f"{path}/members/{mine}"))["members"] == [mine]
    refused(home.delete(f"{path}/members/{mine}"), 409, "last_member")


@pytest.mark.parametrize("over", ["removed from it", "removed from the account", "ended"])
def test_who_rides_while_their_part_in_a_subscription_ends_pays_what_was_promised_and_nothing_less_later(
    world: World, partner: Partner, fares: dict[str, str], over: str
) -> None:
    """The ride goes on and ends at its quote's fare; the next quote has the product's own tariff again."""
    plan_id = over.replace(" ", "-")
    publish(world, plan_id, fares=fares, seats=2)
    home, eero = opened(world.customer()), world.customer()
    world.save_card(home, "pm_card_visa")
    eeros = joined(eero, invited(home, "member"))
    path = subscribe(home, plan_id, seats=2, members=[me(home), me(eero)])
    first, code = partner.bike(), partner.bike()
    session = eeros.start(first)

    if over == "removed from it":
        done(home.delete(f"{path}/members/{me(eero)}"))
    elif over == "ended":
        done(home.post(f"{path}/end", {}))
    else:
        done(home.delete(f"/mobile/v1/account/members/{me(eero)}"))
    world.settle()

    done(eeros.post(f"/mobile/v1/access-sessions/{session}/end"))
    receipt = home.read(f"/mobile/v1/access-sessions/{session}/receipt")
    assert receipt["lines"][0]["amount"]["amount"] == "0.10"
    if over == "removed from the account":
        refused(eeros.post("/mobile/v1/quotes", {"code": code}, key=None), 403, "role_may_not")
    else:
        assert eeros.quote(code)["lines"][0]["amount"]["amount"] == "0.50"
