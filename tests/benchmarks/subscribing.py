"""What waking a subscription costs: calls of DynamoDB one after another, through the mobile door."""

import json
from datetime import timedelta

from chalicelib.edge.wiring import Wiring
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from chalicelib.subscriptions import living
from chalicelib.subscriptions.plan import Plan, PlanKind
from chalicelib.subscriptions.subscription import Pause, Phase, Subscription
from infra.local.engine import environment
from tests.benchmarks import AtMost, Figures, Targets
from tests.benchmarks.gateway import as_deployed, request
from tests.benchmarks.metering_client import ENVIRONMENT
from tests.benchmarks.metering_endpoint import served
from tests.benchmarks.starting import PREFIX, door_of
from tests.round_trips import counted
from tests.stores.starting_race import NOW, customer, wiring

SETTINGS = {"ADGANG_ZONE": "Europe/Helsinki", "ADGANG_MODE": "test", "ADGANG_STAGE": "bench"}
"""For the desk, which has the door's own wiring."""
PLAN = Plan("member", 1, PlanKind.SUBSCRIPTION, {"en": "Member"}, "1", fee={"currency": "EUR", "prices": []})
TARGETS: Targets = {"subscriptions.wake_round_trips": AtMost(3)}


def figures() -> Figures:
    """Who wakes it, the subscription, and one transaction."""
    with served() as endpoint, environment(ENVIRONMENT | SETTINGS | (found := as_deployed("mobile", endpoint))):
        Database.forget()
        calls = _woken(wiring(PREFIX, **found))
    Database.forget()
    Database.prefix = None
    return {"subscriptions.wake_round_trips": calls}


def _woken(wired: Wiring) -> int:
    door, who = door_of(wired), customer(1, wired)
    since = NOW - timedelta(days=9)
    wired.commit(wired.plans.publishing(PLAN), None)
    phase = Phase(PLAN.plan_id, PLAN.version, since)
    made = Subscription("sub_1", who.account_id, who.customer_id, "1", "en", since, phase, members=(who.customer_id,))
    paused = living.paused(made, Pause(since), since).after
    Transaction()(wired.lives.acting(living.begun(paused), {}), None)
    headers = {"Accept": "application/json", "Idempotency-Key": "wake"}
    event = request("POST", "/v1/subscriptions/{subscription_id}/wake", headers, ids={"subscription_id": "sub_1"})
    with counted() as calls:
        answer = str(door.app(event, door.context())["body"])
    if json.loads(answer).get("pause", "") is not None:
        raise RuntimeError(answer)
    return len(calls)
