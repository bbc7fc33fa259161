"""Every list of the finance door comes in pages, and says what it can be narrowed by; what is no list says why not."""

from typing import Any

import pytest

from tests.doors.callers import refused
from tests.doors.world import World

Json = Any
BOUNDED = {
    "/v1/exports/{month}": "versions of a month, each of which somebody has asked for",
    "/v1/fare-caps/{month}": "caps that the operator has stated",
    "/v1/comparisons/{date}": "comparisons of a day, each with no more than the first differences",
    "/v1/partners/{partner_id}/keys": "keys that the operator has given",
    "/v1/partners/{partner_id}/shares": "rules that finance has set",
    "/v1/partners/{partner_id}/statements/{month}": "lines by product",
    "/v1/tax-rates/{month}": "rates that finance has stated",
    "/v1/collection": "turns of one switch",
    "/v1/sellers": "sellers that finance has stated",
    "/v1/selling": "who sells what, as finance has named it",
    "/v1/trial-balance": "ledger accounts; those of customers are one",
    "/v1/accounts/{account_id}/payment-term": "terms that finance has set",
    "/v1/accounts/{account_id}/wallet": "lots with something in them, and the newest movements",
    "/v1/sessions/{session_id}/timeline": "one session",
    "/v1/outside-refunds/{refund_id}": "one",
    "/v1/trace": "what one thing is part of, the first of each kind",
    "/v1/categories/{category_id}": "one",
    "/v1/plans/{plan_id}": "one",
    "/v1/plans/{plan_id}/announcements": "announcements that the operator has made",
}
"""What shows something several times and has no pages, with what bounds it."""
_TOLD_APART = ("category", "partner", "product", "stage")
NARROWED = {
    "/v1/audit": {"month", "kind", "who", "whose"},
    "/v1/disputes": {"state"},
    "/v1/charges": {"state"},
    "/v1/cases": {"state"},
    "/v1/subscriptions": {"plan", "state"},
    "/v1/reconciliation/{month}": {"cause", "run"},
    **{f"/v1/{each}/{{month}}": {"by", *_TOLD_APART} for each in ("profit", "behaviour", "customer-values")},
}


@pytest.fixture(scope="module")
def reads(world: World) -> dict[str, Json]:
    """All reads that answer JSON, by path."""
    document = world.nobody.read("/finance/openapi.json")
    found = {}
    for path, methods in document["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if path.startswith("/v1/") and "application/json" in content:
            found[path] = methods["get"] | {"shown": content["application/json"]["schema"]}
    assert len(found) > 40
    return {**found, "schemas": document["components"]["schemas"]}


def several(schema: Json, schemas: Json) -> bool:
    """Whether the answer is a list, or has one in it."""
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = schemas[name] if name else schema
    if schema.get("type") == "array":
        return True
    inside = list(schema.get("properties", {}).values())
    either = [each for name in ("anyOf", "allOf", "oneOf") for each in schema.get(name, [])]
    return any(each.get("type") == "array" for each in inside) or any(several(each, schemas) for each in either)


def named(route: Json) -> set[str]:
    return {each["name"] for each in route.get("parameters", []) if each["in"] == "query"}


def test_each_read_of_several_things_has_pages_or_something_that_bounds_it(reads: dict[str, Json]) -> None:
    schemas = reads["schemas"]
    lists = {path for path, route in reads.items() if path != "schemas" and several(route["shown"], schemas)}
    paged = {path for path in reads if path != "schemas" and named(reads[path]) >= {"limit", "after"}}

    assert lists - paged == BOUNDED.keys()
    assert {"/v1/journal/{month}", "/v1/parked", "/v1/exports", "/v1/notices", "/v1/audit"} <= paged


def test_lists_are_narrowed_by_what_they_are_told_apart_by(reads: dict[str, Json]) -> None:
    for path, names in NARROWED.items():
        assert named(reads[path]) >= names, path


def test_no_list_takes_a_page_beyond_its_bounds_or_a_word_that_it_does_not_know(
    world: World, reads: dict[str, Json]
) -> None:
    """
    Each of them, as somebody who may read all: nothing is shown of a list that was asked for wrongly.
    """
    caller = world.staff("all", "finance", "operator", "auditor")
    for path in (path for path in reads if path != "schemas" and named(reads[path]) >= {"limit", "after"}):
        known = path.replace("{month}", "2021-05").replace("{", "no-").replace("}", "")
        for query, pointer in (("limit=0", "/limit"), ("limit=5001", "/limit"), ("luck=1", "/luck")):
            refused(caller.get(f"/finance{known}?{query}"), 422, "query_invalid", pointer)
