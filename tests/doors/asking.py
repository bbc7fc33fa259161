"""A partner whose things ask something of their customers, what these show, and all that is stored."""

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.local.tariffs import CITY_BIKE
from infra.tables import table_definitions
from tests.doors.callers import Caller, Json, done
from tests.doors.world import Customer, Partner, World

SESSIONS, QUOTES, LIMITS = "/mobile/v1/access-sessions", "/mobile/v1/quotes", "/mobile/v1/me/limits"
RESERVATIONS, ELIGIBILITY = "/mobile/v1/reservations", "/mobile/v1/me/eligibility"
BY_MINUTE = {
    "currency": "EUR",
    "tax_inclusive": True,
    "meters": [],
    "prices": [{"id": "time", "kind": "need", "per": "h", "in_use": "6.00", "kept": "1.20"}],
}
"""Ten cents a minute in use, two while it is kept."""
BY_KM = {
    **BY_MINUTE,
    "meters": [{"name": "km", "unit": "km", "most_per_hour": "100"}],
    "prices": [{"id": "km", "kind": "unit", "meter": "km", "unit_amount": "0.50"}],
}
_numbers = itertools.count(1)


def things(world: World, policy: Json, tariff: Json = BY_MINUTE, **said: object) -> Partner:
    """A partner with a product of that policy."""
    partner = world.partner("Cars")
    product = {**CITY_BIKE, "name": "Car", "category": "cars", "policy": policy, **said}
    done(partner.put("/partner/v1/products/car", product))
    done(partner.post("/partner/v1/products/car/tariffs", tariff))
    return partner


def next_morning(world: World) -> None:
    """Early on a day of its own, and never in the last days of a month."""
    now = world.system.now()
    world.until((now + timedelta(days=1 if now.day < 20 else 35 - now.day)).replace(hour=5, minute=0, second=0))


def thing(partner: Partner, **said: object) -> str:
    """One more of them; its code."""
    code = f"CAR-{next(_numbers):04d}"
    done(partner.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "car", "code": code, **said}))
    return code


def quoted(customer: Customer, code: str, **need: str) -> dict[str, Any]:
    return dict(done(customer.post(QUOTES, {"code": code, "need": need}, key=None)))


def accepted(customer: Customer, code: str, **need: str) -> dict[str, str]:
    return {"code": code, "quote": quoted(customer, code, **need)["quote"]}


def begin(customer: Customer, code: str, **need: str) -> dict[str, Any]:
    return dict(done(customer.post(SESSIONS, accepted(customer, code, **need))))


def proof_of(world: World, **documents: object) -> str:
    """What the verifier's own app gives to somebody who shows these documents."""
    return str(done(Caller(world.system.address).post("/verifier/v1/proofs", documents))["proof"])


def show(world: World, customer: Customer, requires: str, **documents: object) -> dict[str, Any]:
    asked = {"requires": requires, "proof": proof_of(world, **documents)}
    return dict(done(customer.post(ELIGIBILITY, asked)))


def agree(customer: Customer, purpose: str, version: str = "1") -> dict[str, Any]:
    return dict(done(customer.put(f"/mobile/v1/me/consents/{purpose}", {"version": version})))


def limit(customer: Customer, **limits: object) -> dict[str, Any]:
    return dict(done(customer.put(LIMITS, limits)))


def stored(world: World) -> dict[str, list[Any]]:
    """Every item of every table."""
    world.settle()
    client, found = world.system.engine.client("dynamodb"), {}
    for table in table_definitions("local"):
        pages = client.get_paginator("scan").paginate(TableName=table.table_name)
        items = [item for page in pages for item in page["Items"]]
        found[table.table_name] = sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
    return found


def stated(world: World, customer: Customer) -> Decimal:
    """What the running month comes to."""
    month = world.system.now().strftime("%Y-%m")
    return Decimal(customer.read(f"/mobile/v1/statements/{month}")["total"]["amount"])
