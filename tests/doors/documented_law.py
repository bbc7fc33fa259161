"""Withdrawals and announcements at the doors whose documents are checked."""

from collections.abc import Callable
from typing import Any

from tests.doors.callers import done
from tests.doors.subscribing import FEE, PLAN, TEXTS, publish, subscribe
from tests.doors.world import World

Call = Callable[..., Any]
DEARER = {"currency": "EUR", "prices": [{**FEE, "amount": "62.00"}]}
_ONE = "/v1/subscriptions/{subscription_id}"


def mobile_law(call: Call, world: World) -> None:
    """Both steps, the receipt, and a change that was announced and then called off."""
    done(world.operator.put(f"/finance/v1/terms/{PLAN['terms_version']}", {"texts": TEXTS}))
    publish(world, "documented-law", asleep_after_days=None)
    one = subscribe(call.caller, "documented-law").rpartition("/")[2]
    publish(world, "documented-law", asleep_after_days=None, fee=DEARER)
    path = "/finance/v1/plans/documented-law/announcements"
    done(world.operator.post(path, {"holds_from": "2022-01-01T00:00:00Z", "reason": "Repairs."}))
    world.settle()
    assert call("GET", f"{_ONE}/announcement", subscription_id=one)["announcement"]["more"]
    call("POST", f"{_ONE}/announcement/acceptance", subscription_id=one)
    assert call("GET", f"{_ONE}/withdrawal", subscription_id=one)["may"]
    call("POST", f"{_ONE}/withdrawal", {"name": "Aino"}, subscription_id=one)
    call("POST", f"{_ONE}/withdrawal/confirmation", subscription_id=one)
    for name in ("receipt.txt", "receipt.html"):
        call("GET", f"{_ONE}/withdrawal/{name}", subscription_id=one)


def finance_law(call: Call, world: World) -> None:
    """Announced, listed, called off."""
    done(world.operator.put(f"/finance/v1/terms/{PLAN['terms_version']}", {"texts": TEXTS}))
    publish(world, "documented-change")
    publish(world, "documented-change", fee=DEARER)
    path, plan = "/v1/plans/{plan_id}/announcements", {"plan_id": "documented-change"}
    call("POST", path, {"holds_from": "2022-01-01T00:00:00Z", "reason": "Repairs."}, **plan)
    assert call("GET", path, **plan)["items"]
    call("POST", f"{path}/{{version}}/call-off", **plan, version="2")
