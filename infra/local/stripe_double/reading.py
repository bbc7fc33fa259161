"""Reads a request: its key, its parameters and its headers."""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

from infra.local.stripe_double.errors import StripeRefusal

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 4_000_000


@dataclass(frozen=True)
class Request:
    """One request, read but not yet checked."""

    method: str
    path: str
    api_key: str
    version: str
    idempotency_key: str
    account: str
    parameters: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        """The same for the same call with the same parameters."""
        document = json.dumps([self.method, self.path, self.parameters], sort_keys=True)
        return hashlib.sha256(document.encode()).hexdigest()


def read(environ: WSGIEnvironment) -> Request:
    """The request as the SDK or Stripe.js sent it; the mount point is not part of the path."""
    method = environ["REQUEST_METHOD"]
    pairs = _pairs(environ["QUERY_STRING"] if method in ("GET", "DELETE") else _body(environ))
    parameters = nested(pairs)
    return Request(
        method=method,
        path=environ.get("PATH_INFO", ""),
        api_key=_api_key(environ.get("HTTP_AUTHORIZATION", "")) or str(parameters.get("key", "")),
        version=environ.get("HTTP_STRIPE_VERSION", ""),
        idempotency_key=environ.get("HTTP_IDEMPOTENCY_KEY", ""),
        account=environ.get("HTTP_STRIPE_ACCOUNT", ""),
        parameters=parameters,
    )


def _body(environ: WSGIEnvironment) -> str:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > LARGEST_BODY:
        raise StripeRefusal("The request body is too large.")
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if length and kind != _FORM:
        raise StripeRefusal(f"Invalid Content-Type: {kind or 'none'}. Use {_FORM}.")
    try:
        return str(environ["wsgi.input"].read(length).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise StripeRefusal("Invalid request body: not UTF-8.") from error


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    except ValueError as error:
        raise StripeRefusal("Invalid request: the parameters are not form-encoded.") from error


def _api_key(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return value.strip() if scheme.lower() == "bearer" else ""


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`lines[0][amount]=5` as `{"lines": {"0": {"amount": "5"}}}`; `expand[]=x` as `{"expand": ["x"]}`."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        match = _KEY.fullmatch(key)
        if match is None:
            raise StripeRefusal(f"Invalid parameter name: {key[:100]}", code="parameter_unknown", param=key[:100])
        _put(found, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value)
    return found


def _put(found: dict[str, Any], steps: list[str], value: str) -> None:
    is_list = steps[-1] == ""
    inner = steps[:-1] if is_list else steps
    place = found
    for step in inner[:-1]:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise StripeRefusal(f"Invalid object: {steps[0]} is given in two shapes.", param=steps[0])
    last = inner[-1]
    if is_list and isinstance(place.setdefault(last, []), list):
        place[last].append(value)
    elif is_list or last in place or last == "":
        raise StripeRefusal(f"Invalid object: {steps[0]} is given twice.", param=steps[0])
    else:
        place[last] = value
