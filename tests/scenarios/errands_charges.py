"""Something is charged beside a ride: shown, seen, accepted, objected to, decided; and one lapses by silence."""

import hashlib
import urllib.request

from chalicelib.access.store import SessionStore
from infra.local.client import Client
from infra.local.demo import Demo
from infra.local.system import System

PHOTO = b"\xff\xd8 a bent wheel"
FILE = {"sha256": hashlib.sha256(PHOTO).hexdigest(), "content_type": "image/jpeg", "bytes": len(PHOTO)}


def charges_beside_use(system: System, demo: Demo, customer: Client) -> None:
    """A customer of the demo rides once more; three things are charged beside it, and one of them nobody accepts."""
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "SPARE-2"})
    session = customer.post("/mobile/v1/access-sessions", {"code": "SPARE-2", "quote": quote["quote"]})["session_id"]
    customer.post(f"/mobile/v1/access-sessions/{session}/end")
    assert SessionStore().find(session) is not None
    when = system.now().isoformat()
    accepted, objected, lapsed = (_told(demo, session, kind, when) for kind in ("damage", "fine", "delivery"))
    customer.post(f"/mobile/v1/charges/{accepted}/accept")
    customer.post(f"/mobile/v1/charges/{objected}/objection", {"reason": "was_so_before"})
    body = {"decision": "reduced", "amount": "1.00", "note": "as the photo shows"}
    demo.operator.post(f"/finance/v1/charges/{objected}/decision", body)
    assert customer.get(f"/mobile/v1/charges/{lapsed}/evidence/{FILE['sha256']}")["href"]
    assert demo.partner.get(f"/partner/v1/charges/{lapsed}/evidence/{FILE['sha256']}")["href"]
    assert demo.finance.get(f"/finance/v1/charges/{lapsed}/evidence/{FILE['sha256']}")["href"]
    assert customer.get("/mobile/v1/charges")["items"]
    assert demo.finance.get("/finance/v1/charges?state=decided")["items"]


def _told(demo: Demo, session: str, kind: str, when: str) -> str:
    body = {"session_id": session, "kind": kind, "amount": "2.00", "happened_at": when}
    made = str(demo.partner.post("/partner/v1/charges", {**body, "description": {"en": "Bent"}})["charge_id"])
    upload = demo.partner.post(f"/partner/v1/charges/{made}/evidence", FILE)["upload"]
    asked = urllib.request.Request(upload["href"], data=PHOTO, headers=upload["headers"], method="PUT")
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200
    demo.partner.post(f"/partner/v1/charges/{made}/submit")
    return made
