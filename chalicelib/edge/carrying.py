"""PynamoDB's calls by the lean client, which takes a twentieth of botocore's time for each (0041, 0075)."""

from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError as BotocoreClientError
from botocore.exceptions import HTTPClientError

from chalicelib.metering.client import Client, ClientError, NoCredentialsError, RefusedError, UnansweredError

_NO_ANSWER: Final = ("NoAnswer", "ChecksumMismatch", "Unreadable")


class Carrying:
    """Satisfies `storage.record.Carrier`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        if operation_name == "TransactWriteItems":  # as botocore does: tried again, it is written once
            operation_kwargs = {"ClientRequestToken": str(uuid4()), **operation_kwargs}
        try:
            return self._client.ask(operation_name, operation_kwargs)
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
