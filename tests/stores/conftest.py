"""The tables of data.yaml on the engine in use, empty for each test; what a test stored is looked at afterwards."""

from collections.abc import Iterator

import pytest

from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.engine import Engine
from infra.tables import create_all
from tests.stores.tables import PREFIX, STAGE, Client, empty, items


@pytest.fixture(scope="module")
def dynamodb(engine: Engine) -> Client:
    found = engine.client("dynamodb")
    create_all(found, STAGE)
    Database.use(PREFIX)
    return found


@pytest.fixture(autouse=True)
def every_item_has_a_format_version(dynamodb: Client) -> Iterator[None]:
    """
    Readers accept the previous format, so each item says in which one it is.
    """
    yield
    without = [(table, item["pk"]["S"]) for table, item in items(dynamodb) if "format" not in item]
    empty(dynamodb)
    assert without == []


@pytest.fixture
def commit() -> Transaction:
    return Transaction(pause=lambda _attempt: None)
