"""A bundle: one plan for the products of several partners, one fee, and each line with its partner."""

from datetime import UTC, datetime
from decimal import Decimal

from tests.doors.callers import done
from tests.doors.subscribing import FEE, publish, publish_terms, subscribe
from tests.doors.test_fairness import FOUR, cost, offer, tariff, total
from tests.doors.test_over_months import Story, invoiced, story
from tests.doors.test_plans_billed import exported
from tests.doors.world import Customer, Partner


def at_members_fare(partner: Partner, product: str, amount: str) -> str:
    """A thing that costs 4.00 a time, and less for who has the bundle; its code."""
    code = offer(partner, product, FOUR)
    rules = {**tariff({**FOUR, "amount": amount}), "members_only": True}
    done(partner.post(f"/partner/v1/products/{product}/fares/bundle/tariffs", rules))
    return code


def used(told: Story, customer: Customer, partner: Partner, code: str) -> str:
    """What a minute of it cost."""
    return cost(customer, told[0].ride(customer, code, partner, 60))


def test_one_plan_gives_fares_on_the_products_of_several_partners_and_is_one_fee_on_one_bill() -> None:
    """
    A bike, a boat of the same partner and another's drill: 31.00 a month for all, 1.00, 2.00 and 0.50 a time. Who has
    no bundle pays 4.00 for each. Each partner sees the member with its own products alone, under a name of its own; the
    month's export has each line with its partner, and adds up to the bill.
    """
    with story("2021-05-01T08:00") as told:
        world, bikes, member = told
        tools, outsider = world.partner("Tools"), world.customer()
        codes = [at_members_fare(bikes, "bike", "1.00"), at_members_fare(bikes, "boat", "2.00")]
        drill = at_members_fare(tools, "drill", "0.50")
        mine, theirs = (
            [f"{each.partner_id}:{name}" for name in names]
            for each, names in ((bikes, ("bike", "boat")), (tools, ("drill",)))
        )
        publish_terms(world)
        fee = {"currency": "EUR", "prices": [FEE]}
        publish(world, "bundle", fee=fee, fares=dict.fromkeys([*mine, *theirs], "bundle"), asleep_after_days=None)
        world.until(datetime(2021, 5, 31, 21, tzinfo=UTC))
        subscribe(member, "bundle")

        costs = [*(used(told, member, bikes, each) for each in codes), used(told, member, tools, drill)]
        assert costs == ["1.00", "2.00", "0.50"]
        assert used(told, outsider, tools, drill) == "4.00"
        (seen,), (other,) = (each.read("/partner/v1/subscriptions")["items"] for each in (bikes, tools))
        assert (seen["fares"], other["fares"]) == ({"bike": "bundle", "boat": "bundle"}, {"drill": "bundle"})
        assert seen["customer"] != other["customer"]

        world.until(datetime(2021, 7, 2, 8, tzinfo=UTC))
        assert (total(member, "2021-06"), invoiced(member)) == ("34.50", Decimal("34.50"))
        (fees,) = member.read("/mobile/v1/statements/2021-06")["subscriptions"]
        assert (fees["plan"], fees["amount"]["amount"]) == ("bundle", "31.00")
        rows = exported(world, "2021-06", "usage.csv.gz")
        assert sorted((each["partner"], each["product"], each["amount"]) for each in rows) == sorted(
            [
                ("operator", "plan+bundle", "31.00"),
                (bikes.partner_id, "bike", "1.00"),
                (bikes.partner_id, "boat", "2.00"),
                (tools.partner_id, "drill", "0.50"),
                (tools.partner_id, "drill", "4.00"),
            ]
        )
