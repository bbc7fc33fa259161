"""On the same script the lean client does what botocore's does: as many attempts, pauses as long, the same end."""

import random
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as TheirError
from botocore.retries import standard
from botocore.session import Session

from chalicelib.metering.client import Client, ClientError
from tests.unit.metering import endpoint as does
from tests.unit.metering.endpoint import Endpoint, Step, served
from tests.unit.metering.test_client import PASSING, TABLE, Around, client_of, key

SETTINGS = Config(retries={"mode": "standard"}, read_timeout=0.15, connect_timeout=1, region_name="eu-north-1")


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.fixture
def slept() -> Iterator[list[float]]:
    """What botocore sleeps, without sleeping; its chance is the highest, as ours."""
    pauses: list[float] = []
    making = standard.ExponentialBackoff.__init__
    chances = tuple((lambda: 1.0) if each is random.random else each for each in making.__defaults__)
    with patch("botocore.endpoint.time.sleep", pauses.append), patch.object(making, "__defaults__", chances):
        yield pauses


def theirs(session: Session, endpoint: Endpoint) -> Any:  # noqa: ANN401 -- botocore publishes no types
    return session.create_client(
        "dynamodb", endpoint_url=endpoint.url, config=SETTINGS, aws_access_key_id="A", aws_secret_access_key="s"
    )


def outcome(act: Callable[[], object]) -> str:
    """Done, or the error's code; without an answer, just that."""
    try:
        act()
    except TheirError as error:
        code = error.response["Error"]["Code"]
        return str(code)
    except BotoCoreError:
        return "NoAnswer"
    except ClientError as error:
        return error.code
    return "done"


def our_get(client: Client) -> Callable[[], object]:
    return lambda: client.get_item(TABLE, key())


def their_get(client: Any) -> Callable[[], object]:  # noqa: ANN401 -- botocore publishes no types
    return lambda: client.get_item(TableName=TABLE, Key=key())


LASTING = {
    "condition": does.fault("ConditionalCheckFailedException"),
    "validation": does.fault("ValidationException"),
    "access": does.fault("AccessDeniedException"),
    "missing": does.fault("ResourceNotFoundException"),
    "too large": does.bare(413),
    "asked to wait": does.fault("ThrottlingException", x_amz_retry_after="3000"),
}
# botocore raises what it cannot parse at once; we take it for an answer damaged on its way
SCRIPTS = {name: step for name, (step, _) in PASSING.items() if name != "unreadable"} | LASTING
# after its last attempt botocore takes a damaged or shortened answer for a good one; we do not
STRICTER = {("wrong checksum", 4): "ChecksumMismatch", ("cut off", 4): "NoAnswer"}


@pytest.mark.parametrize("times", [1, 3, 4])
@pytest.mark.parametrize("name", SCRIPTS)
def test_as_many_attempts_with_the_same_pauses_to_the_same_end(
    session: Session, slept: list[float], name: str, times: int
) -> None:
    script: list[Step] = [SCRIPTS[name]] * times
    around = Around()
    with served(*script) as endpoint:
        client = theirs(session, endpoint)
        their_outcome = outcome(their_get(client))
        their_requests = len(endpoint.requests)
        client.close()
    with served(*script) as endpoint:
        our_outcome = outcome(our_get(client_of(endpoint, around)))

        if (name, times) in STRICTER:
            assert (their_outcome, our_outcome) == ("done", STRICTER[name, times])
            their_outcome = our_outcome
        assert (our_outcome, len(endpoint.requests)) == (their_outcome, their_requests)
        assert around.slept == slept
