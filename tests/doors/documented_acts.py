"""Calls about a session that goes on whose answers have to be what the mobile door's document says."""

from collections.abc import Callable
from typing import Any


def acted_on(call: Callable[..., Any], session: str, other: str) -> None:
    """Paused, resumed, gone on with another bike, wished to end by itself."""
    one = "/v1/access-sessions/{session_id}"
    for act in ("pause", "resume"):
        call("POST", f"{one}/{act}", session_id=session)
    call("POST", f"{one}/fault", session_id="none")
    body = {"code": other, "reason": "faulty"}
    assert call("POST", f"{one}/transfer", body, session_id=session)["asset"] == other.lower()
    assert call("PUT", f"{one}/stop", {"after_s": 60}, session_id=session)["stops_at"]
    call("DELETE", f"{one}/stop", session_id=session)
