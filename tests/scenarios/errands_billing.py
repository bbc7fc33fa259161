"""What finance says of settling and collecting, and a ride for which something is held."""

from infra.local.client import Client
from infra.local.demo import Demo
from infra.local.stripe_double.stripe_js import save_card
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF


def ride_with_a_hold(system: System, demo: Demo) -> None:
    """It is settled at its end; as collection is stopped just then, its hold is captured after the release."""
    demo.partner.put(
        "/partner/v1/products/held", {**CITY_BIKE, "name": "Held", "policy": {"hold": {"amount": "20.00"}}}
    )
    demo.partner.post("/partner/v1/products/held/tariffs", CITY_BIKE_TARIFF)
    demo.partner.put("/partner/v1/assets/held-1", {"product_id": "held", "code": "HELD-1"})
    customer, account_id = newcomer(system, demo, "held")
    _control(demo, account_id)
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "HELD-1"})
    session = customer.post("/mobile/v1/access-sessions", {"code": "HELD-1", "quote": quote["quote"]})["session_id"]
    system.drain()
    assert customer.get(f"/mobile/v1/access-sessions/{session}")["hold"]["state"] == "held"
    demo.finance.put("/finance/v1/collection", {"stopped": True, "note": "a drill"})
    customer.post(f"/mobile/v1/access-sessions/{session}/end")
    system.drain()
    assert demo.finance.get("/finance/v1/collection")["waiting"] == 1
    demo.finance.put("/finance/v1/collection", {"stopped": False, "note": "it is over"})
    system.drain()
    assert customer.get(f"/mobile/v1/access-sessions/{session}/receipt")["hold"]["state"] == "captured"
    assert [each["state"] for each in customer.get("/mobile/v1/invoices")["items"]] == ["paid"]


def newcomer(system: System, demo: Demo, name: str) -> tuple[Client, str]:
    """A customer with a card, and the account."""
    signed_in = demo.local.post("/local/sign-in", {"email": f"{name}@example.com"})
    customer = demo.client(signed_in["access_token"], name)
    customer.post("/mobile/v1/me", {"terms_version": "1"})
    system.drain()
    setup, stripe = customer.post("/mobile/v1/me/payment-methods"), demo.local.get("/local")["stripe"]
    save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"], "pm_card_visa")
    system.drain()
    return customer, customer.get("/mobile/v1/me")["account_id"]


def _control(demo: Demo, account_id: str) -> None:
    demo.finance.put("/finance/v1/settlement-policy", {"at": "month_end"})
    own = f"/finance/v1/accounts/{account_id}/settlement-policy"
    demo.finance.put(own, {"at": "threshold", "threshold": "50.00"})
    assert demo.finance.get(own)["at"] == "threshold"
    assert demo.finance.get("/finance/v1/settlement-policy")["at"] == "month_end"
