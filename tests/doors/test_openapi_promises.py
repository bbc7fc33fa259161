"""What a client makes of a document: where to call, how to come in, what to send, which refusals to be ready for."""

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from chalicelib.edge.cloudevents import Rows
from chalicelib.kernel.errors import Refusal
from tests.doors.callers import BATCH, SINGLE, Caller, Json, done
from tests.doors.test_openapi import faults
from tests.doors.test_rights import FINANCE
from tests.doors.world import Customer, Partner, World

DOORS = ("mobile", "partner", "finance", "workers")


@pytest.fixture(scope="module")
def documents(world: World) -> dict[str, Json]:
    return {door: world.nobody.read(f"/{door}/openapi.json") for door in DOORS}


def address_of(document_at: str, document: Json, path: str) -> str:
    """Where a client calls: the server's address, relative to the document's, and the path behind it."""
    (server,) = document["servers"]
    return urljoin(document_at, server["url"]).rstrip("/") + path


def operations(document: Json) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.mark.parametrize("door", DOORS)
def test_the_document_leads_back_to_itself_wherever_it_lies(
    world: World, documents: dict[str, Json], door: str
) -> None:
    here = f"{world.system.address}/{door}/openapi.json"
    deployed = "https://abc123.execute-api.eu-north-1.amazonaws.com/api/openapi.json"

    assert address_of(here, documents[door], "/openapi.json") == here
    assert address_of(deployed, documents[door], "/openapi.json") == deployed


def test_a_call_to_the_address_that_the_document_tells_is_answered(
    world: World, documents: dict[str, Json], customer: Customer, partner: Partner, code: str
) -> None:
    for door, method, path, caller, body in (
        ("mobile", "POST", "/v1/quotes", customer, {"code": code}),
        ("partner", "GET", "/v1/keys", partner, None),
        ("finance", "GET", "/v1/exports", world.finance, None),
    ):
        assert (method, path) in operations(documents[door])
        address = address_of(f"{world.system.address}/{door}/openapi.json", documents[door], path)
        assert address.startswith(world.system.address)
        done(caller.ask(method, urlsplit(address).path, body, key=None))


def test_one_event_and_a_batch_of_them_are_told_apart(
    world: World, documents: dict[str, Json], customer: Customer, partner: Partner, code: str
) -> None:
    content = documents["partner"]["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    event = world.event(customer.start(code), signal="docked")

    assert content[SINGLE]["schema"] == {"$ref": "#/components/schemas/CloudEvent"}
    assert content[BATCH]["schema"] == {"type": "array", "items": {"$ref": "#/components/schemas/CloudEvent"}}
    assert done(partner.post("/partner/v1/events", event, media_type=SINGLE, key=None))["events"]
    assert done(partner.post("/partner/v1/events", [event], media_type=BATCH, key=None))["events"]


@pytest.mark.parametrize("door", DOORS)
def test_each_body_has_an_example_that_fits_its_schema_and_can_be_read(
    world: World, documents: dict[str, Json], door: str
) -> None:
    """
    Where a body is read into its shape, the example is; a tariff by what reads tariffs.
    """
    reads = {(each.method, each.path): each for each in world.system.doors[door].app.operations}
    for route, operation in operations(documents[door]).items():
        for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
            if media_type.startswith("text/"):
                continue
            assert faults(documents[door], body["schema"], body["example"]) == [], route
            read = reads[route].body(json.dumps(body["example"]).encode(), {"content-type": media_type})
            assert [row for row in read if isinstance(row[1], Refusal)] == [] if isinstance(read, Rows) else read


def test_a_partner_comes_in_by_either_way_that_is_told(documents: dict[str, Json], partner: Partner) -> None:
    ways = documents["partner"]["components"]["securitySchemes"]
    headers = {
        "apiKey": {ways["apiKey"]["name"]: str(partner.token)},
        "bearer": {"Authorization": f"Bearer {partner.token}"},
    }

    assert set(ways) == set(headers)
    for (method, path), operation in operations(documents["partner"]).items():
        if operation["security"]:
            assert operation["security"] == [{"apiKey": []}, {"bearer": []}], (method, path)
    for header in headers.values():
        done(Caller(partner.base).get("/partner/v1/keys", headers=header))


def test_the_groups_of_staff_that_may_are_told_of_each_route(documents: dict[str, Json]) -> None:
    told = {
        route: {group for way in operation["security"] for group in way["staff"]}
        for route, operation in operations(documents["finance"]).items()
        if operation["security"]
    }

    assert told == FINANCE


def test_customers_come_in_by_their_token_and_stripe_by_its_signature(documents: dict[str, Json]) -> None:
    for (_, path), operation in operations(documents["mobile"]).items():
        assert operation["security"] == ([] if path == "/openapi.json" else [{"customer": []}])
    webhook = documents["workers"]["paths"]["/v1/stripe/webhooks"]["post"]
    assert webhook["security"] == [{"stripe": []}]
    assert documents["workers"]["components"]["securitySchemes"]["stripe"]["name"] == "Stripe-Signature"


def takes_header(operation: dict[str, Any], name: str) -> bool:
    return any(each["in"] == "header" and each["name"] == name for each in operation["parameters"])


def test_a_language_is_taken_by_what_has_words_and_by_nothing_else(documents: dict[str, Json]) -> None:
    with_words = {
        (door, *route)
        for door in ("mobile", "finance")
        for route, operation in operations(documents[door]).items()
        if route[1].endswith((".txt", ".html", "/report/{month}"))
        or any(each["name"] == "words" for each in operation["parameters"])
    }
    told = {
        (door, *route)
        for door in DOORS
        for route, operation in operations(documents[door]).items()
        if takes_header(operation, "Accept-Language")
    }

    assert len(with_words) == 21
    assert told == with_words
    assert "da, sv, nl, en" in documents["mobile"]["info"]["description"]


@pytest.mark.parametrize("door", DOORS)
def test_each_refusal_that_the_way_of_asking_brings_is_told(documents: dict[str, Json], door: str) -> None:
    """
    The rest is held against every answer that the doors' tests get, see heard.py.
    """
    for (method, path), operation in operations(documents[door]).items():
        told, body = set(operation["responses"]), "requestBody" in operation
        needed = {"422", "default"}
        if path != "/openapi.json":
            needed |= {"429", "503"}
        needed |= {"400", "413", "415"} if body else set()
        needed |= {"400"} if takes_header(operation, "Idempotency-Key") else set()
        needed |= {"401"} if operation["security"] and door != "workers" else set()
        assert needed <= told, (method, path)
        assert ("401" in told) == (bool(operation["security"]) and door != "workers"), (method, path)
        assert ("415" in told) <= (body or door == "workers"), (method, path)


def test_who_has_not_signed_up_is_refused_where_that_is_told_and_nowhere_else(
    world: World, documents: dict[str, Json]
) -> None:
    visitor, asked = world.visitor(), 0
    for (method, path), operation in operations(documents["mobile"]).items():
        needs_query = any(each["in"] == "query" and each["required"] for each in operation["parameters"])
        if "requestBody" in operation or needs_query or path == "/openapi.json":
            continue
        reply = visitor.ask(method, f"/mobile{path.format_map(_Some())}")
        assert (reply.status == 403) == ("403" in operation["responses"]), (method, path, reply)
        asked += 1
    assert asked > 20
    assert "403" not in documents["mobile"]["paths"]["/v1/me/link"]["post"]["responses"]
    for looking in (
        "/v1/offers?near=5,5",
        "/v1/calendar?code=NONE&from=2021-06-01T08:00:00Z&until=2021-06-01T10:00:00Z",
    ):
        assert visitor.get(f"/mobile{looking}").status in (200, 404)
        assert "403" not in documents["mobile"]["paths"][looking.partition("?")[0]]["get"]["responses"]


class _Some(dict[str, str]):
    """Something for each path parameter."""

    def __missing__(self, name: str) -> str:
        return {"month": "2021-05"}.get(name, "1")


def test_what_needs_a_payment_in_order_says_so_and_refuses_who_has_none(
    world: World, documents: dict[str, Json], code: str
) -> None:
    told = {path for (_, path), operation in operations(documents["mobile"]).items() if "402" in operation["responses"]}
    customer = world.customer(card=None)
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}

    for path in ("/v1/access-sessions", "/v1/reservations"):
        assert path in told
        assert customer.post(f"/mobile{path}", accepted).status == 402
