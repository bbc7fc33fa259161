"""Calls on DynamoDB's items, handed to moto's own handler without a request made, signed, routed and read in between.

Eight of ten calls of a local run are these, and the way to moto and back took four times as long as what is done
there. Parameters are validated and written as JSON as ever. Whatever is refused goes the whole way, and so does every
other call: errors are moto's and botocore's own.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast
from unittest.mock import patch

from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler

from infra.local.apps import REGION

_METHODS: dict[str, Callable[[DynamoHandler], ActionResult]] = {
    "BatchGetItem": DynamoHandler.batch_get_item,
    "DeleteItem": DynamoHandler.delete_item,
    "GetItem": DynamoHandler.get_item,
    "PutItem": DynamoHandler.put_item,
    "Query": DynamoHandler.query,
    "TransactWriteItems": DynamoHandler.transact_write_items,
    "UpdateItem": DynamoHandler.update_item,
}
_URL = f"https://dynamodb.{REGION}.amazonaws.com/"
_MAKE_REQUEST: Callable[..., Any] = Endpoint.make_request
_DONE = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


@contextmanager
def direct(lock: AbstractContextManager[Any]) -> Iterator[None]:
    """While inside, these calls are short."""

    def make_request(endpoint: Any, operation_model: Any, request_dict: Any) -> Any:  # noqa: ANN401 -- botocore's
        method = _METHODS.get(operation_model.name) if request_dict["url"] == _URL else None
        if method is not None:
            with lock:
                found = _answer(method, operation_model.output_shape.members, request_dict["body"])
            if found is not None:
                return AWSResponse(_URL, 200, {}, None), found
        return _MAKE_REQUEST(endpoint, operation_model, request_dict)

    with patch.object(Endpoint, "make_request", make_request):
        yield


def _answer(
    method: Callable[[DynamoHandler], ActionResult], members: Collection[str], body: bytes
) -> dict[str, Any] | None:
    """As botocore would read it; None of what was refused, which has changed nothing."""
    handler = DynamoHandler()
    handler.region, handler.current_account = REGION, DEFAULT_ACCOUNT_ID
    handler.params = handler.body = json.loads(body, object_hook=_with_bytes if b'"B' in body else None)
    try:
        result = method(handler).result
    except Exception:  # noqa: BLE001 -- whichever it is, it is raised again on the whole way
        return None
    found = cast("dict[str, Any]", result).items()
    answer = {name: value for name, value in found if name in members and value is not None}
    return {**answer, "ResponseMetadata": dict(_DONE)}


def _with_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """A value that is bytes is text on the wire."""
    if len(found) == 1:
        ((name, value),) = found.items()
        if name == "B" and isinstance(value, str):
            return {"B": b64decode(value)}
        if name == "BS" and isinstance(value, list):
            return {"BS": [b64decode(each) for each in value]}
    return found
