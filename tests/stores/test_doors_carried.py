"""The mobile door does the same over the lean client as over botocore's: answers, refusals, repeats, round trips."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chalicelib.edge.oidc import Claims
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.apps import REGION, LoadedApp
from tests.benchmarks.gateway import request
from tests.benchmarks.starting import door_of
from tests.round_trips import counted
from tests.stores.city import offer_bikes
from tests.stores.starting_race import bike, customer, wiring
from tests.stores.tables import PREFIX
from tests.stores.tables import Client as Boto

pytestmark = pytest.mark.stores
SESSIONS = "/v1/access-sessions"


class Asked:
    """A door, and who asks there."""

    def __init__(self, door: LoadedApp) -> None:
        self.door = door

    def __call__(self, verb: str, path: str, body: Any = None, key: str = "once", *, who: int = 1, **ids: str) -> Any:  # noqa: ANN401 -- JSON
        """The answer: its status, its document, and whether it was saved before."""
        claims = Claims(f"subject-{who}", None, (), None, 0, 0)
        self.door.app._authenticate = lambda *_: (claims, claims.subject)
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": key}
        said: Mapping[str, Any]
        said = self.door.app(request(verb, path, headers, body=body, ids=ids or None), self.door.context())
        found = {name.lower(): each for name, (each, *_) in said["multiValueHeaders"].items()} | said["headers"]
        return said["statusCode"], json.loads(said["body"]), "Idempotency-Replayed" in found


@pytest.fixture(params=["botocore", "lean"])
def asked(request: pytest.FixtureRequest, dynamodb: Boto, address: str) -> Iterator[Asked]:
    """Both in turn, set up as the template does, on the same tables."""
    assert dynamodb is not None
    lean = {"AWS_REGION": REGION, "AWS_ENDPOINT_URL_DYNAMODB": address}
    Database.forget()
    wired = wiring(PREFIX, DYNAMODB_CLIENT=request.param, **lean)
    for number in (1, 2):
        customer(number, wired)
    offer_bikes(Transaction())
    bike(1, wired)
    yield Asked(door_of(wired))
    Database.forget()


def quoted(asked: Asked, who: int) -> dict[str, str]:
    _, said, _ = asked("POST", "/v1/quotes", {"code": "BIKE-00001", "need": {}}, who=who)
    return {"code": "BIKE-00001", "quote": said["quote"]}


def test_a_ride_is_started_once_refused_to_others_and_ended(asked: Asked) -> None:
    """
    A repeat under the same key gets the saved answer; who comes second is told why, and pays nothing.
    """
    first, second = quoted(asked, 1), quoted(asked, 2)
    with counted() as called:
        status, begun, replayed = asked("POST", SESSIONS, first)
    assert (status, begun["state"], replayed) == (201, "active", False)
    assert called == ["BatchGetItem", "TransactWriteItems"]

    assert asked("POST", SESSIONS, first) == (201, begun, True)
    status, problem, _ = asked("POST", SESSIONS, second, who=2)
    assert (status, problem["code"]) == (409, "asset_in_use")

    ends = f"{SESSIONS}/{{session_id}}/end"
    status, receipt, _ = asked("POST", ends, {}, "end", session_id=begun["session_id"])
    assert (status, receipt["session_id"], len(receipt["lines"])) == (200, begun["session_id"], 1)
    status, problem, _ = asked("POST", f"{SESSIONS}/{{session_id}}/pause", {}, "p", session_id=begun["session_id"])
    assert (status, problem["code"]) == (409, "already_ended")
    assert asked("POST", SESSIONS, quoted(asked, 2), "free", who=2)[0] == 201


def test_each_request_says_what_capacity_it_used(asked: Asked, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "adgang")
    asked("POST", SESSIONS, quoted(asked, 1))

    lines = [json.loads(each.message) for each in caplog.records if each.name == "adgang"]
    assert [each["route"] for each in lines] == ["POST /v1/quotes", f"POST {SESSIONS}"]
    assert all(each["capacity_units"] > 0 for each in lines)
