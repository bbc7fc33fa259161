"""All partners are in a list, and a month's monitors know the things of each of them, used or not."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done, refused
from tests.doors.world import Partner, World

OWNED = "owned-bike"
LIST = "/finance/v1/partners"
OWNING = {"purchase_price": "600.00", "life_days": 1825, "worth_after": "50.00", "upkeep_per_year": "90.00"}
JUNE = datetime(2021, 6, 1, 12, tzinfo=UTC)
MAY_SECONDS = 31 * 86_400


@pytest.fixture(scope="module")
def bikes(world: World, partner: Partner) -> Partner:
    """Somebody rides one of its bikes in May."""
    world.ride(world.customer(), partner.bike(), partner, 60)
    return partner


@pytest.fixture(scope="module")
def idle(world: World, bikes: Partner) -> Partner:
    """A partner of May with two bikes on which nobody ever rides; the month is over and exported."""
    assert bikes
    idle = world.partner("Idle")
    offer(idle, "idle-1", "idle-2")
    world.until(JUNE)
    return idle


def offer(partner: Partner, *things: str) -> None:
    """Things of a product that nobody can use, since it has no tariff."""
    done(partner.put(f"/partner/v1/products/{OWNED}", {**CITY_BIKE, "category": "idle", "owning": OWNING}))
    for each in things:
        done(partner.put(f"/partner/v1/assets/{each}", {"product_id": OWNED, "code": each.upper()}))


def through(world: World, query: str = "") -> list[dict[str, Any]]:
    """All of a list, a row a page."""
    found, after = [], ""
    while True:
        page = world.finance.read(f"{LIST}?limit=1{query}{after}")
        found += page["items"]
        if not page["next"]:
            return found
        after = f"&after={quote(page['next'])}"


def test_all_partners_are_listed_in_pages_in_order_of_id(world: World, bikes: Partner, idle: Partner) -> None:
    whole = world.finance.read(LIST)

    assert {bikes.partner_id, idle.partner_id} <= {each["partner_id"] for each in whole["items"]}
    assert [each["partner_id"] for each in whole["items"]] == sorted(each["partner_id"] for each in whole["items"])
    assert through(world) == whole["items"]
    assert {each["name"] for each in whole["items"]} == {"Bikes", "Idle"}
    assert all(each["created_at"] for each in whole["items"])


def test_partners_are_found_by_a_part_of_their_name_and_by_when_they_were_created(world: World, idle: Partner) -> None:
    month = "since=2021-05-01T00:00:00Z&until=2021-06-01T00:00:00Z"
    for query, names in (
        ("name=iDL", ["Idle"]),
        (month, ["Bikes", "Idle"]),
        (f"{month}&name=idle", ["Idle"]),
        ("until=2021-01-01T00:00:00Z", []),
        ("name=nobody", []),
    ):
        found = world.finance.read(f"{LIST}?{query}")["items"]
        assert sorted(each["name"] for each in found) == names, query
        assert sorted(each["name"] for each in through(world, f"&{query}")) == names, query
    refused(world.finance.get(f"{LIST}?since=yesterday"), 422, "not_an_instant", "/since")
    refused(world.finance.get(f"{LIST}?owner=x"), 422, "query_invalid", "/owner")
    assert world.finance.read(f"{LIST}?name=idle")["items"][0]["partner_id"] == idle.partner_id


def test_who_may_not_read_sees_no_partner(world: World, bikes: Partner) -> None:
    """
    Neither an operator without the right to read, nor a partner, by whatever door.
    """
    problem = refused(world.operator.get(LIST), 403, "right_missing")
    assert problem["facts"] == {"needs": "finance.read"}
    refused(bikes.get(LIST), 401, "token_refused")
    refused(world.nobody.get(LIST), 401, "unauthenticated")
    assert bikes.get("/partner/v1/partners").status == 403


def month(world: World, path: str) -> dict[str, dict[str, Any]]:
    return {each["key"]: each["figures"] for each in world.finance.read(f"/finance/v1/{path}&limit=200")["items"]}


def test_things_that_nobody_ever_used_are_in_their_months_monitors(world: World, idle: Partner) -> None:
    """
    Two bikes at 90.00 a year, at disposal of everybody: by thing, category, partner and product.
    """
    things = [key for key in month(world, "profit/2021-05?by=asset") if key.startswith(idle.partner_id)]
    assert len(things) == 2
    for by, key in (("category", "idle"), ("partner", idle.partner_id), ("product", f"{idle.partner_id}:{OWNED}")):
        profit, behaviour = (month(world, f"{each}/2021-05?by={by}")[key] for each in ("profit", "behaviour"))
        assert float(profit["upkeep"]["now"]) < 0
        assert float(profit["depreciation"]["now"]) < 0
        assert 0 < behaviour["disposal_s"]["now"] <= 2 * MAY_SECONDS
        assert behaviour.get("sessions", {"now": 0})["now"] == 0


def test_who_becomes_a_partner_after_a_month_is_in_no_later_export_of_it(world: World, idle: Partner) -> None:
    assert idle
    before = {name: month(world, f"{name}/2021-05?by=partner") for name in ("profit", "behaviour")}
    late = world.partner("Late")
    offer(late, "late-1")
    done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
    world.settle()

    assert world.finance.read("/finance/v1/exports/2021-05")[-1]["version"] == 2
    assert {name: month(world, f"{name}/2021-05?by=partner") for name in before} == before
    assert late.partner_id in {each["partner_id"] for each in world.finance.read(LIST)["items"]}
