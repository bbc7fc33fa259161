"""What people do with one another: share a session, go on with another thing, wait for one that is taken."""

from datetime import timedelta

from chalicelib.access.store import SessionStore
from infra.local.client import Client
from infra.local.demo import Demo
from infra.local.system import System
from infra.local.tariffs import PRODUCT

CODES = ("TOGETHER-1", "TOGETHER-2")


def people_together(system: System, demo: Demo) -> None:
    """Two customers, two bikes at one place."""
    place = {"name": "Together", "latitude": "30", "longitude": "20", "address": "", "capacity": 2}
    demo.partner.put("/partner/v1/places/together", place)
    for code in CODES:
        about = {"product_id": PRODUCT, "code": code, "place_id": "together"}
        demo.partner.put(f"/partner/v1/assets/{code.lower()}", about)
    holder, member = demo.customers[:2]
    session = started(holder, CODES[0])
    share(holder, member, session)
    moved = {"code": CODES[1], "reason": "faulty"}
    assert holder.post(f"/mobile/v1/access-sessions/{session}/transfer", moved)["asset"] == CODES[1].lower()
    demo.clock(system.now() + timedelta(minutes=40))
    member.post(f"/mobile/v1/shared-sessions/{session}/leave")
    wait(system, demo, session)
    broken = started(holder, CODES[1])
    holder.post(f"/mobile/v1/access-sessions/{broken}/fault")
    system.drain()
    assert holder.get(f"/mobile/v1/access-sessions/{broken}")["state"] == "ended"
    for each in (holder, member):
        assert each.get(f"/mobile/v1/access-sessions/{session}/receipt")["lines"]


def started(customer: Client, code: str) -> str:
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": code})["quote"]
    return str(customer.post("/mobile/v1/access-sessions", {"code": code, "quote": quote})["session_id"])


def share(holder: Client, member: Client, session: str) -> None:
    """Invited, looked at, accepted, seen."""
    token = holder.call("POST", f"/mobile/v1/access-sessions/{session}/sharing", {})["invitation"]
    assert member.call("POST", "/mobile/v1/shared-sessions/invitation", {"invitation": token})["weights"] == 2
    member.post("/mobile/v1/shared-sessions", {"invitation": token, "most": "2.00"})
    assert len(member.get(f"/mobile/v1/shared-sessions/{session}")["parts"]) == 2


def wait(system: System, demo: Demo, session: str) -> None:
    """One leaves the line, one has it held and takes it up, one waits for a day in vain."""
    holder, member = demo.customers[:2]
    one = member.post("/mobile/v1/waiting", {"code": CODES[1]})["waiting_id"]
    member.delete(f"/mobile/v1/waiting/{one}")
    member.post("/mobile/v1/waiting", {"code": CODES[1]})
    holder.post(f"/mobile/v1/access-sessions/{session}/end")
    system.drain()
    assert member.get("/mobile/v1/waiting") == []
    (held,) = member.get("/mobile/v1/reservations")
    mine = member.post(f"/mobile/v1/reservations/{held['session_id']}/start", {"code": CODES[1]})["session_id"]
    begun = SessionStore().find(mine)
    assert begun is not None
    where = {"partner": begun.partner_id, "product_id": PRODUCT, "place_id": "together"}
    assert holder.post("/mobile/v1/waiting", where)["assets"] == [CODES[1].lower()]
    demo.clock(system.now() + timedelta(hours=25))
    assert holder.get("/mobile/v1/waiting") == []
    member.post(f"/mobile/v1/access-sessions/{mine}/end")
