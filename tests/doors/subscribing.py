"""Plans on sale, and customers who have them."""

from typing import Any

from infra.local.tariffs import CITY_BIKE_TARIFF, PRODUCT
from tests.doors.callers import done
from tests.doors.world import Customer, Partner, World

PLANS, MINE = "/mobile/v1/plans", "/mobile/v1/subscriptions"
TEXTS = {"en": "Be kind to bikes.", "da": "Vær god ved cyklerne."}
FEE: dict[str, Any] = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "31.00", "per": "month"}
PLAN: dict[str, Any] = {
    "names": {"en": "Bike member", "da": "Cykelmedlem"},
    "terms_version": "2021-05",
    "fee": {"currency": "EUR", "prices": [FEE]},
    "asleep_after_days": 2,
    "seats": 3,
}


def publish(world: World, plan_id: str, **given: object) -> dict[str, Any]:
    """The plan's next version."""
    return dict(done(world.operator.put(f"/finance/v1/plans/{plan_id}", {**PLAN, **given})))


def publish_terms(world: World) -> None:
    done(world.operator.put(f"/finance/v1/terms/{PLAN['terms_version']}", {"texts": TEXTS}))


def members_fare(partner: Partner) -> dict[str, str]:
    """A cheaper fare of the partner's bikes, for members alone, and how a plan names it."""
    unlock, *others = CITY_BIKE_TARIFF["prices"]
    cheaper = {**CITY_BIKE_TARIFF, "prices": [{**unlock, "amount": "0.10"}, *others], "members_only": True}
    done(partner.post(f"/partner/v1/products/{PRODUCT}/fares/members/tariffs", cheaper))
    return {f"{partner.partner_id}:{PRODUCT}": "members"}


def terms_read(customer: Customer, language: str = "en") -> dict[str, str]:
    """What says that the terms were shown."""
    shown = customer.read(f"/mobile/v1/terms/{PLAN['terms_version']}?lang={language}")
    assert shown["text"] == TEXTS[language]
    return {name: shown[name] for name in ("version", "language", "sha256")}


def wish(customer: Customer, plan_id: str, version: int = 1, **given: object) -> dict[str, object]:
    return {"plan_id": plan_id, "plan_version": version, "terms": terms_read(customer), **given}


def subscribe(customer: Customer, plan_id: str, version: int = 1, **given: object) -> str:
    """The path of the new subscription."""
    made = done(customer.post(MINE, wish(customer, plan_id, version, **given)))
    return f"{MINE}/{made['subscription_id']}"
