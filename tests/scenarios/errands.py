"""What people do beside riding: every act of the doors that the demo has no need of."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.access.store import SessionStore
from chalicelib.billing.model import Parked
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.time import Month
from chalicelib.metering.model import Event
from chalicelib.metering.ports import Log
from chalicelib.metering.reference import reference_of
from chalicelib.metering.store import HeadStore, PynamoItems
from chalicelib.storage.writes import Transaction
from infra.local.client import Client, RefusedError
from infra.local.demo import Demo
from infra.local.event_sources import invoker
from infra.local.stripe_double.stripe_js import save_card
from infra.local.system import System
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF, PRODUCT
from tests.scenarios.errands_accounts import family_and_guest
from tests.scenarios.errands_ahead import stretches_that_are_booked, things_that_ask_something
from tests.scenarios.errands_billing import ride_with_a_hold
from tests.scenarios.errands_charges import charges_beside_use
from tests.scenarios.errands_disputes import money_goes_other_ways
from tests.scenarios.errands_exports import exports_are_looked_at
from tests.scenarios.errands_law import a_dearer_plan
from tests.scenarios.errands_leaving import somebody_leaves
from tests.scenarios.errands_money import money_comes_back
from tests.scenarios.errands_passes import given_back_after_the_close, passes_are_used
from tests.scenarios.errands_sharing import agree_on_a_share, partner_is_paid
from tests.scenarios.errands_subscriptions import plans_are_had
from tests.scenarios.errands_taxes import taxes_by_stripe
from tests.scenarios.errands_together import people_together

CLOSE_OF_JULY = datetime(2021, 8, 1, 6, 0, tzinfo=UTC)
METHODS = "/mobile/v1/me/payment-methods"


def run_errands(system: System, demo: Demo) -> None:
    """After the demo: as customer, partner, operator and finance."""
    as_customer(demo.customers[0])
    another_card(system, demo, demo.customers[0])
    as_partner(demo.partner)
    ride_that_is_reported_late(system, demo)
    usage_that_is_contended_and_changed(system, demo)
    device_that_reports(system, demo)
    session_that_ends_by_itself(system, demo)
    session_that_breaks_down(system, demo)
    stretches_that_are_booked(system, demo)
    thing_that_lies_unused_and_is_found(system, demo)
    people_together(system, demo)
    things_nearby(system, demo)
    things_that_ask_something(system, demo)
    everybody_traces_a_session(demo)
    as_operator(demo)
    park_and_release(system, demo)
    as_finance(demo)
    exports_are_looked_at(system, demo)
    try_a_tariff(demo)
    charges_beside_use(system, demo, demo.customers[0])
    partner_id = agree_on_a_share(demo)
    kept = passes_are_used(system, demo, partner_id)
    money_comes_back(system, demo)
    late = ride_on_a_card_that_declines(system, demo)
    given_back_after_the_close(system, demo, kept)
    partner_is_paid(system, demo, partner_id)
    money_goes_other_ways(system, demo, late)
    ride_with_a_hold(system, demo)
    family_and_guest(system, demo)
    taxes_by_stripe(system, demo)
    plans_are_had(system, demo, partner_id)
    a_dearer_plan(system, demo)
    somebody_leaves(system, demo)


def ride_on_a_card_that_declines(system: System, demo: Demo) -> Client:
    """The payment fails at the close of July, the customer is told, and the late report of May is billed."""
    signed_in = demo.local.post("/local/sign-in", {"email": "late@example.com"})
    customer = demo.client(signed_in["access_token"], "late")
    customer.post("/mobile/v1/me", {"terms_version": "1"})
    system.drain()
    setup = customer.post("/mobile/v1/me/payment-methods")
    stripe = demo.local.get("/local")["stripe"]
    save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"], "pm_card_chargeCustomerFail")
    system.drain()
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "SPARE-2"})
    session = customer.post("/mobile/v1/access-sessions", {"code": "SPARE-2", "quote": quote["quote"]})
    customer.post(f"/mobile/v1/access-sessions/{session['session_id']}/end")
    demo.clock(CLOSE_OF_JULY)
    assert [each["code"] for each in customer.get("/mobile/v1/notices")["items"]] == ["payment_failed"]
    return customer


def as_customer(customer: Client) -> None:
    customer.get("/mobile/v1/notices")
    customer.get("/mobile/v1/access-sessions")
    assert customer.get("/mobile/v1/advice")["products"]
    first = customer.get("/mobile/v1/proofs")["items"][0]
    assert customer.get(f"/mobile/v1/proofs/{first['number']}")["digest"] == first["digest"]
    for _ in range(2):  # the second time is a repeat
        customer.call("POST", "/mobile/v1/me/payment-methods", key="once-more")
    with pytest.raises(RefusedError, match="already_agreed"):
        customer.call("POST", "/mobile/v1/me", {"terms_version": "1"}, key="again")


def another_card(system: System, demo: Demo, customer: Client) -> None:
    """The last card goes, because nothing is owed; another one is saved and chosen."""
    (old,) = customer.get(METHODS)["methods"]
    customer.delete(f"{METHODS}/{old['method_id']}")
    setup, stripe = customer.post(METHODS), demo.local.get("/local")["stripe"]
    save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"], "pm_card_mastercard")
    system.drain()
    (new,) = customer.get(METHODS)["methods"]
    assert customer.put(f"{METHODS}/{new['method_id']}/default", {})["methods"][0]["default"]


def as_partner(partner: Client) -> None:
    for what in ("places", "products", "assets"):
        first = partner.get(f"/partner/v1/{what}?limit=1")["items"][0]
        partner.get(f"/partner/v1/{what}/{first[what[:-1] + '_id']}")
    partner.put("/partner/v1/products/spares", {**CITY_BIKE, "name": "Spares"})
    partner.put("/partner/v1/assets/spare", {"product_id": PRODUCT, "code": "SPARE-1"})
    partner.put("/partner/v1/assets/spare", {"product_id": PRODUCT, "code": "SPARE-2"})
    keep_the_catalogue(partner)
    added = partner.call("POST", "/partner/v1/keys", {"label": "second"}, key="second-key")
    partner.call("POST", "/partner/v1/keys", {"label": "second"}, key="second-key")
    partner.get(f"/partner/v1/products/{PRODUCT}/tariffs/1")
    partner.post("/partner/v1/products/spares/fares/often/tariffs", CITY_BIKE_TARIFF)
    partner.get("/partner/v1/products/spares/fares/often/tariffs/1")
    partner.get("/partner/v1/keys")
    partner.delete(f"/partner/v1/keys/{added['key_id']}")


def keep_the_catalogue(partner: Client) -> None:
    """An asset is taken out and put back; its history and its product's other assets are read."""
    out = partner.post("/partner/v1/assets/spare/take-outs", {"reason": "new tyres"})
    partner.delete(f"/partner/v1/assets/spare/take-outs/{out['take_out_id']}")
    assert partner.get("/partner/v1/assets/spare/take-outs")["items"]
    assert partner.get("/partner/v1/assets/spare/history")["items"]
    assert partner.get(f"/partner/v1/assets?product_id={PRODUCT}")["items"]
    partner.get("/partner/v1/categories")


def ride_that_is_reported_late(system: System, demo: Demo) -> None:
    """Evidence that comes after the end, for a month that is closed: corrected, and billed with the next close."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": "late-measure",
        "source": "/helsinki/bikes",
        "type": "adgang.usage.v1",
        "subject": demo.sessions[0],
        "time": "2021-05-31T21:05:46Z",
        "data": {"meter": "use_seconds", "value": "300"},
    }
    answer = demo.partner.call("POST", "/partner/v1/events", [event], media_type="application/cloudevents-batch+json")
    assert answer["events"][0]["outcome"] == "late"
    system.drain()
    reference = answer["events"][0]["reference"]
    assert demo.partner.get(f"/partner/v1/events/{reference}")["state"] == "counted"


def usage_that_is_contended_and_changed(system: System, demo: Demo) -> None:
    """A log (written by the store itself, as ingestion would) is counted by the worker; then its event is voided."""
    session, now = demo.sessions[0], system.now()
    heads = HeadStore(PynamoItems(pause=lambda _attempt: None))
    used = Event("/helsinki/bikes", "contended", session, now, "use_seconds", Decimal(1))
    log = Log(session, Month.of(now, "Europe/Helsinki"), (used,), now)
    Transaction()(heads.spill(log, now), None)
    reference = reference_of(used)
    assert demo.partner.get(f"/partner/v1/events/{reference}")["state"] == "queued"
    system.drain()
    assert demo.partner.get(f"/partner/v1/events/{reference}")["state"] == "counted"
    asked = {"change_id": "contended", "reason": "it was not this bike"}
    assert demo.partner.post(f"/partner/v1/events/{reference}/void", asked)["voided"] == 1
    assert demo.partner.get(f"/partner/v1/usage/{session}/events")["events"][0]["voided_by"] == "contended"
    demo.partner.put("/partner/v1/meters/energy", {"kind": "register", "unit": "kwh"})
    system.drain()


def device_that_reports(system: System, demo: Demo) -> None:
    """A lock under its own key, over HTTP and through IoT Core: of now, and of a ride of a month that is closed."""
    session = SessionStore().find(demo.sessions[0])
    assert session is not None
    asset = demo.partner.get(f"/partner/v1/assets/{session.asset_id}")
    body = {name: asset[name] for name in ("product_id", "code", "place_id")}
    demo.partner.put(f"/partner/v1/assets/{session.asset_id}", {**body, "device_id": "lock-1"})
    key = demo.partner.post("/partner/v1/keys", {"label": "lock", "device_id": "lock-1"})["key"]
    then = (session.started_at + timedelta(seconds=30)).isoformat()
    readings = [
        {"id": "1", "time": then, "meter": "use_seconds", "value": "1"},
        {"id": "2", "time": system.now().isoformat(), "signal": "heartbeat"},
        {"id": "3", "time": system.now().isoformat(), "meter": "use_seconds", "value": "9"},
    ]
    message = {"readings": readings, "partner_id": session.partner_id, "device_id": "lock-1"}
    lock = demo.client(key, "lock")
    assert lock.get("/partner/v1/grant-keys")["keys"]
    by_iot_core = invoker(system.doors["partner"], "signals")
    for _ in range(2):
        by_iot_core(message)
    told = lock.call("POST", "/partner/v1/devices/lock-1/signals", {"readings": readings})
    assert [each["outcome"] for each in told["events"]] == ["duplicate"] * 3
    system.drain()
    month = str(Month.of(system.now(), "Europe/Helsinki"))
    found = demo.finance.get(f"/finance/v1/unbilled-usage/{month}?limit=200")["items"]
    assert "of_an_asset_that_nobody_had" in {each["why"] for each in found}


def session_that_ends_by_itself(system: System, demo: Demo) -> None:
    """Reservations are given up, expire, and are taken up; a session is paused, and ends by itself."""
    customer, code = demo.customers[0], "SPARE-2"

    def reserved() -> str:
        quote = customer.call("POST", "/mobile/v1/quotes", {"code": code, "need": {"use_seconds": "60"}})["quote"]
        return str(customer.post("/mobile/v1/reservations", {"code": code, "quote": quote})["session_id"])

    customer.post(f"/mobile/v1/reservations/{reserved()}/cancel")
    demo.clock(system.now() + timedelta(minutes=31))
    reserved()
    assert len(customer.get("/mobile/v1/reservations")) == 1
    demo.clock(system.now() + timedelta(minutes=50))
    assert customer.get("/mobile/v1/reservations") == []
    for wish in ({"cost": "0.50"}, {"after_s": 3600}):
        session = reserved()
        customer.post(f"/mobile/v1/reservations/{session}/start", {"code": code})
        customer.put(f"/mobile/v1/access-sessions/{session}/stop", wish)
        partner_asks(demo, customer.get("/mobile/v1/access-sessions")[0])
        for act in ("pause", "resume"):
            customer.post(f"/mobile/v1/access-sessions/{session}/{act}")
        demo.clock(system.now() + timedelta(hours=2))
        assert customer.get(f"/mobile/v1/access-sessions/{session}/receipt")["amount"]["amount"] in {"0.50", "1.50"}


def session_that_breaks_down(system: System, demo: Demo) -> None:
    """The thing says that it is faulty: the session ends, and the asset is off the offers."""
    quote = demo.customers[0].call("POST", "/mobile/v1/quotes", {"code": "SPARE-2", "need": {"use_seconds": "60"}})
    accepted = {"code": "SPARE-2", "quote": quote["quote"]}
    session = demo.customers[0].post("/mobile/v1/access-sessions", accepted)["session_id"]
    demo.clock(system.now() + timedelta(minutes=5))
    event = {
        "specversion": "1.0",
        "id": "flat",
        "source": "/helsinki/bikes",
        "type": "adgang.signal.v1",
        "subject": session,
        "time": system.now().isoformat(),
        "data": {"signal": "faulty"},
    }
    demo.partner.call("POST", "/partner/v1/events", [event], media_type="application/cloudevents-batch+json")
    system.drain()
    outs = demo.partner.get("/partner/v1/assets/spare/take-outs")["items"]
    out = next(each for each in outs if session in each["reason"])
    case = demo.partner.get("/partner/v1/cases?state=open")["items"][0]
    assert case["take_out_id"] == out["take_out_id"]
    closing = {"note": "new brake", "put_back": True}
    assert demo.partner.post(f"/partner/v1/cases/{case['case_id']}/close", closing)["state"] == "closed"
    assert demo.finance.get("/finance/v1/cases?state=closed")["items"]


def thing_that_lies_unused_and_is_found(system: System, demo: Demo) -> None:
    """It is told that it lies unused; its lock says where it is, in all ways; it is back, and its events are erased."""
    customer, partner, code = demo.customers[0], demo.partner, "FLOATING-1"
    square = [["20", "10"], ["21", "10"], ["21", "11"]]
    zones = [{"name": "here", "kind": "return", "polygon": square}]
    partner.put(
        "/partner/v1/places/zone", {"name": "Zone", "latitude": "10", "longitude": "20", "service_zones": zones}
    )
    policy = {"use_signals": ["moving"], "return_signals": ["in_return_zone"], "grace_s": 600}
    partner.put("/partner/v1/products/floating", {**CITY_BIKE, "name": "Floating", "policy": policy})
    partner.post("/partner/v1/products/floating/tariffs", CITY_BIKE_TARIFF)
    partner.put("/partner/v1/assets/floating", {"product_id": "floating", "code": code, "device_id": "lock-2"})
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": code, "need": {"use_seconds": "60"}})["quote"]
    session = customer.post("/mobile/v1/access-sessions", {"code": code, "quote": quote})["session_id"]
    asked = SessionStore().find(session)
    assert asked is not None
    demo.clock(system.now() + timedelta(minutes=20))
    assert "unused_past_grace" in {each["code"] for each in customer.get("/mobile/v1/notices")["items"]}
    for number, (latitude, signal) in enumerate((("50", "moving"), ("10.1", "position"))):
        where = {"signal": signal, "latitude": latitude, "longitude": "20.9"}
        reading = {"id": f"w{number}", "time": system.now().isoformat(), **where}
        message = {"readings": [reading], "partner_id": asked.partner_id, "device_id": "lock-2"}
        invoker(system.doors["partner"], "signals")(message)
        partner.call("POST", "/partner/v1/devices/lock-2/signals", {"readings": [reading]})
        event = {
            "specversion": "1.0",
            "id": f"e{number}",
            "source": "/helsinki/bikes",
            "type": "adgang.signal.v1",
            "subject": session,
            "time": system.now().isoformat(),
            "data": where,
        }
        partner.call("POST", "/partner/v1/events", [event], media_type="application/cloudevents-batch+json")
        demo.clock(system.now() + timedelta(minutes=1))
    shown = customer.get(f"/mobile/v1/sessions/{session}/timeline")["entries"]
    assert {each["facts"].get("position") for each in shown if each["kind"] == "signal"} >= {"s3yc7w"}
    partner.delete(f"/partner/v1/usage/{session}")


def things_nearby(system: System, demo: Demo) -> None:
    """A bike is found where it stands, follows its place, and is off the map when it is retired."""
    customer, partner = demo.customers[0], demo.partner
    place = {"name": "Nearby", "longitude": "20", "address": "", "capacity": 1}
    bike = {"product_id": PRODUCT, "code": "NEARBY-1", "place_id": "nearby"}

    def found(latitude: str) -> list[str]:
        system.drain()
        return [each["asset"] for each in customer.get(f"/mobile/v1/offers?near={latitude},20&for=600")["offers"]]

    partner.put("/partner/v1/places/nearby", {**place, "latitude": "10"})
    partner.put("/partner/v1/assets/nearby", bike)
    assert found("10") == ["nearby"]
    partner.put("/partner/v1/places/nearby", {**place, "latitude": "20"})
    assert (found("10"), found("20")) == ([], ["nearby"])
    partner.put("/partner/v1/assets/nearby", {**bike, "retired": True})
    assert found("20") == []


def partner_asks(demo: Demo, session: dict[str, Any]) -> None:
    """May this customer use this now? And with how many plays at once, and without a network?"""
    about = {"asset": session["asset"], "customer": session["known_as"]}
    query = f"asset={about['asset']}&customer={about['customer']}"
    assert demo.partner.get(f"/partner/v1/entitlements?{query}")["allow"]
    assert demo.partner.get(f"/partner/v1/entitlements/grant?{query}")["grant"]
    for act in ("", "/close"):
        demo.partner.call("POST", f"/partner/v1/entitlements/streams{act}", {**about, "stream": "tv"})


def everybody_traces_a_session(demo: Demo) -> None:
    """Its customer, its partner and finance see the same ride."""
    session = demo.sessions[0]
    customer = next(each for each in demo.customers if _has(each, session))
    shown = [each["what"] for each in customer.get(f"/mobile/v1/sessions/{session}/timeline")["entries"]]
    assert {"start", "end", "sealed", "corrected"} <= set(shown)
    assert demo.partner.get(f"/partner/v1/sessions/{session}/timeline")["entries"]
    assert demo.finance.get(f"/finance/v1/sessions/{session}/timeline")["entries"]


def _has(customer: Client, session: str) -> bool:
    try:
        return bool(customer.get(f"/mobile/v1/access-sessions/{session}"))
    except RefusedError:
        return False


def as_operator(demo: Demo) -> None:
    for _ in range(2):
        made = demo.operator.call("POST", "/finance/v1/partners", {"name": "Another"}, key="another")
    path = f"/finance/v1/partners/{made['partner']['partner_id']}/keys"
    added = demo.operator.post(path, {"label": "spare"})
    demo.operator.get(path)
    demo.operator.delete(f"{path}/{added['key_id']}")
    for category, parent in (("things", None), ("spares", "things")):
        body = {"names": {"en": category}, "parent": parent}
        demo.operator.put(f"/finance/v1/categories/{category}", body)
    assert demo.operator.get("/finance/v1/categories")["items"]
    caps = [{"id": "spares", "period": "day", "amount": "12.00", "category": "spares"}]
    demo.operator.put("/finance/v1/fare-caps/2031-01", {"caps": caps})


def park_and_release(system: System, demo: Demo) -> None:
    """An account is parked (written by the store itself, as the settlement would) and released by the operator."""
    account = demo.customers[0].get("/mobile/v1/me")["account_id"]
    parked = Parked(account, Month(2021, 6), "many_times_the_usual", {}, system.now())
    Transaction()(BillingStore().parking(parked), None)
    listed = demo.operator.get("/finance/v1/parked")["items"]
    assert [each["account_id"] for each in listed] == [account]
    demo.operator.post(f"/finance/v1/parked/{account}/2021-06/release", {"note": "looked at, right as it is"})
    system.drain()


def try_a_tariff(demo: Demo) -> None:
    """The partner and finance try the published tariff on May, and find the same customers and sums."""
    session = SessionStore().find(demo.sessions[0])
    assert session is not None
    month = {"month": "2021-05", "product_id": PRODUCT, "tariff": CITY_BIKE_TARIFF, "limit": 100}
    mine = demo.partner.call("POST", "/partner/v1/simulations", month)
    tariff = {"partner_id": session.partner_id, "product_id": PRODUCT, "version": 1}
    asked = {**month, "partner_id": session.partner_id, "tariff": tariff}
    theirs = demo.finance.call("POST", "/finance/v1/simulations", asked)
    assert mine["summary"]["customers"] > 0
    for name in ("customers", "billed", "would_be"):
        assert mine["summary"][name] == theirs["summary"][name]


def as_finance(demo: Demo) -> None:
    account = demo.customers[0].get("/mobile/v1/me")["account_id"]
    first = demo.finance.get(f"/finance/v1/accounts/{account}/proofs")["items"][0]
    demo.finance.get(f"/finance/v1/accounts/{account}/proofs/{first['number']}")
    demo.finance.get("/finance/v1/fare-caps/2031-02")
    demo.finance.get("/finance/v1/exports")
    demo.finance.post("/finance/v1/exports", {"month": "2021-06"})
    demo.finance.post("/finance/v1/closes", {"month": "2021-06"})
    demo.finance.post("/finance/v1/closes", {"month": "2021-04"})
    with pytest.raises(RefusedError, match="month_not_ended"):
        demo.finance.post("/finance/v1/closes", {"month": "2021-07"})
