"""A plan becomes dearer: each is told, one accepts, one is left alone; and somebody withdraws."""

from datetime import timedelta

from infra.local.demo import Demo
from infra.local.system import System
from tests.scenarios.errands_subscriptions import FEE, MINE, PLAN


def a_dearer_plan(system: System, demo: Demo) -> None:
    """Announced twice, called off once; the subscription is withdrawn from before it holds."""
    customer, operator = demo.customers[0], demo.operator
    operator.put("/finance/v1/plans/dearer", PLAN)
    shown = customer.get("/mobile/v1/terms/plans-1")
    terms = {name: shown[name] for name in ("version", "language", "sha256")}
    made = customer.post(MINE, {"plan_id": "dearer", "plan_version": 1, "terms": terms, "begin_at_once": True})
    one, announcements = f"{MINE}/{made['subscription_id']}", "/finance/v1/plans/dearer/announcements"
    holds_from = (system.now() + timedelta(days=60)).isoformat()
    for version, amount in ((2, "10.00"), (3, "11.00")):
        fee = {"currency": "EUR", "prices": [{**FEE, "amount": amount}]}
        operator.put("/finance/v1/plans/dearer", {**PLAN, "fee": fee})
        operator.post(announcements, {"holds_from": holds_from, "reason": "Repairs."})
        system.drain()
        assert customer.get(one)["change"]["plan_version"] == version
        assert customer.get(f"{one}/announcement")["announcement"]["moves"]
        if version == 2:
            operator.post(f"{announcements}/2/call-off")
            system.drain()
    assert customer.post(f"{one}/announcement/acceptance")["announcement"]["version"] == 3
    assert demo.finance.get(announcements)["items"]
    assert customer.get(f"{one}/withdrawal")["may"]
    customer.post(f"{one}/withdrawal", {})
    assert customer.post(f"{one}/withdrawal/confirmation")["confirmed_at"]
    customer.call("GET", f"{one}/withdrawal/receipt.txt")
    system.drain()
