"""Every answer, good or bad, carries security headers and a correlation id; the mobile door is open to web apps."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.doors.callers import Caller, Reply, refused
from tests.doors.world import Customer, Partner, World

SECURE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
}
GIVEN = "app-0123456789.abc:DEF"


def answers(world: World, customer: Customer, partner: Partner, **headers: str) -> Iterator[tuple[str, Reply]]:
    """Answers of all doors: good ones, refusals of many kinds, and a failure."""
    sent = {"headers": {name.replace("_", "-"): value for name, value in headers.items()}}
    for door in ("mobile", "partner", "finance", "workers"):
        yield f"{door} document", world.nobody.get(f"/{door}/openapi.json", **sent)
    yield "done", customer.get("/mobile/v1/me", **sent)
    yield "text", customer.get("/mobile/v1/access-sessions/none/receipt.txt", **sent)
    yield "no token", world.nobody.get("/mobile/v1/me", **sent)
    yield "no key", world.nobody.get("/partner/v1/keys", **sent)
    yield "no right", world.finance.get("/finance/v1/parked", **sent)
    yield "not found", partner.get("/partner/v1/places/none", **sent)
    yield "malformed", customer.post("/mobile/v1/quotes", raw=b"{", **sent)
    yield "invalid", customer.post("/mobile/v1/quotes", {}, **sent)
    yield "no idempotency key", customer.post("/mobile/v1/access-sessions", {}, key=None, **sent)
    yield "too large", customer.post("/mobile/v1/quotes", raw=b"x" * 70_000, **sent)
    yield "media type", customer.post("/mobile/v1/quotes", {}, media_type="text/plain", **sent)
    yield "bad query", customer.get("/mobile/v1/me?x=1", **sent)
    yield "webhook", world.nobody.post("/workers/v1/stripe/webhooks", raw=b"{}", key=None, **sent)


def test_every_answer_carries_the_security_headers(world: World, customer: Customer, partner: Partner) -> None:
    seen = {reply.status for _, reply in answers(world, customer, partner)}
    for what, reply in answers(world, customer, partner):
        assert {name: reply.headers.get(name) for name in SECURE} == SECURE, what

    assert seen >= {200, 400, 401, 403, 404, 413, 415, 422}


def test_every_answer_carries_a_correlation_id_of_its_own(world: World, customer: Customer, partner: Partner) -> None:
    ids = [reply.headers["x-correlation-id"] for _, reply in answers(world, customer, partner)]

    assert all(8 <= len(each) <= 64 for each in ids)
    assert len(set(ids)) == len(ids)


def test_the_callers_own_correlation_id_comes_back_in_every_answer(
    world: World, customer: Customer, partner: Partner
) -> None:
    """
    In its header, and in the problem where there is one: that is what a caller's log is searched by.
    """
    for what, reply in answers(world, customer, partner, X_Correlation_Id=GIVEN):
        assert reply.headers["x-correlation-id"] == GIVEN, what
        if reply.status >= 400:
            assert reply.json["correlation_id"] == GIVEN, what


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", '{"forged": "line"}', "a" * 8 + "%0a", "ümlaut-id"])
def test_a_correlation_id_that_cannot_be_logged_is_replaced(customer: Customer, given: str) -> None:
    assert customer.get("/mobile/v1/me", headers={"X-Correlation-Id": given}).headers["x-correlation-id"] != given


def test_a_failure_shows_nothing_of_its_innards(
    world: World, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A clear problem, with the id by which the failure is found.
    """

    def fail() -> None:
        raise RuntimeError("secret of aino@example.com")

    with monkeypatch.context() as patched:
        patched.setattr(world.system.doors["mobile"].module.wired, "now", fail)
        reply = customer.get("/mobile/v1/me")

    refused(reply, 500, "internal_error")
    assert set(reply.json) == {"type", "title", "status", "code", "correlation_id"}
    assert {name: reply.headers.get(name) for name in SECURE} == SECURE
    assert reply.headers["access-control-allow-origin"] == "*"
    assert customer.get("/mobile/v1/me").status == 200


def preflight(caller: Caller, path: str, method: str) -> tuple[int, dict[str, str]]:
    address = urlsplit(caller.base)
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,idempotency-key,x-correlation-id,content-type",
    }
    with closing(http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)) as connection:
        connection.request("OPTIONS", path, headers=asked)
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}


def test_a_web_app_may_call_every_route_of_the_mobile_door(world: World) -> None:
    """
    The browser asks first (preflight), with the headers that the API needs.
    """
    for path, methods in world.nobody.read("/mobile/openapi.json")["paths"].items():
        for method in methods:
            status, headers = preflight(
                world.nobody, f"/mobile{path.replace('{', '').replace('}', '')}", method.upper()
            )
            assert status in (200, 204), path
            assert headers["access-control-allow-origin"] == "*"
            assert method.upper() in headers["access-control-allow-methods"].split(",")
            allowed = headers["access-control-allow-headers"].lower().split(",")
            assert {"authorization", "content-type", "idempotency-key", "x-correlation-id"} <= set(allowed)
            assert "access-control-allow-credentials" not in headers


def test_answers_of_the_mobile_door_may_be_read_by_a_web_app_refusals_too(
    world: World, customer: Customer, partner: Partner
) -> None:
    for what, reply in answers(world, customer, partner, Origin="https://app.example"):
        mobile = what in {
            "mobile document",
            "done",
            "text",
            "no token",
            "malformed",
            "invalid",
            "too large",
            "media type",
        }
        if mobile:
            assert reply.headers.get("access-control-allow-origin") == "*", what


def test_a_web_app_can_read_the_headers_that_it_needs(customer: Customer) -> None:
    """
    A script sees only the headers that the answer exposes: the correlation id, and whether it is a repeat.
    """
    exposed = customer.get("/mobile/v1/me").headers.get("access-control-expose-headers", "").lower()

    assert {"x-correlation-id", "idempotency-replayed"} <= {each.strip() for each in exposed.split(",")}


@pytest.mark.parametrize("path", ["/partner/v1/keys", "/finance/v1/exports", "/workers/v1/stripe/webhooks"])
def test_no_other_door_may_be_called_from_a_web_page(world: World, path: str) -> None:
    status, headers = preflight(world.nobody, path, "GET")

    assert status >= 400
    assert "access-control-allow-origin" not in headers
    assert "access-control-allow-origin" not in world.nobody.get(path).headers
