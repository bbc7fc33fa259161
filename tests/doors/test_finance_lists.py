"""Every list of the finance door comes in pages, and says what it can be narrowed by; what is no list says why not."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.finance.closes_items import failed_record
from chalicelib.finance.closes_model import FailedAccount, FailedState
from chalicelib.finance.model import FinanceNotice
from chalicelib.finance.records import notice_record
from chalicelib.kernel.time import Month
from tests.doors.callers import done, refused
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
    "/v1/parked": {"reason", "month", "released"},
    "/v1/notices": {"code", "since", "until"},
    "/v1/partners": {"name", "since", "until"},
    "/v1/closes/{month}/failed": {"state", "code"},
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


def through(world: World, path: str) -> list[Json]:
    """All rows of a list, a row a page."""
    sign = "&" if "?" in path else "?"
    found, page = [], world.finance.read(f"{path}{sign}limit=1")
    while True:
        found += page["items"]
        if not page["next"]:
            return found
        page = world.finance.read(f"{path}{sign}limit=1&after={quote(page['next'])}")


def test_accounts_that_failed_are_narrowed_by_state_and_by_the_code_of_the_reason(world: World) -> None:
    march, path = Month(2021, 3), "/finance/v1/closes/2021-03/failed"
    done(world.finance.post("/finance/v1/closes", {"month": "2021-03"}))
    world.settle()
    waits = FailedAccount(march, "acc-1", 0, "TimeoutError", world.system.now(), 5, FailedState.FAILED)
    others = (("acc-2", "TimeoutError", FailedState.SETTLED), ("acc-3", "KeyError", FailedState.FAILED))
    for each in (waits, *(FailedAccount(march, name, 0, code, waits.at, 5, state) for name, code, state in others)):
        failed_record(each).save()

    for query, accounts in (
        ("", ["acc-1", "acc-2", "acc-3"]),
        ("?state=failed", ["acc-1", "acc-3"]),
        ("?code=TimeoutError", ["acc-1", "acc-2"]),
        ("?code=TimeoutError&state=failed", ["acc-1"]),
        ("?state=trying", []),
    ):
        assert [each["account_id"] for each in world.finance.read(path + query)["items"]] == accounts, query
        assert [each["account_id"] for each in through(world, path + query)] == accounts, query
    refused(world.finance.get(f"{path}?state=lost"), 422, "query_invalid", "/state")


def test_notices_are_narrowed_by_kind_and_time_from_an_instant_on_and_before_another(world: World) -> None:
    path, told = "/finance/v1/notices", []
    for hour, code in ((6, "export_ready"), (7, "export_refused"), (8, "export_ready")):
        at = datetime(2019, 6, 1, hour, tzinfo=UTC)
        notice_record(FinanceNotice(code, f"2019-05/{hour}", {}, at)).save()
    whole = "since=2019-06-01T00:00:00Z&until=2019-06-02T00:00:00Z"

    for query, hours in (
        (whole, ["8", "7", "6"]),
        (f"{whole}&code=export_ready", ["8", "6"]),
        (f"{whole}&code=export_refused", ["7"]),
        ("since=2019-06-01T07:00:00Z&until=2019-06-01T08:00:00Z", ["7"]),
        ("until=2019-06-01T09:00:00%2B02:00", ["6"]),
        ("until=2019-06-01T06:00:00Z", []),
    ):
        told = [each["about"].partition("/")[2] for each in world.finance.read(f"{path}?{query}")["items"]]
        assert told == hours, query
        assert [each["about"].partition("/")[2] for each in through(world, f"{path}?{query}")] == hours, query
    for name in ("since", "until"):
        refused(world.finance.get(f"{path}?{name}=yesterday"), 422, "not_an_instant", f"/{name}")
    refused(world.finance.get(f"{path}?code=export_lost"), 422, "query_invalid", "/code")
