"""What it costs to answer whether a customer may: reads, and CPU of the whole handler without the look-up of the key.

The request goes through the partner door as Lambda calls it, against an endpoint that answers at once and is a process
of its own. Only who calls is known beforehand. A process's first requests, which load modules, are not measured.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.access.model import Entitled, State
from chalicelib.access.records import entitlement_record
from chalicelib.edge.door import Door
from chalicelib.edge.entitlements import EntitlementDesk
from chalicelib.edge.routes import take
from chalicelib.edge.wiring import Wiring
from chalicelib.partners.model import ApiKey
from chalicelib.storage.record import Database
from infra.local.engine import environment
from tests.benchmarks import AtMost, Figures, Targets
from tests.benchmarks.gateway import as_deployed, request
from tests.benchmarks.metering_client import ENVIRONMENT
from tests.benchmarks.metering_endpoint import served
from tests.round_trips import counted

NOON = datetime(2021, 5, 10, 12, 0, tzinfo=UTC)
KEY = ApiKey("key-1", "par_bench", "test", "bench", "", NOON)
ENTITLED = Entitled("ent_" + "a" * 26, device_id="lock-7", streams=5)
STREAMS = {f"player-{number}": "2031-05-10T12:01:30.000000Z" for number in range(5)}
SETTINGS = {
    "ADGANG_STAGE": "bench",
    "ADGANG_ZONE": "Europe/Helsinki",
    "ADGANG_MODE": "test",
}
WARM, MEASURED = 200, 2_000
TARGETS: Targets = {"access.entitlement_reads": AtMost(1), "access.entitlement_cpu_ms_p99": AtMost(3)}


@dataclass(frozen=True)
class _Context:
    """What Lambda gives beside the event."""

    aws_request_id: str = "bench"
    function_name: str = "bench"
    memory_limit_in_mb: str = "1024"


def figures() -> Figures:
    """All of `access.*`."""
    with served() as endpoint, environment({**ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}):
        Database.forget()
        reads, times = _asked(Wiring(SETTINGS | as_deployed("partner", endpoint), now=lambda: NOON))
    Database.forget()
    Database.prefix = None
    return {
        "access.entitlement_reads": reads,
        "access.entitlement_cpu_ms_p50": times[len(times) // 2],
        "access.entitlement_cpu_ms_p99": times[len(times) * 99 // 100],
    }


def _asked(wired: Wiring) -> tuple[float, list[float]]:
    """Calls of DynamoDB by any client for each answer, and milliseconds of CPU of each, in order of size."""
    door = Door("partner", wired=lambda: wired, authenticate=_known)
    take(door, EntitlementDesk(wired))
    _stored(wired)
    event, times = _event(), list[float]()
    with counted() as calls:
        for number in range(WARM + MEASURED):
            if number == WARM:
                calls.clear()
            before = time.process_time()
            answer = door(event, _Context())
            if number >= WARM:
                times.append(1000 * (time.process_time() - before))
            if '"allow":true' not in answer["body"]:
                raise RuntimeError(answer["body"])
    return len(calls) / MEASURED, sorted(times)


def _known(_headers: Mapping[str, str], _wired: object, _needs: str | None) -> tuple[ApiKey, str]:
    return KEY, KEY.partner_id


def _stored(wired: Wiring) -> None:
    """An open session with all its streams open."""
    _ = wired.entitlements
    record = entitlement_record(KEY.partner_id, ENTITLED.name)
    record.session_id, record.asset_id, record.state = "ses_bench", "library", str(State.ACTIVE)
    record.until, record.entitled, record.revision = NOON + timedelta(days=1), ENTITLED.document(), 4
    record.streams, record.turn = STREAMS, 12
    record.save()


def _event() -> dict[str, object]:
    headers = {"X-Api-Key": "bench", "Accept": "application/json"}
    return request("GET", "/v1/entitlements", headers, query={"asset": "library", "customer": ENTITLED.name})
