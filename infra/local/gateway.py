"""API Gateway and Lambda for the local run: mounts Chalice apps under prefixes and serves them over WSGI."""

import io
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

from infra.local.apps import LoadedApp
from infra.local.authorizers import Authorizers
from infra.local.rest_events import (
    HttpAnswer,
    HttpRequest,
    MalformedAnswerError,
    answer_of,
    gateway_says,
    proxy_event,
    request_from,
)

MOST_REQUEST = 10 * 1024 * 1024
MOST_PAYLOAD = 6 * 1024 * 1024
StartResponse = Callable[..., Any]
Environ = Mapping[str, Any]
During = Callable[[str], AbstractContextManager[Any]]


class TooLargeError(ValueError):
    """The request's body is over what API Gateway takes."""


class Gateway:
    """A WSGI application. `during(name)` is entered while that app's code runs."""

    def __init__(self, doors: Mapping[str, LoadedApp], during: During = lambda _name: nullcontext()) -> None:
        self._doors = dict(doors)
        self._during = during
        self._authorizers = Authorizers()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return send(self.answer(environ), start_response)

    def serves(self, path: str) -> bool:
        """Whether the path is below one of the mounted prefixes."""
        return _prefix(path) in self._doors

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> HttpAnswer:
        """A request from within this process, without a socket."""
        environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[name] = environ.pop(f"HTTP_{name}", "")
        more = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "REMOTE_ADDR": "127.0.0.1"}
        return self.answer(environ | {"REQUEST_METHOD": method, "REQUEST_URI": path} | more)

    def answer(self, environ: Environ) -> HttpAnswer:
        """Find the app and the route, run the authorizer and the app, check both ends' sizes."""
        path = raw_path(environ)
        prefix = _prefix(path)
        if prefix not in self._doors:
            return gateway_says(403, "Forbidden")
        try:
            body = read_body(environ, MOST_REQUEST)
        except TooLargeError:
            return gateway_says(413, "Request Too Long")
        return self._routed(self._doors[prefix], request_from(environ, prefix, path[len(prefix) :] or "/", body))

    def _routed(self, loaded: LoadedApp, request: HttpRequest) -> HttpAnswer:
        matched = match(list(loaded.app.routes), request.path)
        if matched is None:
            return gateway_says(403, "Missing Authentication Token")
        resource, captured = matched
        methods = loaded.app.routes[resource]
        if request.method not in methods:
            return (
                _preflight(methods)
                if request.method == "OPTIONS"
                else gateway_says(403, "Missing Authentication Token")
            )
        event = proxy_event(request, resource, captured, loaded.app.api.binary_types)
        with self._during(loaded.name):
            refused = self._authorizers.admit(loaded, request, event, methods[request.method].authorizer)
            return refused or _invoke(loaded, event)


def _invoke(loaded: LoadedApp, event: dict[str, Any]) -> HttpAnswer:
    """Call the app with what survives JSON, as Lambda does, and take back what survives it."""
    payload = json.dumps(event)
    if len(payload) > MOST_PAYLOAD:
        return gateway_says(413, "Request Too Long")
    try:
        return _taken(json.dumps(loaded.app(json.loads(payload), loaded.context())))
    except Exception:  # noqa: BLE001 -- a function that fails is a 502, and the gateway lives on
        traceback.print_exc(file=sys.stderr)
        return gateway_says(502, "Internal server error")


def _taken(result: str) -> HttpAnswer:
    if len(result) > MOST_PAYLOAD:
        raise MalformedAnswerError("over 6 MB")
    return answer_of(json.loads(result))


def match(resources: list[str], path: str) -> tuple[str, dict[str, str]] | None:
    """The route for a path: literals win over parameters, which are never empty; one slash at the end is let go."""
    if path != "/" and path.endswith("/"):
        path = path[:-1]
    pieces = path.split("/")
    for resource in sorted(resources, key=lambda each: [piece.startswith("{") for piece in each.split("/")]):
        captured = _captured(resource.split("/"), pieces)
        if captured is not None:
            return resource, captured
    return None


def _captured(pattern: list[str], pieces: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(pieces):
        return None
    captured: dict[str, str] = {}
    for expected, found in zip(pattern, pieces, strict=True):
        if expected.startswith("{") and found:
            captured[expected[1:-1]] = found
        elif expected not in (found, unquote(found)):
            return None
    return captured


def _preflight(methods: Mapping[str, Any]) -> HttpAnswer:
    """What Chalice sets up as a mock for routes with CORS."""
    with_cors = [name for name, entry in methods.items() if entry.cors is not None]
    if not with_cors:
        return gateway_says(403, "Missing Authentication Token")
    headers: dict[str, str] = methods[with_cors[0]].cors.get_access_control_headers()
    headers |= {"Access-Control-Allow-Methods": ",".join([*with_cors, "OPTIONS"]), "Content-Type": "application/json"}
    return HttpAnswer(200, list(headers.items()), b"")


def raw_path(environ: Environ) -> str:
    """The path as it came, percent-encoded."""
    raw = environ.get("REQUEST_URI") or quote(environ.get("PATH_INFO", "/").encode("latin-1"))
    path = str(raw).split("?", 1)[0]
    return path if path.startswith("/") else "/"


def _prefix(path: str) -> str:
    return "/" + path.split("/", 2)[1]


def read_body(environ: Environ, most: int) -> bytes:
    """The request's body, or `TooLargeError`."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > most:
        raise TooLargeError(length)
    body: bytes = environ["wsgi.input"].read(length)
    return body


def send(answer: HttpAnswer, start_response: StartResponse) -> Iterable[bytes]:
    """Hand an answer to the WSGI server."""
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Unknown"
    headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
    start_response(f"{answer.status} {phrase}", headers)
    return [answer.body]
