"""Calls about plans and subscriptions whose answers have to be what the doors' documents say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from infra.local.tariffs import CITY_BIKE_TARIFF, PRODUCT
from tests.doors.callers import done
from tests.doors.documented_law import finance_law, mobile_law
from tests.doors.subscribing import PLAN, TEXTS, publish, publish_terms, subscribe, terms_read
from tests.doors.world import Partner, World

Call = Callable[..., Any]
ONE = "/v1/subscriptions/{subscription_id}"


def finance_plans(call: Call, world: World) -> None:
    """Published, looked at, subscribed to, counted."""
    version = PLAN["terms_version"]
    call("PUT", "/v1/terms/{version}", {"texts": TEXTS}, version=version)
    assert call("GET", "/v1/terms/{version}", version=version)["sha256"].keys() == TEXTS.keys()
    call("PUT", "/v1/plans/{plan_id}", PLAN, plan_id="documented")
    call("PUT", "/v1/plans/{plan_id}", {**PLAN, "names": {}}, plan_id="documented")
    assert call("GET", "/v1/plans")["items"]
    assert call("GET", "/v1/plans/{plan_id}", plan_id="documented")["version"] == 1
    assert call("GET", "/v1/plans/{plan_id}/versions", plan_id="documented")["items"]
    subscribe(world.customer(), "documented")
    assert call("GET", "/v1/subscriptions?plan=documented")["items"]
    month = world.system.now().strftime("%Y-%m")
    assert call("GET", "/v1/subscriptions/moves/{month}?plan=documented", month=month)["sleep"]["looked_at"] == 1
    finance_law(call, world)


def partner_members(call: Call, world: World, partner: Partner) -> None:
    """A member of a plan with a fare on the partner's bikes."""
    done(partner.post(f"/partner/v1/products/{PRODUCT}/fares/plan/tariffs", CITY_BIKE_TARIFF))
    publish_terms(world)
    publish(world, "documented-fare", fares={f"{partner.partner_id}:{PRODUCT}": "plan"})
    subscribe(world.customer(), "documented-fare")
    (row,) = call("GET", "/v1/subscriptions")["items"]
    assert row["fares"] == {PRODUCT: "plan"}


def mobile_subscriptions(call: Call, world: World) -> None:
    """Seen, agreed to, paused, changed, ended."""
    publish_terms(world)
    publish(world, "documented")
    publish(world, "documented-big", fee=None, seats=None)
    before, call.caller = call.caller, world.customer()  # type: ignore[attr-defined]
    terms = terms_read(world.visitor())
    assert call("GET", "/v1/terms/{version}", version=PLAN["terms_version"])["text"] == TEXTS["en"]
    assert call("GET", "/v1/plans")["items"][0]["prices"]
    body = {"plan_id": "documented", "plan_version": 1, "terms": terms, "seats": 2, "paused": True}
    ids = {"subscription_id": call("POST", "/v1/subscriptions", body)["subscription_id"]}
    call("POST", f"{ONE}/wake", **ids)
    later = (world.system.now() + timedelta(days=3)).isoformat().replace("+00:00", "Z")
    call("POST", f"{ONE}/pause", {"from": later}, **ids)
    call("DELETE", f"{ONE}/pause", **ids)
    assert call("GET", "/v1/subscriptions")["items"]
    (member,) = call("GET", ONE, **ids)["members"]
    assert call("GET", f"{ONE}/change?plan=documented-big&version=1&at={later}", **ids)["more"]
    wished = {"plan_id": "documented-big", "plan_version": 1, "at": later, "terms": terms}
    assert call("POST", f"{ONE}/change", wished, **ids)["change"]
    call("DELETE", f"{ONE}/change", **ids)
    call("PUT", f"{ONE}/members/{{customer_id}}", customer_id=member, **ids)
    call("DELETE", f"{ONE}/members/{{customer_id}}", customer_id="cus_none", **ids)
    for form in ("", ".txt", ".html"):
        assert call("GET", f"{ONE}/confirmation{form}", **ids)
    assert call("POST", f"{ONE}/end", {"why": "other"}, **ids)["ended_at"]
    assert call("GET", "/v1/subscriptions?ended=true")["items"]
    mobile_law(call, world)
    call.caller = before  # type: ignore[attr-defined]
