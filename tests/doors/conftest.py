"""One running system for the tests of a module; each test brings its own customers and bikes."""

from collections.abc import Iterator

import pytest

from infra.local.system import System
from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done
from tests.doors.heard import HEARD
from tests.doors.vans import RULES, TARIFF, new_van
from tests.doors.world import START, Customer, Partner, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Every refusal that the module's tests get has to be one that OpenAPI tells of."""
    with System.start(seed="doors", start_at=START) as system:
        world = World(system)
        HEARD.answers.clear()
        yield world
        if not HEARD.documents:
            HEARD.documents = {door: world.nobody.read(f"/{door}/openapi.json") for door in system.doors}
        assert list(HEARD.not_told_of()) == []


@pytest.fixture(scope="module")
def partner(world: World) -> Partner:
    return world.partner()


@pytest.fixture
def customer(world: World) -> Customer:
    return world.customer()


@pytest.fixture
def code(partner: Partner) -> str:
    """A free bike's code."""
    return partner.bike()


@pytest.fixture(scope="module")
def vans(world: World) -> Partner:
    """A partner whose vans are booked ahead."""
    partner = world.partner("Vans")
    product = {**CITY_BIKE, "name": "Van", "category": "vans", "policy": {"free_reservation_s": 600, "booking": RULES}}
    done(partner.put("/partner/v1/products/van", product))
    done(partner.post("/partner/v1/products/van/tariffs", TARIFF))
    return partner


@pytest.fixture
def van(vans: Partner) -> str:
    return new_van(vans)
