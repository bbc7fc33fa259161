"""What people do with passes and fees, so that months with them are closed: buy, ride at a plan's fare, sleep."""

from infra.local.demo import Demo
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE_TARIFF, PRODUCT

FREE = {**CITY_BIKE_TARIFF, "prices": [{"id": "free", "kind": "flat", "amount": "0.00"}], "caps": []}
ONCE = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "12.00"}
FEE = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "9.00", "per": "month"}
PLAN = {"names": {"en": "Rides"}, "terms_version": "passes-1"}


def passes_are_used(system: System, demo: Demo, partner_id: str) -> None:
    """A customer has a fee that sleeps, and a pass of two rides, of which one is taken."""
    customer, operator = demo.customers[2], demo.operator
    fare = f"/partner/v1/products/{PRODUCT}/fares/riders/tariffs"
    demo.partner.post(fare, {**FREE, "members_only": True})
    operator.put("/finance/v1/terms/passes-1", {"texts": {"en": "Two rides."}})
    fares = {f"{partner_id}:{PRODUCT}": "riders"}
    pass_ = {"kind": "pass", "lasts": {"uses": 2}, "fee": {"currency": "EUR", "prices": [ONCE]}, "fares": fares}
    sleeps = {"asleep_after_days": 2, "fee": {"currency": "EUR", "prices": [FEE]}}
    shown = customer.get("/mobile/v1/terms/passes-1")
    terms = {name: shown[name] for name in ("version", "language", "sha256")}
    for plan_id, rules in (("rides", pass_), ("sleeps", sleeps)):
        operator.put(f"/finance/v1/plans/{plan_id}", {**PLAN, **rules})
        customer.post("/mobile/v1/subscriptions", {"plan_id": plan_id, "plan_version": 1, "terms": terms})
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "SPARE-2"})
    assert quote["estimate"]["amount"] == "0.00"
    accepted = {"code": "SPARE-2", "quote": quote["quote"]}
    session = customer.post("/mobile/v1/access-sessions", accepted)["session_id"]
    customer.post(f"/mobile/v1/access-sessions/{session}/end")
    system.drain()
