"""Calls about one's own data whose answers have to be what the mobile door's document says."""

from typing import Any

from tests.doors.world import Customer, Partner, World

Call = Any
_WISHES = {"stop_after_minutes": 90, "quiet": {"since": "22:00", "until": "07:00"}, "languages": ["sv"]}


def own_data(world: World, call: Call, partner: Partner, product: str) -> None:
    """Somebody wishes, looks at what is held about them, and leaves; what they leave is refused while it is open."""
    before, call.caller = call.caller, world.customer()
    customer: Customer = call.caller
    call("GET", "/v1/me")
    budgets = {f"{partner.partner_id}:{product}": {"day": {"amount": "9.00"}, "month": {"amount": "0", "hard": False}}}
    call("PUT", "/v1/me/wishes", {**_WISHES, "budgets": budgets})
    assert len(call("GET", "/v1/me/wishes")["budgets"]) == 2
    call("PUT", "/v1/me/wishes", {**_WISHES, "quiet": None})
    session = customer.start(partner.bike())
    partner.read(f"/partner/v1/sessions/{session}/timeline")
    assert call("GET", "/v1/me/accesses")["items"]
    assert call("GET", "/v1/me/data")["state"] == "being_made"
    world.settle()
    assert call("GET", "/v1/me/data")["href"]
    assert call("DELETE", "/v1/me")["code"] == "still_something_open"
    customer.end(session)
    receipt = call("DELETE", "/v1/me")["erasure_id"]
    world.settle()
    world.later(minutes=3)
    assert call("GET", "/v1/erasures/{erasure_id}", erasure_id=receipt)["done_at"]
    call("GET", "/v1/erasures/{erasure_id}", erasure_id="none")
    call.caller = before
