"""The partner door's routes of entitlement: may this customer use this now, also without a network."""

from typing import Annotated, Any

import msgspec

from chalicelib.access import entitling
from chalicelib.access.entitlement import LEASE, Decision
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.granting import offline_of
from chalicelib.edge.key_callers import DEVICE
from chalicelib.edge.routes import get, post
from chalicelib.edge.wiring import Wiring
from chalicelib.partners.model import ApiKey

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class EntitlementQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which asset, and which customer: by the `customer` that a session on it is shown with."""

    asset: Name
    customer: Name


class StreamBody(msgspec.Struct, forbid_unknown_fields=True):
    """A play of the customer's: `stream` names it among those of the session."""

    asset: Name
    customer: Name
    stream: Name


class LimitsShown(msgspec.Struct):
    """How many sessions may be on the asset and how many streams in this one (null: any number); how many are."""

    seats: int | None
    streams: int | None
    streams_in_use: int


class EntitlementShown(msgspec.Struct):
    """Allow or deny, and why; `until` is when the session stops by itself. A denial of the unknown says no more."""

    allow: bool
    reason: str
    until: str | None = None
    limits: LimitsShown | None = None
    session_id: str | None = None
    offline: str = "refuse"


class StreamShown(msgspec.Struct):
    """The same for a stream; where it is open it counts for `lease_s` seconds, unless it is opened again by then."""

    entitlement: EntitlementShown
    lease_s: int = int(LEASE.total_seconds())


class GrantShown(msgspec.Struct):
    """A token to go by without a network, and what is in it."""

    grant: str
    session_id: str
    granted_at: str
    expires_at: str
    offline: str
    offline_until: str


class GrantKey(msgspec.Struct):
    """An Ed25519 key as a JSON Web Key."""

    kid: str
    kty: str
    crv: str
    x: str
    alg: str
    use: str


class GrantKeys(msgspec.Struct):
    """A JSON Web Key Set."""

    keys: list[GrantKey]


def show_decision(decision: Decision) -> EntitlementShown:
    """An answer without a word about the customer."""
    found = decision.entitlement
    if found is None:
        return EntitlementShown(decision.allow, str(decision.reason))
    return EntitlementShown(
        allow=decision.allow,
        reason=str(decision.reason),
        until=show_instant(found.until) if found.until else None,
        limits=LimitsShown(found.entitled.seats, found.entitled.streams, decision.streams_in_use),
        session_id=found.session_id,
        offline=offline_of(allowed=found.entitled.offline),
    )


def show_stream(decision: Decision) -> StreamShown:
    """What became of a stream."""
    return StreamShown(show_decision(decision))


def _asked(call: Call[ApiKey, Any], about: EntitlementQuery | StreamBody) -> entitling.Asked:
    return entitling.Asked(call.caller.partner_id, about.asset, about.customer, call.caller.device_id)


class EntitlementDesk:
    """Partners ask, and so do their devices, each about its own asset."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _asking(self, call: Call[ApiKey, Any]) -> entitling.Asking:
        return self._wired.asking(call.now, call.commit)

    @get("/v1/entitlements", query=EntitlementQuery, shows=show_decision, needs=DEVICE)
    def entitlement(self, call: Call[ApiKey, None]) -> Decision:
        """May this customer use this asset now? Allow or deny, with the reason and the limits."""
        return entitling.ask(_asked(call, call.query), asking=self._asking(call))

    @get("/v1/entitlements/grant", query=EntitlementQuery, needs=DEVICE)
    def entitlement_grant(self, call: Call[ApiKey, None]) -> GrantShown:
        """The same as a signed token, which a thing checks by itself with the published keys, for 15 minutes."""
        given = entitling.grant(_asked(call, call.query), asking=self._asking(call))
        return GrantShown(
            grant=self._wired.grants.sign(given),
            session_id=given.entitlement.session_id,
            granted_at=show_instant(given.granted_at),
            expires_at=show_instant(given.expires_at),
            offline=offline_of(allowed=given.entitlement.entitled.offline),
            offline_until=show_instant(given.offline_until),
        )

    @get("/v1/grant-keys", public=True)
    def grant_keys(self, _call: Call[None, None]) -> GrantKeys:
        """The public keys that grants are checked with; a key stays here for as long as a grant of it may be good."""
        return GrantKeys([GrantKey(**key) for key in self._wired.grants.public()])

    @post("/v1/entitlements/streams", takes=StreamBody, shows=show_stream, idempotent=False, needs=DEVICE)
    def open_stream(self, call: Call[ApiKey, StreamBody]) -> Decision:
        """Open a stream, or keep it open; denied while as many are open as may be at once."""
        return entitling.open_stream(_asked(call, call.body), call.body.stream, asking=self._asking(call))

    @post("/v1/entitlements/streams/close", takes=StreamBody, shows=show_decision, idempotent=False, needs=DEVICE)
    def close_stream(self, call: Call[ApiKey, StreamBody]) -> Decision:
        """Close a stream; closed again it stays so."""
        return entitling.close_stream(_asked(call, call.body), call.body.stream, asking=self._asking(call))
