"""What a partner keeps of its catalogue by API: entries with all they say, their history, their take-outs."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kernel.time import format_instant
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

SQUARE = [["12.5", "55.6"], ["12.6", "55.6"], ["12.6", "55.7"], ["12.5", "55.7"]]
PLACE: dict[str, Any] = {
    "name": "Nørreport",
    "latitude": "55.6836",
    "longitude": "12.5716",
    "address": "Nørre Voldgade",
    "capacity": 12,
    "zone": "Europe/Copenhagen",
    "hours": {
        "mon": ["08:00-12:00", "13:00-18:00"],
        "tue": [],
        "wed": [],
        "thu": [],
        "fri": ["20:00-03:00"],
        "sat": ["00:00-24:00"],
        "sun": [],
        "special": [{"on": "12-24", "spans": ["10:00-14:00"], "name": "Juleaften"}],
    },
    "service_zones": [{"name": "Centre", "kind": "return", "polygon": SQUARE}],
    "code": None,
}
POLICY: dict[str, Any] = {
    "use_signals": ["unlocked", "moving"],
    "rest_signals": ["locked"],
    "return_signals": ["docked"],
    "silence_s": 900,
    "grace_s": 120,
    "unused": "released",
    "free_reservation_s": 600,
    "offline": "allow",
    "position_kept_s": 86_400,
    "streams": 3,
    "requires": ["identity", "age:18", "driving_licence:B"],
    "consents": ["position:2021-05"],
    "hold": {"share": "0.25"},
    "fault_credit": {"of": "charge", "percent": 50},
    "priced_reservation_s": 1200,
    "booking": {"buffer_s": 900, "ahead_s": 86_400, "longest_s": 7200, "free_cancellation_s": 600, "no_show_s": 1200},
}
PRODUCT: dict[str, Any] = {
    "name": "Ladcykel",
    "category": "bikes",
    "zone": "Europe/Copenhagen",
    "data_card": [{"what": "position", "why": "finds it", "kept_days": 30}],
    "owning": {"purchase_price": "899.00", "life_days": 1825, "worth_after": "100.00", "upkeep_per_year": "60.00"},
    "ceiling": {"upkeep_per_month": "2.50"},
    "kind": "physical",
    "seller": {"legal_name": "Cykler ApS", "country": "DK", "vat_number": "DK12345678"},
    "terms": {"version": "2021-05", "texts": {"da": "https://example.com/da", "en": "Bring it back."}},
    "pictures": [{"url": "https://example.com/1.jpg", "alt": "En ladcykel"}],
    "policy": POLICY,
    "tax": {"code": "txcd_20030000", "supplied": "disposal", "country": "DK", "postal_code": "2200"},
}
ASSET: dict[str, Any] = {
    "product_id": "cargo-bike",
    "code": "CARGO-0001",
    "place_id": "norreport",
    "capacity": "unlimited",
    "retired": False,
    "device_id": "lock:1",
    "capabilities": {"child_seat": "yes", "gears": "8"},
    "condition": {"state": "worn", "note": "a scratch"},
    "odometer": {"reading": "1234.5", "unit": "km"},
    "accessibility": ["low_entry"],
    "in_service_from": "2020-02-29",
}


@pytest.fixture(scope="module")
def partner(world: World) -> Partner:
    """One with a place, a product and an asset that say all they can."""
    partner = world.partner("Catalogue")
    done(partner.put("/partner/v1/places/norreport", PLACE))
    done(partner.put("/partner/v1/products/cargo-bike", PRODUCT))
    done(partner.put("/partner/v1/assets/cargo-1", ASSET))
    return partner


def test_entries_are_shown_with_all_that_was_said_of_them(partner: Partner) -> None:
    own = {"tariff_version": 0, "fares": {}, "members_fares": [], "product_id": "cargo-bike"}

    assert partner.read("/partner/v1/places/norreport") == {**PLACE, "place_id": "norreport"}
    assert partner.read("/partner/v1/products/cargo-bike") == {**PRODUCT, **own}
    assert partner.read("/partner/v1/assets/cargo-1") == {**ASSET, "asset_id": "cargo-1"}


def test_what_is_not_said_has_a_plain_meaning(partner: Partner) -> None:
    plain = {"name": "Kaivopuisto", "latitude": "60.1557", "longitude": "24.9503"}
    place = done(partner.put("/partner/v1/places/plain", plain))
    product = done(partner.put("/partner/v1/products/plain", CITY_BIKE))
    asset = done(partner.put("/partner/v1/assets/plain", {"product_id": "plain", "code": "PLAIN-1"}))

    assert (place["zone"], place["hours"], place["service_zones"]) == ("Europe/Helsinki", None, [])
    assert (product["kind"], product["seller"], product["terms"], product["pictures"]) == ("physical", None, None, [])
    assert product["policy"]["free_reservation_s"] == 900
    assert (asset["capacity"], asset["condition"]["state"], asset["device_id"]) == (1, "good", None)
    assert asset["in_service_from"] is None


@pytest.mark.parametrize(
    ("path", "field", "value", "pointer"),
    [
        ("places/x", "zone", "Europe/Norreport", "/zone"),
        ("places/x", "hours", {"mon": ["08:00-8:30"]}, "/hours/mon"),
        ("places/x", "hours", {"mon": ["08:00-12:00", "11:00-13:00"]}, "/hours/mon"),
        ("places/x", "hours", {"special": [{"on": "2021-02-29"}]}, "/hours/special/0/on"),
        ("places/x", "hours", {"special": [{"on": "12-24", "spans": ["x"]}]}, "/hours/special/0/spans"),
        ("places/x", "service_zones", [{"name": "Z", "kind": "return", "polygon": SQUARE[:2]}], None),
        (
            "places/x",
            "service_zones",
            [{"name": "Z", "kind": "return", "polygon": [*SQUARE[:2], ["12.55", "91"]]}],
            "/service_zones/0/polygon",
        ),
        (
            "places/x",
            "service_zones",
            [{"name": "Z", "kind": "return", "polygon": [*SQUARE[:2], ["NaN", "55.6"]]}],
            "/service_zones/0/polygon",
        ),
        ("products/x", "kind", "magical", "/kind"),
        ("products/x", "seller", {"legal_name": "X", "country": "dk"}, "/seller/country"),
        ("products/x", "seller", {"legal_name": "X", "country": "DK", "vat_number": "?"}, "/seller/vat_number"),
        ("products/x", "terms", {"version": "a b", "texts": {"da": "x"}}, "/terms/version"),
        ("products/x", "terms", {"version": "1", "texts": {"Danish": "x"}}, "/terms/texts"),
        ("products/x", "pictures", [{"url": "http://x.example/1", "alt": "x"}], "/pictures/0/url"),
        ("products/x", "pictures", [{"url": "https://x.example/1", "alt": " "}], "/pictures/0/alt"),
        ("products/x", "pictures", [PRODUCT["pictures"][0]] * 11, "/pictures"),
        ("products/x", "policy", {"use_signals": ["a"], "rest_signals": ["a"]}, "/policy/use_signals"),
        ("products/x", "policy", {"silence_s": 0}, "/policy/silence_s"),
        ("products/x", "policy", {"grace_s": 10**18}, "/policy/grace_s"),
        ("products/x", "owning", {"purchase_price": "1.234", "life_days": 1}, "/owning/purchase_price"),
        ("assets/x", "capacity", 0, "/capacity"),
        ("assets/x", "capacity", "many", "/capacity"),
        ("assets/x", "device_id", "a b", "/device_id"),
        ("assets/x", "device_id", "lock:1", "/device_id"),
        ("assets/x", "code", "CARGO-0001", "/code"),
        ("assets/x", "capabilities", {"Child seat": "yes"}, "/capabilities"),
        ("assets/x", "condition", {"state": "new"}, "/condition/state"),
        ("assets/x", "odometer", {"reading": "1e40", "unit": "km"}, "/odometer/reading"),
        ("assets/x", "odometer", {"reading": "-1", "unit": "km"}, "/odometer/reading"),
        ("assets/x", "odometer", {"reading": "1", "unit": "Km"}, "/odometer/unit"),
        ("assets/x", "accessibility", ["low_entry", "low_entry"], "/accessibility"),
        ("assets/x", "in_service_from", "2021-02-29", "/in_service_from"),
        ("assets/x", "in_service_from", "2200-01-01", "/in_service_from"),
        ("assets/x", "in_service_from", 20210501, "/in_service_from"),
        ("assets/x", "place_id", "none", "/place_id"),
        ("assets/x", "product_id", "none", "/product_id"),
    ],
)
def test_a_field_that_cannot_be_is_refused_pointed_at_and_nothing_stored(
    partner: Partner, path: str, field: str, value: object, pointer: str | None
) -> None:
    free = {"assets": {"code": "CARGO-0002", "device_id": None}}
    whole = {"places": PLACE, "products": PRODUCT, "assets": ASSET}[path.split("/", maxsplit=1)[0]]
    reply = partner.put(f"/partner/v1/{path}", {**whole, **free.get(path.split("/", maxsplit=1)[0], {}), field: value})

    assert reply.status in (404, 409, 422), reply
    assert reply.json["pointer"] == (pointer or f"/{field}/0/polygon")
    assert partner.get(f"/partner/v1/{path}").status == 404


def test_lists_are_filtered_and_go_on_page_by_page(world: World) -> None:
    partner = world.partner("Many")
    done(partner.put("/partner/v1/places/a", PLACE))
    for product, category in (("car", "cars"), ("van", "cars"), ("drill", "tools")):
        done(partner.put(f"/partner/v1/products/{product}", {**CITY_BIKE, "category": category}))
    rows = [
        {"asset_id": f"{product}-{number}", "product_id": product, "code": f"MANY-{product.upper()}-{number}"}
        for product in ("car", "van")
        for number in range(3)
    ]
    rows[0]["place_id"] = rows[4]["place_id"] = "a"
    assert done(partner.put("/partner/v1/assets", {"assets": rows}))["stored"] == 6

    def ids(query: str, kind: str = "asset") -> tuple[list[str], str | None]:
        page = partner.read(f"/partner/v1/{kind}s?{query}")
        return [each[f"{kind}_id"] for each in page["items"]], page["next"]

    assert ids("product_id=van") == (["van-0", "van-1", "van-2"], None)
    assert ids("product_id=van&limit=2") == (["van-0", "van-1"], "van-1")
    assert ids("product_id=van&limit=2&after=van-1") == (["van-2"], None)
    assert ids("place_id=a") == (["car-0", "van-1"], None)
    assert ids("place_id=a&product_id=car") == (["car-0"], None)
    assert ids("product_id=none") == ([], None)
    assert ids("category=cars", "product") == (["car", "van"], None)
    refused(partner.get("/partner/v1/places?category=x"), 422, "query_invalid", "/category")


def test_the_history_tells_who_changed_what_and_when(world: World, partner: Partner) -> None:
    path = "/partner/v1/products/told"
    done(partner.put(path, {**PRODUCT, "ceiling": None}))
    done(partner.put(path, {**PRODUCT, "ceiling": None}))  # says nothing new
    world.later(minutes=1)
    done(partner.put(path, {**PRODUCT, "ceiling": None, "name": "Christianiacykel", "seller": None}))
    done(partner.post(f"{path}/tariffs", CITY_BIKE_TARIFF))
    last, second, first = partner.read(f"{path}/history")["items"]

    assert [each["by"] for each in (first, second, last)] == [partner.key_id] * 3
    assert first["at"] < second["at"] == last["at"] == format_instant(world.system.now())
    assert {"pointer": "/seller/country", "before": None, "after": '"DK"'} in first["changed"]
    assert {each["pointer"]: (each["before"], each["after"]) for each in second["changed"]} == {
        "/name": ('"Ladcykel"', '"Christianiacykel"'),
        "/seller/country": ('"DK"', None),
        "/seller/legal_name": ('"Cykler ApS"', None),
        "/seller/vat_number": ('"DK12345678"', None),
    }
    assert last["changed"] == [{"pointer": "/tariff_version", "before": "0", "after": "1"}]
    page = partner.read(f"{path}/history?limit=2")
    assert partner.read(f"{path}/history?limit=2&after={page['next']}")["items"] == [first]


def test_places_and_assets_have_a_history_too_and_others_see_none_of_it(partner: Partner, world: World) -> None:
    done(partner.put("/partner/v1/places/moved", PLACE))
    done(partner.put("/partner/v1/places/moved", {**PLACE, "latitude": "55.7", "hours": None}))
    own = {**ASSET, "code": "MOVED-1", "device_id": None}
    done(partner.put("/partner/v1/assets/moved", own))
    done(partner.put("/partner/v1/assets/moved", {**own, "capabilities": {"gears": "9"}, "capacity": 2}))
    place, asset = (partner.read(f"/partner/v1/{kind}/moved/history")["items"][0] for kind in ("places", "assets"))

    assert {"pointer": "/latitude", "before": '"55.6836"', "after": '"55.7"'} in place["changed"]
    assert [each["pointer"] for each in place["changed"] if each["after"] is None] == [
        f"/hours/{each}" for each in ("special", "weekly/fri", "weekly/mon", "weekly/sat")
    ]
    assert {each["pointer"]: each["after"] for each in asset["changed"]} == {
        "/capabilities/child_seat": None,
        "/capabilities/gears": '"9"',
        "/capacity": "2",
    }
    other = world.partner("Nosy")
    for kind, code in (("places", "unknown_place"), ("products", "unknown_product"), ("assets", "unknown_asset")):
        refused(other.get(f"/partner/v1/{kind}/moved/history"), 404, code)


def test_what_is_taken_out_is_not_on_offer_while_it_lasts(world: World, partner: Partner, customer: Customer) -> None:
    bike = partner.bike()
    path = f"/partner/v1/assets/{bike.lower()}/take-outs"
    quote = customer.quote(bike)
    out = done(partner.post(path, {"reason": "new tyres"}))

    problem = refused(customer.post("/mobile/v1/quotes", {"code": bike}, key=None), 409, "asset_taken_out")
    assert "reason" not in problem.get("facts", {})
    accepted = {"code": bike, "quote": quote["quote"]}
    refused(customer.post("/mobile/v1/access-sessions", accepted), 409, "asset_taken_out")
    assert partner.read(f"/partner/v1/assets/{bike.lower()}/sessions") == []
    assert customer.read("/mobile/v1/access-sessions") == []

    ended = done(partner.delete(f"{path}/{out['take_out_id']}"))
    assert (ended["ended_at"], ended["ended_by"]) == (
        format_instant(world.system.now()),
        partner.key_id,
    )
    assert done(partner.delete(f"{path}/{out['take_out_id']}")) == ended
    assert done(customer.post("/mobile/v1/access-sessions", accepted))["session_id"]


def test_a_take_out_to_come_is_listed_begins_and_ends_by_itself(
    world: World, partner: Partner, customer: Customer
) -> None:
    bike, now = partner.bike(), world.system.now()
    path = f"/partner/v1/assets/{bike.lower()}/take-outs"
    begins, ends = now + timedelta(hours=1), now + timedelta(hours=2)
    start, until = begins.isoformat(), ends.isoformat()
    made = done(partner.post(path, {"reason": "inspection", "from": start, "until": until}))
    assert [each["take_out_id"] for each in partner.read(path)["items"]] == [made["take_out_id"]]

    assert customer.quote(bike)["quote"]
    world.until(begins)
    problem = refused(customer.post("/mobile/v1/quotes", {"code": bike}, key=None), 409, "asset_taken_out")
    assert problem["facts"]["until"].startswith(until[:19])
    world.until(ends)
    assert customer.quote(bike)["quote"]
    assert done(partner.delete(f"{path}/{made['take_out_id']}"))["ended_at"] is None


def test_a_session_that_runs_is_not_touched_by_a_take_out(world: World, partner: Partner, customer: Customer) -> None:
    bike = partner.bike()
    session = customer.start(bike)
    done(partner.post(f"/partner/v1/assets/{bike.lower()}/take-outs", {"reason": "recalled"}))
    world.later(minutes=5)

    assert [each["state"] for each in partner.read(f"/partner/v1/assets/{bike.lower()}/sessions")] == ["active"]
    customer.end(session)
    refused(customer.post("/mobile/v1/quotes", {"code": bike}, key=None), 409, "asset_taken_out")


def test_take_outs_that_cannot_be_are_refused(partner: Partner) -> None:
    bike = partner.bike()
    path = f"/partner/v1/assets/{bike.lower()}/take-outs"
    for body, pointer in (
        ({"reason": " "}, "/reason"),
        ({"reason": "x", "from": "tomorrow"}, "/from"),
        ({"reason": "x", "from": "2121-01-01T00:00:00Z"}, "/from"),
        ({"reason": "x", "until": "2021-01-01T00:00:00Z"}, "/until"),
        ({"reason": "x", "until": "soon"}, "/until"),
    ):
        assert partner.post(path, body).json["pointer"] == pointer
    refused(partner.post("/partner/v1/assets/none/take-outs", {"reason": "x"}), 404, "unknown_asset")
    refused(partner.delete(f"{path}/out_1"), 404, "unknown_take_out")
    for _ in range(20):
        done(partner.post(path, {"reason": "x"}))
    refused(partner.post(path, {"reason": "x"}), 413, "too_many_take_outs")
    assert len(partner.read(path)["items"]) == 20


def test_what_is_unlimited_is_started_by_as_many_as_like(world: World, partner: Partner) -> None:
    asks_nothing = {**POLICY, "requires": [], "consents": []}
    done(partner.put("/partner/v1/products/cargo-bike", {**PRODUCT, "policy": asks_nothing}))
    if not partner.read("/partner/v1/products/cargo-bike")["tariff_version"]:
        done(partner.post("/partner/v1/products/cargo-bike/tariffs", CITY_BIKE_TARIFF))
    sessions = {world.customer().start("CARGO-0001") for _ in range(3)}

    assert {each["session_id"] for each in partner.read("/partner/v1/assets/cargo-1/sessions")} == sessions


def test_categories_are_the_operators_tree_and_partners_read_it(world: World, partner: Partner) -> None:
    path = "/finance/v1/categories"
    wide = {"names": {"da": "Køretøjer", "sv": "Fordon", "nl": "Voertuigen", "en": "Vehicles", "de": "Fahrzeuge"}}
    cars = {"names": {"en": "Cars"}, "parent": "vehicles", "eligibility": ["identity", "age:18", "driving_licence"]}
    done(world.operator.put(f"{path}/vehicles", wide))
    done(world.operator.put(f"{path}/cars", cars))
    done(world.operator.put(f"{path}/cars", {**cars, "names": {"en": "Cars", "nl": "Auto's"}}))

    shown = {"category_id": "cars", **cars, "names": {"en": "Cars", "nl": "Auto's"}}
    assert world.operator.read(f"{path}/cars") == shown
    assert partner.read("/partner/v1/categories")["items"] == world.operator.read(path)["items"]
    assert shown in partner.read("/partner/v1/categories")["items"]
    (newest, _first) = world.operator.read(f"{path}/cars/history")["items"]
    assert newest["changed"] == [{"pointer": "/names/nl", "before": None, "after": '"Auto\'s"'}]
    for body, pointer in (
        ({**cars, "parent": "none"}, "/parent"),
        ({**wide, "parent": "cars"}, "/parent"),
        ({**wide, "parent": "vehicles"}, "/parent"),
        ({**wide, "eligibility": ["age:200"]}, "/eligibility"),
        ({"names": {}}, "/names"),
    ):
        assert world.operator.put(f"{path}/vehicles", body).json["pointer"] == pointer
    refused(world.finance.put(f"{path}/vehicles", wide), 403, "right_missing")
    refused(world.operator.get(f"{path}/none"), 404, "unknown_category")
    assert (
        done(partner.put("/partner/v1/products/free", {**CITY_BIKE, "category": "no-entry"}))["category"] == "no-entry"
    )
