"""What API Gateway sends to a door."""

import json
from collections.abc import Mapping

from infra.sam import merge_template
from tests.benchmarks.metering_client import REGION


def as_deployed(door: str, endpoint: str) -> dict[str, str]:
    """By what a door in production finds DynamoDB, but for the address."""
    said = merge_template(door)["Globals"]["Function"]["Environment"]["Variables"]
    client = {"DYNAMODB_CLIENT": said["DYNAMODB_CLIENT"], "AWS_REGION": REGION}
    return client | {"AWS_ENDPOINT_URL_DYNAMODB": endpoint}


def request(
    verb: str,
    path: str,
    headers: Mapping[str, str],
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, object] | None = None,
    ids: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """The event of a route; `ids` are its path's parameters."""
    return {
        "resource": path,
        "path": path.format(**(ids or {})),
        "httpMethod": verb,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": query and {name: [value] for name, value in query.items()},
        "pathParameters": ids,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": verb,
            "requestId": "bench",
            "stage": "api",
            "path": f"/api{path}",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
