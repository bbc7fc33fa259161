"""What things cost month by month, from their first day on; and a month that is over goes by how they stood then."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done
from tests.doors.world import Partner, World

OWNING = {"purchase_price": "600.00", "life_days": 1825, "worth_after": "50.00", "upkeep_per_year": "90.00"}
DAY = 86_400


def put(partner: Partner, asset: str, **stated: object) -> None:
    done(partner.put(f"/partner/v1/assets/{asset}", {"product_id": "bike", "code": asset.upper(), **stated}))


@pytest.fixture(scope="module")
def fleet(world: World) -> Partner:
    """Four bikes that are listed on the tenth of May, which is over and exported."""
    fleet = world.partner("Fleet")
    done(fleet.put("/partner/v1/products/bike", {**CITY_BIKE, "owning": OWNING}))
    put(fleet, "march", in_service_from="2021-03-01")
    put(fleet, "plain")
    put(fleet, "worn", in_service_from="2016-05-20")
    put(fleet, "to-come", in_service_from="2021-07-01")
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    return fleet


def figures(world: World, monitor: str, month: str) -> dict[str, Any]:
    shown = world.finance.read(f"/finance/v1/{monitor}/{month}?by=asset&product={product(world)}")["items"]
    return {each["key"].partition("/")[2]: each["figures"] for each in shown}


def product(world: World) -> str:
    (found,) = world.finance.read("/finance/v1/partners?name=fleet")["items"]
    return f"{found['partner_id']}:bike"


def now(found: dict[str, Any], figure: str) -> dict[str, Any]:
    return {key: each[figure]["now"] for key, each in found.items() if figure in each}


@pytest.mark.usefixtures("fleet")
def test_things_cost_from_the_day_that_is_stated_else_from_that_on_which_they_were_listed(world: World) -> None:
    """
    A bike loses 550.00 in 1,825 days, and 90.00 a year go into it. All of May in 31 days; from the tenth on 22 of them;
    a life that ends on the eighteenth, 18; nothing yet. Upkeep ends with no life.
    """
    found = figures(world, "profit", "2021-05")

    assert now(found, "depreciation") == {"march": "-9.35", "plain": "-6.63", "worn": "-5.42", "to-come": "0.00"}
    assert now(found, "upkeep") == {"march": "-7.64", "plain": "-5.42", "worn": "-7.64", "to-come": "0.00"}
    assert now(figures(world, "behaviour", "2021-05"), "disposal_s") == dict.fromkeys(
        ("march", "plain", "worn", "to-come"), 22 * DAY
    )


def test_what_is_stated_of_things_later_changes_no_month_that_is_over(world: World, fleet: Partner) -> None:
    """
    One is retired, of one the day is stated, one is for three at once, one is new, and all cost more: all in June.
    """
    before = [figures(world, each, "2021-05") for each in ("profit", "behaviour")]
    put(fleet, "march", in_service_from="2021-03-01", retired=True)
    put(fleet, "plain", in_service_from="2020-01-01")
    put(fleet, "worn", in_service_from="2016-05-20", capacity=3)
    put(fleet, "later")
    dearer = {**CITY_BIKE, "owning": {**OWNING, "upkeep_per_year": "365.00"}}
    done(fleet.put("/partner/v1/products/bike", dearer))
    done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
    world.settle()

    assert world.finance.read("/finance/v1/exports/2021-05")[-1]["version"] == 2
    assert [figures(world, each, "2021-05") for each in ("profit", "behaviour")] == before
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    june = {key: each for key, each in figures(world, "profit", "2021-06").items() if key != "march"}
    assert now(june, "depreciation") == {"plain": "-9.04", "worn": "0.00", "to-come": "0.00", "later": "-9.04"}
    assert now(june, "upkeep") == {"plain": "-30.00", "worn": "-30.00", "to-come": "0.00", "later": "-30.00"}
    assert now(figures(world, "behaviour", "2021-06"), "disposal_s") == {
        "march": 0,
        "plain": 30 * DAY,
        "worn": 3 * 30 * DAY,
        "to-come": 30 * DAY,
        "later": 30 * DAY,
    }
