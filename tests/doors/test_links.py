"""What a partner knows of members: pseudonyms of a month, until those concerned agree to be known again."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE, PRODUCT
from tests.doors.asking import agree
from tests.doors.callers import done, refused
from tests.doors.subscribing import members_fare, publish, publish_terms, subscribe
from tests.doors.test_accounts import invited, joined, me, opened
from tests.doors.world import Customer, Partner, World

MEMBERS, ACCESSES = "/partner/v1/subscriptions", "/mobile/v1/me/accesses"


@pytest.fixture(scope="module")
def fares(world: World, partner: Partner) -> dict[str, str]:
    """How plans name what their members have of the partner's bikes."""
    publish_terms(world)
    return members_fare(partner)


@pytest.fixture
def plan(world: World, fares: dict[str, str], request: pytest.FixtureRequest) -> str:
    """A plan of the test's own."""
    plan_id = f"links-{abs(hash(request.node.name)) % 10**6}"
    publish(world, plan_id, fares=fares)
    return plan_id


def rows(partner: Partner, plan_id: str) -> list[dict[str, Any]]:
    """All of the partner's rows of a plan, page by page."""

    def pages() -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            page = partner.read(f"{MEMBERS}?limit=2{after}")
            yield from page["items"]
            if page["next"] is None:
                return
            after = f"&after={page['next']}"

    return [each for each in pages() if each["plan_id"] == plan_id]


def names(partner: Partner, plan_id: str) -> list[list[str]]:
    return [[link["known_as"] for link in each["links"]] for each in rows(partner, plan_id)]


def seen(customer: Customer) -> list[tuple[str, str]]:
    """Who has read which of the customer's subscriptions."""
    reads = customer.read(ACCESSES)["items"]
    return [(each["by"], each["about"]) for each in reads if each["kind"] == "subscription"]


def test_who_agrees_to_a_partners_link_is_known_again_by_it_and_by_no_other_partner(
    world: World, partner: Partner, plan: str
) -> None:
    """
    The name is the same in the next month, where the pseudonym is another; the customer's app shows it. It is not made
    of anything that names the customer.
    """
    customer = world.customer()
    subscription = subscribe(customer, plan).rpartition("/")[2]
    (before,) = rows(partner, plan)
    assert (before["links"], seen(customer)) == ([], [])

    given = agree(customer, f"{partner.partner_id}:link", "2021-05")
    (row,) = rows(partner, plan)
    link = {"known_as": given["known_as"], "version": "2021-05", "agreed_at": given["at"]}
    assert row == {**before, "links": [link]}
    assert seen(customer) == [(partner.partner_id, subscription)]
    for own in (me(customer), customer.read("/mobile/v1/me")["account_id"]):
        assert own not in str(row)

    world.later(days=31)
    (later,) = rows(partner, plan)
    assert (later["links"], later["customer"] != row["customer"]) == ([link], True)


def test_a_link_to_one_partner_says_nothing_to_another(world: World, partner: Partner, plan: str) -> None:
    other = world.partner("Scooters")
    publish(world, f"{plan}-both", fares={**members_fare(other), f"{partner.partner_id}:{PRODUCT}": "members"})
    customer = world.customer()
    subscribe(customer, f"{plan}-both")
    first = agree(customer, f"{partner.partner_id}:link")["known_as"]

    assert names(partner, f"{plan}-both") == [[first]]
    assert names(other, f"{plan}-both") == [[]]
    second = agree(customer, f"{other.partner_id}:link")["known_as"]
    assert names(other, f"{plan}-both") == [[second]]
    assert first != second


def test_a_link_that_is_withdrawn_is_gone_in_the_same_call_and_a_new_one_has_another_name(
    world: World, partner: Partner, plan: str
) -> None:
    customer, purpose = world.customer(), f"{partner.partner_id}:link"
    subscribe(customer, plan)
    first = agree(customer, purpose, "1")["known_as"]
    assert agree(customer, purpose, "2")["known_as"] == first

    withdrawn = done(customer.delete(f"/mobile/v1/me/consents/{purpose}"))
    assert (withdrawn["given"], withdrawn["known_as"]) == (False, None)
    assert names(partner, plan) == [[]]
    assert customer.read("/mobile/v1/me/consents") == [withdrawn]
    again = agree(customer, purpose, "2")["known_as"]
    assert names(partner, plan) == [[again]]
    assert again != first


def test_of_several_members_none_is_known_again_before_all_agree(world: World, partner: Partner, plan: str) -> None:
    """One name alone would tell which of next month's pseudonyms is the family's."""
    purpose = f"{partner.partner_id}:link"
    home, eero = opened(world.customer()), world.customer()
    world.save_card(home, "pm_card_visa")
    joined(eero, invited(home, "member"))
    subscribe(home, plan, seats=2, members=[me(home), me(eero)])
    mine = agree(home, purpose)["known_as"]
    assert (names(partner, plan), seen(home)) == ([[]], [])

    his = agree(eero, purpose)["known_as"]
    assert sorted(*names(partner, plan)) == sorted([mine, his])
    assert len(seen(home)) == len(seen(eero)) == 1
    done(eero.delete(f"/mobile/v1/me/consents/{purpose}"))
    assert names(partner, plan) == [[]]


def test_no_start_can_ask_for_a_link(partner: Partner) -> None:
    """Who rides agrees to it or does not; what somebody has to agree to is no consent."""
    shown = partner.read(f"/partner/v1/products/{PRODUCT}")
    wished = {**CITY_BIKE, "policy": {**shown["policy"], "consents": ["link:1"]}}
    refused(partner.put(f"/partner/v1/products/{PRODUCT}", wished), 422, "bad_catalogue_entry", "/policy/consents")
    assert partner.read(f"/partner/v1/products/{PRODUCT}") == shown
