"""Calls about accounts of several people, and of another sign-in, whose answers have to be what the document says."""

from collections.abc import Callable
from typing import Any

from tests.doors.acting import Acting
from tests.doors.world import Customer, World

Call = Callable[..., Any]
INVITATIONS, MEMBER = "/v1/account/invitations", "/v1/account/members/{customer_id}"


def mobile_accounts(call: Call, world: World) -> None:
    """Opened, named, joined, changed, handed over, left, closed; and a guest who stays."""
    before, owner, guest = call.caller, world.customer(card=None), world.customer(card=None)  # type: ignore[attr-defined]
    _as(call, owner)
    opened = call("POST", "/v1/accounts", {"kind": "family", "name": "Home", "terms_version": "1"})
    home = _as(call, Acting(owner, opened["account_id"]))
    assert call("GET", "/v1/account") == opened
    assert call("PUT", "/v1/account", {"name": "Cabin"})["name"] == "Cabin"
    asked = {"role": "member", "name": "Eero", "day": "3.00"}
    offer, over = (call("POST", INVITATIONS, asked) for _ in range(2))
    call("DELETE", f"{INVITATIONS}/{{invitation_id}}", invitation_id=over["invitation_id"])
    assert len(call("GET", INVITATIONS)) == 2
    _as(call, guest)
    accepts = {"invitation": offer["invitation"]}
    assert call("POST", "/v1/memberships/invitation", accepts)["account"] == "Cabin"
    assert call("POST", "/v1/memberships", accepts)["role"] == "member"
    assert len(call("GET", "/v1/accounts")) == 2
    link = call("POST", "/v1/me/sign-in")["link"]
    stays = _as(call, world.visitor())
    who = call("POST", "/v1/me/link", {"link": link})["customer_id"]
    _as(call, home)
    assert call("PUT", MEMBER, {"role": "viewer"}, customer_id=who)["day"] is None
    assert len(call("GET", "/v1/account/members")) == 2
    assert call("POST", "/v1/account/owner", {"to": who})["role"] == "owner"
    mine = home.read("/mobile/v1/me")["customer_id"]
    assert call("DELETE", MEMBER, customer_id=mine)["ended_at"]
    _as(call, Acting(stays, home.account_id))
    assert call("DELETE", "/v1/account")["state"] == "going_on"
    _as(call, before)


def _as(call: Call, caller: Customer) -> Customer:
    """Who calls from now on."""
    call.caller = caller  # type: ignore[attr-defined]
    return caller
