"""Usage that nobody is billed for is listed for finance, each subject with why; what is billed is not."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.doors.callers import refused
from tests.doors.test_devices import Device, device
from tests.doors.world import Customer, World

__all__ = ["device"]
PATH = "/finance/v1/unbilled-usage/2021-05"


def listed(world: World, limit: int = 200) -> dict[str, dict[str, Any]]:
    """All pages, by subject."""
    page = world.finance.read(f"{PATH}?limit={limit}")
    found = {each["subject"]: each for each in page["items"]}
    while page["next"]:
        page = world.finance.read(f"{PATH}?limit={limit}&after={quote(page['next'])}")
        found |= {each["subject"]: each for each in page["items"]}
    return found


def asset(device: Device) -> str:
    return f"asset/{device.partner.partner_id}/{device.code.lower()}"


def test_what_an_asset_reports_while_nobody_has_it_is_listed(world: World, device: Device) -> None:
    device.told(device.reading(99), device.reading(signal="heartbeat"))

    assert listed(world)[asset(device)] == {
        "subject": asset(device),
        "partner_id": device.partner.partner_id,
        "why": "of_an_asset_that_nobody_had",
        "events": 2,
        "totals": [{"meter": "use_seconds", "unit": "s", "amount": "99", "dimensions": {}}],
    }


def test_a_heartbeat_is_no_usage(world: World, device: Device) -> None:
    device.told(device.reading(signal="heartbeat"))

    assert asset(device) not in listed(world)


def test_a_session_is_listed_until_it_is_charged_and_again_while_a_correction_is_on_its_way(
    world: World, device: Device, customer: Customer
) -> None:
    session = customer.start(device.code)
    world.later(minutes=10)
    device.told(device.reading(60, ago=2))
    assert listed(world)[session]["why"] == "session_goes_on"
    customer.end(session)
    world.settle()
    assert session not in listed(world)

    assert device.told(device.reading(30, ago=1)) == ["late"]
    assert listed(world)[session]["why"] == "correction_pending"
    world.settle()
    assert session not in listed(world)


def test_its_pages_together_have_all_of_it(world: World) -> None:
    devices = [Device(world.partner(), world) for _ in range(5)]
    for each in devices:
        each.told(each.reading(1))

    assert listed(world, limit=2) == listed(world)
    assert {asset(each) for each in devices} <= set(listed(world, limit=1))


@pytest.mark.parametrize("after", ["x", "1|2", "a|b|c"])
def test_a_place_that_no_page_ended_at_is_refused(world: World, after: str) -> None:
    refused(world.finance.get(f"{PATH}?after={quote(after)}"), 422, "no_such_place", "/after")
