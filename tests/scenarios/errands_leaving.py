"""Somebody wishes, reads what is held about them, and leaves with nothing owed and money in the wallet."""

from datetime import timedelta
from unittest.mock import patch

from chalicelib.access.position_ports import Seen
from chalicelib.access.position_store import PositionStore
from chalicelib.edge import gathering
from infra.local.demo import Demo
from infra.local.stripe_double.stripe_js import save_card
from infra.local.system import System

SESSIONS = "/mobile/v1/access-sessions"


def somebody_leaves(system: System, demo: Demo) -> None:
    """Their file is made before, and once their money is on its way back everything personal is gone."""
    signed_in = demo.local.post("/local/sign-in", {"email": "leaves@example.com"})
    customer = demo.client(signed_in["access_token"], "leaves")
    customer.post("/mobile/v1/me", {"terms_version": "1"})
    system.drain()
    setup = customer.post("/mobile/v1/me/payment-methods")
    stripe = demo.local.get("/local")["stripe"]
    save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"], "pm_card_visa")
    system.drain()
    customer.post("/mobile/v1/wallet/top-ups", {"amount": "10.00"})
    system.drain()
    quiet = {"since": "00:00", "until": "23:59"}
    customer.put("/mobile/v1/me/wishes", {"stop_after_minutes": 60, "quiet": quiet, "languages": ["sv"]})
    customer.get("/mobile/v1/me/wishes")
    shown = customer.get("/mobile/v1/terms/plans-1")
    terms = {name: shown[name] for name in ("version", "language", "sha256")}
    customer.post("/mobile/v1/subscriptions", {"plan_id": "errand", "plan_version": 1, "terms": terms})
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "SPARE-2"})
    session = customer.post(SESSIONS, {"code": "SPARE-2", "quote": quote["quote"]})["session_id"]
    system.drain()
    demo.partner.get(f"/partner/v1/sessions/{session}/timeline")
    now = system.now()
    PositionStore().keep([Seen(session, now, "bikes", "seen", "ud9wr0", now + timedelta(days=30))])
    customer.post(f"{SESSIONS}/{session}/end")
    system.drain()
    account = customer.get("/mobile/v1/me")["account_id"]
    demo.finance.get(f"/finance/v1/accounts/{account}/wallet")
    assert len(customer.get("/mobile/v1/me/accesses")["items"]) == 2
    customer.get("/mobile/v1/me/data")
    with patch.object(gathering, "ROWS_AT_ONCE", 5):
        system.drain()
    assert customer.get("/mobile/v1/me/data")["href"]
    receipt = customer.delete("/mobile/v1/me")["erasure_id"]
    system.drain()
    for minutes in (3, 12, 70):
        system.advance_to(system.now() + timedelta(minutes=minutes))
        system.drain()
    done = customer.get(f"/mobile/v1/erasures/{receipt}")
    assert (done["state"], done["waits_for"]) == ("done", [])
