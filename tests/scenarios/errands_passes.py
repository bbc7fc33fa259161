"""What people do with passes and fees, so that months with them are closed: buy, ride at a plan's fare, sleep."""

from infra.local.demo import Client, Demo
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE_TARIFF, PRODUCT

FREE = {**CITY_BIKE_TARIFF, "prices": [{"id": "free", "kind": "flat", "amount": "0.00"}], "caps": []}
ONCE = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "12.00"}
FEE = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "9.00", "per": "month"}
BY_MONTH = {"fee": {"currency": "EUR", "prices": [FEE]}}
PLAN = {"names": {"en": "Rides"}, "terms_version": "passes-1"}
KEPT = "KEPT-1"


def passes_are_used(system: System, demo: Demo, partner_id: str) -> str:
    """A customer has a fee that goes on, one that sleeps, and a pass of two rides; the second ride goes on."""
    customer, operator = demo.customers[2], demo.operator
    fare = f"/partner/v1/products/{PRODUCT}/fares/riders/tariffs"
    demo.partner.post(fare, {**FREE, "members_only": True})
    demo.partner.put(f"/partner/v1/assets/{KEPT.lower()}", {"product_id": PRODUCT, "code": KEPT})
    operator.put("/finance/v1/terms/passes-1", {"texts": {"en": "Two rides."}})
    fares = {f"{partner_id}:{PRODUCT}": "riders"}
    pass_ = {"kind": "pass", "lasts": {"uses": 2}, "fee": {"currency": "EUR", "prices": [ONCE]}, "fares": fares}
    shown = customer.get("/mobile/v1/terms/passes-1")
    terms = {name: shown[name] for name in ("version", "language", "sha256")}
    for plan_id, rules in (("rides", pass_), ("goes-on", BY_MONTH), ("sleeps", {**BY_MONTH, "asleep_after_days": 2})):
        operator.put(f"/finance/v1/plans/{plan_id}", {**PLAN, **rules})
        customer.post("/mobile/v1/subscriptions", {"plan_id": plan_id, "plan_version": 1, "terms": terms})
    customer.post(f"/mobile/v1/access-sessions/{_start(customer, 'SPARE-2')}/end")
    kept = _start(customer, KEPT)
    system.drain()
    return kept


def _start(customer: Client, code: str) -> str:
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": code})
    assert quote["estimate"]["amount"] == "0.00"
    accepted = {"code": code, "quote": quote["quote"]}
    return str(customer.post("/mobile/v1/access-sessions", accepted)["session_id"])


def given_back_after_the_close(system: System, demo: Demo, kept: str) -> None:
    """What went on over the end of a month was cut there."""
    demo.customers[2].post(f"/mobile/v1/access-sessions/{kept}/end")
    system.drain()
