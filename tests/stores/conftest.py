"""The tables of data.yaml on the engine in use, empty for each test; what a test stored is looked at afterwards."""

import random
import time
from collections.abc import Iterator
from socket import socket

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.session import Session
from moto.core import models as moto_core

from chalicelib.metering.client import Client as LeanClient
from chalicelib.metering.client import SessionCredentials, Surroundings
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.apps import REGION
from infra.local.engine import Engine
from infra.tables import create_all
from tests.stores.tables import PREFIX, STAGE, Client, empty, items
from tests.unit.metering.endpoint import Answer, Request, Tables, served


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


def moto_behind_a_socket(sock: socket, request: Request, _tables: Tables) -> bool:
    """Passes the request on as it is, signature and all."""
    url = f"https://dynamodb.{REGION}.amazonaws.com/"
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    status, _, said = moto_core.botocore_stubber.process_request(
        AWSPreparedRequest("POST", url, headers, request.raw, stream_output=False)
    )
    sock.sendall(Answer(said if isinstance(said, bytes) else said.encode(), status).bytes())
    return True


@pytest.fixture(scope="module")
def address(engine: Engine) -> Iterator[str]:
    """moto answers calls of botocore only, so it is put behind a socket; DynamoDB Local has one already."""
    with served(otherwise=moto_behind_a_socket) as endpoint:
        yield engine.dynamodb_endpoint or endpoint.url


@pytest.fixture(scope="module")
def client(address: str) -> LeanClient:
    surroundings = Surroundings(time.time, time.monotonic, time.sleep, random.random)
    credentials = SessionCredentials(Session())
    return LeanClient(region=REGION, credentials=credentials, surroundings=surroundings, endpoint=address)
