"""What every test may ask for: an engine that stands in for AWS, and properties tried on the same input every time."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from chalicelib.storage.record import Database
from infra.local.engine import Engine
from tests.once import collect_seldom, part_of, rewrite

settings.register_profile("repeatable", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


def pytest_collection(session: pytest.Session) -> None:
    rewrite(session.config, part_of(session.config))


def pytest_collection_finish() -> None:
    collect_seldom()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """moto; with ENGINE=dynamodb-local, Amazon's own engine for the tables. One for all tests of a file."""
    started = Engine(seed="tests").start()
    Database.forget()
    try:
        yield started
    finally:
        started.stop()
        Database.forget()
        Database.prefix = None
