"""PynamoDB's calls by the lean client, which takes a tenth of botocore's time for each (0041, 0075)."""

import random
import time
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError as BotocoreClientError
from botocore.exceptions import HTTPClientError
from botocore.session import Session

from chalicelib.metering.client import (
    Client,
    ClientError,
    NoCredentialsError,
    RefusedError,
    SessionCredentials,
    Surroundings,
    UnansweredError,
)

_NO_ANSWER: Final = ("NoAnswer", "ChecksumMismatch", "Unreadable")
_HEADS_AT_ONCE: Final = 16
"""One connection for each of the heads of a usual batch."""


@cache
def client_of(region: str, endpoint: str | None) -> Client:
    """One for the whole process: its connections, its keys and its quota of retries."""
    session = Session(include_builtin_handlers=False)  # they are of calls, and it is asked for keys alone: 11 ms less
    return Client(
        region=region,
        credentials=SessionCredentials(session),
        surroundings=Surroundings(time.time, time.monotonic, time.sleep, random.random),
        endpoint=endpoint,
        width=_HEADS_AT_ONCE,
    )


@dataclass(frozen=True)
class Carrying:
    """Satisfies `storage.record.Carrier`."""

    client: Client

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        if operation_name == "TransactWriteItems":  # as botocore does: tried again, it is written once
            operation_kwargs = {"ClientRequestToken": str(uuid4()), **operation_kwargs}
        try:
            return self.client.ask(operation_name, operation_kwargs)
        except ClientError as error:
            raise _botocores(error, operation_name) from error


def _botocores(error: ClientError, operation: str) -> Any:  # noqa: ANN401 -- botocore publishes no types
    """The same as botocore would say it; what got no answer has no code."""
    if isinstance(error, NoCredentialsError) or (isinstance(error, UnansweredError) and error.code in _NO_ANSWER):
        return HTTPClientError(error=error)
    said: Any = {"Error": {"Code": error.code, "Message": error.message}}
    if isinstance(error, RefusedError) and error.reasons:
        said["CancellationReasons"] = error.reasons
    return BotocoreClientError(said, operation)
