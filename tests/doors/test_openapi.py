"""Each door's document is valid, complete, and true: real answers are what it says."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry

from chalicelib.billing.stripe_calls import StripeCalls
from infra.local.stripe_keys import key_of
from infra.local.tariffs import CITY_BIKE_TARIFF
from tests.doors import test_catalogue as catalogue
from tests.doors.callers import BATCH, Caller, Json, Reply
from tests.doors.documented_accounts import mobile_accounts
from tests.doors.documented_acts import acted_on
from tests.doors.documented_charges import finance_charges, mobile_charges, partner_charges
from tests.doors.documented_closes import finance_closes
from tests.doors.documented_disputes import finance_disputes
from tests.doors.documented_entitlements import entitled
from tests.doors.documented_money import finance_money, mobile_methods, mobile_money, mobile_statement
from tests.doors.documented_own_data import own_data
from tests.doors.documented_shares import finance_shares, partner_shares
from tests.doors.documented_starts import asks_something, book_and_start, waited_for, what_is_near
from tests.doors.documented_subscriptions import finance_plans, mobile_subscriptions, partner_members
from tests.doors.documented_usage import partner_usage
from tests.doors.world import Customer, Partner, World

DOORS = ("mobile", "partner", "finance", "workers")
TALK_WITH_STRIPE = {
    ("POST", "/v1/me/payment-methods"),
    ("GET", "/v1/me/payment-methods"),
    ("PUT", "/v1/me/payment-methods/{method_id}/default"),
    ("DELETE", "/v1/me/payment-methods/{method_id}"),
    ("POST", "/v1/wallet/top-ups"),
    ("POST", "/v1/wallet/gifts"),
    ("POST", "/v1/scans"),
}
"""Of all that a customer does here: what is about methods, what is paid at once, and a scan that starts with a hold.

Other starts hold nothing here, and talk with nobody; nor does the confirmation of a hold that there is not.
"""
HOUR = {"start": "2021-04-10T10:00:00Z", "end": "2021-04-10T11:00:00Z"}
SIMULATIONS: list[dict[str, Any]] = [
    {
        "now": CITY_BIKE_TARIFF,
        "customers": [
            {
                "customer": "aino",
                "billed": {"amount": "1.50", "currency": "EUR"},
                "uses": [
                    {
                        "started_at": HOUR["start"],
                        "ended_at": HOUR["end"],
                        "quantities": {"km": "5"},
                        "events": [{"id": "e", "meter": "use_seconds", "value": "2000", "time": HOUR["start"]}],
                        "needs": [{"state": "kept", **HOUR, "evidence": ["e"]}],
                    }
                ],
            }
        ],
    },
    {"month": "2021-04", "product_id": "city-bike", "limit": 5, "lines": True},
]


@pytest.fixture(scope="module")
def documents(world: World) -> dict[str, Json]:
    return {door: world.nobody.read(f"/{door}/openapi.json") for door in DOORS}


@pytest.fixture(scope="module")
def crawled() -> Iterator[None]:
    """At each dynamic reference the validator looks through all of OpenAPI's schema, and forgets what it has found."""
    kept: dict[int, tuple[Any, Any]] = {}
    crawl: Callable[[Any], Any] = Registry.crawl

    def once(registry: Any) -> Any:  # noqa: ANN401 -- generic over schemas
        if id(registry) not in kept:
            kept[id(registry)] = registry, crawl(registry)  # with itself, so that its id stays its own
        return kept[id(registry)][1]

    with patch.object(Registry, "crawl", once):
        yield


@pytest.mark.usefixtures("crawled")
@pytest.mark.parametrize("door", DOORS)
def test_the_document_is_valid_openapi_3_1(documents: dict[str, Json], door: str) -> None:
    assert documents[door]["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(documents[door]).iter_errors()] == []


@pytest.mark.parametrize("door", DOORS)
def test_the_document_has_every_route_of_the_app_and_no_others(
    world: World, documents: dict[str, Json], door: str
) -> None:
    app = {(path, method) for path, methods in world.system.doors[door].app.routes.items() for method in methods}
    paths = documents[door]["paths"]

    assert {(path, method.upper()) for path, methods in paths.items() for method in methods} == app


@pytest.mark.parametrize("door", DOORS)
def test_every_operation_says_what_it_is_what_it_answers_and_how_it_refuses(
    documents: dict[str, Json], door: str
) -> None:
    seen = set()
    for path, methods in documents[door]["paths"].items():
        for method, operation in methods.items():
            assert len(operation["summary"]) > 5, (method, path)
            seen.add(operation["operationId"])
            good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            assert good
            assert all(answer == good[0] for answer in good)
            assert path == "/openapi.json" or good[0]["content"], (method, path)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert ("requestBody" in operation) <= (method in ("post", "put")), (method, path)

    assert len(seen) == sum(len(methods) for methods in documents[door]["paths"].values())


@pytest.mark.parametrize("kind", ["places", "products", "assets"])
def test_the_document_says_that_imports_come_as_csv_too(documents: dict[str, Json], kind: str) -> None:
    content = documents["partner"]["paths"][f"/v1/{kind}"]["put"]["requestBody"]["content"]

    assert set(content) == {"application/json", "text/csv"}
    assert content["text/csv"]["schema"]["type"] == "string"


def closed(schema: Json) -> Json:
    """The same schema, where an object has no members but those that it names."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **found} if "properties" in found else found


def faults(document: Json, schema: Json, value: Json) -> list[str]:
    whole = {"components": closed(document["components"]), **closed(schema)}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


class Checked:
    """Calls a door and holds each answer against the document."""

    def __init__(self, door: str, document: dict[str, Any], caller: Caller) -> None:
        self.door, self.document, self.caller = door, document, caller
        self.called: set[tuple[str, str]] = set()
        self.heard: list[str] = []
        self.talked: set[tuple[str, str]] = set()

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take note of which operations have the door itself talk with Stripe: by its key, for workers have another."""
        made = StripeCalls._made

        def noted(calls: StripeCalls, call: Callable[[], Any]) -> Any:  # noqa: ANN401 -- as it is
            if calls._api_key == key_of(self.door):
                self.heard.append(self.door)
            return made(calls, call)

        monkeypatch.setattr(StripeCalls, "_made", noted)

    def __call__(
        self, method: str, path: str, body: object = None, *, media_type: str = "application/json", **ids: str
    ) -> Json:
        """`path` as in the document, with its parameters beside it."""
        path, _, query = path.partition("?")
        operation = self.document["paths"][path][method.lower()]
        asked = f"/{self.door}{path.format(**ids)}{'?' if query else ''}{query}"
        self.heard.clear()
        reply = self.caller.ask(method, asked, body, media_type=media_type)
        self.called.add((method, path))
        self.talked |= {(method, path)} if self.heard else set()
        self.heard.clear()
        if body is not None and reply.status < 400:
            shape = operation["requestBody"]["content"][media_type]["schema"]
            assert faults(self.document, shape, body) == [], (method, path)
        return self.fits(operation, reply)

    def left_out(self) -> set[tuple[str, str]]:
        """Operations that were not called."""
        paths = self.document["paths"]
        return {(method.upper(), path) for path, methods in paths.items() for method in methods} - self.called

    def fits(self, operation: Json, reply: Reply) -> Json:
        answers = operation["responses"]
        assert str(reply.status) in answers, reply
        if "content-language" in reply.headers:
            assert any(each["name"] == "Accept-Language" for each in operation["parameters"])
        content = answers[str(reply.status)]["content"]
        ((media_type, shown),) = content.items()
        assert reply.headers["content-type"] == media_type
        value = reply.json if "json" in media_type else reply.content.decode()
        assert faults(self.document, shown["schema"], value) == [], reply
        return value


def reserve_and_start(call: Checked, code: str) -> None:
    """The one is taken up, the other given up."""
    for what, body in (("start", {"code": code}), ("cancel", None)):
        quote = call("POST", "/v1/quotes", {"code": code})["quote"]
        held = call("POST", "/v1/reservations", {"code": code, "quote": quote})["session_id"]
        assert call("GET", "/v1/reservations")[0]["reserved_until"]
        call("POST", f"/v1/reservations/{{session_id}}/{what}", body, session_id=held)
        if what == "start":
            call("POST", "/v1/access-sessions/{session_id}/end", session_id=held)


def shared_with(call: Checked, member: Customer, code: str) -> None:
    """The holder invites, the member looks, joins, sees and leaves."""
    holder, session = call.caller, str(call("POST", "/v1/quotes", {"code": code})["quote"])
    session = call("POST", "/v1/access-sessions", {"code": code, "quote": session})["session_id"]
    shares = {"weight": 2, "own_weight": 3}
    token = call("POST", "/v1/access-sessions/{session_id}/sharing", shares, session_id=session)["invitation"]
    call.caller = member
    assert call("POST", "/v1/shared-sessions/invitation", {"invitation": token})["weights"] == 5
    call("POST", "/v1/shared-sessions", {"invitation": token, "most": "1.00"})
    one = "/v1/shared-sessions/{session_id}"
    call("POST", f"{one}/leave", session_id=session)
    assert call("GET", one, session_id=session)["parts"][1]["left"]
    call.caller = holder
    call("POST", "/v1/access-sessions/{session_id}/end", session_id=session)


def test_real_answers_of_the_mobile_door_are_what_its_document_says_and_few_of_its_routes_talk_with_stripe(
    world: World, documents: dict[str, Json], partner: Partner, vans: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.customer("pm_card_chargeCustomerFail")
    call, code = Checked("mobile", documents["mobile"], customer), partner.bike()
    call.listen(monkeypatch)
    what_is_near(world, call, partner)
    asks_something(world, call, partner)
    quote = call("POST", "/v1/quotes", {"code": code, "need": {"use_seconds": "1200"}})
    session = call("POST", "/v1/access-sessions", {"code": code, "quote": quote["quote"]})["session_id"]
    partner.report(world.event(session, signal="unlocked", place="somewhere"))
    world.later(minutes=40)
    one = "/v1/access-sessions/{session_id}"
    call("GET", "/v1/access-sessions")
    call("GET", one, session_id=session)
    acted_on(call, session, partner.bike())
    call("POST", f"{one}/end", session_id=session)
    reserve_and_start(call, code)
    book_and_start(world, call, vans)
    for path in (
        one,
        f"{one}/receipt",
        f"{one}/receipt.txt",
        f"{one}/receipt.html",
        "/v1/sessions/{session_id}/timeline",
    ):
        call("GET", path, session_id=session)
    mobile_charges(call, world, partner, session)
    shared_with(call, world.customer(), partner.bike())
    waited_for(call, world.customer(), partner.bike())
    world.until(world.system.now().replace(month=6, day=1, hour=12))
    mobile_statement(call, "2021-05")
    mobile_money(call, call("GET", "/v1/invoices")["items"][0]["invoice_id"])
    assert call("GET", "/v1/notices")["items"]
    assert call("GET", "/v1/advice")["products"]
    (made,) = call("GET", "/v1/proofs")["items"]
    assert call("GET", "/v1/proofs/{number}", number=str(made["number"]))["digest"] == made["digest"]
    mobile_methods(call)
    mobile_accounts(call, world)
    mobile_subscriptions(call, world)
    call("POST", "/v1/quotes", {"code": "NONE"})
    call("POST", "/v1/quotes", {"code": 1})
    own_data(world, call, partner, "city-bike")
    call.caller = world.visitor()
    call("POST", "/v1/me", {"terms_version": "1"})

    assert call.left_out() == {("GET", "/openapi.json")}
    assert call.talked == TALK_WITH_STRIPE


def test_real_answers_of_the_partner_door_are_what_its_document_says(
    world: World, documents: dict[str, Json], partner: Partner, customer: Customer
) -> None:
    call = Checked("partner", documents["partner"], partner)
    place = {"name": "Kaivopuisto", "latitude": "60.1557", "longitude": "24.9503", "address": "", "capacity": 3}
    whole = {"places": catalogue.PLACE, "products": catalogue.PRODUCT, "assets": catalogue.ASSET}
    call("PUT", "/v1/places/{place_id}", place, place_id="p1")
    call("PUT", "/v1/places/{place_id}", whole["places"], place_id="norreport")
    call("PUT", "/v1/products/{product_id}", whole["products"], product_id="cargo-bike")
    call("PUT", "/v1/products", {"products": [{**whole["products"], "product_id": "cargo-bike"}]})
    call("PUT", "/v1/assets/{asset_id}", {**whole["assets"], "code": "DOC-9"}, asset_id="documented")
    rows = [{**place, "place_id": "p2"}, {**place, "place_id": "p3", "latitude": "x"}]
    call("PUT", "/v1/places", {"places": rows})
    code = partner.bike()
    one = {"place": "norreport", "product": "cargo-bike", "asset": "documented"}
    for kind, named in one.items():
        call("GET", f"/v1/{kind}s/{{{kind}_id}}", **{f"{kind}_id": named})
        assert call("GET", f"/v1/{kind}s/{{{kind}_id}}/history", **{f"{kind}_id": named})["items"]
    out = call("POST", "/v1/assets/{asset_id}/take-outs", {"reason": "tyres"}, asset_id="documented")["take_out_id"]
    assert call("GET", "/v1/assets/{asset_id}/take-outs", asset_id="documented")["items"]
    call("DELETE", "/v1/assets/{asset_id}/take-outs/{take_out_id}", asset_id="documented", take_out_id=out)
    call("GET", "/v1/categories")
    rows = [{"asset_id": "a1", "product_id": "city-bike", "code": "DOC-1"}]
    rows += [{"asset_id": "a2", "product_id": "none", "code": "DOC-2"}]
    call("PUT", "/v1/assets", {"assets": rows})
    for kind in ("places", "products", "assets"):
        assert call("GET", f"/v1/{kind}")["items"]
    call("GET", "/v1/products/{product_id}", product_id="city-bike")
    call("GET", "/v1/places/{place_id}", place_id="none")
    call("GET", "/v1/bookings")
    partner_usage(call, world, session := customer.start(code))
    (open_one,) = call("GET", "/v1/assets/{asset_id}/sessions", asset_id=code.lower())
    entitled(call, code.lower(), open_one["customer"])
    assert call("GET", "/v1/sessions/{session_id}/timeline", session_id=open_one["session_id"])["entries"]
    events = [world.event(session, signal="docked"), world.used(session, -1), world.used(session, 5)]
    call("POST", "/v1/events", events[:1], media_type=BATCH)
    call.fits(documents["partner"]["paths"]["/v1/events"]["post"], partner.send(events))
    partner.report(world.event(session, signal="faulty"))
    world.settle()
    assert call("GET", "/v1/cases?state=open")["items"]
    case = call("GET", "/v1/cases/{case_id}", case_id=f"fault-{session}")["case_id"]
    call("POST", "/v1/cases/{case_id}/close", {"note": "looked at", "put_back": True}, case_id=case)
    partner_shares(call)
    partner_charges(call, world, session)
    partner_members(call, world, partner)
    key = call("POST", "/v1/keys", {"label": "documented"})
    assert len(call("GET", "/v1/keys")) == 2
    assert call("DELETE", "/v1/keys/{key_id}", key_id=key["key_id"])["revoked_at"]
    for body in SIMULATIONS:
        assert call("POST", "/v1/simulations", {"tariff": {"product_id": "city-bike", "version": 1}, **body})["summary"]


def test_real_answers_of_the_finance_door_are_what_its_document_says(world: World, documents: dict[str, Json]) -> None:
    call = Checked("finance", documents["finance"], world.staff("doc", "finance", "operator", "auditor"))
    world.until(max(world.system.now(), world.system.now().replace(month=6, day=1, hour=12)))
    made = call("POST", "/v1/partners", {"name": "Documented"})["partner"]["partner_id"]
    key = call("POST", "/v1/partners/{partner_id}/keys", {"label": "second"}, partner_id=made)["key_id"]
    call("DELETE", "/v1/partners/{partner_id}/keys/{key_id}", partner_id=made, key_id=key)
    assert len(call("GET", "/v1/partners/{partner_id}/keys", partner_id=made)) == 2
    ridden = world.ride(rider := world.customer(), (partner := world.partner()).bike(), partner, 60)
    finance_charges(call, world, partner, rider)
    assert call("GET", "/v1/sessions/{session_id}/timeline", session_id=ridden)["entries"]
    for path in ("/v1/cases", "/v1/parked", "/v1/partners?name=documented", "/v1/trial-balance"):
        call("GET", path)
    call("POST", "/v1/parked/{account_id}/{month}/release", {"note": "x"}, account_id="none", month="2021-05")
    call("POST", "/v1/closes", {"month": "2021-05"})
    world.settle()
    assert call("GET", "/v1/closes/{month}", month="2021-05")["state"] == "closed"
    finance_closes(call, world.settle)
    call("POST", "/v1/exports", {"month": "2021-05"})
    world.settle()
    assert call("GET", "/v1/exports")["items"]
    newest = call("GET", "/v1/exports/{month}", month="2021-05")[-1]
    where = {"month": "2021-05", "version": str(newest["version"]), "name": "manifest.json"}
    call("GET", "/v1/exports/{month}/{version}/{name}", **where)
    found = call("GET", "/v1/exports/{month}/{version}/partners", **where)["items"]
    own = {**where, "name": found[0]["name"].partition("/")[2]}
    call("GET", "/v1/exports/{month}/{version}/partners/{name}", **own)
    assert call("GET", "/v1/notices")["items"]
    for name in ("profit", "customer-values", "behaviour", "purchases", "recognition", "report"):
        call("GET", f"/v1/{name}/{{month}}", month="2021-05")
    call("GET", "/v1/journal/{month}", month="2021-05")
    finance_money(call)
    finance_shares(call, world.partner("Sharing").partner_id, world.customer().read("/mobile/v1/me")["account_id"])
    finance_disputes(call, world.settle)
    finance_plans(call, world)
    partner = world.partner("Simulated").partner_id
    tariff = {"partner_id": partner, "product_id": "city-bike", "version": 1}
    call("POST", "/v1/simulations", {"tariff": tariff, **SIMULATIONS[0]})
    call("POST", "/v1/simulations", {"tariff": CITY_BIKE_TARIFF, **SIMULATIONS[1], "partner_id": partner})
    caps = [{"id": "bikes", "period": "day", "amount": "12.00", "category": "bikes"}]
    call("PUT", "/v1/fare-caps/{month}", {"caps": caps}, month="2031-01")
    assert call("GET", "/v1/fare-caps/{month}", month="2031-02")["since"] == "2031-01"
    tree = {"names": {"en": "Vehicles", "de": "Fahrzeuge"}, "eligibility": ["age:18"]}
    call("PUT", "/v1/categories/{category_id}", tree, category_id="documented")
    call("GET", "/v1/categories/{category_id}", category_id="documented")
    call("GET", "/v1/categories/{category_id}/history", category_id="documented")
    assert call("GET", "/v1/categories")["items"]
    call("GET", "/v1/accounts/{account_id}/proofs", account_id="none")
    call("GET", "/v1/accounts/{account_id}/proofs/{number}", account_id="none", number="1")

    assert call.left_out() == {("GET", "/openapi.json")}
