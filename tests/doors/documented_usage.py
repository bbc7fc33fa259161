"""Calls about usage, corrections and meters whose answers have to be what the partner door's document says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from tests.doors.callers import BATCH
from tests.doors.world import World

Call = Callable[..., Any]


def partner_usage(call: Call, world: World, session: str) -> None:
    """Events of an open session are read, found, changed and limited."""
    event = world.used(session, 0, time=(world.system.now() - timedelta(seconds=1)).isoformat())
    (told,) = call("POST", "/v1/events", [event], media_type=BATCH)["events"]
    asked = urlencode({name: event[name] for name in ("source", "id", "subject", "time")})
    assert call("GET", f"/v1/events?{asked}") == call("GET", "/v1/events/{reference}", reference=told["reference"])
    assert call("GET", "/v1/usage/{subject}", subject=session)["totals"]
    assert call("GET", "/v1/usage/{subject}/chart?meter=use_seconds", subject=session)
    assert call("GET", "/v1/usage/{subject}/events", subject=session)["events"]
    reason = {"reason": "misread"}
    amended = {"change_id": "doc-1", **reason, "data": {"meter": "use_seconds", "value": "1"}}
    call("POST", "/v1/events/{reference}/amend", amended, reference=told["reference"])
    assert call("GET", "/v1/changes/{change_id}", change_id="doc-1")["added"] == 1
    assert call("POST", "/v1/changes/{change_id}/revert", change_id="doc-1")["reverted_at"]
    call("POST", "/v1/events/{reference}/void", {"change_id": "doc-2", **reason}, reference=told["reference"])
    stretch = {"subject": session, "from": event["time"], "to": world.system.now().isoformat()}
    filled = {"change_id": "doc-3", **reason, **stretch, "events": [{**event, "id": "another"}]}
    assert call("POST", "/v1/backfills", filled)["added"] == 1
    limit = {"most": "100", "hard": False}
    assert call("PUT", "/v1/usage/{subject}/limits/{meter}", limit, subject=session, meter="use_seconds")
    call("DELETE", "/v1/usage/{subject}", subject=session)
    call("PUT", "/v1/meters/{name}", {"kind": "register", "unit": "km"}, name="odometer")
    assert call("GET", "/v1/meters")
    assert call("GET", "/v1/meters/{name}", name="odometer")["version"] == 1
