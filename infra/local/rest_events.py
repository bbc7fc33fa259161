"""The event that API Gateway (REST, version 1) hands to Lambda, and what it makes of Lambda's answer."""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote

from infra.local.apps import ACCOUNT

API_ID = "local"
_REMAPPED = {"www-authenticate": "x-amzn-Remapped-WWW-Authenticate", "server": "x-amzn-Remapped-Server"}
_DROPPED = {"connection", "content-length", "date", "transfer-encoding"}

Event = dict[str, Any]
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request: `path` below the mounted prefix and percent-encoded as it came, `prefix` the stage."""

    method: str
    prefix: str
    path: str
    query: str
    headers: Headers
    body: bytes
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """The last header of that name, whatever its case."""
        found = [value for each, value in self.headers if each.lower() == name.lower()]
        return found[-1] if found else None


@dataclass(frozen=True)
class HttpAnswer:
    """What goes back over the wire."""

    status: int
    headers: Headers
    body: bytes


class MalformedAnswerError(ValueError):
    """Lambda's answer is not what the proxy integration takes; API Gateway says 502."""


def request_from(environ: Mapping[str, Any], prefix: str, path: str, body: bytes) -> HttpRequest:
    """The request that a WSGI server took in."""
    headers = [
        (name[5:].replace("_", "-").title(), str(value)) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    for name, header in (("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length")):
        if environ.get(name):
            headers.append((header, environ[name]))
    return HttpRequest(
        method=environ["REQUEST_METHOD"],
        prefix=prefix,
        path=path,
        query=environ.get("QUERY_STRING", ""),
        headers=sorted(headers),
        body=body,
        source_ip=environ.get("REMOTE_ADDR", "127.0.0.1"),
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
    )


def proxy_event(request: HttpRequest, resource: str, captured: Mapping[str, str], binary: Sequence[str]) -> Event:
    """The event for a request that matched `resource`; path parameters stay percent-encoded, as API Gateway has it."""
    query = parse_qsl(request.query, keep_blank_values=True)
    body, encoded = _body(request, binary)
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": _gathered(request.headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _gathered(query) or None,
        "pathParameters": dict(captured) or None,
        "stageVariables": None,
        "requestContext": _context(request, resource),
        "body": body,
        "isBase64Encoded": encoded,
    }


def _body(request: HttpRequest, binary: Sequence[str]) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    kind = (request.header("Content-Type") or "").split(";")[0].strip().lower()
    if "*/*" in binary or kind in {each.lower() for each in binary}:
        return base64.b64encode(request.body).decode(), True
    return request.body.decode("utf-8", errors="replace"), False


def _gathered(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered


def _context(request: HttpRequest, resource: str) -> Event:
    now = time.time()
    return {
        "accountId": ACCOUNT,
        "apiId": API_ID,
        "domainName": request.header("Host") or "localhost",
        "extendedRequestId": "local",
        "httpMethod": request.method,
        "identity": {"sourceIp": request.source_ip, "userAgent": request.header("User-Agent"), "user": None},
        "path": request.prefix + request.path,
        "protocol": request.protocol,
        "requestId": str(uuid.uuid4()),
        "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": quote(resource, safe=""),
        "resourcePath": resource,
        "stage": request.prefix.strip("/"),
    }


def method_arn(event: Event) -> str:
    """The ARN by which an authorizer's policy names this call."""
    context = event["requestContext"]
    return (
        f"arn:aws:execute-api:eu-north-1:{ACCOUNT}:{API_ID}/{context['stage']}/{event['httpMethod']}"
        f"/{event['path'].lstrip('/')}"
    )


def answer_of(result: object) -> HttpAnswer:
    """The HTTP answer for what Lambda gave back, after the same checks as API Gateway's."""
    if not isinstance(result, dict) or not isinstance(result.get("statusCode"), int):
        raise MalformedAnswerError("no statusCode")
    body = result.get("body")
    if body is not None and not isinstance(body, str):
        raise MalformedAnswerError("the body is no text")
    headers = _named(result.get("headers"), result.get("multiValueHeaders"))
    return HttpAnswer(result["statusCode"], headers, _raw(body or "", encoded=bool(result.get("isBase64Encoded"))))


def _raw(body: str, *, encoded: bool) -> bytes:
    if not encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedAnswerError("the body is not base64") from error


def _named(single: object, several: object) -> Headers:
    if not isinstance(single or {}, dict) or not isinstance(several or {}, dict):
        raise MalformedAnswerError("the headers are no map")
    values = {str(name): [str(value)] for name, value in (single or {}).items()}  # type: ignore[attr-defined]
    values |= {str(name): [str(each) for each in value] for name, value in (several or {}).items()}  # type: ignore[attr-defined]
    if not any(name.lower() == "content-type" for name in values):
        values["Content-Type"] = ["application/json"]
    return [
        (_REMAPPED.get(name.lower(), name), each)
        for name, listed in values.items()
        if name.lower() not in _DROPPED
        for each in listed
    ]


def gateway_says(status: int, message: str) -> HttpAnswer:
    """An answer of the gateway's own, which no app has seen."""
    return HttpAnswer(status, [("Content-Type", "application/json")], json.dumps({"message": message}).encode())
