"""Calls about charges beside use whose answers have to be what the doors' documents say."""

import hashlib
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.doors.callers import done
from tests.doors.world import Customer, Partner, World

Call = Callable[..., Any]
PHOTO = b"\xff\xd8 a bent wheel"
FILE = {"sha256": hashlib.sha256(PHOTO).hexdigest(), "content_type": "image/jpeg", "bytes": len(PHOTO)}
CHARGES = "/v1/charges"
ONE = "/v1/charges/{charge_id}"


def body_of(world: World, session: str) -> dict[str, object]:
    """Damage, now."""
    when = world.system.now().isoformat()
    return {"session_id": session, "kind": "damage", "amount": "8", "happened_at": when, "description": {"en": "Bent"}}


def put(upload: dict[str, Any]) -> None:
    """What the link is for."""
    asked = urllib.request.Request(upload["href"], data=PHOTO, headers=upload["headers"], method="PUT")
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200


def told(world: World, partner: Partner, session: str) -> str:
    """A charge that its customer was told of."""
    made = str(done(partner.post("/partner/v1/charges", body_of(world, session)))["charge_id"])
    put(done(partner.post(f"/partner/v1/charges/{made}/evidence", FILE))["upload"])
    done(partner.post(f"/partner/v1/charges/{made}/submit"))
    return made


def partner_charges(call: Call, world: World, session: str) -> None:
    """Stated, shown, withdrawn; and one that is not billed cannot be given back."""
    made = call("POST", CHARGES, body_of(world, session))["charge_id"]
    put(call("POST", f"{ONE}/evidence", FILE, charge_id=made)["upload"])
    assert call("POST", f"{ONE}/submit", charge_id=made)["objection_until"]
    assert call("GET", f"{ONE}/evidence/{{sha256}}", charge_id=made, sha256=FILE["sha256"])["href"]
    assert call("GET", f"{CHARGES}?kind=damage&state=stated")["items"]
    call("POST", f"{ONE}/counter", {"amount": "1"}, charge_id=made)
    call("POST", f"{ONE}/withdraw", {"note": "x"}, charge_id=made)
    assert call("GET", ONE, charge_id=made)["state"] == "withdrawn"


def mobile_charges(call: Call, world: World, partner: Partner, session: str) -> None:
    """One is accepted, another objected to."""
    first, other = told(world, partner, session), told(world, partner, session)
    assert call("GET", f"{CHARGES}?session={session}")["items"]
    assert call("GET", ONE, charge_id=first)["evidence"]
    assert call("GET", f"{ONE}/evidence/{{sha256}}", charge_id=first, sha256=FILE["sha256"])["href"]
    assert call("POST", f"{ONE}/accept", charge_id=first)["month"]
    assert call("POST", f"{ONE}/objection", {"reason": "other"}, charge_id=other)["history"]


def finance_charges(call: Call, world: World, partner: Partner, customer: Customer) -> None:
    """An objection is decided."""
    session = world.ride(customer, partner.bike(), partner, 60)
    world.system.clock.advance(timedelta(seconds=1))
    made = told(world, partner, session)
    done(customer.post(f"/mobile/v1/charges/{made}/objection", {"reason": "not_me"}))
    assert call("GET", f"{CHARGES}?state=objected")["items"]
    assert call("GET", f"{ONE}/evidence/{{sha256}}", charge_id=made, sha256=FILE["sha256"])["href"]
    assert call("POST", f"{ONE}/decision", {"decision": "upheld", "note": "seen"}, charge_id=made)["by"]
