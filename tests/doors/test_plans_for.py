"""For whom a plan is: residents, firms, students; it says so, and whoever is not refused finds it at its price."""

from tests.doors.asking import show
from tests.doors.callers import done, refused
from tests.doors.subscribing import MINE, PLANS, members_fare, publish, publish_terms, subscribe, wish
from tests.doors.test_accounts import FIRM, opened
from tests.doors.world import Customer, Partner, World


def offered(customer: Customer, plan_id: str) -> tuple[bool, list[object]]:
    """Whether the customer may have the plan, and what it requires."""
    (plan,) = [each for each in customer.read(PLANS)["items"] if each["plan_id"] == plan_id]
    return plan["may"], plan["requires"]


def test_residents_of_a_city_have_its_plan_and_others_of_the_country_do_not(world: World, partner: Partner) -> None:
    publish_terms(world)
    publish(world, "helsinki", requires=["resident:FI-091"], fares=members_fare(partner))
    aino, eero = world.customer(), world.customer()
    asked = {"requires": "resident:FI-091"}
    assert offered(aino, "helsinki")[1] == [{**asked, "shown": False}]
    refused(aino.post(MINE, wish(aino, "helsinki")), 403, "not_shown")

    shown = show(world, aino, "resident:FI-091", home={"place": "FI-091", "until": "2021-12-31"})
    assert (shown["kind"], shown["places"], shown["licences"]) == ("resident", ["FI", "FI-091"], [])
    show(world, eero, "resident:FI", home={"place": "FI-049", "until": "2021-12-31"})

    assert offered(aino, "helsinki")[1] == [{**asked, "shown": True}]
    assert offered(eero, "helsinki")[1] == [{**asked, "shown": False}]
    refused(eero.post(MINE, wish(eero, "helsinki")), 403, "not_shown")
    subscribe(aino, "helsinki")
    code = partner.bike()
    assert [each.quote(code)["lines"][0]["amount"]["amount"] for each in (aino, eero)] == ["0.10", "0.50"]


def test_a_firms_plan_is_for_firms_alone(world: World) -> None:
    publish_terms(world)
    publish(world, "fleet", for_kinds=["firm"])
    person = world.customer()
    firm = opened(world.customer(), "firm", billing=FIRM)
    world.save_card(firm, "pm_card_visa")

    assert [offered(each, "fleet")[0] for each in (person, firm)] == [False, True]
    refused(person.post(MINE, wish(person, "fleet")), 403, "plan_not_for_account")
    assert done(firm.get(subscribe(firm, "fleet")))["plan"]["plan_id"] == "fleet"
