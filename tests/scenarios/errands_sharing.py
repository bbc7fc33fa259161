"""A partner is paid: a share is agreed in July, August is ridden and closed, and Stripe sends what waits."""

from datetime import UTC, datetime

from chalicelib.access.store import SessionStore
from infra.local.demo import Demo
from infra.local.system import System

AUGUST = "2021-08"
CLOSE_OF_AUGUST = datetime(2021, 9, 1, 6, 0, tzinfo=UTC)
URLS = {"return_url": "https://bikes.example/done", "refresh_url": "https://bikes.example/again"}


def agree_on_a_share(demo: Demo) -> str:
    """From August on 70 % of what is billed without tax, and 5.00 a month at least; the partner's id."""
    session = SessionStore().find(demo.sessions[0])
    assert session is not None
    share = {"percent": "70", "minimum": "5.00"}
    demo.finance.put(f"/finance/v1/partners/{session.partner_id}/share/{AUGUST}", share)
    demo.finance.put(f"/finance/v1/tax-rates/{AUGUST}", {"rates": [{"percent": "25.5"}]})
    assert demo.finance.get(f"/finance/v1/partners/{session.partner_id}/shares")
    assert demo.finance.get(f"/finance/v1/tax-rates/{AUGUST}")["rates"]
    assert demo.partner.get("/partner/v1/shares")
    return session.partner_id


def partner_is_paid(system: System, demo: Demo, partner_id: str) -> None:
    """A ride of August is paid for; its share waits until the partner has answered Stripe's questions."""
    customer = demo.customers[0]
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "SPARE-2"})
    session = customer.post("/mobile/v1/access-sessions", {"code": "SPARE-2", "quote": quote["quote"]})
    customer.post(f"/mobile/v1/access-sessions/{session['session_id']}/end")
    demo.clock(CLOSE_OF_AUGUST)
    stated = demo.partner.get(f"/partner/v1/statements/{AUGUST}")
    assert stated["share"]["amount"] == "5.00"
    assert demo.finance.get(f"/finance/v1/partners/{partner_id}/statements/{AUGUST}") == stated
    assert demo.partner.get("/partner/v1/statements")["items"]
    first = demo.partner.get("/partner/v1/proofs")["items"][0]
    assert demo.partner.get(f"/partner/v1/proofs/{first['number']}")["digest"] == first["digest"]
    for _ in range(2):  # the second time is a repeat
        opened = demo.partner.call("POST", "/partner/v1/payout-account", URLS, key="payout-account")
    assert system.stripe is not None
    system.stripe.onboard(opened["account"])
    system.drain()
    assert demo.partner.get("/partner/v1/payout-account")["state"] == "ready"
    assert demo.partner.get("/partner/v1/payouts/2021-09")
    assert demo.finance.get("/finance/v1/trial-balance")["off_minor"] == {}
