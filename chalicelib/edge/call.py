"""One request as a view sees it, and how its parts are read."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from chalicelib.edge.refusals import BodyInvalid, BodyTooLarge, Malformed, QueryInvalid, UnsupportedMediaType
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Commit

Body = TypeVar("Body")
Caller = TypeVar("Caller")

MOST_BYTES = 64 * 1024
_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_AT = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Call(Generic[Caller, Body]):
    """What a view gets: who calls, what was sent, when it is, and the commit that saves the answer.

    `says` takes headers that the view adds to its answer; a repeat's saved answer goes without them.
    """

    caller: Caller
    body: Body
    query: Any
    now: datetime
    commit: Commit
    idempotency_key: str
    headers: Mapping[str, str]
    raw: bytes
    says: dict[str, str] = field(default_factory=dict)


def correlation_id(given: str | None, request_id: str) -> str:
    """The caller's own, if it is one that can be logged; else the gateway's request id."""
    return given if given and _CORRELATION.fullmatch(given) else request_id


def read_body(raw: bytes, content_type: str, shape: type[Body], most: int) -> Body:
    """The JSON body in its declared shape: no unknown field, no wrong type, not too large."""
    if len(raw) > most:
        raise BodyTooLarge(most_bytes=most)
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(takes="application/json")
    return decode(raw, shape)


def read_object(raw: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """A JSON object whose members are read by the area that knows them, so that it can name every fault at once."""
    return read_body(raw, headers.get("content-type", "application/json"), dict[str, object], MOST_BYTES)


def decode(raw: bytes, shape: type[Body]) -> Body:
    """Decode JSON; the refusal points at the field at fault."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        text = str(error)
        raise BodyInvalid(pointer=_pointer(text), reason=_AT.sub("", text)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(reason="the body is not valid JSON") from error


def convert(given: object, shape: type[Body]) -> Body:
    """Members that came as text, in their declared shape; the refusal points at the field at fault."""
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        raise BodyInvalid(pointer=_pointer(text), reason=_AT.sub("", text)) from error


def read_query(given: Mapping[str, str] | None, shape: type[Any] | None) -> Any:  # noqa: ANN401 -- the route's own shape
    """Query parameters in their declared shape; None where a route takes none."""
    if shape is None:
        if given:
            raise QueryInvalid(reason="takes no query parameters", pointer=f"/{next(iter(given))}")
        return None
    try:
        return msgspec.convert(dict(given or {}), shape, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        raise QueryInvalid(pointer=_pointer(text), reason=_AT.sub("", text)) from error


@contextmanager
def pointing_at(*steps: str) -> Iterator[None]:
    """A refusal from within points at this field of the body, unless it points at one itself."""
    try:
        yield
    except Refusal as refusal:
        refusal.facts.setdefault("pointer", json_pointer(*steps))
        raise


def json_pointer(*steps: str) -> str:
    """RFC 6901: `/need/use_seconds`."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _pointer(message: str) -> str:
    """The JSON pointer `/lines/0/amount` for msgspec's `$.lines[0].amount`; an unknown field is pointed at itself.

    Which member of a map was at fault msgspec does not say (`$.need[...]`); then it is the map that is pointed at.
    """
    found = _AT.search(message)
    steps = _STEP.findall(found[1].partition("[...]")[0]) if found else []
    pointer = json_pointer(*(name or index for name, index in steps))
    unknown = re.search(r"unknown field `(.+?)`", message)
    return pointer + json_pointer(unknown[1]) if unknown else pointer
