"""One structured line a request: what happened, how long it took; no token, key, address, path, query or body."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.edge.reacting import TOPICS
from tests.doors.callers import BATCH, Json
from tests.doors.world import Customer, Partner, World


class Kept(logging.Handler):
    """Keeps each line as it would be written, and every part of its record."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.everything = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        self.everything += f"{self.format(record)} {record.args} {record.exc_text or ''}\n"

    def structured(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines if line.startswith('{"door"')]


@pytest.fixture
def log() -> Iterator[Kept]:
    """What the doors' loggers say, Chalice's own included."""
    kept = Kept()
    names = ["adgang", *(f"adgang-{door}" for door in ("mobile", "partner", "finance", "workers"))]
    loggers = [logging.getLogger(name) for name in names]
    before = [each.level for each in loggers]
    for each in loggers:
        each.addHandler(kept)
        each.setLevel(logging.DEBUG)
    yield kept
    for each, level in zip(loggers, before, strict=True):
        each.removeHandler(kept)
        each.setLevel(level)


def test_a_request_is_one_line_with_what_happened(log: Kept, customer: Customer) -> None:
    log.lines.clear()
    customer.get("/mobile/v1/access-sessions/ses_none", headers={"X-Correlation-Id": "mine-0001"})

    (line,) = log.structured()
    assert {name: line[name] for name in ("door", "route", "status", "outcome", "correlation_id")} == {
        "door": "mobile",
        "route": "GET /v1/access-sessions/{session_id}",
        "status": 404,
        "outcome": "unknown_session",
        "correlation_id": "mine-0001",
    }
    assert line["ms"] > 0
    assert line["capacity_units"] > 0


REQUESTS: dict[str, Callable[[Customer, Partner, World], object]] = {
    "done": lambda customer, _partner, _world: customer.get("/mobile/v1/me"),
    "refused": lambda customer, _partner, _world: customer.post("/mobile/v1/quotes", {"code": "x"}),
    "malformed": lambda customer, _partner, _world: customer.post("/mobile/v1/quotes", raw=b"{"),
    "media type": lambda customer, _partner, _world: customer.post("/mobile/v1/quotes", {}, media_type="text/plain"),
    "no token": lambda _customer, _partner, world: world.nobody.get("/mobile/v1/me"),
    "no right": lambda _customer, _partner, world: world.finance.get("/finance/v1/parked"),
    "events": lambda _customer, partner, _world: partner.send([]),
    "document": lambda _customer, _partner, world: world.nobody.get("/partner/openapi.json"),
    "webhook": lambda _customer, _partner, world: world.nobody.post("/workers/v1/stripe/webhooks", raw=b"{}"),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_each_request_is_exactly_one_structured_line(
    log: Kept, customer: Customer, partner: Partner, world: World, kind: str
) -> None:
    log.lines.clear()

    reply: Json = REQUESTS[kind](customer, partner, world)

    assert [(line["status"], line["correlation_id"]) for line in log.structured()] == [
        (reply.status, reply.headers["x-correlation-id"])
    ]
    assert len(log.lines) == 1


def test_nothing_that_is_secret_or_personal_is_logged(
    log: Kept, world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A customer's and a partner's whole way, refusals and a failure among it, with marks in each place.
    """
    customer = world.customer()
    session = world.ride(customer, partner.bike(), partner, 60)
    customer.get("/mobile/v1/invoices?after=MARK-query")
    customer.get("/mobile/v1/access-sessions/MARK-path")
    customer.post("/mobile/v1/quotes", {"code": "MARK-CODE", "need": {}}, key="MARK-idempotency")
    customer.post("/mobile/v1/quotes", {"MARK-field": "MARK-body"})
    partner.post("/partner/v1/events", [{"id": "MARK-event"}], media_type=BATCH, key=None)
    world.nobody.get("/mobile/v1/me", headers={"Authorization": "Bearer MARK-token", "User-Agent": "MARK-agent"})
    world.nobody.get("/partner/v1/keys", headers={"X-Api-Key": "adg_test_MARK-key", "X-Correlation-Id": "MARK mark"})

    def fail() -> None:
        raise RuntimeError("MARK-innards of aino@example.com")

    with monkeypatch.context() as patched:
        patched.setattr(world.system.doors["mobile"].module.wired, "now", fail)
        assert customer.get("/mobile/v1/me").status == 500

    assert log.structured()
    me = customer.read("/mobile/v1/me")
    secrets = ["MARK", "@", "eyJ", "adg_test_", "Bearer", str(customer.token), str(partner.token), session]
    for secret in [*secrets, me["customer_id"], me["account_id"], partner.partner_id]:
        assert secret not in log.everything, secret


def test_a_worker_that_fails_logs_no_text_of_the_failure(
    log: Kept, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A sign-up whose worker fails once, with an address in the error; it is tried again, and works.
    """
    real, failures = TOPICS["customers.sign_up"], iter([RuntimeError("MARK of aino@example.com")])

    def once(facts: object, wired: object) -> None:
        for failure in failures:
            raise failure
        real(facts, wired)

    monkeypatch.setitem(TOPICS, "customers.sign_up", once)  # type: ignore[arg-type]

    assert world.customer().read("/mobile/v1/me")["payment"] == "in_order"

    assert '"worker": "outbox"' in log.everything
    assert "RuntimeError" in log.everything
    assert "MARK" not in log.everything
    assert "@" not in log.everything
