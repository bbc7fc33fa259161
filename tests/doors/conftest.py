"""One running system for the tests of a module; each test brings its own customers and bikes."""

from collections.abc import Iterator

import pytest

from infra.local.system import System
from tests.doors.world import START, Customer, Partner, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with System.start(seed="doors", start_at=START) as system:
        yield World(system)


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
