"""Calls of entitlements whose answers have to be what the partner door's document says."""

from typing import Protocol

from tests.doors.callers import Caller, Json, Reply


class Checked(Protocol):
    """Calls a door, and looks whether what it says is what its document says."""

    document: Json
    caller: Caller

    def __call__(self, method: str, path: str, body: object = None) -> Json: ...

    def fits(self, operation: Json, reply: Reply) -> None: ...


def entitled(call: Checked, asset: str, customer: str) -> None:
    """Asked, granted, streamed; and denied for another asset."""
    about = {"asset": asset, "customer": customer}
    for path in ("/v1/entitlements", "/v1/entitlements/grant"):
        operation = call.document["paths"][path]["get"]
        assert {each["name"]: each["required"] for each in operation["parameters"]} == {"asset": True, "customer": True}
        call.fits(operation, call.caller.get(f"/partner{path}?asset={asset}&customer={customer}"))
        call.fits(operation, call.caller.get(f"/partner{path}?asset=another&customer={customer}"))
    assert call.document["paths"]["/v1/grant-keys"]["get"]["security"] == []
    assert call("GET", "/v1/grant-keys")["keys"]
    assert call("POST", "/v1/entitlements/streams", {**about, "stream": "tv"})["entitlement"]["allow"]
    assert call("POST", "/v1/entitlements/streams/close", {**about, "stream": "tv"})["allow"]
