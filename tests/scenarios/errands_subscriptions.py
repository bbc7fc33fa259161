"""What people do about plans: publish, subscribe, pause, change, end, and look who has what."""

from datetime import timedelta

from infra.local.demo import Demo
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE_TARIFF, PRODUCT

FEE = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "9.00", "per": "month"}
PLAN = {
    "names": {"en": "Member"},
    "terms_version": "plans-1",
    "fee": {"currency": "EUR", "prices": [FEE]},
    "asleep_after_days": 3,
}
MINE = "/mobile/v1/subscriptions"


def plans_are_had(system: System, demo: Demo, partner_id: str) -> None:
    """A customer has one of two plans, goes over to the other by a timer, and ends it."""
    customer, operator = demo.customers[0], demo.operator
    fare = {**CITY_BIKE_TARIFF, "members_only": True}
    demo.partner.post(f"/partner/v1/products/{PRODUCT}/fares/errand/tariffs", fare)
    operator.put("/finance/v1/terms/plans-1", {"texts": {"en": "Be kind to bikes."}})
    for plan_id in ("errand", "errand-2"):
        operator.put(f"/finance/v1/plans/{plan_id}", {**PLAN, "fares": {f"{partner_id}:{PRODUCT}": "errand"}})
    shown = customer.get("/mobile/v1/terms/plans-1")
    terms = {name: shown[name] for name in ("version", "language", "sha256")}
    assert len(customer.get("/mobile/v1/plans")["items"]) >= 2
    made = customer.post(MINE, {"plan_id": "errand", "plan_version": 1, "terms": terms})
    one = f"{MINE}/{made['subscription_id']}"
    later = (system.now() + timedelta(hours=1)).isoformat()
    customer.post(f"{one}/change", {"plan_id": "errand-2", "plan_version": 1, "at": later})
    demo.clock(system.now() + timedelta(hours=2))
    assert customer.get(one)["plan"]["plan_id"] == "errand-2"
    assert demo.finance.get("/finance/v1/subscriptions?plan=errand-2")["items"]
    assert demo.finance.get(f"/finance/v1/subscriptions/moves/{system.now():%Y-%m}?plan=errand-2")["sleep"]
    customer.put(f"/mobile/v1/me/consents/{partner_id}:link", {"version": "1"})
    assert [len(each["links"]) for each in demo.partner.get("/partner/v1/subscriptions")["items"]] == [1]
    demo.customers[1].post(MINE, {"plan_id": "errand", "plan_version": 1, "terms": terms})
    assert len(demo.partner.get("/partner/v1/subscriptions")["items"]) == 2
    assert customer.post(f"{one}/end", {})["ended_at"]
    assert customer.get(f"{MINE}?ended=true")["items"]
