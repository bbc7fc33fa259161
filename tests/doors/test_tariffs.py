"""Tariffs of the kinds that sessions can be charged by: published, shown as they were stated, quoted."""

from typing import Any

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

PRODUCT = "/partner/v1/products/van"
RULES: dict[str, Any] = {
    "currency": "EUR",
    "tax_inclusive": True,
    "zone": "Europe/Helsinki",
    "meters": [{"name": "km", "unit": "km", "most_per_hour": "100"}],
    "prices": [
        {"kind": "unit", "id": "distance", "meter": "km", "unit_amount": "0.4", "included": "5", "charge_class": "use"},
        {
            "kind": "graduated",
            "id": "wear",
            "meter": "km",
            "period": "use",
            "charge_class": "use",
            "tiers": [
                {"up_to": "10", "unit_amount": "0.1", "flat_amount": "0"},
                {"up_to": None, "unit_amount": "0.05", "flat_amount": "0"},
            ],
        },
    ],
    "minimums": [{"id": "least", "period": "use", "amount": "6.00", "over": ["distance", "wear"]}],
    "caps": [{"id": "most", "period": "use", "amount": "40.00", "over": ["distance", "wear", "least"]}],
}


def test_a_tariff_by_distance_is_shown_as_stated_and_quoted(partner: Partner, customer: Customer) -> None:
    """
    12 km: 7 beyond those included at 0.40, 10 at 0.10 and 2 at 0.05 are 3.90, made up to 6.00; a day is 40.00 at most.
    """
    done(partner.put(PRODUCT, {**CITY_BIKE, "name": "Van"}))
    published = done(partner.post(f"{PRODUCT}/tariffs", RULES))
    done(partner.put("/partner/v1/assets/van-1", {"product_id": "van", "code": "VAN-00001"}))

    quoted = done(customer.post("/mobile/v1/quotes", {"code": "VAN-00001", "need": {"km": "12"}}, key=None))

    assert published["rules"] == RULES
    assert (quoted["estimate"]["amount"], quoted["worst_case"]["amount"]) == ("6.00", "40.00")


def test_rules_that_sessions_cannot_be_charged_by_are_refused_with_their_places(partner: Partner) -> None:
    prices = [*RULES["prices"], {"kind": "recurring", "id": "plan", "per": "month", "amount": "3"}]
    rules = {**RULES, "prices": prices, "minimums": [{**RULES["minimums"][0], "period": "month"}]}
    done(partner.put(PRODUCT, {**CITY_BIKE, "name": "Van"}))

    problem = refused(partner.post(f"{PRODUCT}/tariffs", rules), 422, "invalid_tariff")

    assert [(error["pointer"], error["reason"]) for error in problem["errors"]] == [
        ("/prices/2/kind", "cannot_be_charged_yet"),
        ("/minimums/0/period", "cannot_be_charged_yet"),
    ]


def test_a_need_of_more_than_a_year_is_refused(customer: Customer, code: str) -> None:
    asked = {"code": code, "need": {"in_use": "999999999999999"}}

    refused(customer.post("/mobile/v1/quotes", asked, key=None), 422, "invalid_use", "/need/in_use")


def test_nothing_counts_more_than_the_worst_case_of_the_quote_rests_on(
    world: World, partner: Partner, customer: Customer
) -> None:
    """
    At most 10 km an hour: within the first hour 10 are taken and 11 refused, within the second 20.
    """
    product = "/partner/v1/products/cart"
    meters = [{"name": "km", "unit": "km", "most_per_hour": "10"}]
    rules = {**RULES, "meters": meters, "minimums": [], "caps": [], "prices": RULES["prices"][:1]}
    done(partner.put(product, {**CITY_BIKE, "name": "Cart"}))
    done(partner.post(f"{product}/tariffs", rules))
    done(partner.put("/partner/v1/assets/cart-1", {"product_id": "cart", "code": "CART-0001"}))
    quoted = done(customer.post("/mobile/v1/quotes", {"code": "CART-0001", "need": {"km": "5"}}, key=None))
    accepted = {"code": "CART-0001", "quote": quoted["quote"]}
    session = done(customer.post("/mobile/v1/access-sessions", accepted))["session_id"]
    world.later(minutes=40)

    def reported(km: str) -> str:
        (answer,) = partner.report(world.event(session, meter="km", value=km))
        return str(answer["outcome"])

    assert [reported(km) for km in ("11", "8", "3", "2")] == ["refused", "accepted", "refused", "accepted"]
    world.later(minutes=30)
    assert [reported(km) for km in ("11", "10")] == ["refused", "accepted"]
