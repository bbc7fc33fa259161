"""The whole system in one process: what the other tests and the demo stand on."""

import http.client
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.storage.record import Database
from infra.local.aws import LiveKeyError
from infra.local.clock import BackwardsError
from infra.local.event_sources import EventSource
from infra.local.stripe_double.stripe_js import save_card
from infra.local.system import SeededBytes, System
from infra.local.workers import Backlog, NeverQuietError

MAY = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)


class Caller:
    """Calls the system as an app does."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.token = ""
        self.acts = 0

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        address = urlsplit(self.system.address)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        self.acts += 1
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": f"test-system-{self.acts:04d}"}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if "json" in answer.headers["Content-Type"] else content
        finally:
            connection.close()

    def sign_in(self, email: str = "aino@example.com") -> "Caller":
        self.token = self("POST", "/local/sign-in", {"email": email})[1]["access_token"]
        return self


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System.start(seed="test", start_at=MAY) as running:
        yield running


@pytest.fixture
def call(system: System) -> Caller:
    return Caller(system)


def test_the_overview_says_what_is_where(call: Caller, system: System) -> None:
    status, shown = call("GET", "/")

    assert status == 200
    assert set(shown["doors"]) == {"mobile", "partner", "finance", "workers"}
    assert call("GET", "/local")[1] == shown
    for address in shown["doors"].values():
        assert call("GET", urlsplit(address).path)[1]["openapi"].startswith("3.1")
    assert shown["stripe"]["api_base"] == system.address + "/stripe"


def test_a_customer_signs_up_and_saves_a_card_and_the_workers_hear_of_it(call: Caller, system: System) -> None:
    """
    Through everything: a real token, the outbox's stream, Stripe's double over the SDK, its signed webhook, the inbox.
    """
    call.sign_in()
    assert call("POST", "/mobile/v1/me", {"terms_version": "1", "language": "fi"})[0] == 202
    assert system.drain() >= 1
    assert call("GET", "/mobile/v1/me")[1]["payment"] == "card_needed"

    setup = call("POST", "/mobile/v1/me/payment-methods")[1]
    stripe = call("GET", "/local")[1]["stripe"]
    save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"])
    assert call("POST", "/local/settle")[1]["handled"] >= 1

    assert call("GET", "/mobile/v1/me")[1]["payment"] == "in_order"
    assert system.drain() == 0


@pytest.mark.parametrize("path", ["/mobile/v1/me", "/finance/v1/closes/2021-05", "/partner/v1/assets/a/sessions"])
def test_no_door_opens_without_its_own_key(call: Caller, path: str) -> None:
    call.token = "forged.token.here"

    assert call("GET", path)[0] == 401


def test_a_customers_token_opens_no_door_of_staff(call: Caller) -> None:
    call.sign_in()

    assert call("GET", "/finance/v1/closes/2021-05")[0] == 401


def test_staff_sign_in_with_their_groups(call: Caller) -> None:
    call.token = call("POST", "/local/staff-sign-in", {"name": "maija", "groups": ["finance"]})[1]["access_token"]

    assert call("GET", "/finance/v1/closes/1999-01")[0] != 401
    assert call("GET", "/mobile/v1/me")[0] == 401


def test_every_call_to_aws_is_noted_for_the_door_that_made_it(system: System, call: Caller) -> None:
    call.sign_in("noted@example.com")
    call("GET", "/mobile/v1/me")

    assert ("mobile", "dynamodb:GetItem", "customers") in system.calls.recorded()
    assert all(door in {"mobile", "partner", "finance", "workers"} for door, _, _ in system.calls.recorded())


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/local/sign-in", {}, 400),
        ("POST", "/local/sign-in", {"email": "nobody"}, 400),
        ("POST", "/local/sign-in", [1], 400),
        ("POST", "/local/staff-sign-in", {"name": "maija", "groups": ["kings"]}, 400),
        ("POST", "/local/staff-sign-in", {"name": "maija", "groups": "finance"}, 400),
        ("POST", "/local/clock", {"advance_to": "yesterday"}, 400),
        ("POST", "/local/clock", {"advance_to": "2021-06-30T00:00:00"}, 400),
        ("POST", "/local/clock", {"advance_to": "2020-01-01T00:00:00Z"}, 400),
        ("POST", "/local/elsewhere", {}, 404),
        ("GET", "/local/jwks/kings", None, 404),
        ("DELETE", "/local/clock", None, 404),
        ("GET", "/local/objects/bucket/key", None, 403),
        ("GET", "/nowhere", None, 403),
    ],
)
def test_a_local_route_says_what_was_wrong(call: Caller, method: str, path: str, body: object, status: int) -> None:
    assert call(method, path, body)[0] == status


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            "staff-sign-in",
            {"name": "maija", "groups": ["kings", "operator"]},
            "groups: there is no kings; there are auditor, finance, finance-read, operator",
        ),
        ("sign-in", {}, "email: a text is needed"),
        ("clock", {}, "advance_to: a text is needed"),
        (
            "clock",
            {"advance_to": "yesterday"},
            "advance_to: an instant with its offset, as in 2021-06-01T00:00:00+03:00",
        ),
        (
            "clock",
            {"advance_to": "2021-06-30T00:00:00"},
            "advance_to: an instant with its offset, as in 2021-06-01T00:00:00+03:00",
        ),
    ],
)
def test_what_was_wrong_is_said_once_in_words(call: Caller, path: str, body: object, said: str) -> None:
    assert call("POST", f"/local/{path}", body)[1] == {"error": said}


def test_several_at_once_are_served(system: System) -> None:
    answers: list[int] = []

    def ask(number: int) -> None:
        answers.append(Caller(system).sign_in(f"many{number}@example.com")("GET", "/mobile/v1/me")[0])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [403] * 8


def test_time_moves_on_and_timers_fire_on_the_way(system: System, call: Caller) -> None:
    """
    The timer that closes a month is due every hour; that which compares, once a day.
    """
    before = system.now()
    moved = call("POST", "/local/clock", {"advance_to": "2021-06-02T00:00:00+00:00"})[1]

    assert moved == {"now": "2021-06-02T00:00:00+00:00", "timers_fired": 29}
    assert call("GET", "/local/clock")[1]["now"] > before.isoformat()
    with pytest.raises(BackwardsError):
        system.advance_to(MAY)
    assert system.tick() == 0


def test_one_system_follows_another_and_finds_nothing_of_it(system: System) -> None:
    """
    Two runs with one seed are alike, and the process is left as it was. (The module's own system runs beside them.)
    """
    system.close()
    before = dict(os.environ)

    def run() -> tuple[int, Any]:
        with System.start(seed="again", start_at=MAY) as running:
            call = Caller(running).sign_in()
            assert call("GET", "/mobile/v1/me")[0] == 403
            return call("POST", "/mobile/v1/me", {"terms_version": "1", "language": "fi"})

    first, second = run(), run()

    assert first == second
    assert first[0] == 202
    assert dict(os.environ) == before
    assert Database.prefix is None


def test_left_to_itself_it_works_on() -> None:
    with System.start(seed="background") as running:
        running.keep_working()
        call = Caller(running).sign_in()
        call("POST", "/mobile/v1/me", {"terms_version": "1", "language": "fi"})
        signed_up = threading.Event()
        for _ in range(100):
            if call("GET", "/mobile/v1/me")[0] == 200:
                signed_up.set()
                break
            signed_up.wait(0.1)
        assert signed_up.is_set()
        assert abs(running.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_real_money_is_never_moved_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_something")
    before = dict(os.environ)

    with pytest.raises(LiveKeyError):
        System.start(start_at=MAY)

    assert dict(os.environ) == before


def test_stripes_own_test_mode_takes_the_doubles_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_of_my_own")

    with System.start(start_at=MAY) as running:
        assert running.stripe is None
        assert running.doors["mobile"].module.wired.settings.stripe_key == "sk_test_of_my_own"
        assert running.aws.environment_of("mobile")["STRIPE_API_BASE"] == "https://api.stripe.com"
        assert Caller(running)("GET", "/")[1]["stripe"] is None
        assert running.drain() == 0


def test_seeded_bytes_come_again_and_differ_by_seed() -> None:
    one, same, other = SeededBytes("a"), SeededBytes("a"), SeededBytes("b")

    assert one(16) == same(16)
    assert one(16) != other(16)
    assert len(one(5)) == 5


def test_work_that_never_ends_is_noticed(system: System) -> None:
    calls = system.calls

    class Busy:
        source = EventSource("busy", "access", lambda _event: None)

        def poll(self) -> int:
            calls.written["access"] += 1
            return 1

    with pytest.raises(NeverQuietError):
        Backlog([Busy()], None, lambda _body, _headers: 200, calls).drain()


def test_what_nobody_has_written_to_is_not_read_again(system: System) -> None:
    read: list[str] = []

    class Quiet:
        def __init__(self, table: str) -> None:
            self.source = EventSource("quiet", table, lambda _event: None)

        def poll(self) -> int:
            read.append(self.source.source)
            return 0

    backlog = Backlog([Quiet("access"), Quiet("billing")], None, lambda _body, _headers: 200, system.calls)
    backlog.drain()
    system.calls.written["billing"] += 1
    backlog.drain()

    assert read == ["access", "billing", "billing"]
