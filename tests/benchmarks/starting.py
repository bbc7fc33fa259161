"""What a start costs: sequential calls of the database, and CPU of the whole handler.

The request goes through the mobile door as Lambda calls it, with a real quote, against an endpoint that answers at once
and is a process of its own. Only who calls is known beforehand. A process's first requests, which load modules, are not
measured.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from chalicelib.edge.oidc import Claims
from chalicelib.edge.wiring import Wiring
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.apps import LoadedApp, load_app
from infra.local.engine import environment
from tests.benchmarks import AtMost, Figures, Targets
from tests.benchmarks.gateway import as_deployed, request
from tests.benchmarks.metering_client import ENVIRONMENT
from tests.benchmarks.metering_endpoint import served
from tests.round_trips import counted
from tests.stores.city import offer_bikes
from tests.stores.starting_race import bike, customer, wiring

PREFIX = "adgang-bench-"
WARM, MEASURED = 50, 500
MOBILE = Path("functions/mobile/app.py")
_PATH = "/v1/access-sessions"
TARGETS: Targets = {"access.start_round_trips": AtMost(3), "access.start_cpu_ms": AtMost(10)}


def figures() -> Figures:
    """The CPU is the median's."""
    with served() as endpoint, environment({**ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}):
        Database.forget()
        calls, times = _started(wiring(PREFIX, **as_deployed("mobile", endpoint)))
    Database.forget()
    Database.prefix = None
    return {
        "access.start_round_trips": calls,
        "access.start_cpu_ms": times[len(times) // 2],
        "access.start_cpu_ms_p99": times[len(times) * 99 // 100],
    }


def _started(wired: Wiring) -> tuple[float, list[float]]:
    """Calls of DynamoDB for each start, and milliseconds of CPU of each, in order of size."""
    door = door_of(wired)
    customer(1, wired)
    offer_bikes(Transaction())
    code = bike(1, wired)
    quote = json.loads(_asked(door, "/v1/quotes", {"code": code, "need": {}}, 0))["quote"]
    times = list[float]()
    with counted() as calls:
        for number in range(WARM + MEASURED):
            if number == WARM:
                calls.clear()
            before = time.process_time()
            answer = _asked(door, _PATH, {"code": code, "quote": quote}, number)
            if number >= WARM:
                times.append(1000 * (time.process_time() - before))
            if '"active"' not in answer:
                raise RuntimeError(answer)
    return len(calls) / MEASURED, sorted(times)


def door_of(wired: Wiring) -> LoadedApp:
    """The desks have the app's own wiring by now: it becomes this one."""
    loaded = load_app(MOBILE, "bench")
    vars(loaded.module.wired).update(vars(wired))
    claims = Claims("subject-1", None, (), None, 0, 0)

    def known(_headers: Mapping[str, str], _wired: object, _needs: str | None) -> tuple[Claims, str]:
        return claims, claims.subject

    loaded.app._authenticate = known
    return loaded


def _asked(door: LoadedApp, path: str, body: Mapping[str, object], number: int) -> str:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": f"start-{number:08d}",
    }
    return str(door.app(request("POST", path, headers, body=body), door.context())["body"])
