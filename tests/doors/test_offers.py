"""What is free, where the customer is and when: sorted by fit, with the reasons; and what is refused."""

import itertools
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF, PRODUCT
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

HOURS = {day: ["08:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
_latitudes = itertools.count(10)
Offer = dict[str, Any]


class Town:
    """A stretch of a road that goes north, with nothing else near; places stand so many metres along it."""

    def __init__(self, world: World) -> None:
        self.world, self.partner = world, world.partner("Offers")
        self.latitude = next(_latitudes)

    @property
    def near(self) -> str:
        return f"{self.latitude},20"

    def place(self, place_id: str, metres: int, hours: object = None) -> None:
        degrees = f"{self.latitude + metres / 111_195:.7f}"
        body = {"name": place_id, "latitude": degrees, "longitude": "20", "zone": "UTC", "hours": hours}
        done(self.partner.put(f"/partner/v1/places/{place_id}", {**body, "address": "", "capacity": 5}))

    def asset(self, asset_id: str, place_id: str | None, **more: object) -> str:
        code = f"{asset_id}-{self.latitude}".upper()
        body = {"product_id": PRODUCT, "code": code, "place_id": place_id, **more}
        done(self.partner.put(f"/partner/v1/assets/{asset_id}", body))
        return code

    def product(self, product_id: str, unlock: str, category: str = "bikes") -> None:
        done(self.partner.put(f"/partner/v1/products/{product_id}", {**CITY_BIKE, "category": category}))
        flat = {**CITY_BIKE_TARIFF["prices"][0], "amount": unlock}
        rules = {**CITY_BIKE_TARIFF, "prices": [flat, *CITY_BIKE_TARIFF["prices"][1:]]}
        done(self.partner.post(f"/partner/v1/products/{product_id}/tariffs", rules))

    def search(self, customer: Customer, **asked: object) -> dict[str, Any]:
        self.world.settle()
        query = urlencode({"near": self.near, **asked})
        return dict(customer.read(f"/mobile/v1/offers?{query}"))

    def offers(self, customer: Customer, **asked: object) -> list[Offer]:
        return list(self.search(customer, **asked)["offers"])

    def found(self, customer: Customer, **asked: object) -> list[str]:
        return [each["asset"] for each in self.offers(customer, **asked)]


@pytest.fixture
def town(world: World) -> Town:
    return Town(world)


@pytest.fixture(scope="module")
def visitor(world: World) -> Customer:
    return world.visitor()


def why(offer: Offer) -> dict[str, dict[str, str]]:
    return {each["code"]: each["facts"] for each in offer["why"]}


def test_an_offer_says_what_it_is_where_it_is_what_it_costs_and_why_it_is_shown(town: Town, visitor: Customer) -> None:
    town.place("square", 250, HOURS)
    code = town.asset("one", "square", capabilities={"charge_percent": "80", "child_seat": "yes"})
    (offer,) = town.offers(visitor, **{"for": 2400, "prefer": "child_seat"})

    assert {name: offer[name] for name in ("code", "asset", "product", "category", "metres", "free")} == {
        "code": code,
        "asset": "one",
        "product": "City bike",
        "category": "bikes",
        "metres": 250,
        "free": 1,
    }
    assert (offer["price"], offer["charge_percent"]) == ({"amount": "1.50", "currency": "EUR"}, 80)
    assert (offer["place"]["place_id"], offer["place"]["longitude"]) == ("square", "20")
    assert why(offer) == {
        "free_now": {"free": "1"},
        "nearest": {"metres": "250"},
        "cheapest_for_need": {"price": "1.50 EUR"},
        "charged": {"percent": "80"},
        "preferred": {"as": "child_seat"},
        "open_until": {"until": "2021-05-10T20:00:00.000000Z"},
    }


def test_what_is_offered_can_be_quoted_and_started_by_its_code_at_that_price(town: Town, customer: Customer) -> None:
    town.place("square", 10)
    town.asset("one", "square")
    (offer,) = town.offers(customer, **{"for": "use_seconds=600"})
    quoted = customer.quote(offer["code"], 600)

    assert quoted["estimate"] == offer["price"]
    assert customer.start(offer["code"])


def test_what_somebody_has_is_no_offer_until_it_is_given_back(
    town: Town, visitor: Customer, customer: Customer
) -> None:
    town.place("square", 10)
    code = town.asset("one", "square")
    town.asset("two", "square")
    session = customer.start(code)

    assert town.found(visitor) == ["two"]
    customer.end(session)
    assert town.found(visitor) == ["one", "two"]


def test_a_thing_for_several_is_offered_as_long_as_there_is_room(
    world: World, town: Town, visitor: Customer, customer: Customer
) -> None:
    town.place("square", 10)
    code = town.asset("boat", "square", capacity=2)
    town.asset("map", "square", capacity="unlimited")

    def free() -> dict[str, int | None]:
        return {each["asset"]: each["free"] for each in town.offers(visitor)}

    assert free() == {"boat": 2, "map": None}
    customer.start(code)
    assert free() == {"boat": 1, "map": None}
    world.customer().start(code)
    assert free() == {"map": None}


def test_what_is_looked_after_is_no_offer_for_that_time(town: Town, visitor: Customer) -> None:
    town.place("square", 10)
    town.asset("one", "square")
    asked = {"reason": "tyres", "from": "2021-05-11T00:00:00Z", "until": "2021-05-12T00:00:00Z"}
    out = done(town.partner.post("/partner/v1/assets/one/take-outs", asked))
    found = [town.found(visitor, at=f"2021-05-{day}T12:00:00Z") for day in (10, 11, 12)]

    assert found == [["one"], [], ["one"]]
    done(town.partner.delete(f"/partner/v1/assets/one/take-outs/{out['take_out_id']}"))
    assert town.found(visitor, at="2021-05-11T12:00:00Z") == ["one"]


def test_a_closed_place_offers_nothing_until_it_opens(town: Town, visitor: Customer) -> None:
    town.place("shop", 10, HOURS)
    town.asset("one", "shop")

    assert town.found(visitor, at="2021-05-10T21:00:00Z") == []
    assert town.found(visitor, at="2021-05-11T08:00:00Z") == ["one"]
    town.place("shop", 10)
    (offer,) = town.offers(visitor, at="2021-05-10T21:00:00Z")
    assert "always_open" in why(offer)


def test_the_radius_ends_at_its_last_metre(town: Town, visitor: Customer) -> None:
    town.place("edge", 500)
    town.asset("one", "edge")

    assert town.found(visitor, radius=500) == ["one"]
    assert town.found(visitor, radius=499) == []


def test_what_moves_is_found_where_it_is_and_what_is_retired_or_nowhere_is_not(town: Town, visitor: Customer) -> None:
    town.place("here", 10)
    town.place("there", 5_000)
    town.asset("one", "here")
    town.asset("two", "here")
    assert town.found(visitor) == ["one", "two"]

    town.asset("one", "there")
    assert (town.found(visitor), town.found(visitor, radius=6_000)) == (["two"], ["two", "one"])
    town.place("here", 9_000)
    assert (town.found(visitor, radius=6_000), town.found(visitor, radius=9_000)) == (["one"], ["one", "two"])
    town.asset("one", None)
    town.asset("two", "here", retired=True)
    assert town.found(visitor, radius=9_000) == []
    town.asset("one", "here")
    assert town.found(visitor, radius=9_000) == ["one"]


def test_the_best_fit_comes_first(town: Town, visitor: Customer) -> None:
    town.product("fine-bike", "2.00")
    for place, metres in (("close", 20), ("far", 900)):
        town.place(place, metres)
        town.asset(f"{place}-cheap", place)
        town.asset(f"{place}-worn", place, condition={"state": "worn", "note": ""})
        town.asset(f"{place}-dear", place, product_id="fine-bike")
    offers = town.offers(visitor, **{"for": 600})

    assert [each["asset"] for each in offers] == [
        "close-cheap",
        "close-worn",
        "close-dear",
        "far-cheap",
        "far-worn",
        "far-dear",
    ]
    assert [each["fit"] for each in offers] == sorted((each["fit"] for each in offers), reverse=True)
    cheapest = {each["asset"] for each in offers if "cheapest_for_need" in why(each)}
    assert cheapest == {"close-cheap", "close-worn", "far-cheap", "far-worn"}
    assert town.found(visitor, **{"for": 600, "limit": 2}) == ["close-cheap", "close-worn"]


def test_what_is_preferred_and_what_is_charged_goes_before_what_is_not(town: Town, visitor: Customer) -> None:
    town.place("square", 10)
    town.asset("a-plain", "square", capabilities={"charge_percent": "20"})
    town.asset("b-full", "square", capabilities={"charge_percent": "100"})
    town.asset("c-low", "square", capabilities={"charge_percent": "20"}, accessibility=["low_entry"])

    assert town.found(visitor) == ["b-full", "a-plain", "c-low"]
    assert town.found(visitor, prefer="low_entry") == ["b-full", "c-low", "a-plain"]


def test_only_the_category_that_was_asked_for_is_shown(town: Town, visitor: Customer) -> None:
    town.product("drill", "3.00", "tools")
    town.place("square", 10)
    town.asset("bike", "square")
    town.asset("drill-1", "square", product_id="drill")

    assert town.found(visitor, category="tools") == ["drill-1"]
    assert town.found(visitor, category="boats") == []


def test_what_has_no_tariff_is_no_offer_and_what_does_not_count_the_need_has_no_price(
    town: Town, visitor: Customer
) -> None:
    done(town.partner.put("/partner/v1/products/unpriced", CITY_BIKE))
    town.place("square", 10)
    town.asset("one", "square")
    town.asset("two", "square", product_id="unpriced")

    (offer,) = town.offers(visitor, **{"for": "km=5"})
    assert (offer["asset"], offer["price"]) == ("one", None)
    assert "cheapest_for_need" not in why(offer)


def test_offers_near_the_pole_and_over_the_antimeridian_are_found(town: Town, visitor: Customer) -> None:
    where = {"north": ("89.9990000", "20"), "east": ("10.5", "179.9990000")}
    for place, (latitude, longitude) in where.items():
        body = {"name": place, "latitude": latitude, "longitude": longitude, "address": "", "capacity": 1}
        done(town.partner.put(f"/partner/v1/places/{place}", body))
        town.asset(place, place)

    assert town.found(visitor, near="89.999,-160") == ["north"]
    assert town.found(visitor, near="10.5,-179.999") == ["east"]
    assert town.found(visitor, near="10.5,-179.98") == []


BAD = [
    ({"near": "91,20"}, "query_invalid", "/near"),
    ({"near": "60,180.5"}, "query_invalid", "/near"),
    ({"near": "60"}, "query_invalid", "/near"),
    ({"near": "NaN,20"}, "not_a_quantity", "/near"),
    ({"near": "60,Infinity"}, "not_a_quantity", "/near"),
    ({"near": "90,20"}, "position_at_the_pole", "/near"),
    ({"near": "-90.0,0"}, "position_at_the_pole", "/near"),
    ({"radius": "0"}, "query_invalid", "/radius"),
    ({"radius": "20001"}, "query_invalid", "/radius"),
    ({"radius": "NaN"}, "query_invalid", "/radius"),
    ({"at": "soon"}, "not_an_instant", "/at"),
    ({"at": "2021-01-01T00:00:00Z"}, "query_invalid", "/at"),
    ({"at": "2031-01-01T00:00:00Z"}, "query_invalid", "/at"),
    ({"for": "a lot"}, "not_a_quantity", "/for"),
    ({"for": "0"}, "query_invalid", "/for"),
    ({"for": "km=-1"}, "query_invalid", "/for"),
    ({"for": "km=1,km=2"}, "query_invalid", "/for"),
    ({"for": "99999999"}, "query_invalid", "/for"),
    ({"for": ",".join(f"m{each}=1" for each in range(11))}, "query_invalid", "/for"),
    ({"prefer": "a,b,c,d,e,f,g,h,i,j,k"}, "query_invalid", "/prefer"),
    ({"limit": "51"}, "query_invalid", "/limit"),
    ({"colour": "red"}, "query_invalid", "/colour"),
]


@pytest.mark.parametrize(("given", "code", "pointer"), BAD, ids=str)
def test_a_search_that_means_nothing_is_refused_at_its_parameter(
    visitor: Customer, given: dict[str, str], code: str, pointer: str
) -> None:
    refused(visitor.get(f"/mobile/v1/offers?{urlencode({'near': '60,20', **given})}"), 422, code, pointer)


def test_a_position_is_needed_and_so_is_a_token(visitor: Customer, world: World) -> None:
    refused(visitor.get("/mobile/v1/offers"), 422, "query_invalid", "")
    refused(world.nobody.get("/mobile/v1/offers?near=60,20"), 401, "unauthenticated")


def test_a_partners_other_acts_go_on_as_they_did(town: Town, partner: Partner, visitor: Customer) -> None:
    """
    An asset without a place is never found, and can be scanned all the same.
    """
    code = partner.bike()

    assert town.found(visitor) == []
    assert visitor.post("/mobile/v1/quotes", {"code": code}, key=None).status < 500
