"""Calls on DynamoDB's items, and what its streams tell of them, handed to moto without a request in between.

None is made, signed, routed and read. Nine of ten calls of a local run are these, and the way to moto and back took
four times as long as what is done there. Parameters are validated and written as JSON as ever. Whatever is refused goes
the whole way, and so does every other call: errors are moto's and botocore's own.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC
from typing import Any, cast
from unittest.mock import patch

from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.models import dynamodbstreams_backends

from infra.local.apps import REGION

_ITEMS, _STREAMS = (f"https://{name}.{REGION}.amazonaws.com/" for name in ("dynamodb", "streams.dynamodb"))
_ITEM_METHODS: dict[str, Callable[[DynamoHandler], ActionResult]] = {
    "BatchGetItem": DynamoHandler.batch_get_item,
    "DeleteItem": DynamoHandler.delete_item,
    "GetItem": DynamoHandler.get_item,
    "PutItem": DynamoHandler.put_item,
    "Query": DynamoHandler.query,
    "Scan": DynamoHandler.scan,
    "TransactWriteItems": DynamoHandler.transact_write_items,
    "UpdateItem": DynamoHandler.update_item,
}
_Method = Callable[[dict[str, Any]], dict[str, Any]]
_MAKE_REQUEST: Callable[..., Any] = Endpoint.make_request
_PAGE = 1000
_DONE = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


@contextmanager
def direct(lock: AbstractContextManager[Any]) -> Iterator[None]:
    """While inside, these calls are short."""

    def make_request(endpoint: Any, operation_model: Any, request_dict: Any) -> Any:  # noqa: ANN401 -- botocore's
        method = _METHODS.get((request_dict["url"], operation_model.name))
        if method is not None:
            with lock:
                found = _answer(method, operation_model.output_shape.members, request_dict["body"])
            if found is not None:
                return AWSResponse(request_dict["url"], 200, {}, None), found
        return _MAKE_REQUEST(endpoint, operation_model, request_dict)

    with patch.object(Endpoint, "make_request", make_request):
        yield


def _answer(method: _Method, members: Collection[str], body: bytes) -> dict[str, Any] | None:
    """As botocore would read it; None of what was refused, which has changed nothing."""
    try:
        found = method(json.loads(body, object_hook=_with_bytes if b'"B' in body else None))
    except Exception:  # noqa: BLE001 -- whichever it is, it is raised again on the whole way
        return None
    answer = {name: value for name, value in found.items() if name in members and value is not None}
    return {**answer, "ResponseMetadata": dict(_DONE)}


def _of_items(method: Callable[[DynamoHandler], ActionResult]) -> _Method:
    def done(params: dict[str, Any]) -> dict[str, Any]:
        handler = DynamoHandler()
        handler.region, handler.current_account = REGION, DEFAULT_ACCOUNT_ID
        handler.params = handler.body = params
        return cast("dict[str, Any]", method(handler).result)

    return done


def _records(params: dict[str, Any]) -> dict[str, Any]:
    backend = dynamodbstreams_backends[DEFAULT_ACCOUNT_ID][REGION]
    found = backend.get_records(params["ShardIterator"], params.get("Limit", _PAGE))
    return {**found, "Records": [_as_read(each) for each in found["Records"]]}


def _as_read(record: dict[str, Any]) -> dict[str, Any]:
    """Its instant goes over the wire in milliseconds."""
    change = record["dynamodb"]
    made = change["ApproximateCreationDateTime"]
    made = made.replace(microsecond=made.microsecond // 1000 * 1000, tzinfo=UTC)
    return {**record, "dynamodb": {**change, "ApproximateCreationDateTime": made}}


def _with_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """A value that is bytes is text on the wire."""
    if len(found) == 1:
        ((name, value),) = found.items()
        if name == "B" and isinstance(value, str):
            return {"B": b64decode(value)}
        if name == "BS" and isinstance(value, list):
            return {"BS": [b64decode(each) for each in value]}
    return found


_METHODS: dict[tuple[str, str], _Method] = {
    (_STREAMS, "GetRecords"): _records,
    **{(_ITEMS, name): _of_items(method) for name, method in _ITEM_METHODS.items()},
}
